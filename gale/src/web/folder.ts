/** Checks of folders that an application reads, when it is created. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';

/**
 * What is wrong with a folder.
 *
 * @returns Such as `a folder that exists; got "/app/static"`; `undefined` if nothing is wrong.
 */
export function folderProblem(path: unknown): string | undefined {
  if (typeof path !== 'string' || path === '') return `the path of a folder; got ${JSON.stringify(path)}`;
  const absolute = JSON.stringify(resolve(path));
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return `a folder that exists; got ${absolute}`;
    return stats.isDirectory() ? undefined : `a folder; got the file ${absolute}`;
  } catch (error) {
    return `a folder that can be read; got ${absolute} (${String(error)})`;
  }
}
