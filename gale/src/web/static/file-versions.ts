/**
 * Versions of files. A file of at most 16 MiB has a hash of its content, computed again only if size or modification time have changed.
 * A larger file is not read: its version is a hash of device, inode, size and both times in nanoseconds. A write changes the ctime,
 * unless the previous write was in the same tick of the file system's clock, and programs cannot set it, so the version is a strong
 * validator (RFC 9110 §8.8.1). Two servers have different versions of one large file.
 */
import { createHash } from 'node:crypto';
import { readFileSync, statSync, type BigIntStats, type Stats } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';

interface Known {
  readonly mtimeMs: number;
  readonly size: number;
  readonly version: string;
  /** When the size and time were last checked, for {@link FileVersions.current}. */
  checkedAt: number;
}

/** Largest file whose content is hashed, in bytes. A request for a larger file would wait for the hash before its response begins. */
export const maxHashedBytes: number = 16 * 1024 * 1024;

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
    if (stats.size > maxHashedBytes) return versionOfStats(await file.stat({ bigint: true }));
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
   * Version of a file, at most one second old. The first call for a file of at most 16 MiB reads it synchronously.
   *
   * @throws The error of the file system if the file cannot be read.
   */
  current(path: string): string {
    const now = Date.now();
    const known = this.#known.get(path);
    if (known !== undefined && !this.#isDebug && now - known.checkedAt < trustMs) return known.version;
    const stats = statSync(path);
    if (stats.size > maxHashedBytes) {
      return this.#remember(path, stats, versionOfStats(statSync(path, { bigint: true })));
    }
    if (known !== undefined && isSameFile(known, stats)) {
      known.checkedAt = now;
      return known.version;
    }
    return this.#remember(path, stats, versionOfContent(readFileSync(path)));
  }

  /** Remembers the version of a file that was read elsewhere, so that the next URL has it. */
  note(path: string, { mtimeMs, size }: Pick<Stats, 'mtimeMs' | 'size'>, version: string): void {
    const known = this.#known.get(path);
    if (known?.version !== version) this.#known.set(path, { mtimeMs, size, version, checkedAt: Date.now() });
  }

  #remember(path: string, stats: Stats, version: string): string {
    this.#known.set(path, { mtimeMs: stats.mtimeMs, size: stats.size, version, checkedAt: Date.now() });
    return version;
  }
}

function isSameFile(known: Known, stats: Stats): boolean {
  return known.mtimeMs === stats.mtimeMs && known.size === stats.size;
}

function versionOfStats({ dev, ino, size, mtimeNs, ctimeNs }: BigIntStats): string {
  return toVersion(createHash('sha256').update([dev, ino, size, mtimeNs, ctimeNs].join(':')).digest());
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

/** Version of a file of at most 16 MiB with this content. */
export function versionOfContent(content: Uint8Array): string {
  return toVersion(createHash('sha256').update(content).digest());
}

/** The first 132 of 256 bits: short in a URL, and collisions remain improbable. */
function toVersion(digest: Buffer): string {
  return digest.toString('base64url').slice(0, 22);
}
