import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../../errors.ts';
import { HeaderList } from '../../http/protocol/header-list.ts';
import type { HandshakeResponse } from './handshake-response.ts';
import { handshakeRequest, checkHandshakeResponse } from './client-handshake.ts';
import type { ClientHandshake } from './client-handshake.ts';
import { WebSocketRefusedError } from './refused-error.ts';
import { webSocketDefaults } from '../websocket-options.ts';
import { readWebSocketUrl } from './websocket-url.ts';

/** The key of RFC 6455 §1.3 and its accept value. */
const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const compression = { ...webSocketDefaults, compress: true };

function asked(more: Partial<ClientHandshake> = {}): ClientHandshake {
  const url = readWebSocketUrl('ws://ada:pass@example.test:8080/chat?token=secret');
  return { url, key, protocols: [], deflate: webSocketDefaults, origin: undefined, headers: [], ...more };
}

/** A valid response with changed headers: `undefined` removes one. */
function responseWith(changes: Readonly<Record<string, string | undefined>> = {}, status = 101): HandshakeResponse {
  const fields = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': accept, ...changes };
  const lines = Object.entries(fields).map(([name, value]) => (value === undefined ? '' : `${name}: ${value}\r\n`));
  return { version: '1.1', status, headers: new HeaderList(`${lines.join('')}\r\n`) };
}

/** The error for a response. */
function refusalOf(response: HandshakeResponse, handshake: ClientHandshake = asked()): GaleError {
  try {
    checkHandshakeResponse(response, handshake);
  } catch (error) {
    assert.ok(error instanceof GaleError);
    assert.doesNotMatch(error.message, /secret|pass|token|ada/);
    return error;
  }
  return assert.fail('the response was accepted');
}

test('builds the request of RFC 6455 §4.1 with further headers last', () => {
  const request = handshakeRequest(
    asked({
      protocols: ['chat.v2', 'chat.v1'],
      origin: 'https://example.test',
      headers: [
        ['Cookie', 'a=b; c=d'],
        ['X-Trace', 'ü'],
      ],
      deflate: compression,
    }),
  );
  assert.equal(
    request,
    'GET /chat?token=secret HTTP/1.1\r\nHost: example.test:8080\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nOrigin: https://example.test\r\n` +
      'Sec-WebSocket-Protocol: chat.v2, chat.v1\r\nSec-WebSocket-Extensions: permessage-deflate; ' +
      'server_no_context_takeover; client_no_context_takeover; client_max_window_bits\r\n' +
      'Authorization: Basic YWRhOnBhc3M=\r\nCookie: a=b; c=d\r\nX-Trace: ü\r\n\r\n',
  );
});

test('builds a request of only required headers without options', () => {
  const url = readWebSocketUrl('wss://example.test');
  assert.equal(
    handshakeRequest(asked({ url })),
    'GET / HTTP/1.1\r\nHost: example.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
});

test('accepts a valid response in any case and with other connection options', () => {
  assert.deepEqual(checkHandshakeResponse(responseWith(), asked()), { protocol: undefined, deflate: undefined });
  const loud = { Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE', 'Sec-WebSocket-Protocol': 'b' };
  assert.equal(checkHandshakeResponse(responseWith(loud), asked({ protocols: ['a', 'b'] })).protocol, 'b');
});

test('accepts a response that declines subprotocols and compression', () => {
  const handshake = asked({ protocols: ['a'], deflate: compression });
  assert.deepEqual(checkHandshakeResponse(responseWith(), handshake), { protocol: undefined, deflate: undefined });
});

test('agrees on offered compression', () => {
  const extensions =
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=10';
  const agreed = checkHandshakeResponse(
    responseWith({ 'Sec-WebSocket-Extensions': extensions }),
    asked({ deflate: compression }),
  );
  assert.equal(agreed.deflate?.windowBits, 10);
});

for (const [what, changes, why] of [
  ['no Upgrade', { Upgrade: undefined }, 'has no Upgrade: websocket'],
  ['another Upgrade', { Upgrade: 'h2c' }, 'has no Upgrade: websocket'],
  ['more in Upgrade', { Upgrade: 'websocket, h2c' }, 'has no Upgrade: websocket'],
  ['no Connection', { Connection: undefined }, 'has no Connection: Upgrade'],
  ['another Connection', { Connection: 'keep-alive' }, 'has no Connection: Upgrade'],
  ['a Connection that only begins so', { Connection: 'Upgraded' }, 'has no Connection: Upgrade'],
  ['no Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': undefined }, 'has no Sec-WebSocket-Accept for the key'],
  ['the key as Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': key }, 'has no Sec-WebSocket-Accept for the key'],
  ['it in another case', { 'Sec-WebSocket-Accept': accept.toLowerCase() }, 'has no Sec-WebSocket-Accept for the key'],
  ['it twice', { 'sec-websocket-accept': accept }, 'has no Sec-WebSocket-Accept for the key'],
  ['a subprotocol that was not offered', { 'Sec-WebSocket-Protocol': 'c' }, 'was not offered; offered: a, b'],
  ['a subprotocol in another case', { 'Sec-WebSocket-Protocol': 'A' }, 'was not offered; offered: a, b'],
  ['two subprotocols', { 'Sec-WebSocket-Protocol': 'a, b' }, 'was not offered; offered: a, b'],
  ['an empty subprotocol', { 'Sec-WebSocket-Protocol': '' }, 'was not offered; offered: a, b'],
  ['an extension that was not offered', { 'Sec-WebSocket-Extensions': 'foo' }, 'does not match the offered extensions'],
  ['compression', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 'does not match the offered extensions'],
  ['malformed extensions', { 'Sec-WebSocket-Extensions': 'a b' }, 'has a malformed Sec-WebSocket-Extensions'],
] as const) {
  test(`rejects a response with ${what}`, () => {
    const error = refusalOf(responseWith(changes), asked({ protocols: ['a', 'b'] }));
    assert.equal(error.code, 'WS_BAD_RESPONSE');
    assert.match(error.message, /^The response of ws:\/\/example\.test:8080 to a WebSocket handshake .*[^.]\.$/);
    assert.ok(error.message.includes(why), error.message);
  });
}

test('rejects a response whose compression does not match the offer', () => {
  for (const extensions of [
    'permessage-deflate',
    'permessage-deflate; server_no_context_takeover, permessage-deflate; server_no_context_takeover',
    'permessage-deflate; server_no_context_takeover; mystery',
    'foo',
  ]) {
    const response = responseWith({ 'Sec-WebSocket-Extensions': extensions });
    const error = refusalOf(response, asked({ deflate: compression }));
    assert.equal(error.code, 'WS_BAD_RESPONSE', extensions);
    assert.ok(error.cause instanceof GaleError);
  }
});

test('rejects a response of HTTP/1.0', () => {
  assert.match(refusalOf({ ...responseWith(), version: '1.0' }).message, /has HTTP\/1\.0/);
});

test('reports another status than 101 with its headers and a redirect target without secrets', () => {
  for (const [status, location, message] of [
    [200, undefined, 'ws://example.test:8080 responded to a WebSocket handshake with 200 OK.'],
    [401, undefined, 'ws://example.test:8080 responded to a WebSocket handshake with 401 Unauthorized.'],
    [500, '/elsewhere', 'ws://example.test:8080 responded to a WebSocket handshake with 500 Internal Server Error.'],
    [
      302,
      'https://ada:pass@login.test/in?token=secret#token',
      'ws://example.test:8080 responded to a WebSocket handshake with 302 Found to https://login.test/in; ' +
        'redirects are not followed; connect to the target if you trust it.',
    ],
    [
      307,
      '/in?token=secret',
      'ws://example.test:8080 responded to a WebSocket handshake with 307 Temporary Redirect to ws://example.test:8080/in; ' +
        'redirects are not followed; connect to the target if you trust it.',
    ],
    [
      301,
      undefined,
      'ws://example.test:8080 responded to a WebSocket handshake with 301 Moved Permanently; ' +
        'redirects are not followed; connect to the target if you trust it.',
    ],
  ] as const) {
    const error = refusalOf(responseWith({ Location: location, 'Retry-After': '5' }, status));
    assert.ok(error instanceof WebSocketRefusedError);
    assert.deepEqual([error.code, error.message], ['WS_REFUSED', message]);
    assert.deepEqual([error.response.status, error.response.headers.get('retry-after')], [status, '5']);
  }
});
