/**
 * The head of a response until it is sent: status, headers and cookies. Abstract; response-builder.ts adds the body and sends
 * both.
 */
import { GaleError } from '../errors.ts';
import { reasonPhrase } from '../http/protocol/status.ts';
import { showValue } from '../run/given-options.ts';
import { deletingOptions, formatCookie, type CookieOptions } from './cookies/cookies.ts';
import {
  findField,
  headerField,
  isReason,
  withField,
  withFieldAdded,
  withoutField,
  type HeaderField,
  type HeaderValue,
} from './header-fields.ts';

/** The head of a response and the methods that build it. */
export abstract class HeadBuilder {
  #status = 200;
  #reason: string | undefined;
  #fields: readonly HeaderField[] = defaultFields;
  #cookies: Map<string, string> | undefined;

  /**
   * Sets the status.
   *
   * @param reason - Reason phrase, Latin-1 without control characters and `<`, `>`, `&`. Another one is not sent, but logged as a warning.
   * Left out: the phrase of RFC 9110.
   */
  setStatus(status: number, reason?: string): void {
    this.assertHeadOpen('setStatus');
    if (!Number.isInteger(status) || status < 200 || status > 599) {
      throw new GaleError('WEB_HEADER', `status must be an integer from 200 to 599; got ${showValue(status)}.`);
    }
    this.#status = status;
    this.#reason = undefined;
    if (reason === undefined) return;
    if (typeof reason === 'string' && isReason(reason)) this.#reason = reason;
    else this.warnReason(reason);
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
    this.assertHeadOpen('setHeader');
    this.#fields = withField(this.#fields, headerField(name, value));
  }

  /** Adds a header and keeps those of the same name. */
  addHeader(name: string, value: HeaderValue): void {
    this.assertHeadOpen('addHeader');
    this.#fields = withFieldAdded(this.#fields, headerField(name, value));
  }

  /** Removes a header. Does nothing if it is not set. */
  clearHeader(name: string): void {
    this.assertHeadOpen('clearHeader');
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
    this.assertHeadOpen('setCookie');
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

  /** Whether Content-Type is the default, so that a returned value determines it. @internal */
  get hasDefaultType(): boolean {
    return this.#fields.includes(defaultType);
  }

  /** @throws {@link GaleError} `WEB_RESPONDED` or `WEB_UPGRADED` if the head was sent. */
  protected abstract assertHeadOpen(method: string): void;

  /** The headers without the cookies. @internal */
  protected get responseFields(): readonly HeaderField[] {
    return this.#fields;
  }

  protected set responseFields(fields: readonly HeaderField[]) {
    this.#fields = fields;
  }

  /** Logs a reason phrase that cannot be sent. @internal */
  protected abstract warnReason(reason: string): void;

  /** Reason phrase that was set. @internal */
  protected get responseReason(): string | undefined {
    return this.#reason;
  }

  /** Sets any status, 101 included, with its own reason phrase. @internal */
  protected replaceStatus(status: number): void {
    this.#status = status;
    this.#reason = undefined;
  }

  /** The current header fields, cookies included. */
  protected headFields(): readonly HeaderField[] {
    if (this.#cookies === undefined) return this.#fields;
    return [...this.#fields, ...[...this.#cookies.values()].map((cookie) => ['Set-Cookie', cookie] as const)];
  }
}

/** Unlike a field with the same text that a handler set. */
const defaultType: HeaderField = Object.freeze(['Content-Type', 'text/html; charset=UTF-8'] as const);
/** The headers of a new response. */
export const defaultFields: readonly HeaderField[] = Object.freeze([defaultType]);
