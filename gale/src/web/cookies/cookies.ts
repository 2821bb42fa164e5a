/**
 * The Cookie header read and the Set-Cookie header written (RFC 6265).
 * Reading takes what browsers send, in linear time; writing refuses what could become another header or attribute.
 */
import { GaleError } from '../../errors.ts';
import { isTokenText } from '../../http/protocol/characters.ts';

/** What a cookie is set with; a flag left out or false is not sent. */
export interface CookieOptions {
  /** Host and its subdomains the cookie is for. Left out: this host only. */
  readonly domain?: string;
  /** @defaultValue `/` */
  readonly path?: string;
  /** Moment it ends: a Date, or seconds since 1970. Wins over `expiresDays`. Left out: with the browser's session. */
  readonly expires?: Date | number;
  /** Days from now until it ends. */
  readonly expiresDays?: number | undefined;
  /** Seconds from now until it ends; browsers let it win over the others. */
  readonly maxAge?: number;
  /** Scripts of the page cannot read it. */
  readonly httpOnly?: boolean;
  /** Sent over https only. */
  readonly secure?: boolean;
  /** Whether other sites' requests carry it. */
  readonly sameSite?: 'Strict' | 'Lax' | 'None';
}

/**
 * Reads a Cookie header. Pieces without a name, or with one that no cookie can have, are dropped; the last of equal
 * names wins; a quoted value is unquoted.
 */
export function parseCookies(header: string): Map<string, string> {
  const cookies = new Map<string, string>();
  let start = 0;
  while (start < header.length) {
    const semicolon = header.indexOf(';', start);
    const end = semicolon === -1 ? header.length : semicolon;
    const piece = header.slice(start, end);
    const equals = piece.indexOf('=');
    const name = piece.slice(0, Math.max(equals, 0)).trim();
    if (isTokenText(name)) cookies.set(name, unquote(piece.slice(equals + 1).trim()));
    start = end + 1;
  }
  return cookies;
}

/**
 * Writes the value of a Set-Cookie header, attributes in alphabetical order.
 *
 * @param now - Milliseconds since 1970, for `expiresDays`.
 * @throws {@link GaleError} `WEB_COOKIE` if a part holds what a cookie cannot carry.
 */
export function formatCookie(
  name: string,
  value: string,
  options: CookieOptions = {},
  now: number = Date.now(),
): string {
  if (!isTokenText(name)) throw refuse(name, `the name ${JSON.stringify(name)} is not a token`);
  if (/[^!-~\x80-\xff]/.test(value)) {
    throw refuse(name, 'its value holds blanks, control characters or characters over U+00FF; encode it first');
  }
  const { domain, path = '/', maxAge, httpOnly = false, secure = false, sameSite } = options;
  let text = `${name}=${quote(value)}`;
  if (domain !== undefined) text += `; Domain=${attribute(name, 'domain', domain)}`;
  const expires = expiryOf(options, now);
  if (expires !== undefined) {
    if (Number.isNaN(expires.getTime())) throw refuse(name, '`expires` is not a valid moment');
    text += `; Expires=${expires.toUTCString()}`;
  }
  if (httpOnly) text += '; HttpOnly';
  if (maxAge !== undefined) {
    if (!Number.isSafeInteger(maxAge)) throw refuse(name, '`maxAge` is not a whole number of seconds');
    text += `; Max-Age=${maxAge}`;
  }
  text += `; Path=${attribute(name, 'path', path)}`;
  if (sameSite !== undefined) text += `; SameSite=${attribute(name, 'sameSite', sameSite)}`;
  if (secure) text += '; Secure';
  return text;
}

function refuse(name: string, why: string): GaleError {
  return new GaleError('WEB_COOKIE', `Cookie ${JSON.stringify(name)} cannot be set: ${why}.`);
}

function attribute(name: string, what: string, value: string): string {
  if (/[^!-:<-~]/.test(value)) throw refuse(name, `\`${what}\` holds ${JSON.stringify(value)}`);
  return value;
}

function expiryOf({ expires, expiresDays }: CookieOptions, now: number): Date | undefined {
  if (typeof expires === 'number') return new Date(expires * 1000);
  if (expires !== undefined) return expires;
  return expiresDays === undefined ? undefined : new Date(now + expiresDays * 86_400_000);
}

/** Puts a value in quotes if it is empty or holds what RFC 6265 §4.1.1 keeps out of one. */
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
