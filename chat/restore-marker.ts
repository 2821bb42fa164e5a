/** A file in the data folder while a backup is put back. A server must not start with the files of two moments. */
import { join } from 'node:path';
import { fileExists } from './file-exists.ts';
import { StartError } from './start-error.ts';

/** Its name. It contains the name of the folder for the data before. */
export const restoreMarker = 'restore-not-finished';

/** @throws {@link StartError} if a restore of this folder began and did not end. */
export async function assertRestored(folder: string): Promise<void> {
  if (!(await fileExists(join(folder, restoreMarker)))) return;
  throw new StartError(`A restore of ${folder} did not end; run it again: npm run chat -- restore --from=… --data=….`);
}
