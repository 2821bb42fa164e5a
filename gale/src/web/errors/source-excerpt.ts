/** The source lines around the first frame of a stack that is the application's own code, for the error page of debug mode. */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Lines of a source file. */
export interface SourceExcerpt {
  /** Path of the file, relative to the folder of the process if it is below it. */
  readonly file: string;
  /** Number of the line that the frame names; the first is 1. */
  readonly line: number;
  readonly column: number;
  /** Number of the first of `lines`. */
  readonly firstLine: number;
  readonly lines: readonly string[];
}

const linesAround = 5;
/** A larger file is not read. */
const maxFileBytes = 1024 * 1024;
const maxLineCharacters = 200;

/** The folder of Gale itself. */
const galeFolder = fileURLToPath(new URL('../../', import.meta.url));

/**
 * Reads the lines around the first frame that is neither of Node.js, nor in `node_modules`, nor of Gale.
 *
 * @param frames - Lines of a stack: `get (file:///app/story.ts:12:5)`.
 * @returns `undefined` if there is no such frame whose file is a readable source.
 */
export function readExcerpt(frames: readonly string[]): SourceExcerpt | undefined {
  for (const frame of frames) {
    const place = placeOf(frame);
    const excerpt = place !== undefined && isOwnSource(place.path) ? excerptAt(place) : undefined;
    if (excerpt !== undefined) return excerpt;
  }
  return undefined;
}

interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number;
}

function placeOf(frame: string): Place | undefined {
  const text = frame.endsWith(')') ? frame.slice(frame.indexOf(' (') + 2, -1) : frame.replace(/^async /, '');
  const match = /^(.*):(\d+):(\d+)$/.exec(text);
  if (match === null) return undefined;
  const [, file = '', line, column] = match;
  const path = toPath(file);
  return path === undefined ? undefined : { path, line: Number(line), column: Number(column) };
}

function toPath(file: string): string | undefined {
  if (isAbsolute(file)) return file;
  try {
    return file.startsWith('file:') ? fileURLToPath(file) : undefined;
  } catch {
    return undefined;
  }
}

/** Only files of code: a message from outside that looks like a frame must not show other files. */
function isOwnSource(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path) && !path.startsWith(galeFolder) && !path.split(/[\\/]/).includes('node_modules');
}

function excerptAt({ path, line, column }: Place): SourceExcerpt | undefined {
  let text = '';
  try {
    const stats = statSync(path);
    if (!stats.isFile() || stats.size > maxFileBytes) return undefined;
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  const all = text.split(/\r?\n/);
  if (line < 1 || line > all.length) return undefined;
  const firstLine = Math.max(1, line - linesAround);
  const lines = all.slice(firstLine - 1, line + linesAround).map((text) => text.slice(0, maxLineCharacters));
  const below = relative(process.cwd(), path);
  const file = below.startsWith(`..${sep}`) || isAbsolute(below) ? path : below;
  return { file, line, column, firstLine, lines };
}
