/**
 * The secret that signs cookies: from the environment, or random at the first start and then stored.
 * One server stores it in a file that only its owner can read. Several servers share one in their Redis.
 */
import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'gale';
import { fileExists } from './file-exists.ts';
import { StartError } from './start-error.ts';

/** Least length of a chosen secret, in characters. */
const minCharacters = 32;

/** @throws {@link StartError} if `COOKIE_SECRET` is set and too short to be safe. */
export function secretFromEnvironment(environment: NodeJS.ProcessEnv): string | undefined {
  const secret = environment['COOKIE_SECRET'];
  if (secret === undefined || secret === '') return undefined;
  if (secret.length < minCharacters) {
    throw new StartError(
      `COOKIE_SECRET has ${secret.length} characters; give at least ${minCharacters} random ones, or leave it unset.`,
    );
  }
  return secret;
}

/** @returns A secret of 256 random bits. */
export function randomSecret(): string {
  return randomBytes(32).toString('base64url');
}

/**
 * Reads the secret of a data folder, or creates it. The file appears complete or not at all, and it is never replaced.
 *
 * @throws {@link StartError} if the file cannot be read or contains no secret.
 */
export async function secretFromFolder(folder: string, log: Logger): Promise<string> {
  const path = join(folder, 'cookie-secret');
  try {
    if (!(await fileExists(path))) await writeOnce(path, `${randomSecret()}\n`);
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      log.warn({ path, mode: (mode & 0o777).toString(8) }, 'Other users can read the cookie secret; chmod 600 it');
    }
    const secret = (await readFile(path, 'utf8')).trim();
    if (secret.length >= minCharacters) return secret;
  } catch (error) {
    throw new StartError(`The cookie secret cannot be stored in ${path}: ${(error as Error).message}.`, {
      cause: error,
    });
  }
  throw new StartError(
    `${path} contains no cookie secret; delete it to create a new one (open forms are then invalid).`,
  );
}

/** Writes a file beside the final one, for its owner only; then links it to the final name, unless that exists already. */
async function writeOnce(path: string, content: string): Promise<void> {
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(fresh, content, { flag: 'wx', mode: 0o600, flush: true });
    await link(fresh, path).catch(async (error: NodeJS.ErrnoException) => {
      // Some file systems have no links; there the file is renamed.
      if (error.code !== 'EEXIST') await rename(fresh, path);
    });
  } finally {
    await rm(fresh, { force: true });
  }
}
