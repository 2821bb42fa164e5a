import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { maxSearchUnits } from './matches.ts';
import { initialsOf, pinyinForms, pinyinOf } from './pinyin.ts';

for (const [name, pinyin, initials] of [
  ['张三', 'zhangsan', 'zs'],
  ['張三', 'zhangsan', 'zs'],
  ['单雄信', 'shanxiongxin', 'sxx'],
  ['單雄信', 'shanxiongxin', 'sxx'],
  ['仇英', 'qiuying', 'qy'],
  ['曾国藩', 'zengguofan', 'zgf'],
  ['曾國藩', 'zengguofan', 'zgf'],
  ['解缙', 'xiejin', 'xj'],
  ['查良镛', 'zhaliangyong', 'zly'],
  ['任盈盈', 'renyingying', 'ryy'],
  ['区寄', 'ouji', 'oj'],
  ['朴树', 'piaoshu', 'ps'],
  ['乐毅', 'yueyi', 'yy'],
  ['樂毅', 'yueyi', 'yy'],
  ['种师道', 'chongshidao', 'csd'],
  ['欧阳娜娜', 'ouyangnana', 'oynn'],
  ['尉迟恭', 'yuchigong', 'ycg'],
  ['尉遲恭', 'yuchigong', 'ycg'],
  ['长孙无忌', 'zhangsunwuji', 'zswj'],
  ['長孫無忌', 'zhangsunwuji', 'zswj'],
  ['令狐冲', 'linghuchong', 'lhc'],
  ['吕布', 'lvbu', 'lb'],
  ['女娲', 'nvwa', 'nw'],
  ['李A三', 'liasan', 'las'],
  ['小明 Ann', 'xiaomingann', 'xma'],
  ['Ann Smith', 'annsmith', 'as'],
  ['Jürgen', 'jurgen', 'j'],
  ['ＡＢ', 'ab', 'a'],
  ['张三2024', 'zhangsan2024', 'zs2024'],
  ['あきら', 'あきら', 'あ'],
  ['김 민준', '김민준', '김민'],
  ['👍', '', ''],
  ['', '', ''],
] as const) {
  test(`the pinyin of ${JSON.stringify(name)} is ${JSON.stringify(pinyin)}, its initials ${JSON.stringify(initials)}`, () => {
    assert.deepEqual([pinyinOf(name), initialsOf(name)], [pinyin, initials]);
  });
}

test('the name of a room does not begin with a surname', () => {
  assert.equal(pinyinOf('单元测试', 'room'), 'danyuanceshi');
  assert.equal(pinyinOf('重庆办公室', 'room'), 'chongqingbangongshi');
  assert.equal(initialsOf('前端 2 组', 'room'), 'qd2z');
});

test('a text that is too long for a name has no pinyin', () => {
  assert.equal(pinyinOf('单'.repeat(maxSearchUnits)).length, 4 + 3 * (maxSearchUnits - 1));
  assert.deepEqual(pinyinForms('单'.repeat(maxSearchUnits + 1)), { pinyin: '', pinyinInitials: '' });
});

test('the forms of any text contain no spaces, tones and capital letters, and are bounded', () => {
  const characters = fc.oneof(
    fc.constantFrom(...'单仇曾张三ü 一不儿'),
    fc.string({ unit: 'binary', maxLength: 4 }),
    fc.integer({ min: 0x3400, max: 0x9fff }).map((code) => String.fromCodePoint(code)),
  );
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 40 }), fc.constantFrom('person', 'room'), (parts, kind) => {
      const { pinyin, pinyinInitials } = pinyinForms(parts.join(''), kind);
      assert.doesNotMatch(pinyin, /[\s\p{Zs}āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜü]/u);
      assert.equal(pinyin, pinyin.toLowerCase());
      assert.ok(pinyin.length <= 6 * maxSearchUnits);
      assert.ok(pinyinInitials.length <= pinyin.length);
    }),
    { numRuns: 2000 },
  );
});
