/**
 * One answer: whole with {@link HttpResponse.send}, or in parts with start, write and end. It decides how the body is framed and whether
 * the connection stays; the connection behind it decides when bytes leave. RFC 9112 §6.
 */
import { GaleError } from '../errors.ts';
import { CLOSE, connectionOptions } from './protocol/framing.ts';
import type { HttpRequest } from './request.ts';
import { CONTENT_LENGTH, givenHead, NO_FRAMING, TRANSFER_ENCODING_CHUNKED } from './protocol/response-head.ts';
import type { GivenHead, ResponseHeaders } from './protocol/response-head.ts';
import { dateHeader } from './timing/date-header.ts';
import type { SocketWriter } from './socket/socket-writer.ts';

/** What an answer asks of the connection it leaves by. */
export interface ResponseChannel {
  /** Whether the client can no longer be answered. */
  readonly isClosed: boolean;
  /** Whether another request may follow this answer. */
  mayKeepAlive(): boolean;
  /** Where the answer is queued. */
  readonly writer: SocketWriter;
  /** The error of a client that has left. */
  goneError(): GaleError;
  /** The answer is complete in the queue. */
  onResponseEnd(keepAlive: boolean): void;
  /** The answer can not be completed: cuts the connection so that the client sees it. */
  reset(): void;
  /** Tells the log about a handler's mistake. */
  logError(error: GaleError): void;
}

/** Body lengths that are no number of bytes. */
const CHUNKED = -1;
const UNTIL_CLOSE = -2;

/** The answer to one request. */
export class HttpResponse {
  #channel: ResponseChannel;
  readonly #request: HttpRequest;
  #state: 'fresh' | 'streaming' | 'finished' = 'fresh';
  #keepAlive = false;
  #hasBody = true;
  /** Bytes the body still has to have, or one of the two above. */
  #left = 0;
  /** Status that was decided; 0 before. */
  #status = 0;
  #bodyBytes = 0;

  /** Made by the server's connections only. */
  constructor(channel: ResponseChannel, request: HttpRequest) {
    this.#channel = channel;
    this.#request = request;
  }

  /** Status that was decided; 0 before that. */
  get status(): number {
    return this.#status;
  }

  /** Bytes of the body that were queued so far, without their framing. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Whether status and headers are decided. */
  get headSent(): boolean {
    return this.#state !== 'fresh';
  }

  /** Whether the answer is complete, as far as the handler is concerned. */
  get finished(): boolean {
    return this.#state === 'finished';
  }

  /**
   * Sends a whole answer; head and body leave in one write. Content-Length, Date and Connection are added.
   * The body is left out of answers to HEAD and with status 204, 205 or 304, and of a good one to CONNECT, behind which the connection
   * closes. If the client is gone, nothing happens.
   *
   * @param body - A string is sent as UTF-8. Bytes are kept until they are written and must not change.
   * @param reason - Default is the registered phrase of the status.
   * @throws {@link GaleError} `HTTP_RESPONSE_HEADER`, `HTTP_RESPONSE_BODY`, `HTTP_RESPONSE_LENGTH` or `HTTP_RESPONSE_STATE`; nothing was
   * sent then.
   */
  send(status: number, headers: ResponseHeaders, body?: string | Uint8Array, reason?: string): void {
    if (this.#state !== 'fresh') throw this.#begunTwice();
    const given = givenHead(status, headers, reason);
    const bytes = body === undefined ? 0 : byteLengthOf(body);
    const { method } = this.#request;
    const hasBody = hasContent(method, status);
    const { contentLength } = given;
    if (contentLength >= 0 && contentLength !== bytes && (hasBody || body !== undefined)) {
      throw new GaleError(
        'HTTP_RESPONSE_LENGTH',
        `Content-Length is ${contentLength} but the body has ${bytes} bytes; leave the header out.`,
      );
    }
    const length = hasBody ? bytes : lengthWithoutBody(method, status, body === undefined ? contentLength : bytes);
    const framing = length >= 0 ? CONTENT_LENGTH : NO_FRAMING;
    const head = given.whole(framing, length, this.#decideConnection(given.connection, true), dateOf(given));
    this.#state = 'finished';
    this.#status = status;
    if (this.#channel.isClosed) return;
    const { writer } = this.#channel;
    writer.queueText(head);
    if (hasBody && body !== undefined && bytes > 0) {
      this.#bodyBytes = bytes;
      queue(writer, body, bytes);
    }
    this.#channel.onResponseEnd(this.#keepAlive);
  }

  /**
   * Begins an answer whose body follows in parts. With Content-Length among the headers the body must have exactly that length;
   * without, it is chunked in HTTP/1.1 and ends with the connection in HTTP/1.0. The head leaves with the first part or at the end of this turn.
   *
   * @throws {@link GaleError} `HTTP_RESPONSE_HEADER` or `HTTP_RESPONSE_STATE`; nothing was sent then.
   */
  start(status: number, headers: ResponseHeaders, reason?: string): void {
    if (this.#state !== 'fresh') throw this.#begunTwice();
    const given = givenHead(status, headers, reason);
    const { method, version } = this.#request;
    this.#hasBody = hasContent(method, status);
    let framing = NO_FRAMING;
    let length = -1;
    let isBounded = true;
    this.#left = given.contentLength;
    if (!this.#hasBody) {
      length = lengthWithoutBody(method, status, given.contentLength);
      if (length >= 0) framing = CONTENT_LENGTH;
    } else if (given.contentLength >= 0) {
      framing = CONTENT_LENGTH;
      length = given.contentLength;
    } else if (version === '1.1') {
      this.#left = CHUNKED;
      framing = TRANSFER_ENCODING_CHUNKED;
    } else {
      this.#left = UNTIL_CLOSE;
      isBounded = false;
    }
    const head = given.whole(framing, length, this.#decideConnection(given.connection, isBounded), dateOf(given));
    this.#state = 'streaming';
    this.#status = status;
    if (this.#channel.isClosed) return;
    this.#channel.writer.queueText(head);
    this.#channel.writer.flushSoon();
  }

  /**
   * Sends a part of the body. All parts of one turn leave together.
   *
   * @param chunk - A string is sent as UTF-8. Bytes are kept until they are written and must not change.
   * @returns Settles when the socket has room for more; wait for it, or a slow client makes the server hold all that was written.
   * Rejects with {@link GaleError} `HTTP_CLIENT_GONE`, `HTTP_RESPONSE_STATE` or `HTTP_RESPONSE_LENGTH`; a rejection nobody handles does no harm.
   * @throws {@link GaleError} `HTTP_RESPONSE_BODY` for what is neither text nor bytes.
   */
  write(chunk: string | Uint8Array): Promise<void> {
    if (this.#state !== 'streaming') return harmless(this.#notStreaming('written to'));
    if (this.#channel.isClosed) return harmless(this.#channel.goneError());
    const { writer } = this.#channel;
    const bytes = byteLengthOf(chunk);
    if (!this.#hasBody || bytes === 0) return writer.whenWritable();
    if (this.#left >= 0) {
      if (bytes > this.#left) return harmless(this.#broken(`${bytes - this.#left} bytes longer`));
      this.#left -= bytes;
    } else if (this.#left === CHUNKED) {
      writer.queueText(`${bytes.toString(16)}\r\n`);
    }
    this.#bodyBytes += bytes;
    queue(writer, chunk, bytes);
    if (this.#left === CHUNKED) writer.queueText('\r\n');
    return writer.whenWritable();
  }

  /**
   * Completes a started answer.
   *
   * @returns Settles and rejects as {@link HttpResponse.write} does.
   */
  end(): Promise<void> {
    if (this.#state !== 'streaming') return harmless(this.#notStreaming('ended'));
    if (this.#channel.isClosed) {
      this.#state = 'finished';
      return harmless(this.#channel.goneError());
    }
    if (this.#hasBody && this.#left > 0) return harmless(this.#broken(`${this.#left} bytes shorter`));
    this.#state = 'finished';
    const { writer } = this.#channel;
    if (this.#hasBody && this.#left === CHUNKED) writer.queueText('0\r\n\r\n');
    this.#channel.onResponseEnd(this.#keepAlive);
    return writer.whenWritable();
  }

  /** Cuts the connection, so that a broken answer never looks complete. Behind the end of the answer it does nothing. */
  destroy(): void {
    if (this.#state === 'finished') return;
    this.#state = 'finished';
    this.#channel.reset();
  }

  /** Makes every further use an error, because the connection is no longer HTTP's, and lets go of it. @internal */
  detach(): void {
    this.#state = 'finished';
    this.#channel = noChannel;
  }

  /** Decides whether the connection stays, and returns the line that says so. */
  #decideConnection(given: string | undefined, isBounded: boolean): string {
    this.#keepAlive =
      isBounded && this.#channel.mayKeepAlive() && (given === undefined || (connectionOptions(given) & CLOSE) === 0);
    const isDefault = this.#keepAlive && this.#request.version === '1.1';
    if (given === undefined)
      return isDefault ? '' : this.#keepAlive ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n';
    const others = given.split(',').map((word) => word.trim());
    const kept = others.filter((word) => word !== '' && !/^(?:close|keep-alive)$/i.test(word));
    if (!isDefault) kept.push(this.#keepAlive ? 'keep-alive' : 'close');
    return kept.length === 0 ? '' : `Connection: ${kept.join(', ')}\r\n`;
  }

  #broken(how: string): GaleError {
    const error = new GaleError(
      'HTTP_RESPONSE_LENGTH',
      `The answer to ${this.#request.method} ${this.#request.path} is ${how} than its Content-Length; the connection was cut.`,
    );
    this.#channel.logError(error);
    this.destroy();
    return error;
  }

  #begunTwice(): GaleError {
    return new GaleError(
      'HTTP_RESPONSE_STATE',
      `The answer to ${this.#request.method} ${this.#request.path} was begun twice; answer each request once.`,
    );
  }

  #notStreaming(what: string): GaleError {
    return new GaleError(
      'HTTP_RESPONSE_STATE',
      `The answer to ${this.#request.method} ${this.#request.path} was ${what} before its start or after its end.`,
    );
  }
}

/** The line of Date, or nothing if the handler gave one. */
function dateOf(given: GivenHead): string {
  return given.hasDate ? '' : dateHeader();
}

/** Texts up to this length are counted here: a call of the library costs more. */
const shortText = 32;

/** Also says no to what is neither text nor bytes, since other arrays count their elements in another way. */
function byteLengthOf(part: string | Uint8Array): number {
  if (typeof part !== 'string') {
    if (part instanceof Uint8Array) return part.byteLength;
    throw new GaleError('HTTP_RESPONSE_BODY', `The body is ${nameOf(part)}; give a string or a Uint8Array.`);
  }
  const { length } = part;
  if (length > shortText) return Buffer.byteLength(part);
  for (let index = 0; index < length; index++) if (part.charCodeAt(index) > 0x7f) return Buffer.byteLength(part);
  return length;
}

/** Whether an answer has content; RFC 9110 §9.3.2, §9.3.6, §15.3.5, §15.3.6, §15.4.5. */
function hasContent(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304 && !isTunnel(method, status);
}

/**
 * A good answer to CONNECT ends with its head: what follows belongs to a tunnel, which here has nothing in it. That the connection closes
 * behind CONNECT, the reader of its head has decided.
 */
function isTunnel(method: string, status: number): boolean {
  return method === 'CONNECT' && status < 300;
}

/** Content-Length of an answer without content: what it would have been, where that may be said; -1 to say nothing. */
function lengthWithoutBody(method: string, status: number, length: number): number {
  if (status === 205) return 0;
  return status === 204 || isTunnel(method, status) ? -1 : length;
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value !== 'object') return `a ${typeof value}`;
  return `of type ${Object.prototype.toString.call(value).slice(8, -1)}`;
}

/** Queues a part of a body that has `bytes` bytes, more than none. */
function queue(writer: SocketWriter, part: string | Uint8Array, bytes: number): void {
  // As many bytes as characters: ASCII, which is Latin-1 too.
  if (typeof part === 'string' && part.length === bytes) writer.queueText(part);
  else writer.queueBytes(typeof part === 'string' ? Buffer.from(part) : part);
}

/** A rejected promise that is no unhandled rejection when nobody waits for it. */
function harmless(error: GaleError): Promise<never> {
  const rejected = Promise.reject(error);
  rejected.catch(() => {});
  return rejected;
}

/** Where nothing can be answered any more; an answer that is finished asks it nothing but that. */
const noChannel: ResponseChannel = {
  isClosed: true,
  mayKeepAlive: () => false,
  get writer(): SocketWriter {
    throw this.goneError();
  },
  goneError: () => new GaleError('HTTP_CLIENT_GONE', 'The connection is no longer one of HTTP.'),
  onResponseEnd() {},
  reset() {},
  logError() {},
};
