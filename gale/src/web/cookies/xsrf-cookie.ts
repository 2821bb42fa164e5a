/**
 * The name of the XSRF cookie. Over https it begins with `__Host-`: browsers accept such a cookie only from this host over https, so
 * that neither another host of the domain nor an attacker in the network can set it (RFC 6265bis §4.1.3.2).
 */
import { needsSecure, type CookieOptions } from './cookies.ts';

/** The names under which a request may have the cookie. */
export interface XsrfCookieNames {
  /** The name that is set, and read first. */
  readonly current: string;
  /** The name that versions before `__Host-` set; read if there is no cookie of the current name. */
  readonly former: string | undefined;
}

/** How long the former name is read, after the start of the process: pages that were open at an update stay valid. */
const formerNameMs = 86_400_000;
const startedAt = Date.now();

/**
 * Names the cookie.
 *
 * @param name - The setting `xsrfCookieName`. A name with a prefix is used as it is.
 * @param options - The attributes of the cookie. The prefix needs Secure, no domain and the path `/`.
 */
export function nameXsrfCookie(name: string, options: CookieOptions): XsrfCookieNames {
  const { domain, path = '/', secure = false } = options;
  if (!secure || domain !== undefined || path !== '/' || needsSecure(name)) return { current: name, former: undefined };
  const isFormerRead = Date.now() - startedAt < formerNameMs;
  return { current: `__Host-${name}`, former: isFormerRead ? name : undefined };
}
