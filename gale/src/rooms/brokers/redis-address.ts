/**
 * Where a Redis is, and how that may be shown: never with its password, which logs and errors must not hold.
 */
import { GaleError } from '../../errors.ts';

/** A URL of Redis, looked at once. */
export class RedisAddress {
  /** With the password, for the client alone. */
  readonly url: string;
  /** Without name, password and query. */
  readonly shown: string;
  /** The numbered database inside the server. */
  readonly database: number;
  readonly #secrets: readonly string[];

  /** @throws {@link GaleError} `OPTION_VALUE` if it is no URL of Redis. It is not repeated, since it may hold a password. */
  constructor(url: string) {
    let parsed: URL;
    try {
      parsed = new URL(url);
    } catch {
      throw malformed();
    }
    const { protocol, host, pathname, searchParams, password } = parsed;
    const isSocket = protocol === 'unix:';
    const database = Number((isSocket ? searchParams.get('db') : pathname.slice(1)) || 0);
    const hasPlace = isSocket ? pathname.length > 1 : host !== '' && ['redis:', 'rediss:'].includes(protocol);
    if (!hasPlace || !Number.isInteger(database) || database < 0) throw malformed();
    this.url = url;
    this.shown = `${protocol}//${host}${pathname}`;
    this.database = database;
    this.#secrets = [password, decode(password)].filter((secret) => secret !== '');
  }

  /** What an error says, without the password; a server's answer may repeat what it was sent. */
  reasonOf(error: unknown): string {
    const { message, code } = error as { message?: string; code?: string };
    let reason = message || code || String(error);
    for (const secret of this.#secrets) reason = reason.replaceAll(secret, '***');
    return reason;
  }
}

function malformed(): GaleError {
  return new GaleError('OPTION_VALUE', 'The URL of Redis is not one; give redis://name:password@host:port/database.');
}

function decode(password: string): string {
  try {
    return decodeURIComponent(password);
  } catch {
    throw malformed();
  }
}
