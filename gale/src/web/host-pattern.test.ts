import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { createHostTest, hostNameOf } from './host-pattern.ts';

test('a name matches itself, and *.name matches its subdomains only', () => {
  const one = createHostTest('Example.com');
  const below = createHostTest('*.example.com');
  assert.deepEqual(['example.com', 'www.example.com', 'example.org'].map(one), [true, false, false]);
  assert.deepEqual(['example.com', 'www.example.com', 'a.b.example.com', 'notexample.com'].map(below), [
    false,
    true,
    true,
    false,
  ]);
  assert.equal(below('.example.com'), false);
});

test('a regular expression matches the whole host name, in any case', () => {
  const test = createHostTest(/(?:a|b)\.example\.com/g);
  assert.deepEqual(['a.example.com', 'B.example.com', 'a.example.com', 'xa.example.com'].map(test), [
    true,
    true,
    true,
    false,
  ]);
});

test('a name in another script matches its punycode', () => {
  assert.equal(createHostTest('Bücher.example')('xn--bcher-kva.example'), true);
  const below = createHostTest('*.bücher.example');
  assert.deepEqual(['www.xn--bcher-kva.example', 'xn--bcher-kva.example'].map(below), [true, false]);
});

test('the error of an invalid pattern names it', () => {
  const refused = [
    '',
    '*',
    '.*',
    'http://site.example',
    'site.example:80',
    'a b',
    'bücher.example/x',
    '^a$',
    7,
    undefined,
  ];
  for (const pattern of [...refused, /bücher/]) {
    assert.throws(
      () => createHostTest(pattern as string),
      (error) =>
        error instanceof GaleError &&
        error.code === 'WEB_ROUTE' &&
        error.message.includes(`got ${typeof pattern === 'string' ? JSON.stringify(pattern) : String(pattern)}.`),
      String(pattern),
    );
  }
});

test('removes the port of a host, but no part of an IPv6 address', () => {
  assert.equal(hostNameOf('example.com'), 'example.com');
  assert.equal(hostNameOf('example.com:8080'), 'example.com');
  assert.equal(hostNameOf('[::1]'), '[::1]');
  assert.equal(hostNameOf('[::1]:8080'), '[::1]');
});
