/**
 * A backup: copies of the files of a data folder, and `backup.json` with their sizes and hashes. It appears complete or not at all.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { copyFile, mkdir, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { pipeline } from 'node:stream/promises';
import { makeFolder } from '../data-folder.ts';
import { fileExists } from '../file-exists.ts';
import { StartError } from '../start-error.ts';

/** The file that lists the others. */
const listName = 'backup.json';
/** The secret that signs cookies. Missing if it comes from the environment. */
const secretName = 'cookie-secret';
/** How long a copy waits for a lock of the server, in milliseconds. */
const busyMs = 10_000;
/** Most bytes of a list that are read. */
const maxListBytes = 100_000;
/** A copy that was not written to for this long is not finished by anybody, in milliseconds. */
const abandonedMs = 24 * 60 * 60 * 1000;

/** One file of a backup. */
export interface BackupFile {
  readonly name: string;
  /** Size in bytes. */
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly sha256: string;
}

/** The content of `backup.json`. */
export interface BackupList {
  readonly version: 1;
  /** When the backup began: ISO 8601, UTC. */
  readonly createdAt: string;
  readonly files: readonly BackupFile[];
}

/**
 * The databases of a data folder: the streams of the rooms first, if they are not in Redis. The database then has every room of the copied
 * streams, and what it has more of a stream stays.
 */
export async function databasesOf(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    throw new StartError(`The data folder ${folder} cannot be read (${error.code}); choose another with --data.`);
  });
  return names.filter((name) => name.endsWith('.sqlite')).toSorted((one, other) => rank(one) - rank(other));
}

function rank(name: string): number {
  return name === 'rooms.sqlite' ? 0 : 1;
}

/**
 * Copies a data folder, also while a server uses it: each database as it is at one moment.
 *
 * @param target - A folder that does not exist.
 * @throws {@link StartError} if the data folder has no data, or if the copy cannot be written. Nothing is left then.
 */
export async function writeBackup(folder: string, target: string): Promise<BackupList> {
  const databases = await databasesOf(folder);
  if (!databases.includes('database.sqlite')) {
    throw new StartError(
      `${folder} has no database.sqlite; choose another with --data, or use pg_dump if the server has --database=postgres://….`,
    );
  }
  const createdAt = new Date().toISOString();
  const partial = join(dirname(target), `.${basename(target)}.partial`);
  if (await fileExists(target)) throw new StartError(`${target} exists; choose another folder with --to.`);
  await makeFolder(dirname(target)).catch((error: unknown) => {
    throw new StartError(`The backup failed: ${(error as Error).message}; choose another folder with --to.`, {
      cause: error,
    });
  });
  try {
    // A folder of somebody else can stay: the backup does not depend on it.
    await removeAbandoned(dirname(target)).catch(() => {});
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o700 });
    for (const name of databases) copyDatabase(join(folder, name), join(partial, name));
    const hasSecret = await fileExists(join(folder, secretName));
    if (hasSecret) await copyFile(join(folder, secretName), join(partial, secretName));
    const files: BackupFile[] = [];
    for (const name of [...databases, ...(hasSecret ? [secretName] : [])]) {
      await flush(join(partial, name));
      files.push(await describe(partial, name));
    }
    const list: BackupList = { version: 1, createdAt, files };
    await writeFile(join(partial, listName), `${JSON.stringify(list, null, 2)}\n`, { flush: true });
    await flush(partial);
    await rename(partial, target);
    await flush(dirname(target));
    return list;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (error instanceof StartError) throw error;
    throw new StartError(`The backup failed: ${(error as Error).message}. Nothing was left of it.`, { cause: error });
  }
}

/** Removes what killed backups left in a folder: it has hashes of passwords, and each backup can have another name. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (/^\..+\.partial$/.test(name) && (await isAbandoned(path))) await rm(path, { recursive: true, force: true });
  }
}

/** Whether a folder has files of a backup and no others, and none of them changed lately. Another backup may run. */
async function isAbandoned(folder: string): Promise<boolean> {
  // It is no folder, or its backup has ended meanwhile.
  const names = await readdir(folder).catch(() => []);
  if (names.length === 0 || !names.every(isOfBackup)) return false;
  const changes = await Promise.all(
    [folder, ...names.map((name) => join(folder, name))].map(async (path) => (await stat(path)).mtimeMs),
  ).catch(() => [Date.now()]);
  return Math.max(...changes) < Date.now() - abandonedMs;
}

function isOfBackup(name: string): boolean {
  return name === listName || isFileName(name.replace(/-journal$/, ''));
}

/**
 * Reads the list of a backup and compares every file with it.
 *
 * @throws {@link StartError} if it is not a backup, or if files are missing or differ. It names all of them.
 */
export async function checkBackup(folder: string): Promise<BackupList> {
  const list = await readList(join(folder, listName));
  const defects: string[] = [];
  for (const file of list.files) {
    const defect = await findDefect(folder, file);
    if (defect !== undefined) defects.push(defect);
  }
  if (defects.length > 0) throw new StartError(`${defects.join('; ')}; use another backup.`);
  return list;
}

async function findDefect(folder: string, { name, bytes, sha256 }: BackupFile): Promise<string | undefined> {
  const path = join(folder, name);
  try {
    const found = await describe(folder, name);
    if (found.sha256 === sha256) return undefined;
    return `${path} differs from what ${listName} says (${bytes} bytes; got ${found.bytes})`;
  } catch (error) {
    return `${path} cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** Writes what the operating system holds of a file or folder to the disk. */
export async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function copyDatabase(from: string, to: string): void {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(from, { readOnly: true, timeout: busyMs });
    // One read transaction, so the copy is of one moment; it has no journal beside it.
    database.prepare('VACUUM INTO ?').run(to);
  } catch (error) {
    throw new Error(`${from} cannot be copied: ${(error as Error).message}; run npm run chat -- doctor`, {
      cause: error,
    });
  } finally {
    database?.close();
  }
}

async function describe(folder: string, name: string): Promise<BackupFile> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(join(folder, name)), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  });
  return { name, bytes, sha256: hash.digest('hex') };
}

async function readList(path: string): Promise<BackupList> {
  const notBackup = (reason: string): StartError =>
    new StartError(`${dirname(path)} is not a backup of the chat: ${reason}; choose another with --from.`);
  let text: string;
  try {
    const handle = await open(path, 'r');
    try {
      const { size } = await handle.stat();
      if (size > maxListBytes) throw notBackup(`${listName} has ${size} bytes, the limit is ${maxListBytes}`);
      text = await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw notBackup(`${listName} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  let list: BackupList;
  try {
    list = JSON.parse(text) as BackupList;
  } catch {
    throw notBackup(`${listName} is not JSON`);
  }
  if (!isList(list)) throw notBackup(`${listName} has not the form of version 1`);
  return list;
}

function isList(list: unknown): list is BackupList {
  const { version, createdAt, files } = (list ?? {}) as Record<string, unknown>;
  if (version !== 1 || typeof createdAt !== 'string' || !Array.isArray(files)) return false;
  const names = files.map((file: unknown) => (file as BackupFile | null)?.name);
  // The version before had chat.sqlite and rooms.sqlite; the next start copies them into the database.
  const isBefore = names.includes('chat.sqlite') && names.includes('rooms.sqlite');
  return names.every(isFileName) && (names.includes('database.sqlite') || isBefore);
}

/** Names without a folder, so that a list cannot point out of its folder. */
function isFileName(name: unknown): boolean {
  return typeof name === 'string' && (name === secretName || /^[a-z-]{1,40}\.sqlite$/.test(name));
}
