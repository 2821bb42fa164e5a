import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { GaleError } from '../../errors.ts';
import { readWebSocketUrl } from './websocket-url.ts';

/** The error that reading a URL throws. */
function refusalOf(url: string): GaleError {
  try {
    readWebSocketUrl(url);
  } catch (error) {
    assert.ok(error instanceof GaleError);
    return error;
  }
  return assert.fail(`${url} was taken`);
}

function basic(text: string): string {
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

test('a URL says where to connect, what to ask for and what Host is', () => {
  assert.deepEqual(readWebSocketUrl('ws://Example.test/a%20b/c?room=1&x'), {
    isSecure: false,
    host: 'example.test',
    port: 80,
    authority: 'example.test',
    target: '/a%20b/c?room=1&x',
    authorization: undefined,
    shown: 'ws://example.test',
  });
});

for (const [url, isSecure, host, port, authority] of [
  ['ws://a:80', false, 'a', 80, 'a'],
  ['ws://a:443', false, 'a', 443, 'a:443'],
  ['http://a', false, 'a', 80, 'a'],
  ['wss://a', true, 'a', 443, 'a'],
  ['https://a:8443', true, 'a', 8443, 'a:8443'],
  ['WSS://a:80', true, 'a', 80, 'a:80'],
  ['ws://[::1]:8080', false, '::1', 8080, '[::1]:8080'],
  ['ws://127.1', false, '127.0.0.1', 80, '127.0.0.1'],
  ['ws://bücher.test', false, 'xn--bcher-kva.test', 80, 'xn--bcher-kva.test'],
] as const) {
  test(`${url} is ${isSecure ? 'secure' : 'plain'}, at port ${port} of ${host}`, () => {
    const read = readWebSocketUrl(new URL(url));
    const { target } = read;
    assert.deepEqual(
      { isSecure: read.isSecure, host: read.host, port: read.port, authority: read.authority, target },
      { isSecure, host, port, authority, target: '/' },
    );
  });
}

test('a user and a password become Basic Authorization in UTF-8', () => {
  assert.equal(readWebSocketUrl('ws://ada:s%3Acret@a').authorization, basic('ada:s:cret'));
  assert.equal(readWebSocketUrl('ws://ada@a').authorization, basic('ada:'));
  assert.equal(readWebSocketUrl('ws://:token@a').authorization, basic(':token'));
  assert.equal(readWebSocketUrl('ws://%E4%B8%96:%C3%BC@a').authorization, basic('世:ü'));
});

test('a wrong URL is refused without repeating what may be secret in it', () => {
  for (const [url, why] of [
    ['chat', 'is no absolute URL'],
    ['ws://ada:hidden@a b/?hidden', 'is no absolute URL'],
    ['ftp://ada:hidden@a/?hidden', 'has the scheme ftp: and not'],
    ['wss://ada:hidden@a/?hidden#', 'has a fragment'],
    ['wss://a/?hidden#hidden', 'has a fragment'],
    ['ws://ada:%ffhidden@a/', 'that is not percent-encoded UTF-8'],
    ['ws://a%3Ahidden:b@a/', 'has a user with a colon'],
  ] as const) {
    const error = refusalOf(url);
    assert.equal(error.code, 'WS_URL');
    assert.ok(error.message.includes(why), `${url}: ${error.message}`);
    assert.doesNotMatch(inspect(error).split('\n    at ')[0]!, /hidden/, url);
  }
});
