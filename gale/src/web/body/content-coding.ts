/**
 * Decodes a body that was sent with Content-Encoding (RFC 9110 §8.4): gzip, br and zstd, as a stream. The size of the decoded bytes is
 * checked while they are made, so a small body that would become a large one is refused early.
 */
import { Readable, pipeline, type Transform } from 'node:stream';
import zlib from 'node:zlib';
import { GaleError } from '../../errors.ts';
import { HttpError } from '../http-error.ts';

/** The codings that are decoded, as the field Accept-Encoding of a 415 names them. */
export const acceptedCodings = 'gzip, br, zstd';

/** RFC 9659 §3: a larger window costs more memory than a decoder must have. The logarithm of 8 MiB. */
const maxZstdWindowLog = 23;
const decodedPartBytes = 64 * 1024;

/** What limits a decoded body, and counts its memory: the body of the request. */
export interface DecodedBodyLimits {
  /** Maximum size of the decoded body. */
  readonly maxBytes: number;
  /** The error for a larger one. */
  overLimit(bytes: number): GaleError;
  /** Counts memory. Throws if there is none left. */
  keepBytes(bytes: number): void;
  /** The memory is free again. */
  dropBytes(bytes: number): void;
}

/**
 * Reads a Content-Encoding.
 *
 * @returns The coding; `undefined` if there is none, or only `identity`.
 * @throws {@link HttpError} 415 for an unknown coding, or for several.
 */
export function readCoding(value: string | undefined): Coding | undefined {
  if (value === undefined) return undefined;
  const codings = value
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .map((coding) => (coding === 'x-gzip' ? 'gzip' : coding));
  const [coding, second] = codings;
  if (coding === undefined) return undefined;
  if (second === undefined && Object.hasOwn(decoders, coding)) return coding as Coding;
  const must = second === undefined ? `must be one of ${acceptedCodings}` : 'must be one coding, not several';
  throw new HttpError(415, undefined, {
    headers: [['Accept-Encoding', acceptedCodings]],
    problem: { detail: `Content-Encoding ${must}.` },
  });
}

/**
 * Decodes a body.
 *
 * @param coding - As {@link readCoding} returns it.
 * @param limits - Counts the memory of the decoder until it is closed. What the reader keeps of the parts is its own matter.
 * @returns The decoded bytes in parts. Leaving the loop early ends the source.
 * @throws {@link GaleError} `HTTP_BODY_TOO_LARGE`, `HTTP_BODY_MEMORY`; {@link HttpError} 400 if the bytes are corrupt or truncated; errors
 *   of the source.
 */
export async function* decodeContent(
  source: AsyncIterable<Buffer>,
  coding: Coding,
  limits: DecodedBodyLimits,
): AsyncGenerator<Buffer> {
  const { create, ownBytes, maxWindowBytes } = decoders[coding];
  let heldBytes = 0;
  const hold = (bytes: number): void => {
    if (bytes <= heldBytes) return;
    limits.keepBytes(bytes - heldBytes);
    heldBytes = bytes;
  };
  try {
    hold(ownBytes);
    const decoder = create();
    const input = new Input(source);
    pipeline(Readable.from(input, { objectMode: false }), decoder, () => {});
    let size = 0;
    try {
      for await (const part of decoder as AsyncIterable<Buffer>) {
        size += part.length;
        if (size > limits.maxBytes) throw limits.overLimit(size);
        // The window is reserved at once, but takes memory only as it is filled.
        hold(ownBytes + Math.min(size, maxWindowBytes));
        yield part;
      }
    } catch (error) {
      if (input.failure !== undefined) throw input.failure.error;
      throw error instanceof GaleError ? error : corrupt(coding, error);
    }
    // Decoders ignore what comes after the end.
    if (input.byteCount > decoder.bytesWritten) throw corrupt(coding);
  } finally {
    limits.dropBytes(heldBytes);
  }
}

/** The input of a decoder. Keeps an error of the source, which the decoder may wrap. */
class Input implements AsyncIterable<Buffer> {
  readonly #source: AsyncIterable<Buffer>;
  byteCount = 0;
  failure: { readonly error: unknown } | undefined;

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    try {
      for await (const part of this.#source) {
        this.byteCount += part.length;
        yield part;
      }
    } catch (error) {
      this.failure = { error };
      throw error;
    }
  }
}

function corrupt(coding: string, cause?: unknown): HttpError {
  return new HttpError(400, undefined, {
    problem: { detail: `The body is not valid ${coding}, as its Content-Encoding says, or it is truncated.` },
    cause,
  });
}

type Decoder = Transform & { readonly bytesWritten: number };

/** How a coding is decoded. */
interface DecoderKind {
  readonly create: () => Decoder;
  /** Memory of a decoder with its tables and buffers, and without a large window. */
  readonly ownBytes: number;
  /** The largest window that a client can demand; 0 if it is in `ownBytes`. */
  readonly maxWindowBytes: number;
}

/** A coding that is decoded. */
export type Coding = 'gzip' | 'br' | 'zstd';

const decoders: Readonly<Record<Coding, DecoderKind>> = {
  gzip: {
    create: () => zlib.createGunzip({ chunkSize: decodedPartBytes }),
    ownBytes: 512 * 1024,
    maxWindowBytes: 0,
  },
  br: {
    create: () =>
      zlib.createBrotliDecompress({
        chunkSize: decodedPartBytes,
        params: { [zlib.constants.BROTLI_DECODER_PARAM_LARGE_WINDOW]: false },
      }),
    ownBytes: 1024 * 1024,
    maxWindowBytes: 16 * 1024 * 1024,
  },
  zstd: {
    create: () =>
      zlib.createZstdDecompress({
        chunkSize: decodedPartBytes,
        params: { [zlib.constants.ZSTD_d_windowLogMax]: maxZstdWindowLog },
      }),
    ownBytes: 512 * 1024,
    maxWindowBytes: 2 ** maxZstdWindowLog,
  },
};
