import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { entityTagOf, hasTag, isEntityTag, isStrongMatch, isWeakMatch } from './entity-tag.ts';

test('equal bodies have equal tags, as text or bytes, long or short', () => {
  for (const body of ['', 'hello', '中文', 'x'.repeat(5000)]) {
    assert.match(entityTagOf(body), /^"[\w-]{27}"$/);
    assert.equal(entityTagOf(body), entityTagOf(Buffer.from(body)));
    assert.equal(entityTagOf(body), entityTagOf(body));
  }
  // Of the same length, so that they share a slot of the cache.
  assert.notEqual(entityTagOf('hello'), entityTagOf('hullo'));
  assert.equal(entityTagOf('hello'), entityTagOf(Buffer.from('hello')));
});

test('a tag is in double quotes, with no space and no other double quote', () => {
  for (const tag of ['"a"', 'W/"a"', '""', '"!"', '"a,b"', '"\\"', '"*"', '"é"', '"W/"'])
    assert.ok(isEntityTag(tag), tag);
  for (const tag of [
    '',
    'a',
    '*',
    '"',
    '"a',
    'a"',
    'w/"a"',
    'W/a',
    'W/ "a"',
    '"a b"',
    '"a"b"',
    '"中"',
    '"a"\n',
    '"\x7f"',
  ]) {
    assert.ok(!isEntityTag(tag), tag);
  }
});

test('compares strongly: equal and not weak', () => {
  assert.ok(isStrongMatch('"a"', '"a"'));
  assert.ok(!isStrongMatch('W/"a"', 'W/"a"'));
  assert.ok(!isStrongMatch('W/"a"', '"a"'));
  assert.ok(!isStrongMatch('"a"', 'W/"a"'));
  assert.ok(!isStrongMatch('"a"', '"A"'));
});

test('compares weakly: equal apart from W/', () => {
  for (const left of ['"a"', 'W/"a"']) for (const right of ['"a"', 'W/"a"']) assert.ok(isWeakMatch(left, right));
  assert.ok(!isWeakMatch('"a"', '"b"'));
});

test('finds a tag in a list', () => {
  const lists = ['"a"', '"b", "a"', '"b","a" ', ', ,"a",,', '\t"a"\t,\t"c"', '"x,y", "a"', 'W/"a", "a"'];
  for (const list of lists) assert.equal(hasTag(list, '"a"', isStrongMatch), true, list);
  for (const list of ['', ',', ' , ', '"b"', 'W/"a"', '"aa"', '"x,y"']) {
    assert.equal(hasTag(list, '"a"', isStrongMatch), false, list);
  }
  assert.equal(hasTag('"b", W/"a"', '"a"', isWeakMatch), true);
  assert.equal(hasTag('"x,y"', '"x,y"', isStrongMatch), true);
});

test('a list that breaks the grammar anywhere is malformed, although it has the tag', () => {
  const lists = [
    'a',
    '"a" b',
    'b "a"',
    '"a" "b"',
    '"a', // A quote is open.
    '"a", "',
    '"a", *',
    '*, "a"',
    '*',
    'w/"a"',
    '"a", W/ "b"',
    '"a"; "b"',
    '"a\tb", "a"',
    '\u00a0"a"',
  ];
  for (const list of lists) assert.equal(hasTag(list, '"a"', isWeakMatch), undefined, list);
});

test('finds every tag of every list, whatever the tags contain', () => {
  const character = fc.integer({ min: 0x21, max: 0xff }).filter((code) => code !== 0x22 && code !== 0x7f);
  const tag = fc.string({ unit: character.map((code) => String.fromCharCode(code)) }).map((text) => `"${text}"`);
  const comma = fc.constantFrom(',', ', ', ' ,\t', ',,', ', , ');
  fc.assert(
    fc.property(fc.array(tag, { minLength: 1 }), comma, tag, (tags, between, other) => {
      const list = tags.join(between);
      for (const one of tags) assert.equal(hasTag(list, one, isStrongMatch), true);
      assert.equal(hasTag(list, other, isStrongMatch), tags.includes(other));
    }),
  );
});

test('reads a list in linear time', () => {
  const size = 500_000;
  const start = process.cpuUsage();
  for (const filler of [' ', ',', ' ,', '"', '"a" ', 'W/', '"a",', '\t', '!']) {
    for (const list of [filler.repeat(size), `"a"${filler.repeat(size)}x`, `"${filler.repeat(size)}x`]) {
      hasTag(list, '"b"', isWeakMatch);
    }
  }
  // About 0.2 s; a quadratic reader would need 10^11 steps.
  assert.ok(process.cpuUsage(start).user < 5_000_000);
});
