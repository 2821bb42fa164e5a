/**
 * Middleware: compresses bodies with zstd, Brotli or gzip, whichever the client prefers (RFC 9110 §8.4, §12.5.3). docs/guide/middleware.md
 * says when a compressed page can leak a secret (BREACH).
 */
import { assertNames, readIntegers, wrongValue, type NumberRange } from '../../run/given-options.ts';
import type { RequestHandler } from '../handler.ts';
import { StaticFileHandler } from '../static/static-file.ts';
import { acceptedCodings, type ContentCoding } from './accept-encoding.ts';
import { ContentEncoder } from './content-encoder.ts';
import type { Middleware } from './middleware.ts';
import { varyBy } from './vary.ts';

/** Options of {@link compress}. */
export interface CompressOptions {
  /** Smaller bodies are not compressed, in bytes. @defaultValue 1 KiB */
  readonly thresholdBytes?: number;
  /** Codings to use; of those that the client likes equally the earlier one. @defaultValue zstd, br, gzip */
  readonly codings?: readonly ContentCoding[];
  /** From 1, the fastest, to 9, the smallest. @defaultValue 6 */
  readonly gzipLevel?: number;
  /** From 0, the fastest, to 11, the smallest. @defaultValue 4 */
  readonly brotliQuality?: number;
  /** From 1, the fastest, to 19, the smallest. @defaultValue 3 */
  readonly zstdLevel?: number;
  /** Streams that are compressed at once, since each needs memory; others are sent as they are. @defaultValue 256 */
  readonly maxStreams?: number;
}

const known: readonly ContentCoding[] = ['zstd', 'br', 'gzip'];

/** Types whose bodies become smaller. Events are not among them: a stream that is open for hours would hold its memory. */
const compressible =
  /^(?:text\/(?!event-stream)|application\/(?:json|javascript|xml|wasm|manifest\+json|graphql|x-ndjson|rtf|x-www-form-urlencoded|vnd\.ms-fontobject)(?:$|[\t ;])|[^;]*\+(?:json|xml|text)(?:$|[\t ;])|image\/(?:bmp|svg\+xml|x-icon|vnd\.microsoft\.icon)|font\/(?:otf|ttf|collection)|model\/gltf)/i;

/**
 * Creates a middleware that compresses bodies. It skips small ones, types that are compressed already, ranges, and responses with
 * `Content-Encoding` or `Cache-Control: no-transform`. Static files are sent from their siblings `.br`, `.zst` and `.gz` if there are any.
 * A strong ETag becomes weak. List it first, so that it also compresses what other middlewares respond with.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 */
export function compress(options: CompressOptions = {}): Middleware {
  const { thresholdBytes, codings, gzipLevel, brotliQuality, zstdLevel, maxStreams } = resolveCompressOptions(options);
  const encoder = new ContentEncoder({ gzipLevel, brotliQuality, zstdLevel });
  let streamCount = 0;

  const accepted = (handler: RequestHandler): readonly ContentCoding[] =>
    acceptedCodings(handler.request.headers.get('accept-encoding') ?? '', codings);

  return {
    processRequest(handler) {
      if (handler instanceof StaticFileHandler) handler.precompressed = accepted(handler);
    },
    processResponse(handler) {
      const status = handler.getStatus();
      if (status === 304) return weakenStored(handler);
      if (status < 200 || status === 204 || status === 205 || status === 206) return;
      if (!compressible.test(handler.getHeader('content-type') ?? '')) return;
      varyBy(handler, 'Accept-Encoding');
      if (handler.getHeader('content-encoding') !== undefined || handler.getHeader('content-range') !== undefined)
        return;
      if (/(?:^|[\t ,])no-transform(?:$|[\t ,])/i.test(handler.getHeader('cache-control') ?? '')) return;
      const byteLength = handler.wholeBodyBytes ?? Number(handler.getHeader('content-length') ?? Infinity);
      if (byteLength < thresholdBytes) return;
      const [coding] = accepted(handler);
      if (coding === undefined) return;
      const isHead = handler.request.method === 'HEAD';
      const isWhole = handler.wholeBodyBytes !== undefined;
      if (!isWhole && !isHead && streamCount >= maxStreams) return;
      handler.setHeader('Content-Encoding', coding);
      if (isWhole || isHead) handler.transformBody(encoder.whole(coding));
      else {
        streamCount++;
        handler.transformBody(encoder.stream(coding, () => streamCount--));
      }
    },
  };
}

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveCompressOptions(options: CompressOptions): Required<CompressOptions> {
  assertNames('compress', options, ['codings', ...Object.keys(ranges)]);
  const { codings = known } = options;
  assertCodings(codings);
  return { codings, ...readIntegers(options, ranges) };
}

const ranges = {
  thresholdBytes: [1_024, 0, Number.MAX_SAFE_INTEGER],
  gzipLevel: [6, 1, 9],
  brotliQuality: [4, 0, 11],
  zstdLevel: [3, 1, 19],
  maxStreams: [256, 0, 1_000_000],
} as const satisfies Readonly<Record<string, NumberRange>>;

/** A 304 has the tag of the response that the client has stored, which is weak if that was compressed. */
function weakenStored(handler: RequestHandler): void {
  varyBy(handler, 'Accept-Encoding');
  const tag = handler.getHeader('etag');
  if (tag === undefined || tag.startsWith('W/')) return;
  const stored = handler.request.headers.get('if-none-match') ?? '';
  if (stored.includes(`W/${tag}`)) handler.setHeader('Etag', `W/${tag}`);
}

function assertCodings(codings: unknown): void {
  const isList = Array.isArray(codings) && codings.length > 0 && new Set(codings).size === codings.length;
  if (isList && codings.every((coding) => (known as readonly unknown[]).includes(coding))) return;
  throw wrongValue('codings', 'an array of zstd, br and gzip, each at most once', codings);
}
