/**
 * The URL of a WebSocket: host, request target and credentials of a client. RFC 6455 §3, RFC 7617 (Basic).
 */
import { GaleError } from '../../errors.ts';

/** A parsed and validated URL. */
export interface WebSocketUrl {
  /** Whether it is `wss:`. */
  readonly isSecure: boolean;
  /** Host name or address to connect to; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** Value of Host, without the default port of the scheme. */
  readonly authority: string;
  /** Request target: path and query. */
  readonly target: string;
  /** Value of Authorization, if the URL has a user. Secret. */
  readonly authorization: string | undefined;
  /** Scheme, host and port, for messages: the rest of the URL may be secret. */
  readonly shown: string;
}

const schemes: Readonly<Record<string, 'ws' | 'wss'>> = { 'ws:': 'ws', 'http:': 'ws', 'wss:': 'wss', 'https:': 'wss' };

/**
 * Parses a `ws:` or `wss:` URL; `http:` and `https:` mean the same.
 *
 * @throws {@link GaleError} `WS_URL` for an invalid URL, another scheme or a fragment.
 */
export function readWebSocketUrl(text: string | URL): WebSocketUrl {
  const url = URL.parse(text);
  if (url === null) throw wrong('must be absolute');
  const scheme = schemes[url.protocol];
  if (scheme === undefined) throw wrong(`must have the scheme ws:, wss:, http: or https:; got ${url.protocol}`);
  // `hash` of a URL is the same for an empty fragment and for none.
  if (url.href.includes('#')) throw wrong('must have no fragment; omit # and the rest, or write %23');
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
    throw wrong('must have a user and password in percent-encoded UTF-8');
  }
  if (user.includes(':')) throw wrong('must have a user without a colon, for Basic authentication');
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

function wrong(why: string): GaleError {
  return new GaleError('WS_URL', `The URL to connect to ${why}.`);
}
