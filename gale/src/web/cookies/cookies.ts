/**
 * Reads the Cookie header and writes the Set-Cookie header (RFC 6265, and the rules of its successor that browsers apply).
 * Reading accepts what browsers send, in linear time. Writing refuses values that could become another header or attribute,
 * and cookies that every browser would drop without an error.
 */
import { isUtf8 } from 'node:buffer';
import { GaleError } from '../../errors.ts';
import { assertNames, assertString, readChoices, showValue } from '../../run/given-options.ts';
import { isTokenText, trimWhitespace } from '../../http/protocol/characters.ts';

/** Attributes of a cookie. A flag that is left out or false is not sent. */
export interface CookieOptions {
  /** The cookie is sent to this host and its subdomains. Left out: to the current host only. Not for names with `__Host-`. */
  readonly domain?: string;
  /** The cookie is sent to paths below this one. Must begin with `/`. @defaultValue `/` */
  readonly path?: string;
  /**
   * Expiry: a Date, or seconds since 1970 (not milliseconds), in the years 1601 to 9999. Takes precedence over `expiresDays`. Left
   * out: the cookie ends with the browser's session.
   */
  readonly expires?: Date | number;
  /** Lifetime in days. */
  readonly expiresDays?: number | undefined;
  /** Lifetime in seconds. Browsers give it precedence over the other two, and shorten all three to 400 days. */
  readonly maxAge?: number;
  /** Hides the cookie from scripts. */
  readonly httpOnly?: boolean;
  /** Restricts the cookie to https. Required for names with `__Host-` or `__Secure-` and for SameSite=None. */
  readonly secure?: boolean;
  /** Whether browsers send the cookie with requests from other sites. `None` requires `secure`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
}

/**
 * Reads a Cookie header. Ignores cookies without a valid name. If a name occurs more than once, the first value is used, since
 * browsers send the cookie with the longest path first (RFC 6265 §5.4). Removes spaces and tabs around names and values, and
 * the quotes of a quoted value.
 *
 * @param header - One character for each byte.
 * @returns Values by name. A value whose bytes are UTF-8 is decoded; another one has one character for each byte.
 * @throws {@link GaleError} `OPTION_VALUE` if `header` is not a string.
 */
export function parseCookies(header: string): Map<string, string> {
  assertString('header', header);
  const cookies = new Map<string, string>();
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    const piece = header.slice(start, end);
    const equals = piece.indexOf('=');
    const name = trimWhitespace(piece.slice(0, Math.max(equals, 0)));
    if (isTokenText(name) && !cookies.has(name)) {
      cookies.set(name, unquote(decodeBytes(trimWhitespace(piece.slice(equals + 1)))));
    }
    start = end + 1;
  }
  return cookies;
}

/**
 * Writes the value of a Set-Cookie header, with the attributes in alphabetical order.
 *
 * @param now - Milliseconds since 1970, for `expiresDays`.
 * @throws {@link GaleError} `WEB_COOKIE` if the name, the value or an attribute is not valid in a cookie, or if browsers would drop the
 *   cookie; `OPTION_UNKNOWN` for an unknown attribute, `OPTION_VALUE` for one of the wrong type.
 */
export function formatCookie(
  name: string,
  value: string,
  options: CookieOptions = {},
  now: number = Date.now(),
): string {
  assertNames('cookie', options, optionNames);
  for (const attributeName of ['domain', 'path', 'sameSite'] as const) {
    if (options[attributeName] !== undefined) assertString(attributeName, options[attributeName]);
  }
  const { httpOnly, secure } = readChoices(options, { httpOnly: [false, true], secure: [false, true] });
  if (!isTokenText(name)) throw invalidCookie(name, `name must be a token; got ${JSON.stringify(name)}`);
  if (typeof value !== 'string') throw invalidCookie(name, `value must be a string; got ${showValue(value)}`);
  if (/[^!-~\x80-\xff]/.test(value)) {
    throw invalidCookie(
      name,
      'value must not have spaces, control characters or characters over U+00FF; encode it first',
    );
  }
  const quoted = quote(value);
  if (name.length + quoted.length > maxPairBytes) {
    throw invalidCookie(
      name,
      `name and value must be at most ${maxPairBytes} bytes; got ${name.length + quoted.length}. Keep large data on the server`,
    );
  }
  const { domain, path = '/', maxAge, sameSite } = options;
  checkSecurity(name, options);
  let text = `${name}=${quoted}`;
  if (domain !== undefined) text += `; Domain=${attribute(name, 'domain', domain)}`;
  const expires = expiryOf(name, options, now);
  if (expires !== undefined) text += `; Expires=${expires}`;
  if (httpOnly) text += '; HttpOnly';
  if (maxAge !== undefined) {
    if (!Number.isSafeInteger(maxAge)) throw invalidCookie(name, `maxAge must be an integer; got ${showValue(maxAge)}`);
    text += `; Max-Age=${maxAge}`;
  }
  if (path !== '' && !path.startsWith('/')) {
    throw invalidCookie(name, `path must begin with a slash, or browsers ignore it; got ${JSON.stringify(path)}`);
  }
  text += `; Path=${attribute(name, 'path', path)}`;
  if (sameSite !== undefined) text += `; SameSite=${sameSite}`;
  if (secure) text += '; Secure';
  return text;
}

const optionNames = ['domain', 'path', 'expires', 'expiresDays', 'maxAge', 'httpOnly', 'secure', 'sameSite'];

/** Whether browsers accept a cookie of this name only with Secure. They compare the prefix in any case. */
export function needsSecure(name: string): boolean {
  return /^__(?:host|secure)-/i.test(name);
}

/** Larger cookies are dropped, and longer attributes ignored, by all browsers. */
const maxPairBytes = 4096;
const maxAttributeBytes = 1024;

/** Refuses combinations that browsers drop: RFC 6265bis §4.1.3 (prefixes), §5.7. */
function checkSecurity(name: string, { domain, path = '/', secure = false, sameSite }: CookieOptions): void {
  if (sameSite !== undefined && !/^(?:strict|lax|none)$/i.test(sameSite)) {
    throw invalidCookie(name, `sameSite must be Strict, Lax or None; got ${JSON.stringify(sameSite)}`);
  }
  if (!secure && needsSecure(name)) {
    throw invalidCookie(name, 'browsers drop a cookie of this name without Secure; set secure: true and use https');
  }
  if (/^__host-/i.test(name) && (domain !== undefined || path !== '/')) {
    const found = domain === undefined ? `path ${JSON.stringify(path)}` : `domain ${JSON.stringify(domain)}`;
    throw invalidCookie(
      name,
      `browsers drop a cookie of this name with a domain or a path other than /; got ${found}. Leave it out, or use __Secure-`,
    );
  }
  if (!secure && sameSite?.toLowerCase() === 'none') {
    throw invalidCookie(
      name,
      'browsers drop a cookie with SameSite=None without Secure; set secure: true and use https',
    );
  }
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
  if (value.length > maxAttributeBytes) {
    throw invalidCookie(name, `${what} must be at most ${maxAttributeBytes} bytes; got ${value.length}`);
  }
  return value;
}

function expiryOf(name: string, { expires, expiresDays }: CookieOptions, now: number): string | undefined {
  if (expires === undefined && expiresDays === undefined) return undefined;
  const date =
    expires instanceof Date
      ? expires
      : new Date(expires === undefined ? now + numberOf(expiresDays) * 86_400_000 : numberOf(expires) * 1000);
  const year = date.getUTCFullYear();
  // Cookie dates have no other years (RFC 6265 §5.1.1). Browsers differ in what they do with them.
  if (year >= 1601 && year <= 9999) return date.toUTCString();
  const found = expires instanceof Date ? (Number.isNaN(year) ? 'an invalid date' : `year ${year}`) : undefined;
  throw invalidCookie(
    name,
    expires === undefined
      ? `expiresDays must lead to a year from 1601 to 9999; got ${showValue(expiresDays)}`
      : `expires must be a date, or seconds (not milliseconds) since 1970, with a year from 1601 to 9999; got ${found ?? showValue(expires)}`,
  );
}

/** NaN for text, although JavaScript would calculate with it. */
function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/** Quotes a value that is empty or has characters that RFC 6265 §4.1.1 excludes. */
function quote(value: string): string {
  if (value !== '' && !/[",;\\\x80-\xff]/.test(value)) return value;
  return `"${value.replace(/["\\]/g, '\\$&').replace(/[,;\x80-\xff]/g, octal)}"`;
}

function octal(character: string): string {
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}

/** Decodes a value whose bytes are UTF-8. */
function decodeBytes(value: string): string {
  if (!/[\x80-\xff]/.test(value)) return value;
  const bytes = Buffer.from(value, 'latin1');
  return isUtf8(bytes) ? bytes.toString('utf8') : value;
}

function unquote(value: string): string {
  if (value.length < 2 || !value.startsWith('"') || !value.endsWith('"')) return value;
  const inner = value.slice(1, -1);
  if (!inner.includes('\\')) return inner;
  return inner.replace(/\\(?:([0-3][0-7][0-7])|([^]))/g, (_, octal: string | undefined, other: string) =>
    octal === undefined ? other : String.fromCharCode(Number.parseInt(octal, 8)),
  );
}
