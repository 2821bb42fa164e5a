/**
 * The opening handshake on the client: builds the request and checks the response.
 * No sockets here; client-opening.ts sends and receives. RFC 6455 §4.1 and §4.2.2.
 */
import { GaleError, ProtocolError } from '../../errors.ts';
import type { HandshakeResponse } from './handshake-response.ts';
import { deflateOffer, readDeflateResponse } from '../compression/deflate-offer.ts';
import type { DeflateAgreement, DeflateOptions } from '../compression/deflate-offer.ts';
import { acceptKey } from '../protocol/handshake.ts';
import { readExtensions, readTokens } from '../protocol/header-syntax.ts';
import { WebSocketRefusedError } from './refused-error.ts';
import type { WebSocketUrl } from './websocket-url.ts';

/** The handshake request of a client. */
export interface ClientHandshake {
  readonly url: WebSocketUrl;
  /** Base64 of 16 random bytes, new for each connection. */
  readonly key: string;
  /** Offered subprotocols, in order of preference. */
  readonly protocols: readonly string[];
  /** Whether and how to offer compression. */
  readonly deflate: DeflateOptions;
  /** Value of Origin. */
  readonly origin: string | undefined;
  /** Further headers, without headers of the handshake. */
  readonly headers: readonly (readonly [string, string])[];
}

/** The result of a handshake. */
export interface AgreedHandshake {
  /** One of the offered subprotocols; `undefined` for none. */
  readonly protocol: string | undefined;
  /** Parameters of compression; `undefined` without compression. */
  readonly deflate: DeflateAgreement | undefined;
}

/** Builds the request that opens a WebSocket, from the request line to the empty line. */
export function handshakeRequest(handshake: ClientHandshake): string {
  const { url, key, protocols, deflate, origin, headers } = handshake;
  let request = `GET ${url.target} HTTP/1.1\r\nHost: ${url.authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n`;
  request += `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n`;
  if (origin !== undefined) request += `Origin: ${origin}\r\n`;
  if (protocols.length > 0) request += `Sec-WebSocket-Protocol: ${protocols.join(', ')}\r\n`;
  if (deflate.compress) request += `Sec-WebSocket-Extensions: ${deflateOffer(deflate)}\r\n`;
  if (url.authorization !== undefined) request += `Authorization: ${url.authorization}\r\n`;
  for (const [name, value] of headers) request += `${name}: ${value}\r\n`;
  return `${request}\r\n`;
}

/**
 * Checks a response against its request.
 *
 * @throws {@link WebSocketRefusedError} For another status than 101.
 * @throws {@link GaleError} `WS_BAD_RESPONSE` for a 101 that does not open this WebSocket.
 * @see RFC 6455 §4.1, the numbered list at its end
 */
export function checkHandshakeResponse(response: HandshakeResponse, handshake: ClientHandshake): AgreedHandshake {
  const { shown } = handshake.url;
  const { headers } = response;
  if (response.status !== 101) throw new WebSocketRefusedError(shown, response);
  if (response.version !== '1.1') throw invalidResponse(shown, 'has HTTP/1.0; use HTTP/1.1');
  if (headers.get('upgrade')?.toLowerCase() !== 'websocket') throw invalidResponse(shown, 'has no Upgrade: websocket');
  const connection = readTokens(headers.get('connection') ?? '') ?? [];
  if (!connection.some((option) => option.toLowerCase() === 'upgrade')) {
    throw invalidResponse(shown, 'has no Connection: Upgrade');
  }
  if (headers.get('sec-websocket-accept') !== acceptKey(handshake.key)) {
    throw invalidResponse(shown, 'has no Sec-WebSocket-Accept for the key; a cache may have sent an old response');
  }
  const protocol = headers.get('sec-websocket-protocol');
  if (protocol !== undefined && !handshake.protocols.includes(protocol)) {
    throw invalidResponse(
      shown,
      `has a subprotocol that was not offered; offered: ${handshake.protocols.join(', ') || 'none'}`,
    );
  }
  return { protocol, deflate: readDeflate(response, handshake) };
}

function readDeflate({ headers }: HandshakeResponse, { url, deflate }: ClientHandshake): DeflateAgreement | undefined {
  const extensions = readExtensions(headers.get('sec-websocket-extensions') ?? '');
  if (extensions === undefined) throw invalidResponse(url.shown, 'has a malformed Sec-WebSocket-Extensions');
  try {
    return readDeflateResponse(extensions, deflate);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw invalidResponse(url.shown, `does not match the offered extensions: ${error.message}`, error);
  }
}

function invalidResponse(shown: string, why: string, cause?: unknown): GaleError {
  return new GaleError(
    'WS_BAD_RESPONSE',
    `The response of ${shown} to a WebSocket handshake ${why.replace(/\.$/, '')}.`,
    {
      cause,
    },
  );
}
