/**
 * Where below a folder a URL's path leads, if it leads there at all. Nothing outside of the folder is reached: not by
 * dots, not by NUL or a backslash, not by a symbolic link; nor is a dotfile, other than below `/.well-known/`.
 */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { HttpError } from '../http-error.ts';

/**
 * Finds a file or folder.
 *
 * @param path - Behind the prefix, decoded once.
 * @returns Its real path, free of links.
 * @throws {@link HttpError} 403 if the path leads out of `root`, 404 if nothing (that may be seen) is there.
 */
export async function locateStatic(root: string, path: string): Promise<string> {
  const segments = path.split('/');
  if (segments.at(-1) === '') segments.pop();
  if (segments.includes('..')) throw new HttpError(403, 'A static path leads out of its folder');
  if (/[\0\\]/.test(path) || segments.some(isHidden)) throw new HttpError(404);
  const [folder, found] = await Promise.all([realpath(root), realpath(join(root, ...segments))]).catch(notFound);
  if (found === folder || found.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return found;
  throw new HttpError(403, 'A link in a static folder leads out of it');
}

/** Names that are not given out; an empty one would let one file have many URLs. */
function isHidden(segment: string, index: number): boolean {
  return segment === '' || (segment.startsWith('.') && !(index === 0 && segment === '.well-known'));
}

/** Turns "there is none" into a 404; all else is a fault. */
export function notFound(error: unknown): never {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^(?:ENOENT|ENOTDIR|ENAMETOOLONG|ELOOP)$/.test(code)) throw new HttpError(404);
  throw error;
}
