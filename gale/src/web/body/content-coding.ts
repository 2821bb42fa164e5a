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

/** Each coding costs memory and time. Nobody needs more than one. */
const maxCodings = 3;
/** RFC 9659 §3: a larger window costs more memory than a decoder must have. The logarithm of 8 MiB. */
const maxZstdWindowLog = 23;
const decodedPartBytes = 64 * 1024;

/**
 * Reads a Content-Encoding.
 *
 * @returns The codings in the order in which they were applied, without `identity`.
 * @throws {@link HttpError} 415 for an unknown coding, or for too many.
 */
export function readCodings(value: string | undefined): readonly string[] {
  if (value === undefined) return [];
  const codings = value
    .split(',')
    .map((coding) => coding.trim().toLowerCase())
    .filter((coding) => coding !== '' && coding !== 'identity')
    .map((coding) => (coding === 'x-gzip' ? 'gzip' : coding));
  const headers = [['Accept-Encoding', acceptedCodings]] as const;
  if (codings.length > maxCodings) {
    throw new HttpError(415, undefined, {
      headers,
      problem: { detail: `Content-Encoding must have at most ${maxCodings} codings.` },
    });
  }
  if (codings.every((coding) => Object.hasOwn(decoders, coding))) return codings;
  throw new HttpError(415, undefined, {
    headers,
    problem: { detail: `Content-Encoding must be one of ${acceptedCodings}.` },
  });
}

/**
 * Decodes a body.
 *
 * @param codings - As {@link readCodings} returns them.
 * @param maxBytes - Maximum size of the decoded body, and of what is between two codings.
 * @returns The decoded bytes in parts. Leaving the loop early ends the source.
 * @throws {@link GaleError} `HTTP_BODY_TOO_LARGE`; {@link HttpError} 400 if the bytes are corrupt or truncated; errors of the source.
 */
export function decodeContent(
  source: AsyncIterable<Buffer>,
  codings: readonly string[],
  maxBytes: number,
): AsyncIterable<Buffer> {
  return codings.toReversed().reduce((parts, coding) => decode(parts, coding, maxBytes), source);
}

async function* decode(source: AsyncIterable<Buffer>, coding: string, maxBytes: number): AsyncGenerator<Buffer> {
  const decoder = decoders[coding as keyof typeof decoders]();
  const input = new Input(source);
  pipeline(Readable.from(input, { objectMode: false }), decoder, () => {});
  let size = 0;
  try {
    for await (const part of decoder as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > maxBytes) throw tooLarge(coding, maxBytes);
      yield part;
    }
  } catch (error) {
    if (input.failure !== undefined) throw input.failure.error;
    throw error instanceof GaleError ? error : corrupt(coding, error);
  }
  // Decoders ignore what comes after the end.
  if (input.byteCount > decoder.bytesWritten) throw corrupt(coding);
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

function tooLarge(coding: string, maxBytes: number): GaleError {
  return new GaleError(
    'HTTP_BODY_TOO_LARGE',
    `Body is over ${maxBytes} bytes after decoding ${coding}; send less, or raise maxBodyBytes, or maxFormBytes for a form.`,
  );
}

type Decoder = Transform & { readonly bytesWritten: number };

const decoders = {
  gzip: (): Decoder => zlib.createGunzip({ chunkSize: decodedPartBytes }),
  br: (): Decoder => zlib.createBrotliDecompress({ chunkSize: decodedPartBytes }),
  zstd: (): Decoder =>
    zlib.createZstdDecompress({
      chunkSize: decodedPartBytes,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: maxZstdWindowLog },
    }),
};
