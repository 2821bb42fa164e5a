/**
 * The response of a handler: collects status, headers, cookies and body, then sends them at once (`finish`) or in parts
 * (`flush`). Abstract; {@link RequestHandler} inherits it by {@link Exchange}.
 */
import { GaleError } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { reasonPhrase } from '../http/protocol/status.ts';
import { assertNames, readChoices, showValue } from '../run/given-options.ts';
import { deletingOptions, formatCookie, type CookieOptions } from './cookies/cookies.ts';
import {
  endOf,
  evaluateConditions,
  evaluateResponse,
  isReading,
  isWriting,
  toCurrentVersion,
} from './conditional-request.ts';
import { entityTagOf } from './entity-tag.ts';
import {
  findField,
  findTag,
  headerField,
  isReason,
  withField,
  withFieldAdded,
  withoutField,
  withoutFields,
  type HeaderField,
  type HeaderValue,
} from './header-fields.ts';
import { toLocation } from './location.ts';
import { ResponseBody, type Chunk } from './response-body.ts';

/** Progress of a response. */
export type ResponsePhase = 'open' | 'started' | 'finished' | 'upgraded';

/** A response and the methods that build it. */
export abstract class ResponseBuilder {
  /** The request. */
  readonly request: HttpRequest;
  readonly #response: HttpResponse;
  #phase: ResponsePhase = 'open';
  #status = 200;
  #reason: string | undefined;
  #fields: readonly HeaderField[] = defaultFields;
  #cookies: Map<string, string> | undefined;
  readonly #body = new ResponseBody();
  #hasCheckedPreconditions = false;

  constructor(request: HttpRequest, response: HttpResponse) {
    this.request = request;
    this.#response = response;
  }

  /** `open` until the head is sent, `started` after `flush`, `finished`, or `upgraded` to a WebSocket. */
  get phase(): ResponsePhase {
    return this.#phase;
  }

  /** Resets status, headers and body. Cookies stay, so that an error page does not undo a logout. */
  clear(): void {
    this.#assertHeadOpen('clear');
    this.#status = 200;
    this.#reason = undefined;
    this.#fields = defaultFields;
    this.#body.clear();
    this.setDefaultHeaders();
  }

  /** Override to set headers of every response of this handler, error pages included. */
  setDefaultHeaders(): void {}

  /** @param reason - Reason phrase. Left out, or not valid in a status line: the phrase of RFC 9110. */
  setStatus(status: number, reason?: string): void {
    this.#assertHeadOpen('setStatus');
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new GaleError('WEB_HEADER', `status must be an integer from 200 to 599; got ${showValue(status)}.`);
    }
    this.#status = status;
    this.#reason = reason !== undefined && isReason(reason) ? reason : undefined;
  }

  /** Status of the response. */
  getStatus(): number {
    return this.#status;
  }

  /** Reason phrase of the response. */
  getReason(): string {
    return this.#reason ?? reasonPhrase(this.#status);
  }

  /** Sets a header, replacing all headers of that name. A Date is written as an HTTP date. */
  setHeader(name: string, value: HeaderValue): void {
    this.#assertHeadOpen('setHeader');
    this.#fields = withField(this.#fields, headerField(name, value));
  }

  /** Adds a header and keeps those of the same name. */
  addHeader(name: string, value: HeaderValue): void {
    this.#assertHeadOpen('addHeader');
    this.#fields = withFieldAdded(this.#fields, headerField(name, value));
  }

  /** Removes a header. Does nothing if it is not set. */
  clearHeader(name: string): void {
    this.#assertHeadOpen('clearHeader');
    this.#fields = withoutField(this.#fields, name);
  }

  /** Value of a header of the response. `Set-Cookie` is not included. */
  getHeader(name: string): string | undefined {
    return findField(this.#fields, name);
  }

  /**
   * Sets a cookie of the response, replacing an earlier one of that name. `getCookie` still returns the cookie of the request.
   *
   * @throws {@link GaleError} `WEB_COOKIE` for a value that a cookie cannot have, and for a cookie that browsers would drop;
   *   `OPTION_UNKNOWN` for an unknown attribute, `OPTION_VALUE` for one of the wrong type.
   */
  setCookie(name: string, value: string, options: CookieOptions = {}): void {
    this.#assertHeadOpen('setCookie');
    this.#cookies ??= new Map();
    this.#cookies.set(name, formatCookie(name, value, options, this.currentTime()));
  }

  /** The time for `expiresDays` of cookies, in milliseconds since 1970. */
  protected currentTime(): number {
    return Date.now();
  }

  /**
   * Deletes a cookie in the browser. `domain`, `path` and `partitioned` must have the values that the cookie was set with. `secure`
   * is on by default for names with `__Host-` and `__Secure-`.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` for a lifetime, which would keep the cookie alive; else as `setCookie`.
   */
  clearCookie(name: string, options: Omit<CookieOptions, 'expires' | 'expiresDays' | 'maxAge'> = {}): void {
    this.setCookie(name, '', deletingOptions(name, options));
  }

  /**
   * Checks the preconditions of the request (RFC 9110 §13) against the current version of the resource. Call it in a verb that
   * writes, after the checks that lead to 403 or 404 and before the change, so that nobody overwrites a version they have not
   * seen. In one transaction with the change no other write can come between.
   *
   * In GET and HEAD it saves work: it sets ETag and Last-Modified, and ends the request with 304 if the client has this version.
   * Without the call they are compared when the response is complete, or at the first `flush`.
   *
   * @param current - The version before the change; empty if there is none.
   * @throws {@link HttpError} 412 if the client requires another version (If-Match, If-Unmodified-Since), or none, such as
   *   `If-None-Match: *` for a resource that exists. {@link Finish} for 304.
   * @throws {@link GaleError} `WEB_HEADER` if `etag` is not in double quotes or `lastModified` is not a valid Date.
   * @example
   * async put({ id }: { id: string }) {
   *   const story = await stories.find(id);
   *   this.checkPreconditions({ etag: story && `"${story.version}"`, lastModified: story?.changedAt });
   *   await stories.save(id, await this.readBytes());
   * }
   */
  checkPreconditions(
    current: {
      /** Its entity tag, with the quotes: `"v1"`, or `W/"v1"` if versions with one tag may differ in their bytes. */
      readonly etag?: string | undefined;
      /** Its last change. HTTP compares whole seconds. */
      readonly lastModified?: Date | undefined;
      /** Whether there is a version. @defaultValue whether there is an `etag` or `lastModified` */
      readonly exists?: boolean | undefined;
    } = {},
  ): void {
    this.#assertHeadOpen('checkPreconditions');
    const version = toCurrentVersion(current.etag, current.lastModified, current.exists);
    const { method, headers, isConditional } = this.request;
    if (isReading(method)) {
      // Without a version the response will be an error, which takes precedence (RFC 9110 §13.2.1).
      if (!version.exists) return;
      if (current.etag !== undefined) this.setHeader('Etag', current.etag);
      if (current.lastModified !== undefined) this.setHeader('Last-Modified', current.lastModified);
    } else if (!isWriting(method)) return;
    this.#hasCheckedPreconditions = true;
    const result = isConditional ? evaluateConditions(method, headers, version) : 'perform';
    if (result === 'unchanged') {
      this.setStatus(304);
      this.#body.clear();
    }
    const end = endOf(result);
    if (end !== undefined) throw end;
  }

  /** Whether {@link ResponseBuilder.checkPreconditions} was called and applied to the method. @internal */
  get hasCheckedPreconditions(): boolean {
    return this.#hasCheckedPreconditions;
  }

  /**
   * Appends to the body. An object is written as JSON and sets Content-Type; a later `setHeader` can change the type.
   *
   * @throws {@link GaleError} `WEB_BODY` for an array (wrap it in an object) and for an object that JSON would lose, at any
   *   depth: a promise, a stream, an iterator, a Map, a Set, an Error, a Response. The message says what to write instead.
   */
  write(chunk: Chunk): void {
    if (this.#phase === 'finished' || this.#phase === 'upgraded') throw this.#tooLate('write');
    const isJson = this.#body.add(chunk);
    if (isJson && this.#phase === 'open') this.#fields = withField(this.#fields, jsonType);
  }

  /** Whether a part of the body waits to be sent. @internal */
  get hasWritten(): boolean {
    return !this.#body.isEmpty;
  }

  /** Whether Content-Type is the default, so that a returned value determines it. @internal */
  get hasDefaultType(): boolean {
    return this.#fields.includes(defaultType);
  }

  /**
   * Sends the head, if it is not sent yet, and the body so far.
   *
   * @returns Resolves when the socket has taken the data: await it for backpressure. Rejects if the client has left, and if a
   *   precondition of GET or HEAD decides the response: let that error end the verb, then 304 or 412 is sent. An unhandled
   *   rejection of it does not end the process.
   */
  flush(): Promise<void> {
    try {
      if (this.#phase === 'finished' || this.#phase === 'upgraded') throw this.#tooLate('flush');
      const body = this.#body.take();
      if (this.#phase === 'open') {
        const end = endOf(this.evaluatePreconditions());
        if (end !== undefined) return harmless(Promise.reject(end));
        this.#response.start(this.#status, this.headFields(), this.#reason);
        this.#phase = 'started';
      }
      // Returned directly: a derived promise would have its own unhandled rejection, which ends the process.
      return body.length > 0 ? this.#response.write(body) : settled;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Completes the response. Called automatically after the verb.
   *
   * @returns Resolves when the socket has taken the data. Rejects if the client has left; an unhandled rejection of it does
   *   not end the process.
   */
  finish(chunk?: Chunk): Promise<void> {
    if (this.#phase === 'finished' || this.#phase === 'upgraded') throw this.#tooLate('finish');
    if (chunk !== undefined) this.write(chunk);
    if (this.#phase === 'started') return harmless(this.#finishStarted());
    const body = this.#body.take();
    if (this.#status === 204 || this.#status === 205 || this.#status === 304) this.#dropBody(body);
    else if (isReading(this.request.method) && this.#status < 300) {
      if (this.#status === 200) this.#addEntityTag(body);
      const result = this.evaluatePreconditions();
      if (result === 'failed') {
        // The error page is not checked again, whatever status it sets.
        this.#hasCheckedPreconditions = true;
        return harmless(this.sendPreconditionFailed());
      }
      if (result === 'unchanged') {
        this.#status = 304;
        this.#reason = undefined;
        this.#dropBody('');
      }
    }
    // A `head` that wrote nothing does not know the length and the tag of the body of `get`.
    const omitsBody = this.#status === 304 || (body.length === 0 && this.request.method === 'HEAD');
    this.#response.send(this.#status, this.headFields(), omitsBody ? undefined : body, this.#reason);
    this.#phase = 'finished';
    this.afterFinish();
    return settled;
  }

  /**
   * Responds with a Location and no body.
   *
   * @param url - Read as browsers read it, relative to the URL of the request. Characters outside of ASCII are encoded, spaces
   *   at both ends are removed; where it leads does not change.
   * @param options - `permanent`: 301 instead of 302; `status`: another status from 300 to 399.
   * @throws {@link GaleError} `WEB_HEADER` if the URL is empty, has control characters, or cannot be followed; `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  redirect(url: string | URL, options: { readonly permanent?: boolean; readonly status?: number } = {}): Promise<void> {
    this.#assertHeadOpen('redirect');
    assertNames('redirect', options, ['permanent', 'status']);
    const { permanent } = readChoices(options, { permanent: [false, true] });
    const { status = permanent ? 301 : 302 } = options;
    if (!Number.isInteger(status) || status < 300 || status > 399) {
      const got = showValue(status);
      throw new GaleError('WEB_HEADER', `status of a redirect must be an integer from 300 to 399; got ${got}.`);
    }
    const location = toLocation(url);
    this.setStatus(status);
    this.setHeader('Location', location);
    this.#body.clear();
    return this.finish();
  }

  /**
   * Computes the ETag of a response to GET or HEAD with status 200 that has none and was not flushed.
   *
   * @returns The quoted tag. Override it to return `undefined` for responses without a tag.
   */
  computeEtag(body: string | Uint8Array): string | undefined {
    return entityTagOf(body);
  }

  /** Resets the connection, so that a response whose head was sent does not look complete. */
  abort(): void {
    this.#phase = 'finished';
    this.#response.destroy();
    this.afterFinish();
  }

  /** Called once, when the response is complete or aborted. */
  protected abstract afterFinish(): void;

  /** Sends the error page with status 412 instead of the response. */
  protected abstract sendPreconditionFailed(): Promise<void>;

  /**
   * Compares the preconditions of GET or HEAD with the ETag and Last-Modified of this response, unless it is an error, the
   * handler did so by `checkPreconditions`, or this was called before with the result `perform`.
   *
   * @returns `perform`: send the response; `unchanged`: send 304; `failed`: send 412.
   */
  protected evaluatePreconditions(): 'perform' | 'unchanged' | 'failed' {
    const { isConditional, method } = this.request;
    if (!isConditional || this.#hasCheckedPreconditions || this.#status > 299 || !isReading(method)) return 'perform';
    const result = evaluateResponse(this.request, this.#fields);
    if (result === 'perform') this.#hasCheckedPreconditions = true;
    return result;
  }

  /** The current header fields, cookies included. */
  protected headFields(): readonly HeaderField[] {
    if (this.#cookies === undefined) return this.#fields;
    return [...this.#fields, ...[...this.#cookies.values()].map((cookie) => ['Set-Cookie', cookie] as const)];
  }

  /** Ends the HTTP part of the connection: later calls that change or send the response throw. */
  protected beginUpgrade(): void {
    this.#assertHeadOpen('upgrade');
    this.#status = 101;
    this.#phase = 'upgraded';
  }

  async #finishStarted(): Promise<void> {
    const body = this.#body.take();
    this.#phase = 'finished';
    try {
      if (body.length > 0) await this.#response.write(body);
      await this.#response.end();
    } finally {
      this.afterFinish();
    }
  }

  /** Sets the ETag, if there is none and its body is known. */
  #addEntityTag(body: string | Uint8Array): void {
    if (findTag(this.#fields) !== undefined || (body.length === 0 && this.request.method === 'HEAD')) return;
    const tag = this.computeEtag(body);
    if (tag !== undefined) this.#fields = withFieldAdded(this.#fields, headerField('Etag', tag));
  }

  #dropBody(body: string | Uint8Array): void {
    if (body.length > 0) {
      throw new GaleError(
        'WEB_BODY',
        `A response with status ${this.#status} must have no body; got ${body.length} characters or bytes.`,
      );
    }
    this.#fields = withoutFields(this.#fields, contentNames);
  }

  #assertHeadOpen(method: string): void {
    if (this.#phase !== 'open') throw this.#tooLate(method);
  }

  #tooLate(method: string): GaleError {
    if (this.#phase === 'upgraded') {
      return new GaleError('WEB_UPGRADED', `${method}() was called after the upgrade to a WebSocket.`);
    }
    const state = this.#phase === 'finished' ? 'the response was finished' : 'flush() sent the head';
    return new GaleError('WEB_ANSWERED', `${method}() was called after ${state}.`);
  }
}

/** Unlike a field with the same text that a handler set. */
const defaultType: HeaderField = Object.freeze(['Content-Type', 'text/html; charset=UTF-8'] as const);
const defaultFields: readonly HeaderField[] = Object.freeze([defaultType]);
const contentNames = ['content-type', 'content-encoding', 'content-language', 'content-length'];
const jsonType: HeaderField = headerField('Content-Type', 'application/json; charset=UTF-8');
const settled: Promise<void> = Promise.resolve();

/** Marks rejections of the promise as handled. */
function harmless(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
