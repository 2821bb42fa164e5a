/**
 * The address of a WebSocket: what a client connects to, asks for and says who it is with. RFC 6455 §3, RFC 7617 (Basic).
 */
import { GaleError } from '../../errors.ts';

/** A URL, taken apart and checked. */
export interface WebSocketUrl {
  /** Whether it is `wss:`. */
  readonly isSecure: boolean;
  /** Name or address to connect to; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of Host: without the port where it is the scheme's own. */
  readonly authority: string;
  /** Target of the request: path and query. */
  readonly target: string;
  /** Value of Authorization, if the URL names a user. Secret. */
  readonly authorization: string | undefined;
  /** Scheme, host and port: all of a URL that messages may repeat, since the rest of it may be secret. */
  readonly shown: string;
}

const schemes: Readonly<Record<string, 'ws' | 'wss'>> = { 'ws:': 'ws', 'http:': 'ws', 'wss:': 'wss', 'https:': 'wss' };

/**
 * Reads a `ws:` or `wss:` URL; `http:` and `https:` are their twins.
 *
 * @throws {@link GaleError} `WS_URL` for another scheme, a fragment, or what is no URL.
 */
export function readWebSocketUrl(text: string | URL): WebSocketUrl {
  const url = URL.parse(text);
  if (url === null) throw wrong('is no absolute URL');
  const scheme = schemes[url.protocol];
  if (scheme === undefined) throw wrong(`has the scheme ${url.protocol} and not ws:, wss:, http: or https:`);
  // The URL's own `hash` does not tell an empty fragment from none.
  if (url.href.includes('#'))
    throw wrong('has a fragment, which is never sent; leave out # and what follows, or write %23');
  const isSecure = scheme === 'wss';
  return {
    isSecure,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? (isSecure ? 443 : 80) : Number(url.port),
    authority: url.host,
    target: url.pathname + url.search,
    authorization: basicAuthorization(url),
    shown: `${scheme}://${url.host}`,
  };
}

function basicAuthorization({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  let user: string;
  let secret: string;
  try {
    user = decodeURIComponent(username);
    secret = decodeURIComponent(password);
  } catch {
    throw wrong('has a user or password that is not percent-encoded UTF-8');
  }
  if (user.includes(':')) throw wrong('has a user with a colon, which Basic Authorization cannot carry');
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

function wrong(why: string): GaleError {
  return new GaleError('WS_URL', `The URL to connect to ${why}.`);
}
