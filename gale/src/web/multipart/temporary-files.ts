/**
 * Temporary files of uploads. Each process has its own folder, which only its user can read; files have random names. The bytes of all files
 * of the process are counted. The folder is removed when the process ends; if it was killed, the next process removes it.
 */
import { createHash, randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { lstat, mkdir, mkdtemp, open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { HttpError } from '../http-error.ts';

/** Only processes of one host can see whether the other still runs; containers often share folders. */
const prefix = `gale-uploads-${createHash('sha256').update(hostname()).digest('hex').slice(0, 8)}-`;

/** Folders of this process by the folder that contains them. */
const folders = new Map<string, Promise<string>>();
const created: string[] = [];
let usedBytes = 0;

/** A new temporary file. */
export interface TemporaryFile {
  readonly path: string;
  readonly handle: FileHandle;
}

/**
 * Creates an empty file, which only this user can read.
 *
 * @param root - Folder for the folder of this process. Left out: the folder for temporary files of the system.
 */
export async function createTemporaryFile(root: string = tmpdir()): Promise<TemporaryFile> {
  const folder = await folderIn(root);
  const path = join(folder, randomBytes(16).toString('hex'));
  const create = (): Promise<FileHandle> => open(path, 'wx', 0o600);
  try {
    return { path, handle: await create() };
  } catch (error) {
    // Programs that clean up temporary files may have removed the folder.
    if (!isMissing(error)) throw error;
    await mkdir(folder, { mode: 0o700, recursive: true });
    return { path, handle: await create() };
  }
}

/**
 * Counts bytes before they are written.
 *
 * @param maxBytes - Maximum for all files of the process.
 * @throws {@link HttpError} 503 if they would exceed it.
 */
export function reserveTemporaryBytes(bytes: number, maxBytes: number): void {
  if (usedBytes + bytes > maxBytes) {
    throw new HttpError(
      503,
      `Temporary files have ${usedBytes} bytes; ${bytes} more are over maxTemporaryBytes (${maxBytes})`,
      {
        headers: [['Retry-After', '10']],
        problem: { detail: 'The server has too many uploads at the moment. Try again later.' },
      },
    );
  }
  usedBytes += bytes;
}

/** The bytes are no longer in a temporary file. */
export function releaseTemporaryBytes(bytes: number): void {
  usedBytes -= bytes;
}

/** Bytes of all temporary files of this process. */
export function temporaryBytesInUse(): number {
  return usedBytes;
}

async function folderIn(root: string): Promise<string> {
  let folder = folders.get(root);
  if (folder === undefined) {
    folder = createFolder(root);
    folders.set(root, folder);
    folder.catch(() => folders.delete(root));
  }
  return folder;
}

async function createFolder(root: string): Promise<string> {
  await removeAbandoned(root);
  const folder = await mkdtemp(join(root, `${prefix}${process.pid}-`));
  if (created.length === 0) process.once('exit', removeCreated);
  created.push(folder);
  return folder;
}

function removeCreated(): void {
  for (const folder of created) rmSync(folder, { recursive: true, force: true });
}

/** Removes the folders of killed processes of this user and host. */
async function removeAbandoned(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    const pid = name.startsWith(prefix) ? /^(\d+)-\w+$/.exec(name.slice(prefix.length))?.[1] : undefined;
    if (pid === undefined || isRunning(Number(pid))) continue;
    const path = join(root, name);
    try {
      const status = await lstat(path);
      if (status.isDirectory() && status.uid === process.getuid?.()) await rm(path, { recursive: true, force: true });
    } catch {
      // Another process removes it too, or it cannot be removed: this one does not need it.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT';
}
