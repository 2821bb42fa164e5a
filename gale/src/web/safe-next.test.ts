import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { safeNext } from './safe-next.ts';

test('accepts a path of this site', () => {
  for (const next of ['/', '/story/7?page=2#top', '/a//b', '/?next=http://x/', '/中文', '/a:b', '/@x', '/%0d%0a']) {
    assert.equal(safeNext(next), next);
  }
});

test('accepts a path of up to 2,048 characters', () => {
  assert.equal(safeNext(`/${'x'.repeat(2047)}`), `/${'x'.repeat(2047)}`);
  assert.equal(safeNext(`/${'x'.repeat(2048)}`), '/');
});

test('returns the fallback for everything else', () => {
  const foreign = ['//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', 'http://evil.example'];
  const tricks = [
    'https:evil.example',
    'javascript:alert(1)',
    ' /x',
    '\t/x',
    '/\t/evil.example',
    '/x\r\ny: z',
    '/\x7f',
  ];
  const rest = ['', 'x', '?x', '/..//evil.example', '/.//evil.example', '/%2e%2e//evil.example', '/\x85', '/\ud800'];
  for (const next of [...foreign, ...tricks, ...rest, undefined]) {
    assert.equal(safeNext(next, '/home'), '/home', JSON.stringify(next));
  }
  assert.equal(safeNext('//evil.example'), '/');
});

test('a browser stays on this site for any value', () => {
  const piece = fc.constantFrom(
    '/',
    '\\',
    '.',
    '..',
    ':',
    '@',
    '?',
    '#',
    '\t',
    '\n',
    ' ',
    'http',
    'evil.example',
    '%2f',
    '中',
  );
  const anything = fc.oneof(
    fc.array(piece).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(anything, (next) => {
      const url = new URL(safeNext(next), 'https://site.example/login');
      assert.equal(url.origin, 'https://site.example');
      assert.ok(!url.pathname.startsWith('//'));
    }),
    { numRuns: 2_000 },
  );
});
