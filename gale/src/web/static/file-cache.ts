/**
 * Small files in memory, ready to be sent. An entry is used for a second without a look at the disk. Then the path is resolved again, with
 * all checks, and the file is read again if it is another one or has changed.
 */
import { constants, type BigIntStats } from 'node:fs';
import { lstat, open } from 'node:fs/promises';
import type { HeaderField } from '../header-fields.ts';
import { HttpError } from '../http-error.ts';
import { versionOfContent } from './file-versions.ts';
import { locateStatic } from './static-location.ts';

/** Largest file that is kept, in bytes. It is also sent in one write. */
export const maxCachedFileBytes: number = 64 * 1024;

/** A file in memory. */
export interface CachedFile {
  /** Its real path, without links. */
  readonly path: string;
  readonly content: Buffer;
  readonly size: number;
  readonly modified: Date;
  /** Hash of its content. */
  readonly version: string;
  readonly heads: KeptHeads;
}

/** The headers of the responses with a file, set when they are first needed. */
export interface KeptHeads {
  /** For a URL with the version of the file. */
  versioned?: readonly HeaderField[];
  /** For any other URL. */
  other?: readonly HeaderField[];
}

/** A path that cannot be kept: a large file, a folder or something else. */
export interface UncachedFile {
  /** The real path, without links. */
  readonly path: string;
  readonly content: undefined;
}

/** For this long an entry is used without a look at the disk, in milliseconds. */
const trustMs = 1_000;
/** Memory of an entry beside its body, in bytes: texts, times and the place in the map. */
const entryBytes = 1_024;
/**
 * A file that changed so shortly before it was read can change once more without another time, since the clock of a file system is coarse.
 * In milliseconds.
 */
const coarseMs = 100;

interface Entry {
  /** Undefined for a sibling that does not exist. */
  readonly file?: CachedFile;
  readonly stats?: BigIntStats;
  /** Whether equal times and size prove equal content. */
  readonly isSettled: boolean;
  readonly checkedAt: number;
}

/** Files by folder and path, those that were checked least recently go first. */
export class FileCache {
  readonly #maxBytes: number;
  readonly #isDebug: boolean;
  /** In the order of the last check. */
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Promise<CachedFile | UncachedFile>>();
  #bytes = 0;

  /**
   * @param maxBytes - Memory for all entries; 0 keeps none.
   * @param isDebug - Whether every request looks at the disk.
   */
  constructor(maxBytes: number, isDebug: boolean) {
    this.#maxBytes = maxBytes;
    this.#isDebug = isDebug;
  }

  /** Memory of all entries, in bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The file, if it is in memory and was checked within the last second. */
  find(root: string, path: string): CachedFile | undefined {
    return this.#fresh(keyOf(root, path))?.file;
  }

  /**
   * Looks at the disk. Concurrent calls for one path share the work.
   *
   * @throws {@link HttpError} As {@link locateStatic}.
   */
  load(root: string, path: string): Promise<CachedFile | UncachedFile> {
    const key = keyOf(root, path);
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = this.#load(key, root, path).finally(() => this.#loading.delete(key));
      this.#loading.set(key, loading);
    }
    return loading;
  }

  /** A file beside another one; `undefined` if it does not exist or must not be sent, which is remembered for a second too. */
  async loadSibling(root: string, path: string): Promise<CachedFile | UncachedFile | undefined> {
    const key = keyOf(root, path);
    const fresh = this.#fresh(key);
    if (fresh !== undefined) return fresh.file;
    try {
      return await this.load(root, path);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#add(key, { isSettled: false, checkedAt: Date.now() });
      return undefined;
    }
  }

  #fresh(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined || this.#isDebug) return undefined;
    const age = Date.now() - entry.checkedAt;
    return age >= 0 && age < trustMs ? entry : undefined;
  }

  async #load(key: string, root: string, path: string): Promise<CachedFile | UncachedFile> {
    const checkedAt = Date.now();
    const known = this.#entries.get(key);
    // A path that no longer leads to a file leaves no entry.
    this.#remove(key, known);
    const found = await locateStatic(root, path);
    const stats = await lstat(found, { bigint: true });
    if (!stats.isFile() || path.endsWith('/') || stats.size > BigInt(maxCachedFileBytes)) {
      return { path: found, content: undefined };
    }
    if (known?.file?.path === found && known.isSettled && isSame(known.stats, stats)) {
      this.#add(key, { ...known, checkedAt });
      return known.file;
    }
    const entry = await readEntry(found, checkedAt);
    if (entry === undefined) return { path: found, content: undefined };
    this.#add(key, entry);
    return entry.file;
  }

  #add(key: string, entry: Entry): void {
    this.#remove(key, this.#entries.get(key));
    const bytes = bytesOf(entry);
    if (bytes > this.#maxBytes) return;
    this.#entries.set(key, entry);
    this.#bytes += bytes;
    for (const [oldest, old] of this.#entries) {
      if (this.#bytes <= this.#maxBytes) return;
      this.#remove(oldest, old);
    }
  }

  #remove(key: string, entry: Entry | undefined): void {
    if (entry !== undefined && this.#entries.delete(key)) this.#bytes -= bytesOf(entry);
  }
}

/** NUL is in no path. */
function keyOf(root: string, path: string): string {
  return `${root}\0${path}`;
}

function bytesOf({ file }: Entry): number {
  return (file?.size ?? 0) + entryBytes;
}

function isSame(left: BigIntStats | undefined, right: BigIntStats): boolean {
  return (
    left !== undefined &&
    left.ino === right.ino &&
    left.dev === right.dev &&
    left.size === right.size &&
    left.mtimeNs === right.mtimeNs &&
    left.ctimeNs === right.ctimeNs
  );
}

/** Reads a file. `undefined` if it has become large, or cannot be opened; the caller then finds out more. */
async function readEntry(
  path: string,
  checkedAt: number,
): Promise<(Entry & { readonly file: CachedFile }) | undefined> {
  // As for large files: no links, and no waiting for the other end of a pipe.
  const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
  const handle = await open(path, flags).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const before = await handle.stat({ bigint: true });
    if (!before.isFile() || before.size > BigInt(maxCachedFileBytes)) return undefined;
    // One more byte shows whether the file has grown. Not from the shared pool, which would stay in memory as a whole.
    const memory = Buffer.allocUnsafeSlow(Number(before.size) + 1);
    let length = 0;
    for (let read = -1; read !== 0 && length < memory.byteLength; length += read) {
      read = (await handle.read(memory, length, memory.byteLength - length, length)).bytesRead;
    }
    if (length !== Number(before.size)) return undefined;
    const content = memory.subarray(0, length);
    const stats = await handle.stat({ bigint: true });
    // Rounded as in `Stats`, so that times of two files can be compared.
    const modified = new Date(Math.round(Number(stats.mtimeNs) / 1e6));
    const isSettled = isSame(before, stats) && checkedAt - Number(stats.ctimeMs) > coarseMs;
    const file = { path, content, size: length, modified, version: versionOfContent(content), heads: {} };
    return { file, stats, isSettled, checkedAt };
  } finally {
    await handle.close();
  }
}
