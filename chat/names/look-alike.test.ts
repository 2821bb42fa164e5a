import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { handleOf } from './handle.ts';
import { skeletonOf } from './look-alike.ts';

for (const [one, other] of [
  ['Ada', 'Аda'],
  ['Аса', 'Aca'],
  ['Paypal', 'PaypaI'],
  ['paypal', 'PAYPAL'],
  ['Bernie', 'Bemie'],
  ['ＡＤＡ', 'Ada'],
  ['O2', '02'],
  ['口', '囗'],
  ['José', 'Jose\u0301'],
] as const) {
  test(`${one} and ${JSON.stringify(other)} look alike`, () => {
    assert.equal(skeletonOf(one), skeletonOf(other));
  });
}

test('names that look different have different skeletons', () => {
  const names = ['Ada', 'Adam', 'Eve', '张三', '张二', 'José', 'Jose', 'Анна', '👩', '👨'];
  assert.equal(new Set(names.map(skeletonOf)).size, names.length);
});

test('the skeleton of a name is not empty, and the same in composed and decomposed form', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 32 }), (name) => {
      assert.notEqual(skeletonOf(name), '');
      assert.equal(skeletonOf(name.normalize('NFD')), skeletonOf(name.normalize('NFC')));
    }),
    { numRuns: 1000 },
  );
});

test('a handle is short, stays the same, and differs between people', () => {
  const handles = Array.from({ length: 1000 }, (_, index) => handleOf(`person-${index}`));
  for (const handle of handles) assert.match(handle, /^#[2-9a-hjkmnp-tv-z]{4}$/);
  assert.equal(handleOf('person-0'), handles[0]);
  assert.ok(new Set(handles).size > 990, `${new Set(handles).size}`);
});
