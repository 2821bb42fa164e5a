/**
 * The file of a Unix socket: who may use it from its first moment on, and whether one that is there is in use.
 */
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/**
 * Calls `bind`, which makes the file before it returns, so that nobody has rights that `mode` does not give, not even before
 * {@link setRights}. In worker threads, and in processes whose sockets another process makes, the rights are those of the process until then.
 */
export function bindWithRights(mode: number, bind: () => void): void {
  // The mask is the whole process's, and not a worker thread's to set.
  if (!isMainThread || process.platform === 'win32') return bind();
  const before = process.umask(~mode & 0o777);
  try {
    bind();
  } finally {
    process.umask(before);
  }
}

/** Gives the file at `path` exactly these rights. */
export async function setRights(path: string, mode: number): Promise<void> {
  // A name that begins with NUL is no file.
  if (!path.startsWith('\0')) await chmod(path, mode);
}

/** Removes a socket file at `path` unless somebody listens there. */
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
