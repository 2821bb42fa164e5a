/**
 * Serves the files of a folder: with entity tags, 304, single ranges, and for ever cacheable under a versioned URL
 * (RFC 9110 §13, §14). Small files leave in one write; large ones are read as fast as the client takes them.
 */
import { constants, type Stats } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { lookup } from 'mrmime';
import { readByteRange, type ByteRange } from './byte-range.ts';
import { isNoneMatch, isStrongMatch } from '../entity-tag.ts';
import { RequestHandler } from '../handler.ts';
import { HttpError } from '../http-error.ts';
import { locateStatic, notFound } from './static-location.ts';

/** What a route of static files is made with. */
export interface StaticFileInit {
  /** Folder; nothing outside of it is served. */
  readonly root: string;
  /** File that stands for its folder, such as `index.html`. Left out: folders are 403. */
  readonly defaultFilename?: string;
}

/** Bytes that are read from a file at once, and the largest file that leaves in one write. */
const pieceBytes = 64 * 1024;

/**
 * Serves files. The path's one parameter, or the regular expression's one group, says which.
 *
 * @example
 * ['/downloads/*path', StaticFileHandler, { init: { root: 'downloads' } }]
 */
export class StaticFileHandler extends RequestHandler<unknown, StaticFileInit> {
  /** Answers; `head` too, without a body. */
  async get(path: string | { readonly path: string }): Promise<void> {
    await this.#serve(typeof path === 'string' ? path : path.path);
  }

  /** Type by the name's ending; override it for endings of your own. */
  getContentType(path: string): string {
    const type = lookup(path) ?? 'application/octet-stream';
    return /^text\/|\/(?:javascript|json|manifest\+json|svg\+xml|xml)$/.test(type) ? `${type}; charset=utf-8` : type;
  }

  /** Sets headers of your own; called before the file is sent. */
  setExtraHeaders(_path: string): void {}

  async #serve(path: string): Promise<void> {
    const found = await locateStatic(this.init.root, path);
    const file = await openFile(found);
    try {
      const stats = await file.stat();
      if (stats.isDirectory()) await this.#serveFolder(path);
      else if (!stats.isFile()) throw new HttpError(403, 'A static path leads to no file');
      else if (path.endsWith('/')) throw new HttpError(404);
      else await this.#serveFile(found, file, stats);
    } finally {
      await file.close();
    }
  }

  async #serveFolder(path: string): Promise<void> {
    const { defaultFilename } = this.init;
    if (defaultFilename === undefined) throw new HttpError(403, 'A static path leads to a folder');
    if (path === '' || path.endsWith('/')) return this.#serve(path + defaultFilename);
    // A path that starts with two slashes would be read as another host.
    if (this.request.path.startsWith('//')) throw new HttpError(403, 'A redirect would lead to another host');
    await this.redirect(`${this.request.path}/`, { permanent: true });
  }

  async #serveFile(path: string, file: FileHandle, stats: Stats): Promise<void> {
    const version = await this.application.staticFiles.versions.of(path, stats, file);
    const tag = `"${version}"`;
    this.setHeader('Content-Type', this.getContentType(path));
    this.setHeader('Etag', tag);
    this.setHeader('Last-Modified', stats.mtime);
    this.setHeader('Accept-Ranges', 'bytes');
    // Only the version that is asked for may stay for ever; a server that is being replaced has another one for a moment.
    const isCurrent = this.getQueryArgument('v', undefined) === version;
    this.setHeader('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache');
    this.setExtraHeaders(path);
    if (this.#isKnown(tag, stats)) {
      this.setStatus(304);
      return;
    }
    const range = this.#range(tag, stats);
    if (range === 'unsatisfiable') {
      throw new HttpError(416, undefined, { headers: [['Content-Range', `bytes */${stats.size}`]] });
    }
    if (range === 'whole') return this.#send(file, { start: 0, end: stats.size });
    this.setStatus(206);
    this.setHeader('Content-Range', `bytes ${range.start}-${range.end - 1}/${stats.size}`);
    await this.#send(file, range);
  }

  /** Whether the client has this version: `If-None-Match` decides alone if it is there (RFC 9110 §13.1.3). */
  #isKnown(tag: string, stats: Stats): boolean {
    const { headers } = this.request;
    const tags = headers.get('if-none-match');
    if (tags !== undefined) return isNoneMatch(tags, tag);
    const since = Date.parse(headers.get('if-modified-since') ?? '');
    return wholeSeconds(stats.mtimeMs) <= since;
  }

  #range(tag: string, stats: Stats): ByteRange | 'whole' | 'unsatisfiable' {
    const { headers } = this.request;
    const header = headers.get('range');
    // Ranges are defined for GET alone (RFC 9110 §14.2).
    if (header === undefined || this.request.method !== 'GET') return 'whole';
    const condition = headers.get('if-range');
    if (condition !== undefined && !isStrongMatch(condition, tag) && !isDateOf(condition, stats)) return 'whole';
    return readByteRange(header, stats.size);
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

/** Opens what has no link in its path any more, without waiting for the other end of a pipe. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'ENXIO')) {
      throw new HttpError(403, 'A static file cannot be read', { cause: error });
    }
    return notFound(error);
  });
}

/** Reads exactly the bytes from `start` to `end`; a file that was cut meanwhile is an error, so the answer is cut too. */
async function readPiece(file: FileHandle, start: number, end: number): Promise<Buffer> {
  const piece = Buffer.allocUnsafe(end - start);
  for (let length = 0; length < piece.byteLength;) {
    const { bytesRead } = await file.read(piece, length, piece.byteLength - length, start + length);
    if (bytesRead === 0) throw new Error(`A static file became shorter than ${end} bytes while it was sent`);
    length += bytesRead;
  }
  return piece;
}

function wholeSeconds(ms: number): number {
  return Math.floor(ms / 1000) * 1000;
}

function isDateOf(condition: string, stats: Stats): boolean {
  return Date.parse(condition) === wholeSeconds(stats.mtimeMs);
}
