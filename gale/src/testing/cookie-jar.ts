/**
 * The cookies of one test client, by the rules of RFC 6265 §5.3 and §5.4 that matter for one host: domain, path, Secure, expiry and the
 * prefixes of names. A loopback host is trusted like https, as browsers do. SameSite is ignored: every request counts as one of the
 * same site.
 */
import { isIP } from 'node:net';
import { assertString } from '../run/given-options.ts';
import { formatCookie, parseCookies, type CookieOptions } from '../web/cookies/cookies.ts';

/** A URL as far as cookies need it. @internal */
export interface CookieUrl {
  /** Host name without port. */
  readonly hostname: string;
  /** Path, percent-encoded. */
  readonly pathname: string;
  readonly isSecure: boolean;
}

interface StoredCookie {
  readonly name: string;
  /** As it was sent. */
  readonly value: string;
  readonly domain: string;
  readonly isHostOnly: boolean;
  readonly path: string;
  readonly isSecure: boolean;
  /** Milliseconds since 1970; Infinity for a cookie of the session. */
  readonly expiresAt: number;
}

/** Cookies that a client has received and sends again. */
export class CookieJar {
  readonly #now: () => number;
  readonly #hostname: string;
  /** By name, domain and path, in the order in which they were created. */
  readonly #cookies: Map<string, StoredCookie> = new Map();

  /** Created by a test client. @internal */
  constructor(now: () => number, hostname: string) {
    this.#now = now;
    this.#hostname = hostname;
  }

  /** Value of a cookie, as an application reads it. If paths or hosts have their own, the newest. `undefined` if there is none. */
  get(name: string): string | undefined {
    assertString('name', name);
    const cookie = this.#live().findLast((stored) => stored.name === name);
    return cookie === undefined ? undefined : parseCookies(`${name}=${cookie.value}`).get(name);
  }

  /** Names of all cookies that have not expired. */
  names(): string[] {
    return [...new Set(this.#live().map(({ name }) => name))];
  }

  /**
   * Sets a cookie, as if the application had sent it.
   *
   * @throws {@link GaleError} `WEB_COOKIE`, `OPTION_UNKNOWN` or `OPTION_VALUE`, as `setCookie` of a handler.
   */
  set(name: string, value: string, options: CookieOptions = {}): void {
    const field = formatCookie(name, value, options, this.#now());
    this.store(field, {
      hostname: options.domain?.replace(/^\./, '') ?? this.#hostname,
      pathname: '/',
      isSecure: true,
    });
  }

  /** Removes every cookie of this name. */
  delete(name: string): void {
    for (const [key, cookie] of this.#cookies) if (cookie.name === name) this.#cookies.delete(key);
  }

  /** Removes all cookies. */
  clear(): void {
    this.#cookies.clear();
  }

  /** Stores the cookie of a Set-Cookie field, or drops it as a browser would. @internal */
  store(field: string, url: CookieUrl): void {
    const cookie = readSetCookie(field, url, this.#now());
    if (cookie === undefined) return;
    const key = `${cookie.name};${cookie.domain};${cookie.path}`;
    // A cookie that replaces another one is the newest.
    this.#cookies.delete(key);
    if (cookie.expiresAt > this.#now()) this.#cookies.set(key, cookie);
  }

  /** Value of the Cookie field for a request; `undefined` without cookies. @internal */
  fieldFor(url: CookieUrl): string | undefined {
    if (this.#cookies.size === 0) return undefined;
    const sent = this.#live().filter(
      ({ domain, isHostOnly, path, isSecure }) =>
        (isHostOnly ? url.hostname === domain : isWithin(url.hostname, domain)) &&
        isBelow(url.pathname, path) &&
        (!isSecure || isTrusted(url)),
    );
    if (sent.length === 0) return undefined;
    // Longer paths first (RFC 6265 §5.4); the sort keeps the order of others.
    sent.sort((left, right) => right.path.length - left.path.length);
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  #live(): StoredCookie[] {
    const now = this.#now();
    for (const [key, { expiresAt }] of this.#cookies) if (expiresAt <= now) this.#cookies.delete(key);
    return [...this.#cookies.values()];
  }
}

function readSetCookie(field: string, url: CookieUrl, now: number): StoredCookie | undefined {
  const [pair = '', ...rest] = field.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, Math.max(equals, 0)).trim();
  if (name === '') return undefined;
  const attributes = new Map(rest.map(readAttribute));
  const domain = (attributes.get('domain') ?? '').replace(/^\./, '').toLowerCase();
  if (domain !== '' && !isWithin(url.hostname, domain)) return undefined;
  const givenPath = attributes.get('path') ?? '';
  const isSecure = attributes.has('secure');
  if (isSecure && !isTrusted(url)) return undefined;
  if (/^__(?:host|secure)-/i.test(name) && !isSecure) return undefined;
  if (/^__host-/i.test(name) && (domain !== '' || givenPath !== '/')) return undefined;
  return {
    name,
    value: pair.slice(equals + 1).trim(),
    domain: domain === '' ? url.hostname : domain,
    isHostOnly: domain === '',
    path: givenPath.startsWith('/') ? givenPath : folderOf(url.pathname),
    isSecure,
    expiresAt: expiryOf(attributes, now),
  };
}

function readAttribute(text: string): [string, string] {
  const equals = text.indexOf('=');
  if (equals < 0) return [text.trim().toLowerCase(), ''];
  return [text.slice(0, equals).trim().toLowerCase(), text.slice(equals + 1).trim()];
}

/** Max-Age takes precedence over Expires; a value that is no number or date is ignored. */
function expiryOf(attributes: ReadonlyMap<string, string>, now: number): number {
  const maxAge = attributes.get('max-age') ?? '';
  if (/^-?\d+$/.test(maxAge)) return Number(maxAge) > 0 ? now + Number(maxAge) * 1000 : -Infinity;
  const expires = Date.parse(attributes.get('expires') ?? '');
  return Number.isNaN(expires) ? Infinity : expires;
}

/** The default path (RFC 6265 §5.1.4). */
function folderOf(pathname: string): string {
  return pathname.slice(0, Math.max(pathname.lastIndexOf('/'), 1)) || '/';
}

function isBelow(pathname: string, path: string): boolean {
  if (!pathname.startsWith(path)) return false;
  return path.endsWith('/') || pathname.length === path.length || pathname[path.length] === '/';
}

function isWithin(hostname: string, domain: string): boolean {
  if (hostname === domain) return true;
  return hostname.endsWith(`.${domain}`) && isIP(hostname.replace(/^\[|\]$/g, '')) === 0;
}

/** Browsers treat a loopback host like https. */
function isTrusted({ hostname, isSecure }: CookieUrl): boolean {
  return isSecure || hostname === 'localhost' || hostname.endsWith('.localhost') || /^127\.|^\[::1\]$/.test(hostname);
}
