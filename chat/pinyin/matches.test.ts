import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bestMatches, matches, maxSearchUnits } from './matches.ts';
import { pinyinForms } from './pinyin.ts';

const searched = (name: string) => ({ name, ...pinyinForms(name) });

for (const [query, name] of [
  ['张', '张三'],
  ['三', '张三'],
  ['zhangs', '张三'],
  ['zhangsan', '张三'],
  ['zhang san', '张三'],
  ['Zhang San', '张三'],
  ['ＺＳ', '张三'],
  ['zs', '张三'],
  ['s', '张三'],
  ['san', '张三'],
  ["xi'an", '西安'],
  ['lv', '吕布'],
  ['lüb', '吕布'],
  ['smi', 'Ann Smith'],
  ['mit', 'Ann Smith'],
  ['as', 'Ann Smith'],
  ['muller', 'Müller'],
  ['müller', 'Muller'],
  ['-b', 'a-b'],
  ['', '张三'],
  ['  ', '张三'],
] as const) {
  test(`${JSON.stringify(query)} finds ${JSON.stringify(name)}`, () => {
    assert.notEqual(matches(query, searched(name)), undefined);
  });
}

for (const [query, name] of [
  ['李', '张三'],
  ['angs', '张三'],
  ['zsx', '张三'],
  ['sz', '张三'],
  ['!', '张三'],
  ['.*', '张三'],
  ['x'.repeat(maxSearchUnits + 1), 'x'.repeat(maxSearchUnits + 1)],
  ['x', 'x'.repeat(maxSearchUnits + 1)],
] as const) {
  test(`${JSON.stringify(query.slice(0, 20))} does not find ${JSON.stringify(name.slice(0, 20))}`, () => {
    assert.equal(matches(query, searched(name)), undefined);
  });
}

test('a name without pinyin is found by its letters', () => {
  assert.equal(matches('ann', { name: 'Ann' }), 0);
  assert.equal(matches('zs', { name: '张三' }), undefined);
});

test('the best match is first: the name itself, its beginning, a word of it, initials, pinyin, then a part', () => {
  const names = ['阿三', '王素贞 San', '李三山', 'Susan', 'san-jose', '三', 'Santa', 'San'].map(searched);
  assert.deepEqual(
    bestMatches('san', names, 7).map(({ name }) => name),
    ['San', 'san-jose', 'Santa', '王素贞 San', '三', 'Susan', '阿三'],
  );
  assert.deepEqual(
    bestMatches('zs', ['王自生', '张三丰', '张三'].map(searched), 20).map(({ name }) => name),
    ['张三', '张三丰', '王自生'],
  );
});

test('each part of a name, of its pinyin from a syllable on, and its initials find it', () => {
  const han = fc.integer({ min: 0x4e00, max: 0x9fa5 }).map((code) => String.fromCodePoint(code));
  fc.assert(
    fc.property(fc.array(han, { minLength: 1, maxLength: 5 }), fc.nat(), fc.nat(), (characters, from, length) => {
      const name = searched(characters.join(''));
      const start = from % characters.length;
      const part = characters.slice(start, start + 1 + (length % characters.length)).join('');
      assert.notEqual(matches(part, name), undefined, part);
      assert.notEqual(matches(name.pinyin.slice(0, 1 + (length % name.pinyin.length)), name), undefined, name.pinyin);
      assert.notEqual(matches(name.pinyinInitials, name), undefined, name.pinyinInitials);
    }),
    { numRuns: 500 },
  );
});
