/**
 * The address of a Redis, and what logs and errors may show of it: never its password.
 */
import { GaleError } from '../errors.ts';

/** A URL of Redis, parsed once: `redis://`, `rediss://` (TLS) or `unix://`. */
export class RedisAddress {
  /** With the password, for the client alone. */
  readonly url: string;
  /** Protocol, host, port and database, or the path of the socket: nothing else of the URL. */
  readonly shown: string;
  /** The numbered database inside the server. */
  readonly database: number;
  readonly #secrets: readonly string[];

  /** @throws {@link GaleError} `OPTION_VALUE` if it is no URL of Redis. The message does not repeat it, since it may hold a password. */
  constructor(url: string) {
    const { shown, database, username, password } = url.startsWith('unix:') ? readUnix(url) : readNetwork(url);
    const number = Number(database || 0);
    if (!Number.isInteger(number) || number < 0) throw malformed();
    this.url = url;
    this.shown = shown;
    this.database = number;
    // A name without a password may be a password in the wrong place.
    const secrets = [url, password === '' ? username : password];
    const spellings = secrets.flatMap((secret) => [secret, decode(secret), encodeURIComponent(decode(secret))]);
    this.#secrets = [...new Set(spellings)].filter((secret) => secret !== '');
  }

  /** What an error says, without secrets: a reply of the server may repeat what it was sent. */
  reasonOf(error: unknown): string {
    const { message, code } = error as { message?: string; code?: string };
    let reason = (message || code || String(error)).replace(/(with args beginning with:).*$/is, "$1 '***'");
    for (const secret of this.#secrets) reason = reason.replaceAll(secret, '***');
    return reason;
  }
}

/** Parts of a URL. */
interface Parts {
  readonly shown: string;
  readonly database: string | null;
  readonly username: string;
  readonly password: string;
}

function readNetwork(url: string): Parts {
  const parsed = URL.parse(url);
  if (parsed === null) throw malformed();
  const { protocol, host, pathname, search, username, password } = parsed;
  // With `/`, `?`, `#` or `%40` in a password that is not percent-encoded, parts of the password look like host, port or path.
  const hasStray = url.includes('#') || search.includes('@') || /[%@]/.test(host + pathname);
  if (!['redis:', 'rediss:'].includes(protocol) || host === '' || hasStray) throw malformed();
  return { shown: `${protocol}//${host}${pathname}`, database: pathname.slice(1), username, password };
}

/** `URL` reads no name and password without a host. The same pattern as in `@redis/client`. */
function readUnix(url: string): Parts {
  const match = /^unix:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\/[^?#]+)(?:\?([^#]*))?$/.exec(url);
  if (match === null) throw malformed();
  const [, username = '', password = '', path = '', query = ''] = match;
  return { shown: `unix://${path}`, database: new URLSearchParams(query).get('db'), username, password };
}

function malformed(): GaleError {
  return new GaleError(
    'OPTION_VALUE',
    'The URL of Redis must be redis://name:password@host:port/database, rediss://… or unix:///path?db=number, with special characters of the password percent-encoded. It is not shown, since it may hold a password.',
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}
