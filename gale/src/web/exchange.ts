/**
 * The reading half of a handler: arguments, cookies, signed cookies and the XSRF token of the request.
 * It stands between {@link ResponseBuilder} and {@link RequestHandler}; nobody makes one by itself.
 */
import { GaleError } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { ResponseBuilder } from './response-builder.ts';
import { Arguments, decodeValue, tidyValue, type ArgumentOptions } from './arguments.ts';
import { parseCookies, type CookieOptions } from './cookies/cookies.ts';
import { xhtmlEscape } from './escape.ts';
import { HttpError, MissingArgumentError } from './http-error.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import { createSignedValue, readSignedValue, signingKeyVersion, type CookieSecret } from './cookies/signed-value.ts';
import { createXsrfToken, isSameToken, maskXsrfToken, readXsrfToken, type XsrfToken } from './cookies/xsrf.ts';

/** A request and its answer. */
export abstract class Exchange extends ResponseBuilder {
  /** Settings of the application, defaults filled in. */
  readonly settings: ResolvedHandlerSettings;
  #query: Arguments | undefined;
  #form: Arguments | undefined;
  #body: Promise<Buffer> | undefined;
  #cookies: Map<string, string> | undefined;
  #xsrfText: string | undefined;

  constructor(settings: ResolvedHandlerSettings, request: HttpRequest, response: HttpResponse) {
    super(request, response);
    this.settings = settings;
  }

  /**
   * Turns the bytes of an argument into text, for forms that are not UTF-8. Not defined unless a handler defines it.
   *
   * @throws {@link HttpError} 400 if they are none.
   */
  decodeArgument?(value: Uint8Array, name: string): string;

  /**
   * Reads one argument of the query or the form; of several values the last, a form's before a query's.
   * Control characters become blanks.
   *
   * @param fallback - For an argument that was not sent. Left out: that is a {@link MissingArgumentError}, 400.
   * @throws {@link HttpError} 400 if the value is not UTF-8.
   */
  getArgument(name: string): string;
  getArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.#form?.last(name) ?? this.#queryArguments().last(name), rest);
  }

  /** Reads all values of an argument, a query's before a form's; empty if it was not sent. */
  getArguments(name: string, options?: ArgumentOptions): string[] {
    return [...this.getQueryArguments(name, options), ...this.getBodyArguments(name, options)];
  }

  /** As {@link Exchange.getArgument}, from the query only. */
  getQueryArgument(name: string): string;
  getQueryArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getQueryArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.#queryArguments().last(name), rest);
  }

  /** As {@link Exchange.getArguments}, from the query only. */
  getQueryArguments(name: string, options?: ArgumentOptions): string[] {
    return this.#queryArguments()
      .all(name)
      .map((value) => this.#decode(value, name, options));
  }

  /** As {@link Exchange.getArgument}, from the form only. */
  getBodyArgument(name: string): string;
  getBodyArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getBodyArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.#form?.last(name), rest);
  }

  /** As {@link Exchange.getArguments}, from the form only. */
  getBodyArguments(name: string, options?: ArgumentOptions): string[] {
    return (this.#form?.all(name) ?? []).map((value) => this.#decode(value, name, options));
  }

  /**
   * The whole body. May be called more than once, also after a form was read; `request.body` can be read only once. Not for handlers
   * with `onData`, which got it already.
   */
  readBody(): Promise<Buffer> {
    this.#body ??= this.request.body.bytes();
    return this.#body;
  }

  /** Reads an urlencoded form into arguments; other bodies stay unread. Called before `prepare`. */
  async readForm(): Promise<void> {
    const { headers, body } = this.request;
    const type = headers.get('content-type');
    if (type === undefined || !/^application\/x-www-form-urlencoded\s*(?:;|$)/i.test(type)) return;
    if (headers.has('content-encoding')) throw new HttpError(415, 'A form with a Content-Encoding is not read');
    body.setMaxBytes(this.settings.maxFormBytes);
    const bytes = await this.readBody();
    this.#form = new Arguments();
    this.#form.add(bytes.toString('latin1'), this.settings.maxArguments);
  }

  /** Value of a cookie of the request. */
  getCookie(name: string): string | undefined;
  getCookie(name: string, fallback: string): string;
  getCookie(name: string, fallback?: string): string | undefined {
    this.#cookies ??= parseCookies(this.request.headers.get('cookie') ?? '');
    return this.#cookies.get(name) ?? fallback;
  }

  /** Names of all cookies of the request. */
  getCookieNames(): string[] {
    this.getCookie('');
    return [...(this.#cookies?.keys() ?? [])];
  }

  /**
   * Sets a cookie that the client can read but not change. Unlike `setCookie` it is by default HttpOnly and SameSite=Lax,
   * Secure if the request came over https, and stays for 30 days.
   *
   * @param options - `expiresDays: undefined` makes it end with the browser's session.
   * @throws {@link GaleError} `WEB_SECRET` without the setting `cookieSecret`.
   */
  setSignedCookie(name: string, value: string | Uint8Array, options: CookieOptions = {}): void {
    const signed = createSignedValue(
      this.#secret(),
      name,
      value,
      this.settings.keyVersion === undefined ? {} : { keyVersion: this.settings.keyVersion },
    );
    const safe: CookieOptions = { httpOnly: true, sameSite: 'Lax', secure: this.request.protocol === 'https' };
    this.setCookie(name, signed, { ...safe, expiresDays: 30, ...options });
  }

  /**
   * Reads a signed cookie.
   *
   * @param options - `maxAgeDays`: oldest accepted, 31 by default, whatever the browser was told.
   * @returns The value as UTF-8 text; `undefined` if it is absent, forged or too old.
   */
  getSignedCookie(name: string, options: { readonly maxAgeDays?: number } = {}): string | undefined {
    return this.getSignedCookieBytes(name, options)?.toString('utf8');
  }

  /** As {@link Exchange.getSignedCookie}, for values that are not text. */
  getSignedCookieBytes(name: string, options: { readonly maxAgeDays?: number } = {}): Buffer | undefined {
    const secret = this.#secret();
    const signed = this.getCookie(name);
    return signed === undefined ? undefined : readSignedValue(secret, name, signed, options);
  }

  /** Which key a signed cookie says it was signed with; not verified. */
  getSignedCookieKeyVersion(name: string): number | undefined {
    const signed = this.getCookie(name);
    return signed === undefined ? undefined : signingKeyVersion(signed);
  }

  /** The visitor's XSRF token, masked for this request. Reading it sets the cookie if there is none yet. */
  get xsrfToken(): string {
    if (this.#xsrfText === undefined) {
      const { xsrfCookieName, xsrfCookieOptions } = this.settings;
      const known = this.#xsrfCookie();
      const token = known ?? createXsrfToken();
      this.#xsrfText = maskXsrfToken(token);
      if (known === undefined) {
        const safe: CookieOptions = { sameSite: 'Lax', secure: this.request.protocol === 'https' };
        const days = this.isKnownUser() ? { expiresDays: 30 } : {};
        this.setCookie(xsrfCookieName, this.#xsrfText, { ...safe, ...days, ...xsrfCookieOptions });
      }
    }
    return this.#xsrfText;
  }

  /** The hidden field with the token; in a template, `{% raw xsrfFormHtml() %}`. */
  xsrfFormHtml(): string {
    return `<input type="hidden" name="_xsrf" value="${xhtmlEscape(this.xsrfToken)}"/>`;
  }

  /**
   * Compares the token of the argument `_xsrf`, or of the header X-Xsrftoken or X-Csrftoken, with the cookie's. Called before
   * `prepare` for all methods but GET, HEAD and OPTIONS; override it with nothing to exempt a handler.
   *
   * @throws {@link HttpError} 403
   */
  checkXsrfCookie(): void {
    const { headers } = this.request;
    const sent = this.getArgument('_xsrf', '') || (headers.get('x-xsrftoken') ?? headers.get('x-csrftoken') ?? '');
    if (sent === '') throw new HttpError(403, `'_xsrf' argument missing from ${this.request.method}`);
    const token = readXsrfToken(sent);
    if (token === undefined) throw new HttpError(403, "'_xsrf' argument has invalid format");
    const expected = this.#xsrfCookie();
    if (expected === undefined || !isSameToken(token, expected)) {
      throw new HttpError(403, 'XSRF cookie does not match the argument');
    }
  }

  /** Whether the current user is already known to be somebody. */
  protected abstract isKnownUser(): boolean;

  #xsrfCookie(): XsrfToken | undefined {
    return readXsrfToken(this.getCookie(this.settings.xsrfCookieName, ''));
  }

  #secret(): CookieSecret {
    const { cookieSecret } = this.settings;
    if (cookieSecret === undefined) {
      throw new GaleError('WEB_SECRET', 'Signed cookies need the setting cookieSecret.');
    }
    return cookieSecret;
  }

  #queryArguments(): Arguments {
    if (this.#query === undefined) {
      this.#query = new Arguments();
      this.#query.add(this.request.query, this.settings.maxArguments);
    }
    return this.#query;
  }

  #pick(name: string, value: string | undefined, rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    if (value !== undefined) return this.#decode(value, name, rest[1]);
    if (rest.length === 0) throw new MissingArgumentError(name);
    return rest[0];
  }

  #decode(value: string, name: string, options: ArgumentOptions | undefined): string {
    const decode = this.decodeArgument;
    const text = decodeValue(value, name, decode && ((bytes) => decode.call(this, bytes, name)));
    return tidyValue(text, options);
  }
}
