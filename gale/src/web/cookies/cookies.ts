/**
 * Reads the Cookie header and writes the Set-Cookie header (RFC 6265).
 * Reading accepts what browsers send, in linear time. Writing refuses values that could become another header or attribute.
 */
import { GaleError } from '../../errors.ts';
import { isTokenText, trimWhitespace } from '../../http/protocol/characters.ts';

/** Attributes of a cookie. A flag that is left out or false is not sent. */
export interface CookieOptions {
  /** The cookie is sent to this host and its subdomains. Left out: to the current host only. */
  readonly domain?: string;
  /** @defaultValue `/` */
  readonly path?: string;
  /** Expiry: a Date, or seconds since 1970. Takes precedence over `expiresDays`. Left out: the cookie ends with the browser's session. */
  readonly expires?: Date | number;
  /** Lifetime in days. */
  readonly expiresDays?: number | undefined;
  /** Lifetime in seconds. Browsers give it precedence over the other two. */
  readonly maxAge?: number;
  /** Hides the cookie from scripts. */
  readonly httpOnly?: boolean;
  /** Restricts the cookie to https. */
  readonly secure?: boolean;
  /** Whether browsers send the cookie with requests from other sites. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
}

/**
 * Reads a Cookie header. Ignores cookies without a valid name. If a name occurs more than once, the last value is used.
 * Removes the quotes of a quoted value.
 */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    const piece = header.slice(start, end);
    const equals = piece.indexOf('=');
    const name = trimWhitespace(piece.slice(0, Math.max(equals, 0)));
    if (isTokenText(name)) cookies.set(name, unquote(trimWhitespace(piece.slice(equals + 1))));
    start = end + 1;
  }
  return cookies;
}

/**
 * Writes the value of a Set-Cookie header, with the attributes in alphabetical order.
 *
 * @param now - Milliseconds since 1970, for `expiresDays`.
 * @throws {@link GaleError} `WEB_COOKIE` if the name, the value or an attribute is not valid in a cookie.
 */
export function formatCookie(
  name: string,
  value: string,
  options: CookieOptions = {},
  now: number = Date.now(),
): string {
  if (!isTokenText(name)) throw invalidCookie(name, `name must be a token; got ${JSON.stringify(name)}`);
  if (/[^!-~\x80-\xff]/.test(value)) {
    throw invalidCookie(
      name,
      'value must not have spaces, control characters or characters over U+00FF; encode it first',
    );
  }
  const { domain, path = '/', maxAge, httpOnly = false, secure = false, sameSite } = options;
  let text = `${name}=${quote(value)}`;
  if (domain !== undefined) text += `; Domain=${attribute(name, 'domain', domain)}`;
  const expires = expiryOf(options, now);
  if (expires !== undefined) {
    if (Number.isNaN(expires.getTime())) throw invalidCookie(name, 'expires must be a valid date');
    text += `; Expires=${expires.toUTCString()}`;
  }
  if (httpOnly) text += '; HttpOnly';
  if (maxAge !== undefined) {
    if (!Number.isSafeInteger(maxAge)) throw invalidCookie(name, `maxAge must be an integer; got ${maxAge}`);
    text += `; Max-Age=${maxAge}`;
  }
  text += `; Path=${attribute(name, 'path', path)}`;
  if (sameSite !== undefined) text += `; SameSite=${attribute(name, 'sameSite', sameSite)}`;
  if (secure) text += '; Secure';
  return text;
}

function invalidCookie(name: string, reason: string): GaleError {
  return new GaleError('WEB_COOKIE', `Cookie ${JSON.stringify(name)} cannot be set: ${reason}.`);
}

function attribute(name: string, what: string, value: string): string {
  if (/[^!-:<-~]/.test(value))
    throw invalidCookie(
      name,
      `${what} must not have spaces, semicolons or control characters; got ${JSON.stringify(value)}`,
    );
  return value;
}

function expiryOf({ expires, expiresDays }: CookieOptions, now: number): Date | undefined {
  if (typeof expires === 'number') return new Date(expires * 1000);
  if (expires !== undefined) return expires;
  return expiresDays === undefined ? undefined : new Date(now + expiresDays * 86_400_000);
}

/** Quotes a value that is empty or has characters that RFC 6265 §4.1.1 excludes. */
function quote(value: string): string {
  if (value !== '' && !/[",;\\\x80-\xff]/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&').replace(/[,;\x80-\xff]/g, octal)}"`;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const inner = value.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  return inner.replace(/\\(?:([0-3][0-7][0-7])|([^]))/g, (_, octal: string | undefined, other: string) =>
    octal === undefined ? other : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
