/** The files below a folder that a command reads, in the order of their names. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { GaleError } from '../errors.ts';

/** A file of a user's project. */
export interface SourceFile {
  /** Its path, beginning with the folder as given, with `/`. */
  readonly path: string;
  /** Its path inside the folder. */
  readonly name: string;
  readonly text: string;
}

/** More files than a project has; a wrong folder has more. */
const maxFiles = 20_000;
const maxFileBytes = 4_194_304;

/**
 * Reads the files with one of the extensions. Names that begin with a dot and `node_modules` are skipped.
 *
 * @param folder - A folder, or one file.
 * @param extensions - With their dot.
 * @throws {@link GaleError} `COMMAND_FILE` if the folder cannot be read, or a file is too large or not UTF-8.
 */
export async function readSourceFiles(folder: string, extensions: readonly string[]): Promise<SourceFile[]> {
  const root = folder.replaceAll('\\', '/').replace(/(.)\/+$/, '$1');
  const names = await namesIn(root);
  const chosen = names.filter((name) => extensions.includes(extname(name === '' ? root : name)));
  if (chosen.length > maxFiles) throw fileError(`${root} has over ${maxFiles} files; is it the right folder?`);
  const files: SourceFile[] = [];
  for (const name of chosen.toSorted()) {
    const path = name === '' ? root : root === '.' ? name : `${root.replace(/\/$/, '')}/${name}`;
    files.push({ path, name: name === '' ? path : name, text: await readText(path) });
  }
  return files;
}

/** @returns Paths inside the folder; an empty one for a file. */
async function namesIn(root: string): Promise<string[]> {
  try {
    if ((await stat(root)).isFile()) return [''];
    const names: string[] = [];
    const visit = async (inside: string): Promise<void> => {
      for (const entry of await readdir(join(root, inside), { withFileTypes: true })) {
        if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
        const name = inside === '' ? entry.name : `${inside}/${entry.name}`;
        // A link to a folder could lead back to this one.
        if (entry.isDirectory()) await visit(name);
        else if (entry.isFile() || (entry.isSymbolicLink() && (await isFile(join(root, name))))) names.push(name);
      }
    };
    await visit('');
    return names;
  } catch (error) {
    throw fileError(`${root} cannot be read: ${String(error)}`, error);
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

async function readText(path: string): Promise<string> {
  const { size } = await stat(path);
  if (size > maxFileBytes) throw fileError(`${path} has ${size} bytes; the limit is ${maxFileBytes}.`);
  const bytes = await readFile(path);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw fileError(`${path} is not UTF-8.`, error);
  }
}

function fileError(message: string, cause?: unknown): GaleError {
  return new GaleError('COMMAND_FILE', message, cause === undefined ? {} : { cause });
}

/** Extensions of templates. */
export const templateExtensions: readonly string[] = ['.html', '.htm', '.txt', '.xml', '.svg'];
/** Extensions of programs. A template with one of them is read like a program. */
export const scriptExtensions: readonly string[] = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];
