/**
 * Resolves the path of a URL to a file below a folder. Dots, NUL, backslashes and symbolic links cannot reach a file
 * outside of the folder. Dotfiles are not found, except below `/.well-known/`.
 */
import { realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { HttpError } from '../http-error.ts';
import { StaticRefusal } from './static-refusal.ts';

/**
 * Finds a file or folder.
 *
 * @param path - The part of the URL after the prefix, decoded once.
 * @returns The real path, without links.
 * @throws {@link HttpError} 403 if the path is outside of `root`, 404 if there is no visible file.
 */
export async function locateStatic(root: string, path: string): Promise<string> {
  const segments = path.split('/');
  if (segments.at(-1) === '') segments.pop();
  if (segments.includes('..')) throw new StaticRefusal('A static path is outside of its folder');
  if (/[\0\\]/.test(path) || segments.some(isHidden)) throw new HttpError(404);
  const [folder, found] = await Promise.all([realpath(root), realpath(join(root, ...segments))]).catch(notFound);
  if (found === folder || found.startsWith(folder.endsWith(sep) ? folder : folder + sep)) return found;
  throw new StaticRefusal('A link in a static folder leads outside of it');
}

/** Names that are never served. An empty name would give one file many URLs. */
function isHidden(segment: string, index: number): boolean {
  return segment === '' || (segment.startsWith('.') && !(index === 0 && segment === '.well-known'));
}

/** Throws 404 if the error means that the file does not exist; otherwise throws the error itself. */
export function notFound(error: unknown): never {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && /^(?:ENOENT|ENOTDIR|ENAMETOOLONG|ELOOP)$/.test(code)) throw new HttpError(404);
  throw error;
}
