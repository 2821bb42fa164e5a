/**
 * What a verb may return as a stream: a web `ReadableStream`, a Node.js `Readable`, or a sync or async iterable, such as a
 * generator. All become one interface that is pulled chunk by chunk, and can be ended early.
 */
import { tagOf } from '../run/lost-value.ts';

/** A stream of chunks. The owner calls `next` until it is done, or `cancel`. */
export interface ChunkSource {
  /** The next chunk. Not called again before the earlier call has settled. */
  next(): PromiseLike<IteratorResult<unknown, unknown>> | IteratorResult<unknown, unknown>;
  /** Ends the source before its end, also while `next` is pending. Awaiting the result is optional. */
  cancel(): unknown;
}

/**
 * The value as a source; `undefined` if it is no stream and no iterable.
 *
 * @throws TypeError for a `ReadableStream` that has a reader already.
 */
export function toChunkSource(value: object): ChunkSource | undefined {
  if (isWebStream(value)) return fromWebStream(value);
  if (Symbol.asyncIterator in value) return isNodeStream(value) ? fromNodeStream(value) : fromIterator(value);
  return Symbol.iterator in value && !isListed(value) ? fromIterator(value) : undefined;
}

/** Iterables whose items are no chunks; the error for them says what to return instead. */
const listed: readonly string[] = ['Map', 'Set', 'Headers', 'FormData', 'URLSearchParams', 'String'];

/** Whether the value is one of them, or says itself how it becomes JSON. */
function isListed(value: object): boolean {
  return Array.isArray(value) || 'toJSON' in value || listed.includes(tagOf(value));
}

interface WebReader {
  read(): Promise<IteratorResult<unknown, unknown>>;
  cancel(): Promise<void>;
}

function isWebStream(value: object): value is { getReader(): WebReader } {
  return 'getReader' in value && typeof value.getReader === 'function';
}

function fromWebStream(stream: { getReader(): WebReader }): ChunkSource {
  const reader = stream.getReader();
  return { next: () => reader.read(), cancel: () => reader.cancel() };
}

interface NodeStream extends AsyncIterable<unknown> {
  on(event: 'error', listener: () => void): unknown;
  destroy(): unknown;
}

function isNodeStream(value: object): value is NodeStream {
  return 'pipe' in value && 'on' in value && 'destroy' in value && typeof value.destroy === 'function';
}

function fromNodeStream(stream: NodeStream): ChunkSource {
  // Its iterator reports errors. An error without a listener, such as a missing file before the first read, ends the process.
  stream.on('error', () => {});
  const iterator = stream[Symbol.asyncIterator]();
  return { next: () => iterator.next(), cancel: () => stream.destroy() };
}

/** The iterator is created at once, so that one that holds resources before the first chunk can be ended. */
function fromIterator(iterable: object): ChunkSource {
  const iterator =
    Symbol.asyncIterator in iterable
      ? (iterable as AsyncIterable<unknown>)[Symbol.asyncIterator]()
      : (iterable as Iterable<unknown>)[Symbol.iterator]();
  return { next: () => iterator.next(), cancel: () => iterator.return?.() };
}
