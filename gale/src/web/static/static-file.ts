/**
 * Serves the files of a folder, with entity tags, 304, ranges and permanent caching of versioned URLs (RFC 9110 §13, §14). Small files are
 * kept in memory and sent in one write; large files are read as fast as the client receives them.
 */
import { constants } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { lookup } from 'mrmime';
import { keepHead } from '../../http/protocol/response-head.ts';
import { GaleError } from '../../errors.ts';
import { assertNames, wrongValue } from '../../run/given-options.ts';
import { readByteRanges, type ByteRange } from './byte-range.ts';
import { isRangeCurrent, preconditionFailed } from '../conditional-request.ts';
import { folderProblem } from '../folder.ts';
import { RequestHandler } from '../handler.ts';
import { stateOf } from '../head-builder.ts';
import { defaultFields } from '../header-fields.ts';
import { parseHttpDate } from '../http-date.ts';
import { HttpError } from '../http-error.ts';
import { withQuery } from '../location.ts';
import type { KeptHeads } from './file-cache.ts';
import { multipartRanges } from './multipart-ranges.ts';
import { siblingExtensions, type SiblingCoding } from './precompressed.ts';
import { notFound } from './static-location.ts';
import { StaticRefusal } from './static-refusal.ts';

/** The `init` of a route to {@link StaticFileHandler}. */
export interface StaticFileInit {
  /** Folder of the files. Files outside of it are never served. */
  readonly root: string;
  /** File to serve for a folder, such as `index.html`. Left out: a folder is 403. */
  readonly defaultFilename?: string;
}

/** Bytes of one read of a large file. */
const pieceBytes = 64 * 1024;

/** A file that can be sent: in memory or open. */
interface SentFile {
  /** The path that decides the type. */
  readonly path: string;
  readonly modified: Date;
  /** Version of the file in URLs. A sibling has that of its file. */
  readonly version: string;
  /** Entity tag of a sibling, without quotes. Left out: the version. */
  readonly tag?: string;
  /** In bytes. */
  readonly size: number;
  readonly content: Buffer | FileHandle;
  readonly coding?: SiblingCoding;
  readonly heads?: KeptHeads;
}

/**
 * Serves files. The only parameter of the path, or the only group of the regular expression, is the name of the file.
 *
 * @example
 * ['/downloads/*path', StaticFileHandler, { init: { root: 'downloads' } }]
 */
export class StaticFileHandler extends RequestHandler<unknown, StaticFileInit> {
  static override readonly usesSession: boolean = false;

  /**
   * Codings of which a sibling may be sent instead of the file, those that the client prefers first: `app.js.br`, `.zst` or `.gz` beside
   * `app.js`. A sibling that is older than its file is ignored. Set it before the verb runs, in a middleware.
   */
  precompressed: readonly SiblingCoding[] = none;

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
  get(path: string | { readonly path: string }): void | Promise<void> {
    const name = typeof path === 'string' ? path : path.path;
    const { root, defaultFilename } = this.init;
    const isFolder = name === '' || name.endsWith('/');
    const fileName = isFolder && defaultFilename !== undefined ? name + defaultFilename : name;
    const { cache } = this.application.staticFiles;
    const cached = cache.find(root, fileName);
    if (cached === undefined) return this.#serve(name);
    return this.precompressed.length === 0 ? this.#send(cached) : this.#sendBest(fileName, cached);
  }

  /** Content-Type for the extension of `path`; override it for other extensions. */
  getContentType(path: string): string {
    const type = lookup(path) ?? 'application/octet-stream';
    return /^text\/|\/(?:javascript|json|manifest\+json|svg\+xml|xml)$/.test(type) ? `${type}; charset=utf-8` : type;
  }

  /** Override to set more headers. Called before the file is sent. */
  setExtraHeaders(_path: string): void {}

  override logException(error: unknown): void {
    if (!(error instanceof StaticRefusal)) return super.logException(error);
    const { id: requestId, method, path, remoteAddress } = this.request;
    error.warn(this.log, { requestId, method, path, remoteAddress });
  }

  async #serve(path: string): Promise<void> {
    const { cache, versions } = this.application.staticFiles;
    const found = await cache.load(this.init.root, path);
    if (found.content !== undefined) {
      versions.note(found.path, { mtimeMs: found.modified.getTime(), size: found.size }, found.version);
      return this.#sendBest(path, found);
    }
    const file = await openFile(found.path);
    try {
      const stats = await file.stat();
      if (stats.isDirectory()) return await this.#serveFolder(path);
      if (!stats.isFile()) throw new StaticRefusal('A static path is not a regular file');
      if (path.endsWith('/')) throw new HttpError(404);
      const version = await versions.of(found.path, stats, file);
      const { mtime: modified, size } = stats;
      await this.#sendBest(path, { path: found.path, modified, version, size, content: file });
    } finally {
      await file.close();
    }
  }

  async #serveFolder(path: string): Promise<void> {
    const { defaultFilename } = this.init;
    if (defaultFilename === undefined) throw new StaticRefusal('A static path is a folder');
    if (path === '' || path.endsWith('/')) return this.#serve(path + defaultFilename);
    const { path: here, query } = this.request;
    // A browser reads a Location that starts with two slashes or backslashes as another host.
    if (/^\/[/\\]/.test(here)) throw new StaticRefusal('A redirect would lead to another host');
    await this.redirect(withQuery(`${here}/`, query), { permanent: true });
  }

  /** Sends the file, or a sibling that the client prefers. */
  async #sendBest(path: string, file: SentFile): Promise<void> {
    for (const coding of this.precompressed) {
      const sibling = await this.#openSibling(`${path}${siblingExtensions[coding]}`, coding, file);
      if (sibling === undefined) continue;
      try {
        return await this.#send(sibling);
      } finally {
        if (!(sibling.content instanceof Uint8Array)) await sibling.content.close();
      }
    }
    await this.#send(file);
  }

  /** Opens a sibling that is not older than its file. */
  async #openSibling(path: string, coding: SiblingCoding, file: SentFile): Promise<SentFile | undefined> {
    const { cache, versions } = this.application.staticFiles;
    const found = await cache.loadSibling(this.init.root, path);
    if (found === undefined) return undefined;
    if (found.content !== undefined) {
      const { modified, version: tag, size, content } = found;
      if (modified < file.modified) return undefined;
      return { path: file.path, version: file.version, modified, tag, size, content, coding };
    }
    const content = await openFile(found.path);
    const stats = await content.stat();
    if (!stats.isFile() || stats.mtime < file.modified) {
      await content.close();
      return undefined;
    }
    const tag = await versions.of(found.path, stats, content);
    return { path: file.path, version: file.version, modified: stats.mtime, tag, size: stats.size, content, coding };
  }

  #send(file: SentFile): void | Promise<void> {
    const { path, size, content } = file;
    // Only the requested version may be cached permanently: during a deployment the old server still has the old content.
    const isCurrent = this.request.query !== '' && this.getQueryArgument('v', undefined) === file.version;
    this.#setHeaders(file, isCurrent);
    if (this.precompressed.length > 0) this.addHeader('Vary', 'Accept-Encoding');
    if (file.coding !== undefined) this.setHeader('Content-Encoding', file.coding);
    this.setExtraHeaders(path);
    // Before the file is read, and before the range (RFC 9110 §13.2.2).
    const result = this.evaluatePreconditions();
    if (result === 'failed') throw preconditionFailed();
    if (result === 'unchanged') {
      this.setStatus(304);
      return undefined;
    }
    const parts = this.#partsOf(size);
    if (this.request.method === 'HEAD') {
      this.setHeader('Content-Length', lengthOf(parts));
      return undefined;
    }
    if (content instanceof Uint8Array) {
      for (const part of parts) this.write(typeof part === 'string' ? part : content.subarray(part.start, part.end));
      return undefined;
    }
    return this.#stream(content, parts);
  }

  /** The headers of a file in memory are made once, unless they depend on the handler or on the time. */
  #setHeaders(file: SentFile, isCurrent: boolean): void {
    const { path, modified, tag = file.version } = file;
    const isUsual =
      file.heads !== undefined &&
      stateOf(this).fields === defaultFields &&
      this.getContentType === StaticFileHandler.prototype.getContentType;
    const kept = isUsual ? file.heads?.[isCurrent ? 'versioned' : 'other'] : undefined;
    if (kept !== undefined) {
      stateOf(this).fields = kept;
      return;
    }
    this.setHeader('Content-Type', this.getContentType(path));
    this.setHeader('Etag', `"${tag}"`);
    this.setHeader('Last-Modified', modified);
    this.setHeader('Accept-Ranges', 'bytes');
    this.setHeader('Cache-Control', isCurrent ? 'public, max-age=31536000, immutable' : 'no-cache');
    // A time in the future is sent as the current time.
    if (!isUsual || file.heads === undefined || modified.getTime() > Date.now()) return;
    file.heads[isCurrent ? 'versioned' : 'other'] = stateOf(this).fields;
    keepHead(stateOf(this).fields);
  }

  /** The texts and ranges of the body. Sets status and headers of a response with ranges. */
  #partsOf(size: number): readonly (string | ByteRange)[] {
    const ranges = this.#ranges(size);
    if (ranges === 'unsatisfiable') {
      throw new HttpError(416, undefined, {
        headers: [['Content-Range', `bytes */${size}`]],
        problem: { detail: `The range is outside of the file, which has ${size} bytes.` },
      });
    }
    if (ranges === 'whole') return [{ start: 0, end: size }];
    const [first] = ranges;
    if (first !== undefined && ranges.length === 1) {
      this.setStatus(206);
      this.setHeader('Content-Range', `bytes ${first.start}-${first.end - 1}/${size}`);
      return ranges;
    }
    const { contentType, byteLength, parts } = multipartRanges(ranges, this.getHeader('content-type') ?? '', size);
    // Many small ranges would be longer than the file.
    if (byteLength >= size) return [{ start: 0, end: size }];
    this.setStatus(206);
    this.setHeader('Content-Type', contentType);
    return parts;
  }

  #ranges(size: number): readonly ByteRange[] | 'whole' | 'unsatisfiable' {
    const { headers } = this.request;
    const header = headers.get('range');
    // Ranges are defined for GET alone (RFC 9110 §14.2).
    if (header === undefined || this.request.method !== 'GET') return 'whole';
    const condition = headers.get('if-range');
    if (condition !== undefined) {
      const lastModified = parseHttpDate(this.getHeader('last-modified') ?? '');
      if (!isRangeCurrent(condition, { etag: this.getHeader('etag'), lastModified })) return 'whole';
    }
    return readByteRanges(header, size);
  }

  async #stream(file: FileHandle, parts: readonly (string | ByteRange)[]): Promise<void> {
    const byteLength = lengthOf(parts);
    this.setHeader('Content-Length', byteLength);
    for (const part of parts) {
      if (typeof part === 'string') {
        this.write(part);
        continue;
      }
      for (let at = part.start; at < part.end;) {
        const piece = await readPiece(file, at, Math.min(part.end, at + pieceBytes));
        at += piece.byteLength;
        this.write(piece);
        // The last piece of a short response leaves with its head.
        if (byteLength > pieceBytes) await this.flush();
      }
    }
  }
}

const none: readonly SiblingCoding[] = Object.freeze([]);

/** In bytes. */
function lengthOf(parts: readonly (string | ByteRange)[]): number {
  return parts.reduce((sum, part) => sum + (typeof part === 'string' ? part.length : part.end - part.start), 0);
}

function isFileName(value: unknown): boolean {
  return typeof value === 'string' && value !== '' && value !== '.' && value !== '..' && !/[\\/\0]/.test(value);
}

/** Opens a path that has no links, without waiting for the other end of a pipe. */
function openFile(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'ENXIO')) {
      throw new StaticRefusal('A static file cannot be read', { cause: error });
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
