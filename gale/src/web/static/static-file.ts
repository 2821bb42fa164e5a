/**
 * Serves the files of a folder, with entity tags, 304, single ranges and permanent caching of versioned URLs
 * (RFC 9110 §13, §14). Small files are sent in one write; large files are read as fast as the client receives them.
 */
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { lookup } from 'mrmime';
import { GaleError } from '../../errors.ts';
import { assertNames, wrongValue } from '../../run/given-options.ts';
import { readByteRange, type ByteRange } from './byte-range.ts';
import { isRangeCurrent } from '../conditional-request.ts';
import { folderProblem } from '../folder.ts';
import { RequestHandler } from '../handler.ts';
import { parseHttpDate } from '../http-date.ts';
import { HttpError } from '../http-error.ts';
import { withQuery } from '../location.ts';
import { locateStatic, notFound } from './static-location.ts';

/** The `init` of a route to {@link StaticFileHandler}. */
export interface StaticFileInit {
  /** Folder of the files. Files outside of it are never served. */
  readonly root: string;
  /** File to serve for a folder, such as `index.html`. Left out: a folder is 403. */
  readonly defaultFilename?: string;
}

/** Bytes of one read, and the largest file that is sent in one write. */
const pieceBytes = 64 * 1024;

/**
 * Serves files. The only parameter of the path, or the only group of the regular expression, is the name of the file.
 *
 * @example
 * ['/downloads/*path', StaticFileHandler, { init: { root: 'downloads' } }]
 */
export class StaticFileHandler extends RequestHandler<unknown, StaticFileInit> {
  /** @throws {@link GaleError} `WEB_ROUTE` if the folder is missing, another option is wrong, or the path has not one parameter. */
  static override assertInit(init: StaticFileInit | undefined, argumentNames: readonly string[]): void {
    // A subclass may have more.
    if (init !== undefined && this === StaticFileHandler) assertNames(this.name, init, ['root', 'defaultFilename']);
    const problem = folderProblem(init?.root);
    if (problem !== undefined) throw new GaleError('WEB_ROUTE', `root must be ${problem}.`);
    const defaultFilename: unknown = init?.defaultFilename;
    if (defaultFilename !== undefined && !isFileName(defaultFilename)) {
      throw wrongValue('defaultFilename', 'the name of a file in the folder, such as "index.html"', defaultFilename);
    }
    const hasOwnGet = this.prototype.get !== StaticFileHandler.prototype.get;
    if (hasOwnGet || (argumentNames.length === 1 && /^(?:path|0)$/.test(argumentNames[0] ?? ''))) return;
    throw new GaleError(
      'WEB_ROUTE',
      `the path must have one parameter, *path, or one group; got ${argumentNames.join(', ') || 'none'}.`,
    );
  }

  /** Sends the file. For HEAD too, without the body. */
  async get(path: string | { readonly path: string }): Promise<void> {
    await this.#serve(typeof path === 'string' ? path : path.path);
  }

  /** Content-Type for the extension of `path`; override it for other extensions. */
  getContentType(path: string): string {
    const type = lookup(path) ?? 'application/octet-stream';
    return /^text\/|\/(?:javascript|json|manifest\+json|svg\+xml|xml)$/.test(type) ? `${type}; charset=utf-8` : type;
  }

  /** Override to set more headers. Called before the file is sent. */
  setExtraHeaders(_path: string): void {}

  async #serve(path: string): Promise<void> {
    const found = await locateStatic(this.init.root, path);
    const file = await openFile(found);
    try {
      const stats = await file.stat();
      if (stats.isDirectory()) await this.#serveFolder(path);
      else if (!stats.isFile()) throw new HttpError(403, 'A static path is not a regular file');
      else if (path.endsWith('/')) throw new HttpError(404);
      else await this.#serveFile(found, file, stats);
    } finally {
      await file.close();
    }
  }

  async #serveFolder(path: string): Promise<void> {
    const { defaultFilename } = this.init;
    if (defaultFilename === undefined) throw new HttpError(403, 'A static path is a folder');
    if (path === '' || path.endsWith('/')) return this.#serve(path + defaultFilename);
    const { path: here, query } = this.request;
    // A browser reads a Location that starts with two slashes or backslashes as another host.
    if (/^\/[/\\]/.test(here)) throw new HttpError(403, 'A redirect would lead to another host');
    await this.redirect(withQuery(`${here}/`, query), { permanent: true });
  }

  async #serveFile(path: string, file: FileHandle, stats: Stats): Promise<void> {
    const version = await this.application.staticFiles.versions.of(path, stats, file);
    this.setHeader('Content-Type', this.getContentType(path));
    this.setHeader('Etag', `"${version}"`);
    this.setHeader('Last-Modified', stats.mtime);
    this.setHeader('Accept-Ranges', 'bytes');
    // Only the requested version may be cached permanently: during a deployment the old server still has the old content.
    const isCurrent = this.getQueryArgument('v', undefined) === version;
    this.setHeader('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache');
    this.setExtraHeaders(path);
    // Before the file is read, and before the range (RFC 9110 §13.2.2).
    const result = this.evaluatePreconditions();
    if (result === 'failed') throw new HttpError(412);
    if (result === 'unchanged') {
      this.setStatus(304);
      return;
    }
    const range = this.#range(stats.size);
    if (range === 'unsatisfiable') {
      throw new HttpError(416, undefined, { headers: [['Content-Range', `bytes */${stats.size}`]] });
    }
    if (range === 'whole') return this.#send(file, { start: 0, end: stats.size });
    this.setStatus(206);
    this.setHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${stats.size}`);
    await this.#send(file, range);
  }

  #range(size: number): ByteRange | 'whole' | 'unsatisfiable' {
    const { headers } = this.request;
    const header = headers.get('range');
    // Ranges are defined for GET alone (RFC 9110 §14.2).
    if (header === undefined || this.request.method !== 'GET') return 'whole';
    const condition = headers.get('if-range');
    if (condition !== undefined) {
      const lastModified = parseHttpDate(this.getHeader('last-modified') ?? '');
      if (!isRangeCurrent(condition, { etag: this.getHeader('etag'), lastModified })) return 'whole';
    }
    return readByteRange(header, size);
  }

  async #send(file: FileHandle, { start, end }: ByteRange): Promise<void> {
    this.setHeader('Content-Length', end - start);
    if (this.request.method === 'HEAD') return this.flush();
    if (end - start <= pieceBytes) {
      this.write(await readPiece(file, start, end));
      return;
    }
    for (let at = start; at < end;) {
      const piece = await readPiece(file, at, Math.min(end, at + pieceBytes));
      this.write(piece);
      await this.flush();
      at += piece.byteLength;
    }
  }
}

function isFileName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value !== '.' && value !== '..' && !/[\\/\0]/.test(value);
}

/** Opens a path that has no links, without waiting for the other end of a pipe. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'ENXIO')) {
      throw new HttpError(403, 'A static file cannot be read', { cause: error });
    }
    return notFound(error);
  });
}

/** Reads exactly the bytes from `start` to `end`. Throws if the file became shorter, which also truncates the response. */
async function readPiece(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(end - start);
  for (let length = 0; length < piece.byteLength;) {
    const { bytesRead } = await file.read(piece, length, piece.byteLength - length, start + length);
    if (bytesRead === 0) throw new Error(`A static file became shorter than ${end} bytes during its response`);
    length += bytesRead;
  }
  return piece;
}
