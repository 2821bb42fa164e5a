/**
 * Versions of files: a hash of the content, computed again only if size or modification time have changed.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

interface Known {
  readonly mtimeMs: number;
  readonly size: number;
  readonly version: string;
  /** When the size and time were last checked, for {@link FileVersions.current}. */
  checkedAt: number;
}

/** For this long a URL uses the known version without checking the file, in milliseconds. */
const trustMs = 1_000;

/** Versions of files, by absolute path. */
export class FileVersions {
  readonly #known = new Map<string, Known>();
  readonly #pending = new Map<string, Promise<string>>();
  readonly #isDebug: boolean;

  /** @param isDebug - Whether every URL checks the file. */
  constructor(isDebug: boolean) {
    this.#isDebug = isDebug;
  }

  /** Version of an open file. Concurrent calls for a file that is not known yet share one read. */
  async of(path: string, stats: Stats, file: FileHandle): Promise<string> {
    const known = this.#known.get(path);
    if (known !== undefined && isSameFile(known, stats)) return known.version;
    const key = `${stats.mtimeMs}:${stats.size}:${path}`;
    let pending = this.#pending.get(key);
    if (pending === undefined) {
      pending = hashFile(file, stats.size).finally(() => this.#pending.delete(key));
      this.#pending.set(key, pending);
    }
    const version = await pending;
    this.#remember(path, stats, version);
    return version;
  }

  /**
   * Version of a file, at most one second old. The first call for a file reads it synchronously.
   *
   * @throws The error of the file system if the file cannot be read.
   */
  current(path: string): string {
    const now = Date.now();
    const known = this.#known.get(path);
    if (known !== undefined && !this.#isDebug && now - known.checkedAt < trustMs) return known.version;
    const stats = statSync(path);
    if (known !== undefined && isSameFile(known, stats)) {
      known.checkedAt = now;
      return known.version;
    }
    return this.#remember(path, stats, toVersion(createHash('sha256').update(readFileSync(path)).digest()));
  }

  #remember(path: string, stats: Stats, version: string): string {
    this.#known.set(path, { mtimeMs: stats.mtimeMs, size: stats.size, version, checkedAt: Date.now() });
    return version;
  }
}

function isSameFile(known: Known, stats: Stats): boolean {
  return known.mtimeMs === stats.mtimeMs && known.size === stats.size;
}

async function hashFile(file: FileHandle, size: number): Promise<string> {
  const hash = createHash('sha256');
  const buffer = Buffer.allocUnsafe(Math.min(Math.max(size, 1), 256 * 1024));
  for (let at = 0; ;) {
    const { bytesRead } = await file.read(buffer, 0, buffer.byteLength, at);
    if (bytesRead === 0) return toVersion(hash.digest());
    hash.update(buffer.subarray(0, bytesRead));
    at += bytesRead;
  }
}

/** The first 132 of 256 bits: short in a URL, and collisions remain improbable. */
function toVersion(digest: Buffer): string {
  return digest.toString('base64url').slice(0, 22);
}
