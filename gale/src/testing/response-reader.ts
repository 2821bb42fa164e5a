/**
 * Reads responses from the bytes of a connection in memory: status line, fields and all framings of a body (RFC 9112 §6.3). The bytes come
 * from our own server, so it checks only what it needs to find the end of a response.
 */
import { GaleError } from '../errors.ts';
import { ChunkedReader } from '../http/protocol/chunked.ts';

/** Head of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly reason: string;
  /** Names as they were sent. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Receives what a reader finds, in this order; `onHead` also for each informational response. */
export interface ResponseEvents {
  onHead(head: ResponseHead): void;
  /** Bytes of the body, which are valid during the call. */
  onBody(bytes: Buffer): void;
  /** @param keepsAlive - Whether another response may follow on the connection. */
  onComplete(keepsAlive: boolean): void;
}

type State = 'head' | 'length' | 'chunked' | 'close' | 'done';

const trailerLimits = { maxHeadBytes: 64 * 1024, maxHeaderCount: 100 };

/** Reader of one response. */
export class ResponseReader {
  readonly #method: string;
  readonly #events: ResponseEvents;
  #state: State = 'head';
  /** Bytes of an incomplete head. */
  #kept: Buffer | undefined;
  #left = 0;
  #chunks: ChunkedReader | undefined;
  #keepsAlive = true;

  /** @param method - Method of the request: responses to HEAD have no body. */
  constructor(method: string, events: ResponseEvents) {
    this.#method = method;
    this.#events = events;
  }

  /** Whether the response is complete. */
  get isDone(): boolean {
    return this.#state === 'done';
  }

  /** Reads bytes. Does not keep or change them. @throws {@link GaleError} `TEST_RESPONSE` for bytes that are no response. */
  read(received: Buffer): void {
    let bytes = received;
    let at = 0;
    while (this.#state === 'head') {
      if (this.#kept !== undefined) bytes = Buffer.concat([this.#kept, bytes.subarray(at)]);
      if (this.#kept !== undefined) at = 0;
      const end = bytes.indexOf('\r\n\r\n', at);
      this.#kept = end < 0 ? Buffer.from(bytes.subarray(at)) : undefined;
      if (end < 0) return;
      this.#readHead(bytes.toString('latin1', at, end));
      at = end + 4;
      if (at === bytes.length) return;
    }
    this.#readBody(at === 0 ? bytes : bytes.subarray(at));
  }

  /** The server has sent its last byte. @returns Whether the response is complete. */
  end(): boolean {
    if (this.#state !== 'close') return this.#state === 'done';
    this.#finish();
    return true;
  }

  #readHead(text: string): void {
    const [line = '', ...lines] = text.split('\r\n');
    const [, version = '', status = '', reason = ''] = /^HTTP\/1\.([01]) (\d{3}) ?(.*)$/.exec(line) ?? [];
    if (status === '') throw broken(`The response has no status line; got ${JSON.stringify(line.slice(0, 100))}.`);
    this.#keepsAlive = version === '1';
    let length = -1;
    let isChunked = false;
    const fields = lines.map((field): [string, string] => {
      const colon = field.indexOf(':');
      const name = field.slice(0, colon);
      const value = field.slice(colon + 1).trim();
      if (isNamed(name, 'content-length')) length = Number(value);
      else if (isNamed(name, 'transfer-encoding')) isChunked = true;
      else if (isNamed(name, 'connection') && /\bclose\b/i.test(value)) this.#keepsAlive = false;
      return [name, value];
    });
    const head = { status: Number(status), reason, fields };
    if (head.status >= 200) this.#state = this.#framingOf(head.status, length, isChunked);
    this.#events.onHead(head);
    if (head.status >= 200 && this.#state === 'length' && this.#left === 0) this.#finish();
  }

  #framingOf(status: number, length: number, isChunked: boolean): State {
    const hasBody = this.#method !== 'HEAD' && status !== 204 && status !== 304;
    if (hasBody && isChunked) {
      this.#chunks = new ChunkedReader(trailerLimits);
      return 'chunked';
    }
    if (hasBody && length < 0) {
      this.#keepsAlive = false;
      return 'close';
    }
    this.#left = hasBody ? length : 0;
    return 'length';
  }

  #readBody(bytes: Buffer): void {
    if (this.#state === 'close') return this.#events.onBody(bytes);
    if (this.#chunks !== undefined && this.#state === 'chunked') return this.#readChunks(bytes, this.#chunks);
    if (bytes.length > this.#left) throw broken(`${bytes.length - this.#left} bytes follow the end of the response.`);
    this.#left -= bytes.length;
    this.#events.onBody(bytes);
    if (this.#left === 0) this.#finish();
  }

  #readChunks(bytes: Buffer, chunks: ChunkedReader): void {
    let at = 0;
    while (at < bytes.length && !chunks.done) {
      at = chunks.read(bytes, at, bytes.length);
      if (chunks.dataLength > 0) this.#events.onBody(bytes.subarray(at - chunks.dataLength, at));
    }
    if (chunks.done) this.#finish();
  }

  #finish(): void {
    this.#state = 'done';
    this.#events.onComplete(this.#keepsAlive);
  }
}

/** Whether a name of a field is `name`, which is in lower case. */
function isNamed(field: string, name: string): boolean {
  return field.length === name.length && field.toLowerCase() === name;
}

function broken(message: string): GaleError {
  return new GaleError('TEST_RESPONSE', message);
}
