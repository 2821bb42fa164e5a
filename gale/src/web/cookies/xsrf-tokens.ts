/**
 * The XSRF token of one request: reads or sets its cookie, masks it for pages, and compares it with the token that a form sends.
 * xsrf.ts has the tokens themselves.
 */
import { GaleError } from '../../errors.ts';
import type { HttpRequest } from '../../http/request.ts';
import { showValue } from '../../run/given-options.ts';
import { describeCrossSite } from '../cross-site.ts';
import type { ResolvedHandlerSettings } from '../handler-settings.ts';
import { SiteRefusal } from '../client-fault.ts';
import type { HttpError } from '../http-error.ts';
import { needsSecure, withDefaults, type CookieOptions } from './cookies.ts';
import { nameXsrfCookie, type XsrfCookieNames } from './xsrf-cookie.ts';
import { bindXsrfToken, createXsrfToken, isSameToken, maskXsrfToken, readXsrfToken, type XsrfToken } from './xsrf.ts';

/** What the tokens need of the handler. */
export interface XsrfClient {
  readonly request: HttpRequest;
  readonly settings: ResolvedHandlerSettings;
  getArgument(name: string, fallback: string): string;
  getCookie(name: string): string | undefined;
  setCookie(name: string, value: string, options: CookieOptions): void;
  xsrfBinding(): string | undefined;
}

/** The token of one request. */
export class XsrfTokens {
  readonly #client: XsrfClient;
  #random: XsrfToken | undefined;
  #boundTo: string | undefined;
  #text: string | undefined;

  constructor(client: XsrfClient) {
    this.#client = client;
  }

  /**
   * The token, masked for this request. Sets the cookie if the request has none.
   *
   * @param isKnownUser - Whether a user is signed in; the cookie then lives for 30 days.
   */
  text(isKnownUser: () => boolean): string {
    const binding = this.#binding();
    if (this.#text === undefined || this.#boundTo !== binding) {
      this.#random ??= this.#readyCookie(isKnownUser);
      this.#boundTo = binding;
      this.#text = maskXsrfToken(bindXsrfToken(this.#random, binding, this.#secrets()[0] ?? ''));
    }
    return this.#text;
  }

  /** @throws {@link HttpError} 403 if a page of another site sent the request, or if its token is not the one of the cookie. */
  check(): void {
    const { request, settings } = this.#client;
    const { headers } = request;
    const crossSite = describeCrossSite(request, settings.allowedOrigins);
    if (crossSite !== undefined) {
      const detail = 'A page of another origin sent this request.';
      throw new SiteRefusal('other origin', crossSite, detail);
    }
    const sent =
      this.#client.getArgument('_xsrf', '') || (headers.get('x-xsrftoken') ?? headers.get('x-csrftoken') ?? '');
    if (sent === '') {
      const detail = 'The XSRF token is missing. Send it as the argument _xsrf, or in the header X-Xsrftoken.';
      throw refused(`'_xsrf' argument missing from ${request.method}`, detail);
    }
    const token = readXsrfToken(sent);
    if (token === undefined) throw refused("'_xsrf' argument has invalid format", 'The XSRF token is malformed.');
    const expected = this.#cookie();
    const binding = this.#binding();
    const isValid =
      expected !== undefined &&
      this.#secrets().some((secret) => isSameToken(token, bindXsrfToken(expected, binding, secret)));
    if (isValid) return;
    const detail = 'The XSRF token does not belong to this browser or session. Load the page again.';
    throw refused('XSRF cookie does not match the argument', detail);
  }

  #binding(): string {
    const binding: unknown = this.#client.xsrfBinding() ?? '';
    if (typeof binding === 'string') return binding;
    throw new GaleError('WEB_HANDLER', `xsrfBinding() must return a string or undefined; got ${showValue(binding)}.`);
  }

  /** Reads the cookie of the request, or sets a new one. Tokens of open pages stay valid if the name of the cookie changes. */
  #readyCookie(isKnownUser: () => boolean): XsrfToken {
    const { current } = this.#names();
    const known = this.#cookie();
    const token = known ?? createXsrfToken(this.#client.settings.now());
    if (known === undefined || this.#client.getCookie(current) === undefined) {
      const days = isKnownUser() ? { expiresDays: 30 } : {};
      this.#client.setCookie(current, maskXsrfToken(token), { ...days, ...this.#options() });
    }
    return token;
  }

  #cookie(): XsrfToken | undefined {
    const { current, former } = this.#names();
    const text = this.#client.getCookie(current) ?? (former === undefined ? undefined : this.#client.getCookie(former));
    return readXsrfToken(text ?? '');
  }

  #names(): XsrfCookieNames {
    return nameXsrfCookie(this.#client.settings.xsrfCookieName, this.#options());
  }

  #options(): CookieOptions {
    const { xsrfCookieName, xsrfCookieOptions } = this.#client.settings;
    const secure = this.#client.request.protocol === 'https' || needsSecure(xsrfCookieName);
    return withDefaults(xsrfCookieOptions ?? {}, { sameSite: 'Lax', secure });
  }

  /** The secrets that bind tokens, first the one that signs. One empty text if there are none. */
  #secrets(): readonly string[] {
    const { cookieSecret = '', keyVersion = 0 } = this.#client.settings;
    if (typeof cookieSecret === 'string') return [cookieSecret];
    return [cookieSecret[keyVersion] ?? '', ...Object.values(cookieSecret)];
  }
}

/**
 * @param why - For the log.
 * @param detail - For the client.
 */
function refused(why: string, detail: string): HttpError {
  return new SiteRefusal('xsrf token', why, detail);
}
