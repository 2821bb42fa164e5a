/**
 * The data folder of one server.
 */
import { access, constants, mkdir, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
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
    await makeFolder(folder);
    await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
    return folder;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new StartError(`The data folder ${folder} cannot be written (${code}); choose another with --data.`, {
      cause: error,
    });
  }
}

/**
 * Creates a folder and those above it. `mkdir` with `recursive` never ends in a folder where nothing can be created, such as `/proc`.
 *
 * @param folder - An absolute path.
 */
export async function makeFolder(folder: string): Promise<void> {
  if (await isFolder(folder)) return;
  await makeFolder(dirname(folder));
  await mkdir(folder, { mode: 0o700 }).catch(async (error: unknown) => {
    // Another process may have created it meanwhile.
    if (!(await isFolder(folder))) throw error;
  });
}

function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
