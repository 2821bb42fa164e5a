import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../../errors.ts';
import { assertFits, resolveConnectOptions } from './connect-options.ts';
import type { ConnectOptions } from './connect-options.ts';
import { readWebSocketUrl } from './websocket-url.ts';

test('fills in the defaults', () => {
  const resolved = resolveConnectOptions({});
  assert.deepEqual([resolved.connectTimeoutMs, resolved.maxHeadBytes], [10_000, 16_384]);
  assert.deepEqual([resolved.protocols, resolved.headers, resolved.websocket.compress], [[], [], false]);
});

test('accepts headers as an object, a list of pairs or any iterable of pairs', () => {
  const pairs = [
    ['cookie', 'a=b'],
    ['x-trace', ''],
  ] as const;
  for (const headers of [
    { cookie: 'a=b', 'x-trace': '' },
    pairs,
    new Map(pairs),
    new Headers(pairs.map(([...pair]) => pair)),
  ]) {
    assert.deepEqual(resolveConnectOptions({ headers }).headers, pairs);
  }
});

for (const [what, options, message] of [
  ['an unknown name', { timeout: 1 }, /^Unknown connectWebSocket option timeout; the options are .*connectTimeoutMs/],
  ['an unknown limit', { websocket: { pings: 1 } }, /^Unknown WebSocket option pings; the options are /],
  ['limits that are none', { websocket: null }, /^WebSocket options must be an object; got null\.$/],
  [
    'a wrong limit',
    { websocket: { maxMessageBytes: 0 } },
    /^maxMessageBytes must be an integer from 1 to 2147483648; got 0/,
  ],
  ['no time', { connectTimeoutMs: 0 }, /^connectTimeoutMs must be an integer from 1 to 2147483647; got 0\.$/],
  ['a tiny head', { maxHeadBytes: 255 }, /^maxHeadBytes must be an integer from 256/],
  ['protocols as text', { protocols: 'chat' }, /^protocols must be an array of different tokens; got "chat"\.$/],
  ['a protocol twice', { protocols: ['a', 'a'] }, /^protocols must be an array/],
  ['a protocol that is no token', { protocols: ['a b'] }, /^protocols must be an array/],
  ['an origin with a line end', { origin: 'a\r\nb' }, /^origin must be an origin such as/],
  ['an origin that is no text', { origin: null }, /^origin must be an origin such as/],
  ['an empty origin', { origin: '' }, /^origin must be an origin such as/],
  ['a signal that is none', { signal: {} }, /^signal must be an AbortSignal/],
  ['tls as text', { tls: 'ca' }, /^tls must be an object/],
  ['an empty socket path', { socketPath: '' }, /^socketPath must be the path/],
  ['a callback that is none', { onMessage: 'echo' }, /^onMessage must be a function; got "echo"\.$/],
  ['headers as text', { headers: 'Cookie: hidden' }, /^headers must be an object or a list of pairs; got string\.$/],
  [
    'a name that is no token',
    { headers: { 'hidden: a': 'b' } },
    /^headers must be pairs of a name .*; got another entry at position 1\.$/,
  ],
  [
    'a list that is not of pairs',
    { headers: [['a', 'b'], ['Bearer hidden']] },
    /^headers must be pairs of a name .*; got another entry at position 2\.$/,
  ],
  [
    'a value with a line end',
    { headers: { 'x-a': 'hidden\r\nx-b: 1' } },
    /^headers must have values without control characters and .*; got such a value for x-a\.$/,
  ],
  ['a value over Latin-1', { headers: { 'x-a': 'hidden世' } }, /characters over U\+00FF; got such a value for x-a\.$/],
  ['a value that is no text', { headers: { 'x-a': 5 } }, /^headers must have strings as values; got number for x-a\.$/],
] as const) {
  test(`rejects ${what}`, () => {
    assert.throws(
      () => resolveConnectOptions(options as unknown as ConnectOptions),
      (error) => {
        assert.ok(error instanceof GaleError);
        assert.match(error.code, /^OPTION_(VALUE|UNKNOWN)$/);
        assert.match(error.message, message);
        assert.doesNotMatch(error.message, /hidden/);
        return true;
      },
    );
  });
}

test('rejects headers of the handshake in any case', () => {
  for (const name of [
    'host',
    'Connection',
    'UPGRADE',
    'Origin',
    'Sec-WebSocket-Key',
    'sec-websocket-protocol',
    'Content-Length',
    'Transfer-Encoding',
    'Expect',
  ]) {
    assert.throws(
      () => resolveConnectOptions({ headers: { [name]: 'x' } }),
      (error) =>
        error instanceof GaleError &&
        error.message.startsWith(`headers must not contain headers of the handshake; got ${name}. `),
      name,
    );
  }
});

for (const [what, url, options, message] of [
  [
    'tls without an encrypted URL',
    'ws://example.com/',
    { tls: {} },
    /^tls must be omitted without wss: or https:; got ws:\/\/example\.com\.$/,
  ],
  [
    'a user in the URL and an Authorization header',
    'ws://ada:hidden@example.com/',
    { headers: { AUTHORIZATION: 'hidden' } },
    /^headers must not have Authorization if the URL has a user; use one of them\.$/,
  ],
] as const) {
  test(`rejects ${what}`, () => {
    assert.throws(
      () => assertFits(readWebSocketUrl(url), resolveConnectOptions(options)),
      (error) => {
        assert.ok(error instanceof GaleError);
        assert.equal(error.code, 'OPTION_VALUE');
        assert.match(error.message, message);
        return true;
      },
    );
  });
}
