/** Collects the content of an uploaded file: in memory while it is small, else in a temporary file. */
import { rm } from 'node:fs/promises';
import { HttpError } from '../http-error.ts';
import type { IncomingPart } from './multipart-reader.ts';
import {
  createTemporaryFile,
  releaseTemporaryBytes,
  reserveTemporaryBytes,
  type TemporaryFile,
} from './temporary-files.ts';
import { releaseUploadMemory, reserveUploadMemory } from './upload-memory.ts';
import { UploadedFile } from './uploaded-file.ts';

/** Limits of the files of a form. */
export interface FileLimits {
  readonly maxFileBytes: number;
  /** A larger file is written to a temporary file. */
  readonly maxFileMemoryBytes: number;
  /** Maximum for all files of the process in memory. A file over it is written to a temporary file. */
  readonly maxUploadMemoryBytes: number;
  /** Maximum for all temporary files of the process. */
  readonly maxTemporaryBytes: number;
  /** Folder for the folder of temporary files of this process. */
  readonly temporaryPath?: string | undefined;
}

/** The files of one request stay in memory together up to this size, however small each is. */
const maxMemoryBytesOfRequest = 8 * 1024 * 1024;
/** Small pieces are written together. */
const writeBytes = 256 * 1024;

/** Collects the files of one request. */
export class FileCollector {
  readonly #limits: FileLimits;
  #memoryBytes = 0;

  constructor(limits: FileLimits) {
    this.#limits = limits;
  }

  /**
   * Reads a part to its end.
   *
   * @throws {@link HttpError} 413 over `maxFileBytes`, 503 over `maxTemporaryBytes`. Errors of the part and of the file system. Nothing is kept
   *   then.
   */
  async collect(part: IncomingPart): Promise<UploadedFile> {
    const { maxFileMemoryBytes, maxUploadMemoryBytes } = this.#limits;
    const pieces: Buffer[] = [];
    let waitingBytes = 0;
    let reservedBytes = 0;
    let size = 0;
    let file: WrittenFile | undefined;
    try {
      for await (const piece of part.content()) {
        size += piece.length;
        this.#assertSize(part, size);
        pieces.push(piece);
        waitingBytes += piece.length;
        if (file === undefined) {
          const hasRoom =
            size <= maxFileMemoryBytes &&
            this.#memoryBytes + size <= maxMemoryBytesOfRequest &&
            reserveUploadMemory(piece.length, maxUploadMemoryBytes);
          if (hasRoom) {
            reservedBytes += piece.length;
            continue;
          }
        } else if (waitingBytes < writeBytes) continue;
        file ??= new WrittenFile(await createTemporaryFile(this.#limits.temporaryPath));
        waitingBytes = 0;
        await file.write(pieces.splice(0), this.#limits.maxTemporaryBytes);
        releaseUploadMemory(reservedBytes);
        reservedBytes = 0;
      }
      if (file === undefined) {
        this.#memoryBytes += size;
        return new UploadedFile(part.head, { bytes: Buffer.concat(pieces) }, size);
      }
      await file.write(pieces, this.#limits.maxTemporaryBytes);
      await file.close();
      return new UploadedFile(part.head, { path: file.path }, size);
    } catch (error) {
      releaseUploadMemory(reservedBytes);
      await file?.discard();
      throw error;
    }
  }

  #assertSize({ head }: IncomingPart, size: number): void {
    const { maxFileBytes } = this.#limits;
    if (size <= maxFileBytes) return;
    throw new HttpError(413, undefined, {
      problem: { detail: `The file of ${JSON.stringify(head.name)} is over ${maxFileBytes} bytes (maxFileBytes).` },
    });
  }
}

/** A temporary file that is being written. Its bytes are counted. The next write is collected while the last one runs. */
class WrittenFile {
  readonly path: string;
  readonly #handle: TemporaryFile['handle'];
  #size = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor({ path, handle }: TemporaryFile) {
    this.path = path;
    this.#handle = handle;
  }

  /** Starts to write; resolves when the write before is complete, and rejects if that failed. */
  async write(pieces: readonly Buffer[], maxTemporaryBytes: number): Promise<void> {
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    reserveTemporaryBytes(size, maxTemporaryBytes);
    this.#size += size;
    await this.#writing;
    this.#writing = this.#writeAll(pieces);
    // It rejects at the next call.
    this.#writing.catch(() => {});
  }

  /** Waits for the last write. */
  async close(): Promise<void> {
    await this.#writing;
    await this.#handle.close();
  }

  async discard(): Promise<void> {
    try {
      await this.#writing.catch(() => {});
      await this.#handle.close();
      await rm(this.path, { force: true });
    } finally {
      releaseTemporaryBytes(this.#size);
    }
  }

  async #writeAll(pieces: readonly Buffer[]): Promise<void> {
    let rest = pieces;
    while (rest.length > 0) {
      const { bytesWritten } = await this.#handle.writev(rest);
      rest = withoutBytes(rest, bytesWritten);
    }
  }
}

/** What is left of pieces after their first bytes were written. */
function withoutBytes(pieces: readonly Buffer[], bytes: number): Buffer[] {
  let left = bytes;
  return pieces.flatMap((piece) => {
    const rest = piece.subarray(Math.min(left, piece.length));
    left -= piece.length - rest.length;
    return rest.length === 0 ? [] : [rest];
  });
}
