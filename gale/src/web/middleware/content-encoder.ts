/**
 * Compresses bodies with the codings of `node:zlib`. A small whole body is compressed at once, a larger one in another thread, a stream
 * part by part. Windows are small, so that an open stream costs at most about 600 KiB.
 */
import {
  brotliCompress,
  brotliCompressSync,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  gzip,
  gzipSync,
  zstdCompress,
  zstdCompressSync,
  type BrotliOptions,
  type ZlibOptions,
  type ZstdOptions,
} from 'node:zlib';
import { promisify } from 'node:util';
import type { BodyTransform } from '../body-transform.ts';
import type { ContentCoding } from './accept-encoding.ts';

/** How much work compression may be, by coding. */
export interface CompressionLevels {
  readonly gzipLevel: number;
  readonly brotliQuality: number;
  readonly zstdLevel: number;
}

/** Larger bodies would hold up other requests for more than about a millisecond. */
const maxSyncBytes = 32 * 1024;
/** Window of a stream: 2 to this power bytes. */
const windowBits = 17;

interface Coder {
  sync(bytes: Uint8Array): Uint8Array;
  async(bytes: Uint8Array): Promise<Uint8Array>;
  stream(): CompressStream;
}

type CompressStream =
  | ReturnType<typeof createGzip>
  | ReturnType<typeof createBrotliCompress>
  | ReturnType<typeof createZstdCompress>;

/** Compresses bodies with given levels. */
export class ContentEncoder {
  readonly #coders: Readonly<Record<ContentCoding, Coder>>;

  constructor({ gzipLevel, brotliQuality, zstdLevel }: CompressionLevels) {
    const zip: ZlibOptions = { level: gzipLevel };
    const brotli = (bits: number): BrotliOptions => ({
      params: { [constants.BROTLI_PARAM_QUALITY]: brotliQuality, [constants.BROTLI_PARAM_LGWIN]: bits },
    });
    const zstd = (bits: number): ZstdOptions => ({
      params: { [constants.ZSTD_c_compressionLevel]: zstdLevel, [constants.ZSTD_c_windowLog]: bits },
    });
    this.#coders = {
      gzip: {
        sync: (bytes) => gzipSync(bytes, zip),
        async: (bytes) => gzipLater(bytes, zip),
        stream: () => createGzip(zip),
      },
      br: {
        sync: (bytes) => brotliCompressSync(bytes, brotli(windowBits)),
        async: (bytes) => brotliLater(bytes, brotli(22)),
        stream: () => createBrotliCompress(brotli(windowBits)),
      },
      zstd: {
        sync: (bytes) => zstdCompressSync(bytes, zstd(windowBits)),
        async: (bytes) => zstdLater(bytes, zstd(21)),
        stream: () => createZstdCompress(zstd(windowBits)),
      },
    };
  }

  /** A transform for a body that is sent as a whole. */
  whole(coding: ContentCoding): BodyTransform {
    const coder = this.#coders[coding];
    return {
      push: (bytes) => bytes,
      end: (bytes) => (bytes.byteLength <= maxSyncBytes ? coder.sync(bytes) : coder.async(bytes)),
    };
  }

  /** A transform for a body in parts. @param onEnd - Called once, when it has ended or was cancelled. */
  stream(coding: ContentCoding, onEnd: () => void): BodyTransform {
    return new StreamEncoder(this.#coders[coding].stream(), coding, onEnd);
  }
}

const gzipLater: (bytes: Uint8Array, options: ZlibOptions) => Promise<Uint8Array> = promisify(gzip);
const brotliLater: (bytes: Uint8Array, options: BrotliOptions) => Promise<Uint8Array> = promisify(brotliCompress);
const zstdLater: (bytes: Uint8Array, options: ZstdOptions) => Promise<Uint8Array> = promisify(zstdCompress);

const flushKinds: Readonly<Record<ContentCoding, number>> = {
  gzip: constants.Z_SYNC_FLUSH,
  br: constants.BROTLI_OPERATION_FLUSH,
  zstd: constants.ZSTD_e_flush,
};

/** Compresses a stream. Each part is flushed, so that the client can read it at once. */
class StreamEncoder implements BodyTransform {
  readonly #stream: CompressStream;
  readonly #flushKind: number;
  readonly #onEnd: () => void;
  #output: Buffer[] = [];
  #reject: (error: unknown) => void = () => {};
  #isOver = false;

  constructor(stream: CompressStream, coding: ContentCoding, onEnd: () => void) {
    this.#stream = stream;
    this.#flushKind = flushKinds[coding];
    this.#onEnd = onEnd;
    stream.on('data', (piece: Buffer) => this.#output.push(piece));
    stream.on('error', (error) => this.#reject(error));
    stream.on('close', () => this.#close());
  }

  push(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#step((done) => {
      if (bytes.byteLength > 0) this.#stream.write(bytes);
      this.#stream.flush(this.#flushKind, done);
    });
  }

  end(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#step((done) => {
      this.#stream.once('end', done);
      this.#stream.end(bytes);
    });
  }

  cancel(): void {
    this.#reject(new Error('The response was aborted.'));
    this.#stream.destroy();
  }

  #step(start: (done: () => void) => void): Promise<Uint8Array> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      start(() => {
        // What the stream buffers is emitted by reading it.
        while (this.#stream.read() !== null);
        resolve(Buffer.concat(this.#output.splice(0)));
      });
    });
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#onEnd();
  }
}
