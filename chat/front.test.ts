import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from 'gale';
import { Front } from './front.ts';
import { StartError } from './start-error.ts';

function requestFrom(remoteAddress: string, forwarded?: string): HttpRequest {
  const headers = { get: (name: string) => (name === 'x-forwarded-for' ? forwarded : undefined) };
  return { remoteAddress, protocol: 'http', headers } as unknown as HttpRequest;
}

test('without a proxy nobody is believed about where they come from', () => {
  const front = new Front();
  assert.equal(front.origin, undefined);
  assert.equal(front.addressOf(requestFrom('10.0.0.1', '1.2.3.4')), '10.0.0.1');
  assert.equal(front.isSecure(requestFrom('10.0.0.1')), false);
});

test('a proxy says who comes, and a visitor cannot say it in its place', () => {
  const front = new Front('https://chat.example');
  assert.equal(front.addressOf(requestFrom('10.0.0.1', 'forged, 1.2.3.4')), '1.2.3.4');
  assert.equal(front.addressOf(requestFrom('10.0.0.1')), '10.0.0.1');
  assert.equal(front.addressOf(requestFrom('::ffff:127.0.0.1', '2001:db8::7')), '2001:db8::7');
  assert.equal(front.isSecure(requestFrom('10.0.0.1')), true);
  assert.equal(new Front('http://chat.example').isSecure(requestFrom('10.0.0.1')), false);
});

test('who comes from far away is not the proxy, and what is no address is not taken for one', () => {
  const front = new Front('https://chat.example');
  assert.equal(front.addressOf(requestFrom('203.0.113.9', '1.2.3.4')), '203.0.113.9');
  assert.equal(front.addressOf(requestFrom('2001:db8::9', '1.2.3.4')), '2001:db8::9');
  for (const forged of ['1.2.3.4:5555', 'unknown', 'x'.repeat(5000), '']) {
    assert.equal(front.addressOf(requestFrom('127.0.0.1', forged)), '127.0.0.1');
  }
});

for (const origin of [
  'chat.example',
  'https://chat.example/',
  'https://chat.example/path',
  'ftp://chat.example',
  'https://',
]) {
  test(`${origin} is no origin`, () => {
    assert.throws(() => new Front(origin), StartError);
  });
}
