import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError, ProtocolError } from '../../errors.ts';
import type { HttpRequest } from '../../http/request.ts';
import { HeaderList } from '../../http/protocol/header-list.ts';
import { acceptKey, handshakeResponse, readHandshake, refusalHeaders } from './handshake.ts';

const key = 'dGhlIHNhbXBsZSBub25jZQ==';
const good: Record<string, string | undefined> = {
  Host: 'server.example.com',
  Upgrade: 'websocket',
  Connection: 'Upgrade',
  'Sec-WebSocket-Key': key,
  'Sec-WebSocket-Version': '13',
};

interface Changes {
  readonly method?: string;
  readonly version?: '1.0' | '1.1';
  readonly host?: string;
  readonly protocol?: 'http' | 'https';
  readonly hasBody?: boolean;
  readonly lines?: readonly string[];
}

/** The parts of a request that a handshake uses; `undefined` removes a header. */
function requestOf(headers: Record<string, string | undefined> = {}, changes: Changes = {}): HttpRequest {
  const lines = Object.entries({ ...good, ...headers })
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const extra = (changes.lines ?? []).map((line) => `${line}\r\n`);
  const request = {
    method: 'GET',
    version: '1.1',
    host: 'server.example.com',
    protocol: 'http',
    headers: new HeaderList(`${[...lines, ...extra].join('')}\r\n`),
    hasBody: false,
    ...changes,
  };
  return request as unknown as HttpRequest;
}

function refusal(request: HttpRequest): { code: string; status: number; headers: unknown } {
  try {
    readHandshake(request);
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
    return { code: error.code, status: error.status, headers: refusalHeaders(error) };
  }
  throw new Error('the handshake was accepted');
}

test('reads a handshake and builds the response of RFC 6455 §1.3', () => {
  const handshake = readHandshake(requestOf());
  assert.deepEqual(handshake, { key, protocols: [], extensions: [] });
  assert.equal(acceptKey(key), 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
  assert.equal(
    handshakeResponse(handshake),
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n',
  );
});

test('finds tokens in lists and in any case', () => {
  readHandshake(requestOf({ Upgrade: 'WebSocket', Connection: 'keep-alive, UPGRADE' }));
  readHandshake(requestOf({ Upgrade: 'h2c, websocket ,x', Connection: ' , upgrade,' }));
  readHandshake(requestOf({ Connection: 'keep-alive' }, { lines: ['connection: Upgrade'] }));
});

function isRefused(error: unknown): boolean {
  return error instanceof GaleError && error.code === 'WS_RESPONSE';
}

const malformed: { name: string; headers?: Record<string, string | undefined>; changes?: Changes }[] = [
  { name: 'HTTP/1.0', changes: { version: '1.0' } },
  { name: 'no Upgrade', headers: { Upgrade: undefined } },
  { name: 'another Upgrade', headers: { Upgrade: 'websockets' } },
  { name: 'no Connection', headers: { Connection: undefined } },
  { name: 'a Connection without upgrade', headers: { Connection: 'keep-alive' } },
  { name: 'no Host', changes: { host: '' } },
  { name: 'a body', changes: { hasBody: true } },
  { name: 'no key', headers: { 'Sec-WebSocket-Key': undefined } },
  { name: 'an empty key', headers: { 'Sec-WebSocket-Key': '' } },
  { name: 'a key of 15 bytes', headers: { 'Sec-WebSocket-Key': Buffer.alloc(15).toString('base64') } },
  { name: 'a key of 17 bytes', headers: { 'Sec-WebSocket-Key': Buffer.alloc(17).toString('base64') } },
  { name: 'a key of 18 bytes', headers: { 'Sec-WebSocket-Key': Buffer.alloc(18).toString('base64') } },
  { name: 'a key without its padding', headers: { 'Sec-WebSocket-Key': key.slice(0, 22) } },
  { name: 'a key in the alphabet of URLs', headers: { 'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZ-==' } },
  { name: 'two keys', changes: { lines: [`Sec-WebSocket-Key: ${key}`] } },
  { name: 'an empty list of subprotocols', headers: { 'Sec-WebSocket-Protocol': ' , ' } },
  { name: 'a subprotocol with a blank', headers: { 'Sec-WebSocket-Protocol': 'a b' } },
  { name: 'a subprotocol twice', headers: { 'Sec-WebSocket-Protocol': 'a, b, a' } },
  { name: 'an extension without a name', headers: { 'Sec-WebSocket-Extensions': '; x=1' } },
  { name: 'an extension with an open quote', headers: { 'Sec-WebSocket-Extensions': 'a; b="c' } },
  { name: 'an extension parameter without a name', headers: { 'Sec-WebSocket-Extensions': 'a; =1' } },
  { name: 'a quoted value that is no token', headers: { 'Sec-WebSocket-Extensions': 'a; b="c d"' } },
];

for (const { name, headers, changes } of malformed) {
  test(`rejects with 400: ${name}`, () => {
    assert.deepEqual(refusal(requestOf(headers, changes)), { code: 'WS_HANDSHAKE', status: 400, headers: [] });
  });
}

test('rejects another method than GET with 405 and Allow', () => {
  for (const method of ['POST', 'HEAD', 'get', 'CONNECT']) {
    const expected = { code: 'WS_METHOD', status: 405, headers: [['Allow', 'GET']] };
    assert.deepEqual(refusal(requestOf({}, { method })), expected);
  }
});

test('rejects another version than 13 with 426 and the version 13', () => {
  for (const version of [undefined, '', '8', '7', '14', '013', '13, 8', 'x']) {
    const { code, status, headers } = refusal(requestOf({ 'Sec-WebSocket-Version': version }));
    assert.deepEqual([code, status], ['WS_VERSION', 426]);
    assert.deepEqual(Object.fromEntries(headers as [string, string][]), {
      'Sec-WebSocket-Version': '13',
      Upgrade: 'websocket',
      Connection: 'Upgrade',
    });
  }
});

test('reads subprotocols in order, from several headers too', () => {
  const request = requestOf({ 'Sec-WebSocket-Protocol': 'chat.v2,  chat' }, { lines: ['Sec-WebSocket-Protocol: old'] });
  assert.deepEqual(readHandshake(request).protocols, ['chat.v2', 'chat', 'old']);
});

test('reads extension offers with quoted and repeated parameters', () => {
  const value = 'permessage-deflate; client_max_window_bits; server_max_window_bits="10", x;a=1;a=2,';
  assert.deepEqual(readHandshake(requestOf({ 'Sec-WebSocket-Extensions': value })).extensions, [
    {
      name: 'permessage-deflate',
      parameters: [
        ['client_max_window_bits', undefined],
        ['server_max_window_bits', '10'],
      ],
    },
    {
      name: 'x',
      parameters: [
        ['a', '1'],
        ['a', '2'],
      ],
    },
  ]);
});

test('declines offered extensions by default', () => {
  const handshake = readHandshake(requestOf({ 'Sec-WebSocket-Extensions': 'permessage-deflate' }));
  assert.doesNotMatch(handshakeResponse(handshake), /extensions/i);
});

test('includes an offered subprotocol and further headers, but none of a body or of the handshake', () => {
  const handshake = readHandshake(requestOf({ 'Sec-WebSocket-Protocol': 'a, b' }));
  const headers = [
    ['Set-Cookie', 'one=1'],
    ['Set-Cookie', 'two=2'],
    ['Content-Type', 'text/html'],
    ['content-length', '0'],
    ['Transfer-Encoding', 'chunked'],
    ['Sec-WebSocket-Accept', 'x'],
    ['Connection', 'close'],
  ] as const;
  const lines = handshakeResponse(handshake, { protocol: 'b', headers }).split('\r\n');
  assert.deepEqual(lines.slice(4), ['Sec-WebSocket-Protocol: b', 'Set-Cookie: one=1', 'Set-Cookie: two=2', '', '']);
});

test('rejects a response with a subprotocol that was not offered or an invalid header', () => {
  const handshake = readHandshake(requestOf({ 'Sec-WebSocket-Protocol': 'a' }));
  assert.throws(() => handshakeResponse(handshake, { protocol: 'b' }), {
    code: 'WS_RESPONSE',
    message: 'protocol must be "a"; got "b".',
  });
  assert.throws(() => handshakeResponse(handshake, { headers: [['X', 'a\r\nSet-Cookie: b']] }), isRefused);
  assert.throws(() => handshakeResponse(handshake, { headers: [['X\r\nY', 'a']] }), isRefused);
  assert.throws(() => handshakeResponse(handshake, { headers: [['X', '世']] }), isRefused);
});

test('includes accepted extensions and rejects invalid characters in them', () => {
  const handshake = readHandshake(requestOf());
  const response = handshakeResponse(handshake, { extensions: 'permessage-deflate; server_max_window_bits=10' });
  assert.match(response, /\r\nSec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n\r\n$/);
  assert.doesNotMatch(handshakeResponse(handshake, { extensions: undefined }), /Extensions/);
  assert.throws(() => handshakeResponse(handshake, { extensions: 'a\r\nSet-Cookie: b' }), { code: 'WS_RESPONSE' });
});
