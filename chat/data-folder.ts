/**
 * The data folder of one server.
 */
import { access, constants, mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { StartError } from './start-error.ts';

/**
 * Creates the folder if it is missing, for its owner only.
 *
 * @returns Its absolute path.
 * @throws {@link StartError} if it cannot be created or written.
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
