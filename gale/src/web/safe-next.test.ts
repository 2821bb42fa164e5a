import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeNext } from './safe-next.ts';

test('a path of this site is followed', () => {
  for (const next of ['/', '/story/7?page=2#top', '/a//b', '/?next=http://x/', '/中文', '/a:b', '/@x', '/%0d%0a']) {
    assert.equal(safeNext(next), next);
  }
});

test('everything else leads to the fallback', () => {
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
