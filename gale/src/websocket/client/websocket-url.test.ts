import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inspect } from 'node:util';
import { GaleError } from '../../errors.ts';
import { readWebSocketUrl } from './websocket-url.ts';

/** The error for a URL. */
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

test('reads host, port, target and Host from a URL', () => {
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

test('encodes user and password as Basic authentication in UTF-8', () => {
  assert.equal(readWebSocketUrl('ws://ada:s%3Acret@a').authorization, basic('ada:s:cret'));
  assert.equal(readWebSocketUrl('ws://ada@a').authorization, basic('ada:'));
  assert.equal(readWebSocketUrl('ws://:token@a').authorization, basic(':token'));
  assert.equal(readWebSocketUrl('ws://%E4%B8%96:%C3%BC@a').authorization, basic('世:ü'));
});

test('rejects an invalid URL without secrets in the message', () => {
  for (const [url, why] of [
    ['chat', 'url must be an absolute URL; got a text that may be secret, so it is not shown.'],
    ['ws://ada:hidden@a b/?hidden', 'must be an absolute URL'],
    ['ftp://ada:hidden@a/?hidden', 'must have the scheme ws:, wss:, http: or https:; got "ftp:".'],
    ['wss://ada:hidden@a/?hidden#', 'url must not have a fragment; got one.'],
    ['wss://a/?hidden#hidden', 'must not have a fragment'],
    ['ws://ada:%ffhidden@a/', 'in percent-encoded UTF-8'],
    ['ws://a%3Ahidden:b@a/', 'must have a user without a colon'],
  ] as const) {
    const error = refusalOf(url);
    assert.equal(error.code, 'WS_URL');
    assert.ok(error.message.includes(why), `${url}: ${error.message}`);
    assert.doesNotMatch(inspect(error).split('\n    at ')[0]!, /hidden/, url);
  }
});
