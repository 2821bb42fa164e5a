/** The options of `sessions`: one flat object, checked once. */
import {
  assertFunctions,
  assertMethods,
  assertNames,
  assertObject,
  readChoices,
  readIntegers,
  wrongValue,
} from '../../run/given-options.ts';
import { isTokenText } from '../../http/protocol/characters.ts';
import { MemorySessionStore } from './memory/memory-session-store.ts';
import type { SessionClient } from './session-client.ts';
import type { SessionCookieOptions } from './session-cookie.ts';
import type { SessionStore } from './session-store.ts';

/** Options of {@link sessions}. All are optional. */
export interface SessionsOptions {
  /** Where sessions are stored. @defaultValue in memory: `new MemorySessionStore()` */
  readonly store?: SessionStore;
  /** A session ends this long after its last use, in milliseconds. @defaultValue 14 days */
  readonly idleMs?: number;
  /** A session ends this long after it began, or after its login, in milliseconds. @defaultValue 90 days */
  readonly absoluteMs?: number;
  /**
   * A use renews a session if its last renewal is this long ago, in milliseconds; at most `idleMs`. Its last use is known as exactly, and each
   * renewal is a write. @defaultValue a twentieth of `idleMs`
   */
  readonly renewAfterMs?: number;
  /** Sessions of one person. A login over it ends the session that was used longest ago. @defaultValue 10 */
  readonly maxPerPerson?: number;
  /** Largest session: its keys and values as JSON, in bytes. @defaultValue 64 KiB */
  readonly maxBytes?: number;
  /** Most values of a session. @defaultValue 100 */
  readonly maxKeys?: number;
  /** Name of the cookie; over https with the prefix `__Host-`. @defaultValue 'session' */
  readonly cookieName?: string;
  /** Attributes of the cookie. With a domain, a path or `secure: false` its name has no prefix. @defaultValue SameSite=Lax, and Secure over https */
  readonly cookie?: SessionCookieOptions;
  /** Whether the cookie ends with the session of the browser. @defaultValue false */
  readonly endsWithBrowser?: boolean;
  /**
   * Returns the id of a session that another system began, for a request whose cookie has no id, or that has no cookie. The store has the session under the SHA-256
   * of this id, in hex. The id is 22 to 64 characters of letters, digits, `-` and `_`; the cookie gets it. @defaultValue none
   */
  readonly formerId?: (handler: SessionClient) => string | undefined;
  /**
   * Called in this process after sessions ended by a logout, a login over `maxPerPerson`, `end`, `endOthers` or `endAll`, such as to close
   * their WebSockets. Not for sessions that expired.
   */
  readonly onEnd?: (handles: readonly string[]) => void;
}

/** {@link SessionsOptions} with every default filled in. */
export interface ResolvedSessionsOptions extends Required<Omit<SessionsOptions, 'onEnd' | 'formerId'>> {
  readonly onEnd: ((handles: readonly string[]) => void) | undefined;
  readonly formerId: ((handler: SessionClient) => string | undefined) | undefined;
}

const names = [
  'store',
  'idleMs',
  'absoluteMs',
  'renewAfterMs',
  'maxPerPerson',
  'maxBytes',
  'maxKeys',
  'cookieName',
  'cookie',
  'endsWithBrowser',
  'formerId',
  'onEnd',
];

/** A session is renewed after this part of `idleMs` by default, not at each use. */
const renewalsPerIdle = 20;
const dayMs = 86_400_000;
/** Ten years. */
const maxMs = 3650 * dayMs;

/** The methods of a {@link SessionStore}. */
export const storeMethods: readonly string[] = ['load', 'save', 'list', 'end', 'check', 'close'];

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveSessionsOptions(options: SessionsOptions): ResolvedSessionsOptions {
  assertNames('sessions', options, names);
  const numbers = readIntegers(options, {
    idleMs: [14 * dayMs, 1_000, maxMs],
    absoluteMs: [90 * dayMs, 1_000, maxMs],
    maxPerPerson: [10, 1, 1_000],
    maxBytes: [65_536, 1, 16_777_216],
    maxKeys: [100, 1, 10_000],
  });
  const { idleMs } = numbers;
  const { renewAfterMs } = readIntegers(options, { renewAfterMs: [Math.ceil(idleMs / renewalsPerIdle), 1, idleMs] });
  const { cookieName = 'session', cookie = {}, store, onEnd, formerId } = options;
  if (typeof cookieName !== 'string' || !isTokenText(cookieName)) {
    throw wrongValue('cookieName', 'a token, such as session', cookieName);
  }
  assertObject('cookie', cookie);
  assertNames('cookie', cookie, ['domain', 'path', 'sameSite', 'secure', 'partitioned']);
  assertFunctions(options, ['onEnd', 'formerId']);
  const { endsWithBrowser } = readChoices(options, { endsWithBrowser: [false, true] });
  if (store !== undefined) assertMethods('store', store, storeMethods, 'a store, such as new MemorySessionStore()');
  return {
    ...numbers,
    renewAfterMs,
    cookieName,
    cookie,
    endsWithBrowser,
    onEnd,
    formerId,
    store: store ?? new MemorySessionStore(),
  };
}
