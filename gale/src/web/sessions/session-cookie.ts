/**
 * The cookie of sessions. Over https its name begins with `__Host-`: browsers accept such a cookie only from this host over https, so
 * that neither another host of the domain nor an attacker in the network can set it (RFC 6265bis §4.1.3.2).
 */
import { formatCookie, needsSecure, withDefaults, type CookieOptions } from '../cookies/cookies.ts';
import type { SessionClient } from './session-client.ts';
import { hashIfSessionId } from './session-id.ts';

/** Attributes of the cookie. */
export type SessionCookieOptions = Pick<CookieOptions, 'domain' | 'path' | 'sameSite' | 'secure' | 'partitioned'>;

/** Browsers keep no cookie for longer, in seconds. */
export const maxCookieSeconds: number = 400 * 86_400;

/** Reads and sets the cookie. */
export class SessionCookie {
  readonly #name: string;
  readonly #hostName: string;
  readonly #options: SessionCookieOptions;
  readonly #endsWithBrowser: boolean;

  /** @throws {@link GaleError} `WEB_COOKIE` if browsers would drop such a cookie; `OPTION_VALUE`, `OPTION_UNKNOWN`. */
  constructor(name: string, options: SessionCookieOptions, endsWithBrowser: boolean) {
    const { domain, path = '/', secure } = options;
    const canPrefix = domain === undefined && path === '/' && secure !== false && !needsSecure(name);
    this.#name = secure === true && canPrefix ? `__Host-${name}` : name;
    this.#hostName = canPrefix ? `__Host-${name}` : name;
    this.#options = options;
    this.#endsWithBrowser = endsWithBrowser;
    formatCookie(this.#name, 'x', withDefaults(options, { secure: needsSecure(this.#name) }));
  }

  /** The id in the cookie of a request, with its hash. `undefined` without the cookie, and if it has another text. */
  read(client: SessionClient): SentId | undefined {
    const header = client.request.headers.get('cookie');
    if (header === undefined) return undefined;
    const name = this.#nameFor(client);
    return toSentId(findValue(header, name)) ?? toSentId(client.getCookie(name));
  }

  /** Sets the cookie. @param lifeMs - How long the session can last. */
  set(client: SessionClient, id: string, lifeMs: number): void {
    const secure = client.request.protocol === 'https' || needsSecure(this.#name);
    const safe = withDefaults(this.#options, { sameSite: 'Lax', secure });
    const maxAge = Math.min(Math.ceil(lifeMs / 1000), maxCookieSeconds);
    client.setCookie(this.#nameFor(client), id, {
      ...safe,
      httpOnly: true,
      ...(this.#endsWithBrowser ? {} : { maxAge }),
    });
  }

  /** Deletes the cookie. */
  clear(client: SessionClient): void {
    const secure = client.request.protocol === 'https' || needsSecure(this.#name);
    client.clearCookie(this.#nameFor(client), withDefaults(this.#options, { sameSite: 'Lax', secure }));
  }

  #nameFor({ request }: SessionClient): string {
    return request.protocol === 'https' ? this.#hostName : this.#name;
  }
}

/** An id that a client sent, and what the store has instead of it. */
export interface SentId {
  readonly id: string;
  readonly hash: string;
}

/** `undefined` for a text that does not have the form of an id: it is not hashed, however long it is. */
export function toSentId(text: string | undefined): SentId | undefined {
  const hash = text === undefined ? undefined : hashIfSessionId(text);
  return text === undefined || hash === undefined ? undefined : { id: text, hash };
}

/** Finds a value in a Cookie header as browsers write it, without reading the other cookies. Undefined for other forms of the header. */
function findValue(header: string, name: string): string | undefined {
  const start = header.indexOf(`${name}=`);
  if (start === -1 || (start > 0 && !header.startsWith('; ', start - 2))) return undefined;
  const from = start + name.length + 1;
  const end = header.indexOf(';', from);
  return header.slice(from, end === -1 ? header.length : end);
}
