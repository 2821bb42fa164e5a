/**
 * The address of a Redis server, with a form for logs and errors that never contains the password.
 */
import { GaleError } from '../errors.ts';
import { wrongValue } from '../run/given-options.ts';

/** A parsed Redis URL: `redis://`, `rediss://` (TLS) or `unix://`. */
export class RedisAddress {
  /** The whole URL with its password, for the client only. */
  readonly url: string;
  /** Protocol, host, port and database, or the path of the socket, without the rest of the URL. */
  readonly shown: string;
  /** Number of the database inside the server. */
  readonly database: number;
  readonly #secrets: readonly string[];

  /** @throws {@link GaleError} `OPTION_VALUE` if it is not a Redis URL. The message omits the URL, since it may contain a password. */
  constructor(url: string) {
    if (typeof url !== 'string') throw wrongValue('url', urlForm, url);
    const { shown, database, username, password } = url.startsWith('unix:') ? readUnix(url) : readNetwork(url);
    const number = Number(database || 0);
    if (!Number.isInteger(number) || number < 0) throw malformed();
    this.url = url;
    this.shown = shown;
    this.database = number;
    // A user name without a password may be a misplaced password.
    const secrets = [url, password === '' ? username : password];
    const spellings = secrets.flatMap((secret) => [secret, decode(secret), encodeURIComponent(decode(secret))]);
    this.#secrets = [...new Set(spellings)].filter((secret) => secret !== '');
  }

  /** The message of an error without secrets. Redis may repeat parts of a command in its response. */
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
  // An unencoded `/`, `?`, `#` or `%40` in a password makes parts of it look like host, port or path.
  const hasStray = url.includes('#') || search.includes('@') || /[%@]/.test(host + pathname);
  if (!['redis:', 'rediss:'].includes(protocol) || host === '' || hasStray) throw malformed();
  return { shown: `${protocol}//${host}${pathname}`, database: pathname.slice(1), username, password };
}

/** `URL` does not parse user name and password without a host. Same pattern as `@redis/client`. */
function readUnix(url: string): Parts {
  const match = /^unix:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?(\/[^?#]+)(?:\?([^#]*))?$/.exec(url);
  if (match === null) throw malformed();
  const [, username = '', password = '', path = '', query = ''] = match;
  return { shown: `unix://${path}`, database: new URLSearchParams(query).get('db'), username, password };
}

const urlForm =
  'redis://name:password@host:port/database, rediss://… or unix:///path?db=number, with special characters in the password percent-encoded';

function malformed(): GaleError {
  return new GaleError(
    'OPTION_VALUE',
    `url must be ${urlForm}; got a text that may hold a password, so it is not shown.`,
  );
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw malformed();
  }
}
