/**
 * The cookies of a request and its response, plain and signed. Abstract, between {@link ResponseBuilder} and {@link Exchange}.
 */
import { GaleError } from '../../errors.ts';
import { stateOf } from '../head-builder.ts';
import type { ResolvedHandlerSettings } from '../handler-settings.ts';
import { ResponseBuilder } from '../response-builder.ts';
import { needsSecure, withDefaults, type CookieOptions } from './cookies.ts';
import {
  createSignedValue,
  readSignedValue,
  signingKeyVersion,
  type CookieSecret,
  type VerifyOptions,
} from './signed-value.ts';

/** A request with cookies, and its response. */
export abstract class CookieExchange extends ResponseBuilder {
  /** Value of a request cookie. */
  getCookie(name: string): string | undefined;
  getCookie(name: string, fallback: string): string;
  getCookie(name: string, fallback?: string): string | undefined {
    return stateOf(this).read.cookies.get(name) ?? fallback;
  }

  /** Names of all request cookies. */
  getCookieNames(): string[] {
    return [...stateOf(this).read.cookies.keys()];
  }

  /**
   * Sets a cookie that the client can read but not change. By default it is HttpOnly, SameSite=Lax, Secure if the request
   * came over https or the name has `__Host-` or `__Secure-`, and expires after 30 days.
   *
   * @param options - With `expiresDays: undefined` the cookie ends with the browser's session.
   * @throws {@link GaleError} `WEB_SECRET` without the setting `cookieSecret`; else as `setCookie`.
   */
  setSignedCookie(name: string, value: string | Uint8Array, options: CookieOptions = {}): void {
    const { keyVersion } = this.settings;
    const now = this.currentTime();
    const signed = createSignedValue(
      secretOf(this.settings),
      name,
      value,
      keyVersion === undefined ? { now } : { keyVersion, now },
    );
    const secure = this.request.protocol === 'https' || needsSecure(name);
    const safe = withDefaults(options, { httpOnly: true, sameSite: 'Lax', secure });
    this.setCookie(name, signed, 'expiresDays' in options ? safe : { ...safe, expiresDays: 30 });
  }

  /**
   * Reads a signed cookie.
   *
   * @param options - `maxAgeDays`: maximum age from 0 to 36 500, 31 by default, independent of the expiry of the cookie.
   *   `minVersion: 1` also reads cookies that an old Tornado signed.
   * @throws {@link GaleError} `OPTION_VALUE` for a wrong option; `WEB_SECRET` without the setting `cookieSecret`, or if it has several
   *   secrets and `minVersion` is 1.
   * @returns The value as UTF-8 text; `undefined` if it is missing, forged or too old.
   */
  getSignedCookie(name: string, options: Omit<VerifyOptions, 'now'> = {}): string | undefined {
    return this.getSignedCookieBytes(name, options)?.toString('utf8');
  }

  /** Like {@link CookieExchange.getSignedCookie}, for binary values. */
  getSignedCookieBytes(name: string, options: Omit<VerifyOptions, 'now'> = {}): Buffer | undefined {
    const text = this.getCookie(name) ?? '';
    return readSignedValue(secretOf(this.settings), name, text, { ...options, now: this.currentTime() });
  }

  /** Key version that a signed cookie claims; not verified. */
  getSignedCookieKeyVersion(name: string): number | undefined {
    const signed = this.getCookie(name);
    return signed === undefined ? undefined : signingKeyVersion(signed);
  }
}

function secretOf({ cookieSecret }: ResolvedHandlerSettings): CookieSecret {
  if (cookieSecret === undefined) {
    throw new GaleError('WEB_SECRET', 'Signed cookies need the setting cookieSecret.');
  }
  return cookieSecret;
}
