/**
 * The value that a verb returned becomes the response: text, bytes, JSON, a web `Response`, or a stream of chunks. A value that
 * would be lost is an error that names the verb. lifecycle.ts calls this and then finishes the response.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { GaleError, type ErrorCode } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { toJsonText, type JsonRule } from '../run/json-text.ts';
import { ignoreRejection, tagOf } from '../run/lost-value.ts';
import { viewBytes } from '../run/view-bytes.ts';
import { abortReason } from '../http/abort-reasons.ts';
import { toChunkSource, type ChunkSource } from './chunk-source.ts';
import { logSafely } from './error-log.ts';
import type { RequestHandler } from './handler.ts';

/** What a verb may return, or resolve to: `undefined` if it wrote the response itself. */
export type Returned = void | undefined | string | (object & { readonly then?: never });

/**
 * Writes what a verb returned. The caller finishes the response after it.
 *
 * @param value - Not undefined and not a promise.
 * @returns A promise if the value is a stream: it resolves after the last chunk, and rejects with the error of the source or of
 *   the client that left. The source is cancelled then.
 * @throws {@link GaleError} `WEB_BODY` for a value that cannot be sent; `WEB_RESPONDED` if the verb wrote a response too.
 */
export function writeReturned(handler: RequestHandler, value: unknown): Promise<void> | undefined {
  if (handler.phase !== 'open' || handler.hasWritten || handler.isSendingError) throw answeredTwice(handler, value);
  if (typeof value === 'string') {
    handler.write(value);
    return undefined;
  }
  if (typeof value !== 'object' || value === null) throw wrongValue(handler, value);
  const bytes = viewBytes(value, 'WEB_BODY');
  if (bytes !== undefined) {
    writeBytes(handler, bytes);
    return undefined;
  }
  if (isResponse(value)) return writeResponse(handler, value);
  if (isLocked(value)) throw returnError(handler, 'WEB_BODY', 'a stream that nothing else reads', 'a locked stream');
  const source = toChunkSource(value);
  if (source !== undefined) return writeChunks(handler, source);
  const text = toJsonText(value, ruleFor(handler));
  if (handler.hasDefaultType) handler.setHeader('Content-Type', 'application/json; charset=UTF-8');
  handler.write(text);
  return undefined;
}

function writeBytes(handler: RequestHandler, bytes: Uint8Array): void {
  setBytesType(handler);
  handler.write(bytes);
}

function setBytesType(handler: RequestHandler): void {
  if (handler.hasDefaultType) handler.setHeader('Content-Type', 'application/octet-stream');
}

/** Chunks after which a source that never waits lets other requests proceed. */
const chunksPerTurn = 64;

/**
 * Sends the chunks of a source with backpressure. Nothing is sent before the first chunk, so an earlier error has its page.
 *
 * @param mayBeWhole - Whether a source with one chunk may be sent as a whole response, with its length and an ETag. It is read ahead then.
 */
async function writeChunks(handler: RequestHandler, source: ChunkSource, mayBeWhole = false): Promise<void> {
  const pull = new Pull(handler, source);
  try {
    if (handler.request.method === 'HEAD') {
      // The first chunk decides the type, and is not read for a HEAD: RFC 9110 §9.3.2 allows to leave the header out.
      if (handler.hasDefaultType) handler.clearHeader('Content-Type');
      return;
    }
    for (let count = 1; ; count++) {
      const { done, value } = await pull.next();
      if (done === true) {
        if (count === 1) setBytesType(handler);
        return;
      }
      const chunk = toChunk(handler, value);
      // Strings have the type of a returned string.
      if (count === 1 && typeof chunk !== 'string') setBytesType(handler);
      handler.write(chunk);
      // A body with these statuses is an error of `finish`.
      if (bodyless.includes(handler.getStatus())) return;
      if (mayBeWhole && count === 1 && (await pull.endsInThisTurn())) return;
      await handler.flush();
      if (count % chunksPerTurn === 0) await nextTurn();
    }
  } finally {
    pull.close();
  }
}

const bodyless: readonly number[] = [204, 205, 304];

/** The reading of one source. It ends when the client leaves, also while the source is busy. */
class Pull {
  readonly #handler: RequestHandler;
  readonly #source: ChunkSource;
  readonly #signal: AbortSignal;
  #ahead: Promise<IteratorResult<unknown, unknown>> | undefined;
  #leave: (reason: unknown) => void = () => {};
  #isDone = false;

  constructor(handler: RequestHandler, source: ChunkSource) {
    this.#handler = handler;
    this.#source = source;
    this.#signal = handler.request.signal;
    this.#signal.addEventListener('abort', this.#onAbort, { once: true });
  }

  readonly #onAbort = (): void => this.#leave(this.#signal.reason);

  /** The next chunk. Rejects when the client leaves. */
  next(): Promise<IteratorResult<unknown, unknown>> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    return ahead ?? this.#read();
  }

  /** Whether the source ends before the next turn of the event loop. A chunk that was read ahead is returned by `next`. */
  async endsInThisTurn(): Promise<boolean> {
    this.#ahead = this.#read();
    await Promise.race([this.#ahead, nextTurn()]);
    return this.#isDone;
  }

  /** Cancels the source if it has not ended. */
  close(): void {
    this.#signal.removeEventListener('abort', this.#onAbort);
    if (this.#isDone) return;
    void (async () => this.#source.cancel())().catch((error: unknown) => this.#logLate(error));
  }

  #read(): Promise<IteratorResult<unknown, unknown>> {
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<unknown, unknown>>();
    this.#leave = reject;
    if (this.#signal.aborted) this.#onAbort();
    else void this.#settle(resolve, reject);
    return promise;
  }

  async #settle(
    resolve: (result: IteratorResult<unknown, unknown>) => void,
    reject: (error: unknown) => void,
  ): Promise<void> {
    try {
      const result = await this.#source.next();
      if (result.done === true) this.#isDone = true;
      resolve(result);
    } catch (error) {
      // A source that threw has ended.
      this.#isDone = true;
      if (this.#signal.aborted) this.#logLate(error);
      else reject(error);
    }
  }

  /** Logs an error that cannot change the response any more, unless it only says that the source was ended early. */
  #logLate(error: unknown): void {
    const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
    const isExpected = name === 'AbortError' || code === 'ERR_STREAM_PREMATURE_CLOSE';
    if (!isExpected && abortReason(error) === undefined) logSafely(this.#handler, error);
  }
}

function toChunk(handler: RequestHandler, value: unknown): string | Uint8Array {
  if (typeof value === 'string') return value;
  const bytes = typeof value === 'object' && value !== null ? viewBytes(value, 'WEB_BODY') : undefined;
  if (bytes !== undefined) return bytes;
  ignoreRejection(value);
  throw new GaleError(
    'WEB_BODY',
    `${verbOf(handler)}() must return a stream of strings or bytes; got the chunk ${showValue(value)}.`,
  );
}

/** By tag, since the class can come from a package, and since reading the global one loads much of Node.js. */
function isResponse(value: object): value is Response {
  return tagOf(value) === 'Response' && 'headers' in value && 'body' in value;
}

/** Whether a web stream has a reader already. */
function isLocked(value: object): boolean {
  return tagOf(value) === 'ReadableStream' && 'locked' in value && value.locked === true;
}

/** Status, headers and body of a web `Response`. Headers that the handler set stay, unless the response has one of the same name. */
function writeResponse(handler: RequestHandler, response: Response): Promise<void> | undefined {
  const { body, bodyUsed, status } = response;
  if (status === 0) throw returnError(handler, 'WEB_BODY', 'a Response with a status', 'Response.error()');
  if (bodyUsed || (body !== null && isLocked(body))) {
    throw new GaleError('WEB_BODY', `${verbOf(handler)}() must return a Response whose body was not read yet.`);
  }
  const source = body === null ? undefined : toChunkSource(body);
  try {
    writeHead(handler, response);
  } catch (error) {
    void (async () => source?.cancel())().catch(() => {});
    throw error;
  }
  return source === undefined ? undefined : writeChunks(handler, source, true);
}

function writeHead(handler: RequestHandler, { status, statusText, headers, body, url }: Response): void {
  handler.setStatus(status, statusText === '' ? undefined : statusText);
  if (body === null && !headers.has('content-type') && handler.hasDefaultType) handler.clearHeader('Content-Type');
  const dropped = url === '' ? [] : fieldsOfConnection(headers);
  for (const [name, value] of headers) {
    if (name !== 'set-cookie' && !dropped.includes(name)) handler.setHeader(name, value);
  }
  for (const cookie of headers.getSetCookie()) handler.addHeader('Set-Cookie', cookie);
}

/**
 * Fields of the response to a `fetch` that are not true for the response here: those of its connection (RFC 9110 §7.6.1), and its encoding,
 * since `fetch` has decoded the body.
 */
function fieldsOfConnection(headers: Headers): readonly string[] {
  const named = (headers.get('connection') ?? '').toLowerCase().split(/[\t ]*,[\t ]*/);
  const encoding = headers.has('content-encoding') ? ['content-encoding', 'content-length'] : [];
  return ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', ...named, ...encoding];
}

function wrongValue(handler: RequestHandler, value: unknown): GaleError {
  const isText = typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint';
  return returnError(handler, 'WEB_BODY', kinds, isText ? `a ${typeof value}; use String(value)` : describe(value));
}

function answeredTwice(handler: RequestHandler, value: unknown): GaleError {
  ignoreRejection(value);
  // A stream that nobody reads must not stay open.
  const source = typeof value === 'object' && value !== null && !isResponse(value) ? toChunkSource(value) : undefined;
  void (async () => source?.cancel())().catch(() => {});
  const done = handler.phase === 'upgraded' ? 'the upgrade to a WebSocket' : 'it wrote or finished the response';
  return returnError(handler, 'WEB_RESPONDED', `nothing after ${done}`, describe(value));
}

/** Never the value itself, which may be secret. */
function describe(value: unknown): string {
  return typeof value === 'string' ? 'a string' : typeof value === 'symbol' ? 'a symbol' : showValue(value);
}

function returnError(handler: RequestHandler, code: ErrorCode, wanted: string, got: string): GaleError {
  return new GaleError(code, `${verbOf(handler)}() must return ${wanted}; got ${got}.`);
}

const kinds = 'a string, an object, an array, bytes, a Response, a stream or an iterable';

function ruleFor(handler: RequestHandler): JsonRule {
  return { must: `${verbOf(handler)}() must return ${kinds}`, code: 'WEB_BODY' };
}

/** Name of the verb that ran. */
function verbOf(handler: RequestHandler): string {
  const name = handler.request.method.toLowerCase();
  return name === 'head' && !('head' in handler) ? 'get' : name;
}
