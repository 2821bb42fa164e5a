/**
 * Puts a backup into a data folder. The data before is kept in a folder inside it. If this ends in the middle, the server refuses to start
 * until it is run again, and running it again completes it.
 */
import { copyFile, mkdir, readdir, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openDataFolder } from '../data-folder.ts';
import { restoreMarker } from '../restore-marker.ts';
import { lockFolder, type FolderLock } from '../store/folder-lock.ts';
import { StartError } from '../start-error.ts';
import { databaseFile } from '../storage.ts';
import { stamp } from './backup-command.ts';
import { checkBackup, flush, type BackupFile } from './backup-folder.ts';

/** What was done. */
export interface Restored {
  /** When the backup began: ISO 8601, UTC. */
  readonly createdAt: string;
  /** The folder with the data before. Undefined if there was none. */
  readonly before: string | undefined;
}

/**
 * Takes the file of a database.
 *
 * @param file - Its entry in the list of the backup.
 * @param isRepeated - Whether an earlier restore ended in the middle, perhaps after this.
 */
export type TakeDatabase = (path: string, file: BackupFile, isRepeated: boolean) => Promise<void>;

/** Files of the data of a server, with the logs of SQLite beside them; its locks are not data. The next start writes the id of the restored database. */
const dataFile = /^(?:.*\.sqlite(?:-wal|-shm|-journal)?|cookie-secret|database-id)$/;

/**
 * Restores a backup.
 *
 * @param takeDatabase - Puts the database somewhere else than into the folder.
 * @throws {@link StartError} if the backup is not complete, or if a server uses the data folder. Nothing is changed then.
 */
export async function restoreBackup(from: string, data: string, takeDatabase?: TakeDatabase): Promise<Restored> {
  const { createdAt, files } = await checkBackup(from);
  const database = files.find(({ name }) => name === databaseFile);
  if (takeDatabase !== undefined && database === undefined) {
    throw new StartError(
      `${from} is a backup of the version before; restore it without --database, and start the server with it: that copies the data.`,
    );
  }
  await openDataFolder(data);
  // The backup would be moved to the data before.
  if ((await realpath(from)) === (await realpath(data)))
    throw new StartError(`${from} is the backup itself; choose another folder with --data.`);
  const locks = lockAll(data);
  try {
    const fresh = join(data, 'restoring');
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh, { mode: 0o700 });
    for (const { name } of files) {
      await copyFile(join(from, name), join(fresh, name));
      await flush(join(fresh, name));
    }
    const marker = await beginMarker(data);
    if (takeDatabase !== undefined && database !== undefined) {
      await takeDatabase(join(fresh, databaseFile), database, marker.isRepeated).catch(async (error: unknown) => {
        await rm(fresh, { recursive: true, force: true });
        if (!marker.isRepeated) await rm(join(data, restoreMarker));
        throw error;
      });
    }
    const before = join(data, marker.before);
    await mkdir(before, { recursive: true, mode: 0o700 });
    for (const name of (await readdir(data)).filter((each) => dataFile.test(each))) await keepOnce(data, before, name);
    for (const { name } of files) {
      if (takeDatabase === undefined || name !== databaseFile) await rename(join(fresh, name), join(data, name));
    }
    await flush(data);
    await rm(join(data, restoreMarker));
    await rm(fresh, { recursive: true, force: true });
    const isEmpty = (await readdir(before)).length === 0;
    if (isEmpty) await rm(before, { recursive: true });
    return { createdAt, before: isEmpty ? undefined : before };
  } finally {
    for (const lock of locks) lock.close();
  }
}

/** Takes the locks that a server takes, so that none runs and none starts meanwhile. */
function lockAll(data: string): FolderLock[] {
  const locks: FolderLock[] = [];
  try {
    for (const name of ['database.sqlite', 'rooms.sqlite']) locks.push(lockFolder(data, name));
    return locks;
  } catch (error) {
    for (const lock of locks) lock.close();
    throw new StartError(`${data} is in use by a server; stop it before a restore.`, { cause: error });
  }
}

/** What {@link beginMarker} found. */
interface Marker {
  /** The folder for the data before; that of a restore that did not end, if there was one. */
  readonly before: string;
  readonly isRepeated: boolean;
}

/** Writes the marker. */
async function beginMarker(data: string): Promise<Marker> {
  const path = join(data, restoreMarker);
  const before = `before-restore-${stamp(new Date())}`;
  try {
    await writeFile(path, `${before}\n`, { flag: 'wx', flush: true });
    await flush(data);
    return { before, isRepeated: false };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const earlier = (await readFile(path, 'utf8')).trim();
  if (/^before-restore-[\d-]{1,40}$/.test(earlier)) return { before: earlier, isRepeated: true };
  // It ended while it wrote the marker, so before it moved anything.
  await writeFile(path, `${before}\n`, { flush: true });
  return { before, isRepeated: false };
}

/** Moves a file of the data before. A second run finds the first file kept, and removes the one of the first run. */
async function keepOnce(data: string, before: string, name: string): Promise<void> {
  const kept = await readdir(before);
  if (kept.includes(name)) await rm(join(data, name));
  else await rename(join(data, name), join(before, name));
}
