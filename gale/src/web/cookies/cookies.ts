/**
 * Reads the Cookie header and writes the Set-Cookie header (RFC 6265, and the rules of its successor that browsers apply).
 * Reading accepts what browsers send, in linear time. Writing refuses values that could become another header or attribute,
 * and cookies that every browser would drop without an error.
 */
import { isUtf8 } from 'node:buffer';
import { domainToASCII } from 'node:url';
import { GaleError } from '../../errors.ts';
import { assertNames, assertString, readChoices, showValue } from '../../run/given-options.ts';
import { isTokenText, trimWhitespace } from '../../http/protocol/characters.ts';

/** Attributes of a cookie. A flag that is left out or false is not sent. */
export interface CookieOptions {
  /**
   * The cookie is sent to this host and its subdomains. A host name in ASCII, without scheme and port; a dot before it has no effect.
   * Left out: to the current host only. Not for names with `__Host-`.
   */
  readonly domain?: string;
  /**
   * The cookie is sent to paths below this one. Must begin with `/`, in ASCII. Empty: below the folder of the request.
   * @defaultValue `/`
   */
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
  /**
   * Keeps a separate cookie for each top-level site, so that a page in a frame of other sites has a cookie where browsers block those
   * of third parties (CHIPS). Requires `secure`, and `sameSite: 'None'` to be sent in such a frame. Has no effect in browsers without
   * it. Give it to `clearCookie` too.
   */
  readonly partitioned?: boolean;
  /** Restricts the cookie to https. Required for names with `__Host-` or `__Secure-`, for SameSite=None and for `partitioned`. */
  readonly secure?: boolean;
  /** Whether browsers send the cookie with requests from other sites. `None` requires `secure`. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
}

/**
 * Reads a Cookie header. A name may have any characters, as in browsers (RFC 6265bis §5.6), for example `a[b]`; cookies without a
 * name are ignored. If a name occurs more than once, the first value is used, since browsers send the cookie with the longest path
 * first (RFC 6265 §5.4). Removes spaces and tabs around names and values, and the quotes of a quoted value.
 *
 * @param header - One character for each byte.
 * @returns Values by name. A name or value whose bytes are UTF-8 is decoded; another one has one character for each byte.
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
    const name = decodeBytes(trimWhitespace(piece.slice(0, Math.max(equals, 0))));
    if (name !== '' && !cookies.has(name)) {
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
  const { httpOnly, partitioned, secure } = readChoices(options, flags);
  assertString('name of a cookie', name);
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
  if (domain !== undefined) text += `; Domain=${checkDomain(name, domain)}`;
  const expires = expiryOf(name, options, now);
  if (expires !== undefined) text += `; Expires=${expires}`;
  if (httpOnly) text += '; HttpOnly';
  if (maxAge !== undefined) {
    if (!Number.isSafeInteger(maxAge)) throw invalidCookie(name, `maxAge must be an integer; got ${showValue(maxAge)}`);
    text += `; Max-Age=${maxAge}`;
  }
  if (partitioned) text += '; Partitioned';
  text += `; Path=${checkPath(name, path)}`;
  if (sameSite !== undefined) text += `; SameSite=${sameSite}`;
  if (secure) text += '; Secure';
  return text;
}

/**
 * The attributes of a cookie that deletes one. A lifetime among them would keep the cookie alive.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN`, `OPTION_VALUE`.
 */
export function deletingOptions(name: string, options: Omit<CookieOptions, LifetimeName>): CookieOptions {
  assertNames('clearCookie', options, attributeNames);
  return { ...withDefaults(options, { secure: needsSecure(name) }), expires: 0 };
}

/**
 * The options, with a default for each that is missing or undefined.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN`, `OPTION_VALUE`.
 */
export function withDefaults(options: CookieOptions, defaults: CookieOptions): CookieOptions {
  assertNames('cookie', options, optionNames);
  return { ...defaults, ...Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) };
}

type LifetimeName = 'expires' | 'expiresDays' | 'maxAge';

const attributeNames = ['domain', 'path', 'httpOnly', 'partitioned', 'secure', 'sameSite'];
const optionNames = [...attributeNames, 'expires', 'expiresDays', 'maxAge'];
const flags = { httpOnly: [false, true], partitioned: [false, true], secure: [false, true] } as const;

/** Whether browsers accept a cookie of this name only with Secure. They compare the prefix in any case. */
export function needsSecure(name: string): boolean {
  return /^__(?:host|secure)-/i.test(name);
}

/** Larger cookies are dropped, and longer attributes ignored, by all browsers. */
const maxPairBytes = 4096;
const maxAttributeBytes = 1024;

/** Refuses combinations that browsers drop: RFC 6265bis §4.1.3 (prefixes), §5.7. */
function checkSecurity(
  name: string,
  { domain, path = '/', partitioned = false, secure = false, sameSite }: CookieOptions,
): void {
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
  if (!secure && partitioned) {
    throw invalidCookie(name, 'browsers drop a cookie with Partitioned without Secure; set secure: true and use https');
  }
}

function invalidCookie(name: string, reason: string): GaleError {
  return new GaleError('WEB_COOKIE', `Cookie ${JSON.stringify(name)} cannot be set: ${reason}.`);
}

/** Refuses a domain that no browser compares with a host. A host name may have a dot before and after it. */
function checkDomain(name: string, domain: string): string {
  if (domain === '') throw invalidCookie(name, 'domain must not be empty; leave it out for the current host only');
  checkLength(name, 'domain', domain);
  if (/^\.?[\w-]+(?:\.[\w-]+)*\.?$|^\[[\dA-Fa-f:.]+\]$/.test(domain)) return domain;
  const ascii = /[\u0080-\uffff]/.test(domain) ? domainToASCII(domain) : '';
  const advice = ascii === '' ? 'such as example.com, without scheme and port' : `write ${ascii}`;
  throw invalidCookie(name, `domain must be a host name in ASCII; ${advice}; got ${JSON.stringify(domain)}`);
}

function checkPath(name: string, path: string): string {
  if (path !== '' && !path.startsWith('/')) {
    throw invalidCookie(name, `path must begin with a slash, or browsers ignore it; got ${JSON.stringify(path)}`);
  }
  checkLength(name, 'path', path);
  if (/[^!-:<-~]/.test(path)) {
    const encoded = path.toWellFormed().replace(/[^!-:<-~]+/g, encodeURIComponent);
    throw invalidCookie(
      name,
      `path must be ASCII without spaces, semicolons and control characters; write ${encoded}; got ${JSON.stringify(path)}`,
    );
  }
  return path;
}

function checkLength(name: string, what: string, value: string): void {
  if (value.length > maxAttributeBytes) {
    throw invalidCookie(name, `${what} must be at most ${maxAttributeBytes} bytes; got ${value.length}`);
  }
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
