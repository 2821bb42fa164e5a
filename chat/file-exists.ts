/** Whether a file or folder is at a path. */
import { access } from 'node:fs/promises';

/** False only if nothing is there: what this user may not see exists too. */
export async function fileExists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT' && error.code !== 'ENOTDIR',
  );
}
