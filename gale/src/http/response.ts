/**
 * One response: whole with {@link HttpResponse.send}, or in parts with start, write and end. It decides the framing of the body and whether the
 * connection stays open; the connection decides when bytes are written. RFC 9112 §6.
 */
import { GaleError } from '../errors.ts';
import { showValue } from '../run/given-options.ts';
import { trimWhitespace } from './protocol/characters.ts';
import { CLOSE, connectionOptions } from './protocol/framing.ts';
import type { HttpRequest } from './request.ts';
import { CONTENT_LENGTH, givenHead, NO_FRAMING, TRANSFER_ENCODING_CHUNKED } from './protocol/response-head.ts';
import type { GivenHead, ResponseHeaders } from './protocol/response-head.ts';
import { dateHeader } from './timing/date-header.ts';
import type { SocketWriter } from './socket/socket-writer.ts';

/** What a response needs from its connection. */
export interface ResponseChannel {
  /** Whether nothing more can be sent to the client. */
  readonly isClosed: boolean;
  /** Whether another request may follow this response. */
  mayKeepAlive(): boolean;
  /** Queue of the response. */
  readonly writer: SocketWriter;
  /** The error for a client that has gone. */
  goneError(): GaleError;
  /** The response is complete in the queue. */
  onResponseEnd(keepAlive: boolean): void;
  /** The response cannot be completed: resets the connection, so that the client notices. */
  reset(): void;
  /** Logs a mistake of a handler. */
  logError(error: GaleError): void;
}

/** Body lengths other than a number of bytes. */
const CHUNKED = -1;
const UNTIL_CLOSE = -2;

/** The response to one request. */
export class HttpResponse {
  #channel: ResponseChannel;
  readonly #request: HttpRequest;
  #state: 'fresh' | 'streaming' | 'finished' = 'fresh';
  #keepAlive = false;
  #hasBody = true;
  /** Remaining bytes of the body, or one of the two constants above. */
  #left = 0;
  /** The chosen status; 0 before. */
  #status = 0;
  #bodyBytes = 0;

  /** Created by connections of the server only. @internal */
  constructor(channel: ResponseChannel, request: HttpRequest) {
    this.#channel = channel;
    this.#request = request;
  }

  /** The chosen status; 0 before `send` or `start`. */
  get status(): number {
    return this.#status;
  }

  /** Queued bytes of the body, without framing. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Whether `send` or `start` was called: status and headers cannot change any more. */
  get headSent(): boolean {
    return this.#state !== 'fresh';
  }

  /** Whether the handler has completed the response. */
  get finished(): boolean {
    return this.#state === 'finished';
  }

  /** Whether the body has started and has a Content-Length. @internal */
  get hasKnownLength(): boolean {
    return this.#state === 'streaming' && this.#left >= 0;
  }

  /**
   * Sends a whole response; head and body leave in one write. Content-Length, Date and Connection are added.
   * Responses to HEAD, with status 204, 205 or 304, and successful ones to CONNECT are sent without body; the connection closes after
   * CONNECT. If the client has gone, nothing happens.
   *
   * @param body - A string is sent as UTF-8. Bytes are kept until they are written and must not change.
   * @param reason - Reason phrase; by default the registered one.
   * @throws {@link GaleError} `HTTP_RESPONSE_HEADER`, `HTTP_RESPONSE_HEAD_TOO_LARGE`, `HTTP_RESPONSE_BODY`, `HTTP_RESPONSE_LENGTH` or `HTTP_RESPONSE_STATE`; in
   * that case nothing is sent.
   */
  send(status: number, headers: ResponseHeaders, body?: string | Uint8Array, reason?: string): void {
    if (this.#state !== 'fresh') throw this.#startedTwice();
    const given = givenHead(status, headers, reason, this.#request.maxResponseHeadBytes);
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
   * Starts a response whose body follows in parts. With a Content-Length header the body must have exactly that length. Without it, the body
   * is chunked in HTTP/1.1 and ends with the connection in HTTP/1.0. The head is written with the first part or at the end of this turn.
   *
   * @throws {@link GaleError} `HTTP_RESPONSE_HEADER`, `HTTP_RESPONSE_HEAD_TOO_LARGE` or `HTTP_RESPONSE_STATE`; in that case nothing is sent.
   */
  start(status: number, headers: ResponseHeaders, reason?: string): void {
    if (this.#state !== 'fresh') throw this.#startedTwice();
    const given = givenHead(status, headers, reason, this.#request.maxResponseHeadBytes);
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
   * Sends a part of the body. All parts of one turn are written together.
   *
   * @param chunk - A string is sent as UTF-8. Bytes are kept until they are written and must not change.
   * @returns Settles when the socket has room for more. Await it, or the server buffers everything for a slow client.
   * Rejects with {@link GaleError} `HTTP_CLIENT_GONE`, `HTTP_RESPONSE_STATE` or `HTTP_RESPONSE_LENGTH`; an unhandled rejection has no effect.
   * @throws {@link GaleError} `HTTP_RESPONSE_BODY` if the chunk is neither a string nor bytes.
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
   * Completes a started response.
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

  /** Resets the connection, so that an incomplete response never looks complete. Does nothing after the end of the response. */
  destroy(): void {
    if (this.#state === 'finished') return;
    this.#state = 'finished';
    this.#channel.reset();
  }

  /** Releases the connection after an upgrade; every further use is an error. @internal */
  detach(): void {
    this.#state = 'finished';
    this.#channel = noChannel;
  }

  /** Decides whether the connection stays open, and returns the Connection line. */
  #decideConnection(given: string | undefined, isBounded: boolean): string {
    this.#keepAlive =
      isBounded && this.#channel.mayKeepAlive() && (given === undefined || (connectionOptions(given) & CLOSE) === 0);
    const isDefault = this.#keepAlive && this.#request.version === '1.1';
    if (given === undefined)
      return isDefault ? '' : this.#keepAlive ? 'Connection: keep-alive\r\n' : 'Connection: close\r\n';
    const others = given.split(',').map(trimWhitespace);
    const kept = others.filter((word) => word !== '' && !/^(?:close|keep-alive)$/i.test(word));
    if (!isDefault) kept.push(this.#keepAlive ? 'keep-alive' : 'close');
    return kept.length === 0 ? '' : `Connection: ${kept.join(', ')}\r\n`;
  }

  #broken(how: string): GaleError {
    const error = new GaleError(
      'HTTP_RESPONSE_LENGTH',
      `The response to ${this.#request.method} ${this.#request.path} is ${how} than its Content-Length; the connection was reset.`,
    );
    this.#channel.logError(error);
    this.destroy();
    return error;
  }

  #startedTwice(): GaleError {
    return new GaleError(
      'HTTP_RESPONSE_STATE',
      `The response to ${this.#request.method} ${this.#request.path} was started twice; respond to each request once.`,
    );
  }

  #notStreaming(what: string): GaleError {
    return new GaleError(
      'HTTP_RESPONSE_STATE',
      `The response to ${this.#request.method} ${this.#request.path} was ${what} before its start or after its end.`,
    );
  }
}

/** The Date line, or an empty string if the handler gave one. */
function dateOf(given: GivenHead): string {
  return given.hasDate ? '' : dateHeader();
}

/** For texts up to this length a loop is faster than a library call. */
const shortText = 32;

/** Rejects values that are neither strings nor bytes, since other arrays do not count bytes. */
function byteLengthOf(part: string | Uint8Array): number {
  if (typeof part !== 'string') {
    if (part instanceof Uint8Array) return part.byteLength;
    throw new GaleError('HTTP_RESPONSE_BODY', `body must be a string or a Uint8Array; got ${showValue(part)}.`);
  }
  if (part === measured.text) return measured.bytes;
  const bytes = textBytes(part);
  if (part.length <= maxMeasuredCharacters) {
    measured.text = part;
    measured.bytes = bytes;
  }
  return bytes;
}

function textBytes(text: string): number {
  const { length } = text;
  if (length > shortText) return Buffer.byteLength(text);
  for (let index = 0; index < length; index++) if (text.charCodeAt(index) > 0x7f) return Buffer.byteLength(text);
  return length;
}

/** The last short text and its length in bytes, since responses often repeat. */
const measured: { text: string; bytes: number } = { text: '', bytes: 0 };
const maxMeasuredCharacters = 1024;

/** Whether a response has content; RFC 9110 §9.3.2, §9.3.6, §15.3.5, §15.3.6, §15.4.5. */
function hasContent(method: string, status: number): boolean {
  return method !== 'HEAD' && status !== 204 && status !== 205 && status !== 304 && !isTunnel(method, status);
}

/**
 * A successful response to CONNECT ends with its head: the following bytes belong to a tunnel, which is empty here. request-head.ts makes the
 * connection close after CONNECT.
 */
function isTunnel(method: string, status: number): boolean {
  return method === 'CONNECT' && status < 300;
}

/** Content-Length of a response without content: the length that the content would have, if the header is allowed; otherwise -1. */
function lengthWithoutBody(method: string, status: number, length: number): number {
  if (status === 205) return 0;
  return status === 204 || isTunnel(method, status) ? -1 : length;
}

/** Queues a part of a body with `bytes` bytes, at least one. */
function queue(writer: SocketWriter, part: string | Uint8Array, bytes: number): void {
  // As many bytes as characters: ASCII, which is Latin-1 too.
  if (typeof part === 'string' && part.length === bytes) writer.queueText(part);
  else writer.queueBytes(typeof part === 'string' ? Buffer.from(part) : part);
}

/** A rejected promise that never counts as unhandled. */
function harmless(error: GaleError): Promise<never> {
  const rejected = Promise.reject(error);
  rejected.catch(() => {});
  return rejected;
}

/** The channel after an upgrade: closed. A finished response only reads `isClosed`. */
const noChannel: ResponseChannel = {
  isClosed: true,
  mayKeepAlive: () => false,
  get writer(): SocketWriter {
    throw this.goneError();
  },
  goneError: () => new GaleError('HTTP_CLIENT_GONE', 'The connection was upgraded and no longer uses HTTP.'),
  onResponseEnd() {},
  reset() {},
  logError() {},
};
