/**
 * The URL of a WebSocket: host, request target and credentials of a client. RFC 6455 §3, RFC 7617 (Basic).
 */
import { GaleError } from '../../errors.ts';
import { showValue } from '../../run/given-options.ts';

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
  if (url === null)
    throw wrong(
      'be an absolute URL',
      typeof text === 'string' ? 'a text that may be secret, so it is not shown' : showValue(text),
    );
  const scheme = schemes[url.protocol];
  if (scheme === undefined) throw wrong('have the scheme ws:, wss:, http: or https:', showValue(url.protocol));
  // `hash` of a URL is the same for an empty fragment and for none.
  if (url.href.includes('#')) throw wrong('not have a fragment', 'one. Omit # and the rest, or write %23');
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
    throw wrong('have a user and password in percent-encoded UTF-8', 'other bytes');
  }
  if (user.includes(':')) throw wrong('have a user without a colon, for Basic authentication', 'one with a colon');
  return `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}`;
}

/** @param got - What the URL has, without the parts that may be secret. */
function wrong(rule: string, got: string): GaleError {
  return new GaleError('WS_URL', `url must ${rule}; got ${got}.`);
}
