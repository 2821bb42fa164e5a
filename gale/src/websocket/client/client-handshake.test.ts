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

/** The key of RFC 6455 §1.3, and what is answered to it. */
const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=';

const compression = { ...webSocketDefaults, compress: true };

function asked(more: Partial<ClientHandshake> = {}): ClientHandshake {
  const url = readWebSocketUrl('ws://ada:pass@example.test:8080/chat?token=secret');
  return { url, key, protocols: [], deflate: webSocketDefaults, origin: undefined, headers: [], ...more };
}

/** An answer of these headers, those of a good one with changes: `undefined` leaves one out. */
function answered(changes: Readonly<Record<string, string | undefined>> = {}, status = 101): HandshakeResponse {
  const fields = { Upgrade: 'websocket', Connection: 'Upgrade', 'Sec-WebSocket-Accept': accept, ...changes };
  const lines = Object.entries(fields).map(([name, value]) => (value === undefined ? '' : `${name}: ${value}\r\n`));
  return { version: '1.1', status, headers: new HeaderList(`${lines.join('')}\r\n`) };
}

/** The error that an answer is refused with. */
function refusalOf(answer: HandshakeResponse, handshake: ClientHandshake = asked()): GaleError {
  try {
    checkHandshakeResponse(answer, handshake);
  } catch (error) {
    assert.ok(error instanceof GaleError);
    assert.doesNotMatch(error.message, /secret|pass|token|ada/);
    return error;
  }
  return assert.fail('the answer was taken');
}

test('the request is worded as RFC 6455 §4.1 has it, further headers last', () => {
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

test('without options the request has only what it must', () => {
  const url = readWebSocketUrl('wss://example.test');
  assert.equal(
    handshakeRequest(asked({ url })),
    'GET / HTTP/1.1\r\nHost: example.test\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\n\r\n`,
  );
});

test('a good answer agrees on what it names, in any case and among other connection options', () => {
  assert.deepEqual(checkHandshakeResponse(answered(), asked()), { protocol: undefined, deflate: undefined });
  const loud = { Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE', 'Sec-WebSocket-Protocol': 'b' };
  assert.equal(checkHandshakeResponse(answered(loud), asked({ protocols: ['a', 'b'] })).protocol, 'b');
});

test('a server may decline subprotocols and compression that were offered', () => {
  const handshake = asked({ protocols: ['a'], deflate: compression });
  assert.deepEqual(checkHandshakeResponse(answered(), handshake), { protocol: undefined, deflate: undefined });
});

test('compression that was offered is agreed on', () => {
  const extensions =
    'permessage-deflate; server_no_context_takeover; client_no_context_takeover; client_max_window_bits=10';
  const agreed = checkHandshakeResponse(
    answered({ 'Sec-WebSocket-Extensions': extensions }),
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
  ['no Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': undefined }, 'has no Sec-WebSocket-Accept that fits'],
  ['the key as Sec-WebSocket-Accept', { 'Sec-WebSocket-Accept': key }, 'has no Sec-WebSocket-Accept that fits'],
  ['it in another case', { 'Sec-WebSocket-Accept': accept.toLowerCase() }, 'has no Sec-WebSocket-Accept that fits'],
  ['it twice', { 'sec-websocket-accept': accept }, 'has no Sec-WebSocket-Accept that fits'],
  ['a subprotocol of nobody', { 'Sec-WebSocket-Protocol': 'c' }, 'was not offered; offered: a, b'],
  ['a subprotocol in another case', { 'Sec-WebSocket-Protocol': 'A' }, 'was not offered; offered: a, b'],
  ['two subprotocols', { 'Sec-WebSocket-Protocol': 'a, b' }, 'was not offered; offered: a, b'],
  ['an empty subprotocol', { 'Sec-WebSocket-Protocol': '' }, 'was not offered; offered: a, b'],
  ['an extension of nobody', { 'Sec-WebSocket-Extensions': 'foo' }, 'agrees on extensions otherwise than offered'],
  ['compression', { 'Sec-WebSocket-Extensions': 'permessage-deflate' }, 'agrees on extensions otherwise than offered'],
  ['malformed extensions', { 'Sec-WebSocket-Extensions': 'a b' }, 'has a malformed Sec-WebSocket-Extensions'],
] as const) {
  test(`an answer is refused that has ${what}, and was not asked to`, () => {
    const error = refusalOf(answered(changes), asked({ protocols: ['a', 'b'] }));
    assert.equal(error.code, 'WS_BAD_ANSWER');
    assert.match(error.message, /^The response of ws:\/\/example\.test:8080 to a WebSocket handshake .*[^.]\.$/);
    assert.ok(error.message.includes(why), error.message);
  });
}

test('an answer is refused that agrees on compression otherwise than offered', () => {
  for (const extensions of [
    'permessage-deflate',
    'permessage-deflate; server_no_context_takeover, permessage-deflate; server_no_context_takeover',
    'permessage-deflate; server_no_context_takeover; mystery',
    'foo',
  ]) {
    const answer = answered({ 'Sec-WebSocket-Extensions': extensions });
    const error = refusalOf(answer, asked({ deflate: compression }));
    assert.equal(error.code, 'WS_BAD_ANSWER', extensions);
    assert.ok(error.cause instanceof GaleError);
  }
});

test('an answer over HTTP/1.0 is refused', () => {
  assert.match(refusalOf({ ...answered(), version: '1.0' }).message, /came over HTTP\/1\.0/);
});

test('another status than 101 is told with its headers, and a redirect with where it leads, without what may be secret', () => {
  for (const [status, location, message] of [
    [200, undefined, 'ws://example.test:8080 answered a WebSocket handshake with 200 OK.'],
    [401, undefined, 'ws://example.test:8080 answered a WebSocket handshake with 401 Unauthorized.'],
    [500, '/elsewhere', 'ws://example.test:8080 answered a WebSocket handshake with 500 Internal Server Error.'],
    [
      302,
      'https://ada:pass@login.test/in?token=secret#token',
      'ws://example.test:8080 answered a WebSocket handshake with 302 Found to https://login.test/in; ' +
        'redirects are not followed, connect to where it leads if you trust that.',
    ],
    [
      307,
      '/in?token=secret',
      'ws://example.test:8080 answered a WebSocket handshake with 307 Temporary Redirect to ws://example.test:8080/in; ' +
        'redirects are not followed, connect to where it leads if you trust that.',
    ],
    [
      301,
      undefined,
      'ws://example.test:8080 answered a WebSocket handshake with 301 Moved Permanently; ' +
        'redirects are not followed, connect to where it leads if you trust that.',
    ],
  ] as const) {
    const error = refusalOf(answered({ Location: location, 'Retry-After': '5' }, status));
    assert.ok(error instanceof WebSocketRefusedError);
    assert.deepEqual([error.code, error.message], ['WS_REFUSED', message]);
    assert.deepEqual([error.response.status, error.response.headers.get('retry-after')], [status, '5']);
  }
});
