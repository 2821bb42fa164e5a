/**
 * The opening handshake on the server: checks the request of a client and builds the 101 response.
 * No sockets here; connection.ts sends the response. RFC 6455 §4.2, RFC 9110 §7.8 (Upgrade).
 */
import { hash } from 'node:crypto';
import { GaleError, ProtocolError } from '../../errors.ts';
import type { HttpRequest } from '../../http/request.ts';
import { isFieldValueText, isTokenText, trimWhitespace } from '../../http/protocol/characters.ts';
import { assertNames, assertString, showValue, wrongValue } from '../../run/given-options.ts';
import { readExtensions, readTokens } from './header-syntax.ts';
import type { ExtensionOffer } from './header-syntax.ts';

/** A validated handshake request. */
export interface Handshake {
  /** Sec-WebSocket-Key as sent. */
  readonly key: string;
  /** Subprotocols that the client offers, in order of preference; often none. */
  readonly protocols: readonly string[];
  /** Extensions that the client offers, in order of preference. The response declines those it does not name. */
  readonly extensions: readonly ExtensionOffer[];
}

/** What the server adds to its response. */
export interface HandshakeChoice {
  /** One of the offered subprotocols; `undefined` for none. */
  readonly protocol?: string | undefined;
  /** Value of Sec-WebSocket-Extensions: the accepted offer. */
  readonly extensions?: string | undefined;
  /** Further headers, for example cookies. Headers of a body or of the handshake are omitted. */
  readonly headers?: readonly (readonly [string, string])[];
}

/** RFC 6455 §1.3. */
const keySuffix = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
/** Base64 of exactly 16 bytes. */
const keyPattern = /^[A-Za-z0-9+/]{22}==$/;

/**
 * Validates the request that opens a WebSocket. It does not check the origin; see origin.ts.
 *
 * @throws {@link ProtocolError} `WS_METHOD` (405), `WS_VERSION` (426) or `WS_HANDSHAKE` (400);
 * respond with its `status` and the headers of {@link refusalHeaders}.
 * @see RFC 6455 §4.2.1
 */
export function readHandshake(request: HttpRequest): Handshake {
  const { headers } = request;
  if (request.method !== 'GET') {
    throw new ProtocolError(
      'WS_METHOD',
      `Method of a WebSocket handshake must be GET; got ${showValue(request.method)}.`,
    );
  }
  if (request.version !== '1.1') throw malformed(`came over HTTP/${request.version}; use HTTP/1.1`);
  if (!listHas(headers.get('upgrade'), 'websocket')) throw malformed('has no Upgrade: websocket');
  if (!listHas(headers.get('connection'), 'upgrade')) throw malformed('has no Connection: Upgrade');
  if (request.host === '') throw malformed('has no Host');
  if (request.hasBody) throw malformed('has a body; send none');
  const version = headers.get('sec-websocket-version');
  if (version !== '13') {
    throw new ProtocolError('WS_VERSION', `WebSocket version must be 13; got ${version ?? 'none'}.`);
  }
  const key = headers.get('sec-websocket-key');
  if (key === undefined || !keyPattern.test(key)) {
    throw malformed('needs one Sec-WebSocket-Key, the base64 of 16 bytes');
  }
  return { key, protocols: readProtocols(request), extensions: readOffers(request) };
}

/** Headers that the response to a refused handshake must have. */
export function refusalHeaders(error: ProtocolError): readonly (readonly [string, string])[] {
  if (error.code === 'WS_METHOD') return [['Allow', 'GET']];
  if (error.code !== 'WS_VERSION') return [];
  // RFC 6455 §4.4; RFC 9110 §15.5.22, and §7.8 for Connection.
  return [
    ['Sec-WebSocket-Version', '13'],
    ['Upgrade', 'websocket'],
    ['Connection', 'Upgrade'],
  ];
}

/**
 * The value of Sec-WebSocket-Accept for a key, RFC 6455 §4.2.2.
 *
 * @throws {@link GaleError} `OPTION_VALUE` if the key is not a string.
 */
export function acceptKey(key: string): string {
  assertString('key', key);
  return hash('sha1', key + keySuffix, 'base64');
}

/**
 * Builds the head of the 101 response, from the status line to the empty line.
 *
 * @throws {@link GaleError} `WS_RESPONSE` for a subprotocol that was not offered, or a header with invalid characters; `OPTION_UNKNOWN` or
 * `OPTION_VALUE`.
 */
export function handshakeResponse(handshake: Handshake, choice: HandshakeChoice = {}): string {
  assertNames('handshake', choice, ['protocol', 'extensions', 'headers']);
  const { protocol, extensions, headers = [] } = choice;
  let response = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n';
  response += `Sec-WebSocket-Accept: ${acceptKey(handshake.key)}\r\n`;
  if (protocol !== undefined) {
    if (!handshake.protocols.includes(protocol)) {
      const offered = handshake.protocols.map(showValue).join(' or ') || 'omitted, because the client offers none';
      throw new GaleError('WS_RESPONSE', `protocol must be ${offered}; got ${showValue(protocol)}.`);
    }
    response += `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  }
  if (extensions !== undefined) {
    assertHeader('Sec-WebSocket-Extensions', extensions);
    response += `Sec-WebSocket-Extensions: ${extensions}\r\n`;
  }
  if (!Array.isArray(headers)) throw wrongValue('headers', 'an array of pairs', headers);
  for (const [name, value] of headers) {
    if (isOmitted(name)) continue;
    assertHeader(name, value);
    response += `${name}: ${value}\r\n`;
  }
  return `${response}\r\n`;
}

function listHas(value: string | undefined, token: string): boolean {
  if (value === undefined) return false;
  if (value.toLowerCase() === token) return true;
  return value.split(',').some((part) => trimWhitespace(part).toLowerCase() === token);
}

function readProtocols(request: HttpRequest): string[] {
  const value = request.headers.get('sec-websocket-protocol');
  if (value === undefined) return [];
  const protocols = readTokens(value);
  if (protocols === undefined || protocols.length === 0) throw malformed('has a malformed Sec-WebSocket-Protocol');
  if (new Set(protocols).size < protocols.length) throw malformed('offers a subprotocol twice');
  return protocols;
}

function readOffers(request: HttpRequest): ExtensionOffer[] {
  const value = request.headers.get('sec-websocket-extensions');
  if (value === undefined) return [];
  const offers = readExtensions(value);
  if (offers === undefined) throw malformed('has a malformed Sec-WebSocket-Extensions');
  return offers;
}

/** Whether a header belongs to the handshake or describes a body, which a 101 does not have. */
function isOmitted(name: string): boolean {
  return /^(upgrade|connection|keep-alive|transfer-encoding|content-.*|sec-websocket-.*|etag|trailer)$/i.test(name);
}

function assertHeader(name: string, value: string): void {
  if (!isTokenText(name) || !isFieldValueText(value)) {
    throw new GaleError(
      'WS_RESPONSE',
      `Header ${JSON.stringify(name)} or its value has characters that HTTP does not allow.`,
    );
  }
}

function malformed(what: string): ProtocolError {
  return new ProtocolError('WS_HANDSHAKE', `WebSocket handshake ${what}.`);
}
