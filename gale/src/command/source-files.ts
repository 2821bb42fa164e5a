/** The files below a folder that a command reads, in the order of their names. */
import { isUtf8 } from 'node:buffer';
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

/** A file whose text cannot be read. */
export interface UnreadableFile {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly reason: string;
}

/** More files than a project has; a wrong folder has more. */
const maxFiles = 20_000;
const maxFileBytes = 4_194_304;

/**
 * Reads the files with one of the extensions. Names that begin with a dot and `node_modules` are skipped.
 *
 * @param folder - A folder, or one file.
 * @param extensions - With their dot.
 * @param onUnreadable - Gets the files that are too large or not UTF-8. Without it the first one is an error.
 * @throws {@link GaleError} `COMMAND_FILE` if the folder cannot be read, or a file is too large or not UTF-8.
 */
export async function readSourceFiles(
  folder: string,
  extensions: readonly string[],
  onUnreadable: (file: UnreadableFile) => void = failAt,
): Promise<SourceFile[]> {
  const root = folder.replaceAll('\\', '/').replace(/(.)\/+$/, '$1');
  const names = await namesIn(root);
  const chosen = names.filter((name) => extensions.includes(extname(name === '' ? root : name)));
  if (chosen.length > maxFiles) throw fileError(`${root} has over ${maxFiles} files; is it the right folder?`);
  const files: SourceFile[] = [];
  for (const name of chosen.toSorted()) {
    const path = name === '' ? root : root === '.' ? name : `${root.replace(/\/$/, '')}/${name}`;
    const read = await readText(path);
    if (typeof read === 'string') files.push({ path, name: name === '' ? path : name, text: read });
    else onUnreadable(read);
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

async function readText(path: string): Promise<string | UnreadableFile> {
  const { size } = await stat(path);
  if (size > maxFileBytes) {
    return { path, line: 1, reason: `The file has ${size} bytes; the limit is ${maxFileBytes}` };
  }
  const bytes = await readFile(path);
  // Without a mark at the beginning.
  return isUtf8(bytes)
    ? new TextDecoder().decode(bytes)
    : { path, line: wrongLine(bytes), reason: 'The line is not UTF-8' };
}

/** The first line that is not UTF-8. No character has the byte of a line end in it. */
function wrongLine(bytes: Buffer): number {
  let line = 1;
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1 && isUtf8(bytes.subarray(start, end)); end = bytes.indexOf(10, start)) {
    start = end + 1;
    line++;
  }
  return line;
}

function failAt({ path, line, reason }: UnreadableFile): never {
  throw fileError(`${path}:${line}: ${reason}.`);
}

function fileError(message: string, cause?: unknown): GaleError {
  return new GaleError('COMMAND_FILE', message, cause === undefined ? {} : { cause });
}

/** Extensions of templates. */
export const templateExtensions: readonly string[] = ['.html', '.htm', '.txt', '.xml', '.svg'];
/** Extensions of programs. A template with one of them is read like a program. */
export const scriptExtensions: readonly string[] = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs', '.jsx'];
