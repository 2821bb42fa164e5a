/**
 * The answering half of a handler: status, headers, cookies and body are put together, then leave at once (`finish`) or
 * piece by piece (`flush`). {@link RequestHandler} inherits all of it; nobody makes one by itself.
 */
import { GaleError } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { reasonPhrase } from '../http/protocol/status.ts';
import { formatCookie, type CookieOptions } from './cookies/cookies.ts';
import { entityTagOf, isNoneMatch } from './entity-tag.ts';
import {
  findField,
  findTag,
  headerField,
  isReason,
  withField,
  withFieldAdded,
  withoutField,
  type HeaderField,
  type HeaderValue,
} from './header-fields.ts';
import { encodeUrl } from './percent-encoding.ts';

/** What can be written: text, bytes, or an object that becomes JSON. */
export type Chunk = string | Uint8Array | object;

/** How far an answer is. */
export type ResponsePhase = 'open' | 'started' | 'finished' | 'upgraded';

/** An answer while it is being put together. */
export abstract class ResponseBuilder {
  /** What is being answered. */
  readonly request: HttpRequest;
  readonly #response: HttpResponse;
  #phase: ResponsePhase = 'open';
  #status = 200;
  #reason: string | undefined;
  #fields: readonly HeaderField[] = defaultFields;
  #cookies: Map<string, string> | undefined;
  #text = '';
  #parts: Uint8Array[] | undefined;

  constructor(request: HttpRequest, response: HttpResponse) {
    this.request = request;
    this.#response = response;
  }

  /** `open` until the head leaves, `started` after `flush`, `finished`, or `upgraded` to a WebSocket. */
  get phase(): ResponsePhase {
    return this.#phase;
  }

  /** Forgets status, headers and body; cookies that were set stay, so that a logout survives an error page. */
  clear(): void {
    this.#assertHeadOpen('clear');
    this.#status = 200;
    this.#reason = undefined;
    this.#fields = defaultFields;
    this.#text = '';
    this.#parts = undefined;
    this.setDefaultHeaders();
  }

  /** Sets headers that every answer of this handler has, error pages included; override it. */
  setDefaultHeaders(): void {}

  /** @param reason - Words behind the status; left out, or not fit to be sent: those of RFC 9110. */
  setStatus(status: number, reason?: string): void {
    this.#assertHeadOpen('setStatus');
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new GaleError('WEB_HEADER', `${status} is no status of an answer; give a whole number from 200 to 599.`);
    }
    this.#status = status;
    this.#reason = reason !== undefined && isReason(reason) ? reason : undefined;
  }

  /** Status of the answer. */
  getStatus(): number {
    return this.#status;
  }

  /** Words behind the status. */
  getReason(): string {
    return this.#reason ?? reasonPhrase(this.#status);
  }

  /** Sets a header, in place of all of that name. A Date becomes an HTTP date. */
  setHeader(name: string, value: HeaderValue): void {
    this.#assertHeadOpen('setHeader');
    this.#fields = withField(this.#fields, headerField(name, value));
  }

  /** Adds a header beside those of that name. */
  addHeader(name: string, value: HeaderValue): void {
    this.#assertHeadOpen('addHeader');
    this.#fields = withFieldAdded(this.#fields, headerField(name, value));
  }

  /** Takes a header off; one that is not there is no error. */
  clearHeader(name: string): void {
    this.#assertHeadOpen('clearHeader');
    this.#fields = withoutField(this.#fields, name);
  }

  /** Value of a header that was set; cookies are not among them. */
  getHeader(name: string): string | undefined {
    return findField(this.#fields, name);
  }

  /** Sets a cookie, in place of one of that name that was set before. Request cookies do not change. */
  setCookie(name: string, value: string, options: CookieOptions = {}): void {
    this.#assertHeadOpen('setCookie');
    this.#cookies ??= new Map();
    this.#cookies.set(name, formatCookie(name, value, options));
  }

  /** Deletes a cookie of the browser; `domain` and `path` must be those it was set with. */
  clearCookie(name: string, options: Omit<CookieOptions, 'expires' | 'expiresDays' | 'maxAge'> = {}): void {
    this.setCookie(name, '', { ...options, expires: 0 });
  }

  /**
   * Adds to the body. An object becomes JSON and sets Content-Type, which a later `setHeader` may change; an array is
   * refused: wrap it in an object.
   */
  write(chunk: Chunk): void {
    if (this.#phase === 'finished' || this.#phase === 'upgraded') throw this.#tooLate('write');
    if (typeof chunk === 'string') {
      if (this.#parts === undefined) this.#text += chunk;
      else this.#parts.push(Buffer.from(chunk));
    } else if (chunk instanceof Uint8Array) {
      this.#parts ??= this.#text === '' ? [] : [Buffer.from(this.#text)];
      this.#parts.push(chunk);
    } else {
      this.write(toJson(chunk));
      if (this.#phase === 'open') this.#fields = withField(this.#fields, jsonType);
    }
  }

  /**
   * Sends the head, if it has not left, and what was written so far.
   *
   * @returns Settles when the socket took it; awaiting it keeps a fast writer in step with a slow reader. Rejects if the client has left,
   * which does no harm where nobody handles it.
   */
  flush(): Promise<void> {
    try {
      if (this.#phase === 'finished' || this.#phase === 'upgraded') throw this.#tooLate('flush');
      const body = this.#takeBody();
      if (this.#phase === 'open') {
        this.#response.start(this.#status, this.headFields(), this.#reason);
        this.#phase = 'started';
      }
      // As it is: a promise made from it would be an unhandled rejection of its own, which ends the process.
      return body.length > 0 ? this.#response.write(body) : settled;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Completes the answer. Called by itself when the verb has ended.
   *
   * @returns Settles when everything was handed to the socket. Rejects if the client has left, which does no harm where nobody handles it.
   */
  finish(chunk?: Chunk): Promise<void> {
    if (this.#phase === 'finished' || this.#phase === 'upgraded') throw this.#tooLate('finish');
    if (chunk !== undefined) this.write(chunk);
    if (this.#phase === 'started') return harmless(this.#finishStarted());
    const body = this.#takeBody();
    if (this.#status === 204 || this.#status === 205 || this.#status === 304) this.#dropBody(body);
    else if (this.#status === 200 && isConditional(this.request.method) && this.#addEntityTag(body)) {
      this.#status = 304;
      this.#reason = undefined;
      this.#dropBody('');
    }
    // A `head` that wrote nothing does not know what `get` would have written, neither length nor tag.
    const isUntold = this.#status === 304 || (body.length === 0 && this.request.method === 'HEAD');
    this.#response.send(this.#status, this.headFields(), isUntold ? undefined : body, this.#reason);
    this.#phase = 'finished';
    this.afterFinish();
    return settled;
  }

  /**
   * Answers with a Location and no body.
   *
   * @param url - Blanks and characters outside of ASCII are encoded; control characters are refused.
   * @param options - `permanent`: 301 instead of 302; `status`: any other from 300 to 399.
   */
  redirect(url: string, options: { readonly permanent?: boolean; readonly status?: number } = {}): Promise<void> {
    this.#assertHeadOpen('redirect');
    const status = options.status ?? (options.permanent === true ? 301 : 302);
    if (!Number.isInteger(status) || status < 300 || status > 399) {
      throw new GaleError('WEB_HEADER', `A redirect cannot have the status ${status}; give one from 300 to 399.`);
    }
    if (/\p{Cc}/u.test(url)) {
      throw new GaleError('WEB_HEADER', `A Location cannot hold control characters: ${JSON.stringify(url)}.`);
    }
    this.setStatus(status);
    this.setHeader('Location', encodeUrl(url));
    this.#text = '';
    this.#parts = undefined;
    return this.finish();
  }

  /**
   * Makes the ETag of a whole answer to GET or HEAD with status 200 that has none.
   *
   * @returns Quoted tag; override it to return `undefined` and no answer gets one.
   */
  computeEtag(body: string | Uint8Array): string | undefined {
    return entityTagOf(body);
  }

  /** Cuts the connection, so that an answer whose head has left does not look complete. */
  abort(): void {
    this.#phase = 'finished';
    this.#response.destroy();
    this.afterFinish();
  }

  /** Called once the answer is complete or was cut. */
  protected abstract afterFinish(): void;

  /** The head as it would leave now, cookies included. */
  protected headFields(): readonly HeaderField[] {
    if (this.#cookies === undefined) return this.#fields;
    return [...this.#fields, ...[...this.#cookies.values()].map((cookie) => ['Set-Cookie', cookie] as const)];
  }

  /** Ends the HTTP part of the connection: from here on every method of this class that answers throws. */
  protected beginUpgrade(): void {
    this.#assertHeadOpen('upgrade');
    this.#status = 101;
    this.#phase = 'upgraded';
  }

  async #finishStarted(): Promise<void> {
    const body = this.#takeBody();
    this.#phase = 'finished';
    try {
      if (body.length > 0) await this.#response.write(body);
      await this.#response.end();
    } finally {
      this.afterFinish();
    }
  }

  /** Gives the answer its ETag; says whether the client has that version already (RFC 9110 §13.1.2). */
  #addEntityTag(body: string | Uint8Array): boolean {
    let tag = findTag(this.#fields);
    if (tag === undefined && body.length === 0 && this.request.method === 'HEAD') return false;
    if (tag === undefined) {
      tag = this.computeEtag(body);
      if (tag === undefined) return false;
      this.#fields = withFieldAdded(this.#fields, headerField('Etag', tag));
    }
    if (!this.request.hasIfNoneMatch) return false;
    return isNoneMatch(this.request.headers.get('if-none-match') ?? '', tag);
  }

  #dropBody(body: string | Uint8Array): void {
    if (body.length > 0) {
      throw new GaleError(
        'WEB_BODY',
        `An answer with status ${this.#status} has no body, but ${body.length} were written.`,
      );
    }
    for (const name of ['content-type', 'content-encoding', 'content-language', 'content-length']) {
      this.#fields = withoutField(this.#fields, name);
    }
  }

  #takeBody(): string | Uint8Array {
    const body = this.#parts === undefined ? this.#text : this.#parts.length === 1 ? this.#parts[0] : undefined;
    const taken = body ?? Buffer.concat(this.#parts ?? []);
    this.#text = '';
    this.#parts = undefined;
    return taken;
  }

  #assertHeadOpen(method: string): void {
    if (this.#phase !== 'open') throw this.#tooLate(method);
  }

  #tooLate(method: string): GaleError {
    if (this.#phase === 'upgraded') {
      return new GaleError('WEB_UPGRADED', `${method}() was called, but the connection is a WebSocket now.`);
    }
    const why = this.#phase === 'finished' ? 'the answer is finished' : 'its head has left by flush()';
    return new GaleError('WEB_ANSWERED', `${method}() was called, but ${why}.`);
  }
}

const defaultFields: readonly HeaderField[] = Object.freeze([
  Object.freeze(['Content-Type', 'text/html; charset=UTF-8'] as const),
]);
const jsonType: HeaderField = headerField('Content-Type', 'application/json; charset=UTF-8');
const settled: Promise<void> = Promise.resolve();

/** A rejection of it is no unhandled rejection when nobody waits for it. */
function harmless(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}

function isConditional(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

function toJson(value: unknown): string {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const text: string | undefined = JSON.stringify(value);
    if (text !== undefined) return text;
  }
  const what = Array.isArray(value) ? 'an array; wrap it in an object' : value === null ? 'null' : `a ${typeof value}`;
  throw new GaleError('WEB_BODY', `write() takes a string, bytes or an object; it got ${what}.`);
}
