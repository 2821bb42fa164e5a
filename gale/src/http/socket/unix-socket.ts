/**
 * The file of a Unix socket: its permissions from the moment it exists, and whether an existing file is in use.
 */
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/**
 * Calls `bind`, which creates the file before it returns, so that the file never has more permissions than `mode`, not even before
 * {@link setPermissions}. In worker threads and in processes that share sockets with another process, the permissions follow the umask of the
 * process until then.
 */
export function bindWithPermissions(mode: number, bind: () => void): void {
  // The umask belongs to the whole process; a worker thread cannot set it.
  if (!isMainThread || process.platform === 'win32') return bind();
  const before = process.umask(~mode & 0o777);
  try {
    bind();
  } finally {
    process.umask(before);
  }
}

/** Sets the permissions of the file at `path`. */
export async function setPermissions(path: string, mode: number): Promise<void> {
  // A path that begins with NUL is an abstract socket without a file.
  if (!path.startsWith('\0')) await chmod(path, mode);
}

/** Removes a socket file at `path` unless a server listens there. */
export async function removeIfAbandoned(path: string): Promise<void> {
  if (await isListenedAt(path)) return;
  const entry = await lstat(path).catch(() => undefined);
  if (entry?.isSocket() === true) await unlink(path);
}

function isListenedAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
