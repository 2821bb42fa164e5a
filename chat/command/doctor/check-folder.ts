/**
 * The data folder and the space on its disk. Nothing is created.
 */
import { access, constants, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { restoreMarker } from '../../restore-marker.ts';
import { readFolderDatabase } from '../../store/folder-database.ts';
import { fileExists } from '../../file-exists.ts';
import { Findings, shownBytes, type Finding } from './finding.ts';

/** SQLITE_BUSY: another process holds the lock. */
const busy = 5;
/** Least free space, in bytes. */
export const minFreeBytes: number = 500 * 1000 * 1000;

/**
 * @param freeBytesOf - For tests.
 * @returns One finding if the folder cannot be used at all.
 */
export async function checkFolder(
  folder: string,
  freeBytesOf: typeof readFreeBytes = readFreeBytes,
): Promise<readonly Finding[]> {
  const findings = new Findings('data folder');
  try {
    if (!(await stat(folder)).isDirectory()) {
      findings.wrong(describeUnusable(folder, 'ENOTDIR'));
      return findings.all;
    }
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    findings.wrong(describeUnusable(folder, (error as NodeJS.ErrnoException).code));
    return findings.all;
  }
  findings.ok(`${folder} can be read and written`);
  const { mode } = await stat(folder);
  if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
    findings.note(`other users of this machine can open ${folder}; chmod 700 prevents that`);
  }
  if (await fileExists(join(folder, restoreMarker))) {
    findings.wrong('a restore did not end; run npm run chat -- restore again');
  }
  if (await fileExists(join(folder, 'chat.sqlite'))) {
    findings.note('the data of the version before are not copied into the database yet; the next start does that');
  }
  findings.note((await isInUse(folder)) ? 'a server uses the folder now' : 'no server uses the folder now');
  await checkSpace(folder, findings, await freeBytesOf(folder));
  return findings.all;
}

/** Why a folder cannot be used, and what to do. @param code - Of the system, such as `EACCES`. */
export function describeUnusable(folder: string, code: string | undefined): string {
  if (code === 'ENOENT') return `${folder} does not exist; give the --data of the server, or start it first`;
  if (code === 'ENOTDIR') return `${folder} is not a folder; give the --data of the server`;
  const step = code === 'EROFS' ? 'its disk is read-only, so mount it writable' : 'run this as the user of the server';
  return `${folder} cannot be read and written (${code}); ${step}`;
}

/** Whether the newest messages of the folder belong to the database. @param id - That of the database, if it is known. */
export async function checkFolderDatabase(folder: string, id: string | undefined): Promise<readonly Finding[]> {
  const findings = new Findings('data folder');
  const known = await readFolderDatabase(folder);
  if (known === undefined || id === undefined) return findings.all;
  if (known === id) findings.ok('it belongs to the same chat as the database');
  else findings.wrong('it belongs to a chat with another database; give the --database or the --data of before');
  return findings.all;
}

/** Looks at the lock of the server without taking it. */
async function isInUse(folder: string): Promise<boolean> {
  const path = join(folder, 'database.sqlite-lock');
  if (!(await fileExists(path))) return false;
  const lock = new DatabaseSync(path, { readOnly: true, timeout: 0 });
  try {
    lock.prepare('SELECT name FROM sqlite_schema').all();
    return false;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === busy) return true;
    throw error;
  } finally {
    lock.close();
  }
}

/** Space that the user of this process can use on the disk of a folder. */
async function readFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

async function checkSpace(folder: string, findings: Findings, free: number): Promise<void> {
  const sizes = await Promise.all(
    (await readdir(folder))
      .filter((name) => name.includes('.sqlite'))
      .map(async (name) => (await stat(join(folder, name))).size),
  );
  const used = sizes.reduce((sum, size) => sum + size, 0);
  const text = `${shownBytes(free)} are free on the disk, the data have ${shownBytes(used)}`;
  if (free < minFreeBytes) {
    findings.wrong(`${text}; free at least ${shownBytes(minFreeBytes)}, since nothing can be stored on a full disk`);
  } else findings.ok(text);
}
