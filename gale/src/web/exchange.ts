/**
 * The request of a handler: arguments, cookies, signed cookies and the XSRF token. Abstract, between
 * {@link ResponseBuilder} and {@link RequestHandler}.
 */
import { GaleError } from '../errors.ts';
import type { HttpRequest } from '../http/request.ts';
import type { HttpResponse } from '../http/response.ts';
import { showValue } from '../run/given-options.ts';
import { ResponseBuilder } from './response-builder.ts';
import { Arguments, decodeValue, resolveArgumentOptions, tidyValue, type ArgumentOptions } from './arguments.ts';
import { needsSecure, parseCookies, withDefaults, type CookieOptions } from './cookies/cookies.ts';
import { xhtmlEscape } from './escape.ts';
import { HttpError, MissingArgumentError } from './http-error.ts';
import type { ResolvedHandlerSettings } from './handler-settings.ts';
import {
  checkVerifyOptions,
  createSignedValue,
  readSignedValue,
  signingKeyVersion,
  type CookieSecret,
} from './cookies/signed-value.ts';
import {
  bindXsrfToken,
  createXsrfToken,
  isSameToken,
  maskXsrfToken,
  readXsrfToken,
  type XsrfToken,
} from './cookies/xsrf.ts';
import { nameXsrfCookie, type XsrfCookieNames } from './cookies/xsrf-cookie.ts';
import { describeCrossSite } from './cross-site.ts';

/** A request and its response. */
export abstract class Exchange extends ResponseBuilder {
  /** Settings of the application with every default filled in. */
  readonly settings: ResolvedHandlerSettings;
  #query: Arguments | undefined;
  #form: Arguments | undefined;
  #body: Promise<Buffer> | undefined;
  #cookies: Map<string, string> | undefined;
  #xsrfRandom: XsrfToken | undefined;
  #xsrfBinding: string | undefined;
  #xsrfText: string | undefined;

  constructor(settings: ResolvedHandlerSettings, request: HttpRequest, response: HttpResponse) {
    super(request, response);
    this.settings = settings;
  }

  /**
   * Define it to decode arguments in another encoding than UTF-8. Undefined by default.
   *
   * @throws {@link HttpError} 400 if the bytes are not valid.
   */
  decodeArgument?(value: Uint8Array, name: string): string;

  /**
   * Returns the last value of an argument. The form takes precedence over the query.
   * Control characters become spaces.
   *
   * @param fallback - Result for a missing argument. Left out: {@link MissingArgumentError}, 400.
   * @throws {@link HttpError} 400 if the value is not UTF-8.
   */
  getArgument(name: string): string;
  getArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.#form?.last(name) ?? this.#queryArguments().last(name), rest);
  }

  /** All values of an argument, first those of the query, then those of the form. Empty if it is missing. */
  getArguments(name: string, options?: ArgumentOptions): string[] {
    return [...this.getQueryArguments(name, options), ...this.getBodyArguments(name, options)];
  }

  /** Like {@link Exchange.getArgument}, but reads the query only. */
  getQueryArgument(name: string): string;
  getQueryArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getQueryArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.#queryArguments().last(name), rest);
  }

  /** Like {@link Exchange.getArguments}, but reads the query only. */
  getQueryArguments(name: string, options?: ArgumentOptions): string[] {
    const resolved = resolveArgumentOptions(options);
    const values = this.#queryArguments().all(name);
    return values.map((value) => this.#decode(value, name, resolved));
  }

  /** Like {@link Exchange.getArgument}, but reads the form only. */
  getBodyArgument(name: string): string;
  getBodyArgument<Fallback>(name: string, fallback: Fallback, options?: ArgumentOptions): string | Fallback;
  getBodyArgument(name: string, ...rest: [fallback?: unknown, options?: ArgumentOptions]): unknown {
    return this.#pick(name, this.#form?.last(name), rest);
  }

  /** Like {@link Exchange.getArguments}, but reads the form only. */
  getBodyArguments(name: string, options?: ArgumentOptions): string[] {
    const resolved = resolveArgumentOptions(options);
    return (this.#form?.all(name) ?? []).map((value) => this.#decode(value, name, resolved));
  }

  /**
   * Reads the whole body. Unlike `request.body` it can be called more than once, also after a form was parsed. Not for
   * handlers with `onData`, which receive the body in parts.
   */
  readBody(): Promise<Buffer> {
    this.#body ??= this.request.body.bytes();
    return this.#body;
  }

  /** Parses an urlencoded form; other bodies are not read. Called before `prepare`. */
  async readForm(): Promise<void> {
    const { headers, body } = this.request;
    const type = headers.get('content-type');
    if (type === undefined || !/^application\/x-www-form-urlencoded[\t ]*(?:;|$)/i.test(type)) return;
    if (headers.has('content-encoding'))
      throw new HttpError(415, 'A form has a Content-Encoding, which is not supported');
    body.setMaxBytes(this.settings.maxFormBytes);
    const bytes = await this.readBody();
    this.#form = new Arguments();
    this.#form.add(bytes.toString('latin1'), this.settings.maxArguments);
  }

  /** Value of a request cookie. */
  getCookie(name: string): string | undefined;
  getCookie(name: string, fallback: string): string;
  getCookie(name: string, fallback?: string): string | undefined {
    this.#cookies ??= parseCookies(this.request.headers.get('cookie') ?? '');
    return this.#cookies.get(name) ?? fallback;
  }

  /** Names of all request cookies. */
  getCookieNames(): string[] {
    this.getCookie('');
    return [...(this.#cookies?.keys() ?? [])];
  }

  /**
   * Sets a cookie that the client can read but not change. By default it is HttpOnly, SameSite=Lax, Secure if the request
   * came over https or the name has `__Host-` or `__Secure-`, and expires after 30 days.
   *
   * @param options - With `expiresDays: undefined` the cookie ends with the browser's session.
   * @throws {@link GaleError} `WEB_SECRET` without the setting `cookieSecret`; else as `setCookie`.
   */
  setSignedCookie(name: string, value: string | Uint8Array, options: CookieOptions = {}): void {
    const signed = createSignedValue(
      this.#secret(),
      name,
      value,
      this.settings.keyVersion === undefined ? {} : { keyVersion: this.settings.keyVersion },
    );
    const secure = this.request.protocol === 'https' || needsSecure(name);
    const safe = withDefaults(options, { httpOnly: true, sameSite: 'Lax', secure });
    this.setCookie(name, signed, 'expiresDays' in options ? safe : { ...safe, expiresDays: 30 });
  }

  /**
   * Reads a signed cookie.
   *
   * @param options - `maxAgeDays`: maximum age from 0 to 36 500, 31 by default, independent of the expiry of the cookie.
   * @throws {@link GaleError} `OPTION_VALUE` for a wrong age; `WEB_SECRET` without the setting `cookieSecret`.
   * @returns The value as UTF-8 text; `undefined` if it is missing, forged or too old.
   */
  getSignedCookie(name: string, options: { readonly maxAgeDays?: number } = {}): string | undefined {
    return this.getSignedCookieBytes(name, options)?.toString('utf8');
  }

  /** Like {@link Exchange.getSignedCookie}, for binary values. */
  getSignedCookieBytes(name: string, options: { readonly maxAgeDays?: number } = {}): Buffer | undefined {
    checkVerifyOptions(options);
    const secret = this.#secret();
    const signed = this.getCookie(name);
    return signed === undefined ? undefined : readSignedValue(secret, name, signed, options);
  }

  /** Key version that a signed cookie claims; not verified. */
  getSignedCookieKeyVersion(name: string): number | undefined {
    const signed = this.getCookie(name);
    return signed === undefined ? undefined : signingKeyVersion(signed);
  }

  /**
   * XSRF token of the client, masked for this request and bound to {@link Exchange.xsrfBinding}. Reading it sets the cookie if the
   * request has none. Over https the name of the cookie begins with `__Host-`.
   */
  get xsrfToken(): string {
    const binding = this.#binding();
    if (this.#xsrfText === undefined || this.#xsrfBinding !== binding) {
      this.#xsrfRandom ??= this.#readyXsrfCookie();
      this.#xsrfBinding = binding;
      this.#xsrfText = maskXsrfToken(bindXsrfToken(this.#xsrfRandom, binding, this.#xsrfSecrets()[0] ?? ''));
    }
    return this.#xsrfText;
  }

  /**
   * Override to bind XSRF tokens to a text, such as the id of the session: a form of one session is then refused in another. By
   * default they are not bound.
   *
   * {@link RequestHandler.currentUser} is known when it is called, except for the error page of a request that failed before. If a response begins a session, return its id from then on: pages
   * are bound to the session that the browser has after the response. The cookie alone is then no valid token; scripts need
   * {@link Exchange.xsrfToken} from the page.
   *
   * @returns Any text, at best secret; `undefined` or an empty text for none.
   */
  xsrfBinding(): string | undefined {
    return undefined;
  }

  /** Hidden form field with the token. In a template: `{% raw xsrfFormHtml() %}`. */
  xsrfFormHtml(): string {
    return `<input type="hidden" name="_xsrf" value="${xhtmlEscape(this.xsrfToken)}"/>`;
  }

  /**
   * Refuses a request that a page of another site sent, by `Sec-Fetch-Site` and `Origin`. Pages of this site and of the setting
   * `allowedOrigins` may send it. Then compares the token of the argument `_xsrf`, or of the header X-Xsrftoken or X-Csrftoken, with
   * the token of the cookie. Called before `prepare` for all methods except GET, HEAD and OPTIONS. Override it with an empty method
   * to exempt a handler.
   *
   * @throws {@link HttpError} 403
   */
  checkXsrfCookie(): void {
    const { headers } = this.request;
    const crossSite = describeCrossSite(this.request, this.settings.allowedOrigins);
    if (crossSite !== undefined) throw new HttpError(403, crossSite);
    const sent = this.getArgument('_xsrf', '') || (headers.get('x-xsrftoken') ?? headers.get('x-csrftoken') ?? '');
    if (sent === '') throw new HttpError(403, `'_xsrf' argument missing from ${this.request.method}`);
    const token = readXsrfToken(sent);
    if (token === undefined) throw new HttpError(403, "'_xsrf' argument has invalid format");
    const expected = this.#xsrfCookie();
    const binding = this.#binding();
    const isValid =
      expected !== undefined &&
      this.#xsrfSecrets().some((secret) => isSameToken(token, bindXsrfToken(expected, binding, secret)));
    if (!isValid) throw new HttpError(403, 'XSRF cookie does not match the argument');
  }

  /** Whether there is a signed-in user. */
  protected abstract isKnownUser(): boolean;

  #binding(): string {
    const binding: unknown = this.xsrfBinding() ?? '';
    if (typeof binding === 'string') return binding;
    throw new GaleError('WEB_HANDLER', `xsrfBinding() must return a string or undefined; got ${showValue(binding)}.`);
  }

  /** Reads the cookie of the request, or sets a new one. Tokens of open pages stay valid if the name of the cookie changes. */
  #readyXsrfCookie(): XsrfToken {
    const { current } = this.#xsrfNames();
    const known = this.#xsrfCookie();
    const token = known ?? createXsrfToken();
    if (known === undefined || this.getCookie(current) === undefined) {
      const days = this.isKnownUser() ? { expiresDays: 30 } : {};
      this.setCookie(current, maskXsrfToken(token), { ...days, ...this.#xsrfOptions() });
    }
    return token;
  }

  #xsrfCookie(): XsrfToken | undefined {
    const { current, former } = this.#xsrfNames();
    const text = this.getCookie(current) ?? (former === undefined ? undefined : this.getCookie(former));
    return readXsrfToken(text ?? '');
  }

  #xsrfNames(): XsrfCookieNames {
    return nameXsrfCookie(this.settings.xsrfCookieName, this.#xsrfOptions());
  }

  #xsrfOptions(): CookieOptions {
    const { xsrfCookieName, xsrfCookieOptions } = this.settings;
    const secure = this.request.protocol === 'https' || needsSecure(xsrfCookieName);
    return withDefaults(xsrfCookieOptions ?? {}, { sameSite: 'Lax', secure });
  }

  /** The secrets that bind tokens, first the one that signs. One empty text if there are none. */
  #xsrfSecrets(): readonly string[] {
    const { cookieSecret = '', keyVersion = 0 } = this.settings;
    if (typeof cookieSecret === 'string') return [cookieSecret];
    return [cookieSecret[keyVersion] ?? '', ...Object.values(cookieSecret)];
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
    const options = resolveArgumentOptions(rest[1]);
    if (value !== undefined) return this.#decode(value, name, options);
    if (rest.length === 0) throw new MissingArgumentError(name);
    return rest[0];
  }

  #decode(value: string, name: string, options: Required<ArgumentOptions>): string {
    const decode = this.decodeArgument;
    const text = decodeValue(value, name, decode && ((bytes) => decode.call(this, bytes, name)));
    return tidyValue(text, options);
  }
}
