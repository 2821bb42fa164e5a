/**
 * The folder in which one server keeps everything.
 */
import { access, constants, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Makes the folder if it is not there, for its owner alone.
 *
 * @returns Its whole path.
 * @throws {@link StartError} if it cannot be made or written.
 */
export async function openDataFolder(path: string): Promise<string> {
  const folder = resolve(path);
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new StartError(`The data folder ${folder} cannot be written (${code}); choose another with --data.`, {
      cause: error,
    });
  }
}
