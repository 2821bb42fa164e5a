import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { toPlainText } from '../messages/markdown/plain-text.ts';
import { mentionText } from './mention-wire.ts';
import { mentionsOf } from './mentions-of.ts';

for (const [text, ids] of [
  ['hello', []],
  ['a@b.example', []],
  ['<@a> and <@b>, <@a>', ['a', 'b']],
  ['你好<@a>', ['a']],
  ['**<@a>** > <@b>', ['a', 'b']],
  ['> - <@a>\n\n1. ~~<@b>~~', ['a', 'b']],
  ['`<@a>` ``<@b>``', []],
  ['```\n<@a>\n```\n<@b>', ['b']],
  ['<@all>', ['all']],
] as const) {
  test(`${JSON.stringify(text)} mentions ${JSON.stringify(ids)}`, () => {
    assert.deepEqual(mentionsOf(text), ids);
  });
}

test('a mention shows the name that its id has now', () => {
  const names: Record<string, string> = { a: '@张三', all: '@所有人' };
  assert.equal(
    toPlainText('**<@a>**，<@all> <@b> `<@a>`', (id) => names[id] ?? '@?'),
    '@张三，@所有人 @? <@a>',
  );
});

test('mentions between any texts without code are found, in their order', () => {
  const id = fc.string({ unit: fc.constantFrom(...'abcXYZ019_-'), minLength: 1, maxLength: 64 });
  const text = fc
    .string({ unit: fc.constantFrom(...'ab 张三。*_~>\n-1.@<'), maxLength: 10 })
    // A text that is a mention itself would be one more, and three tildes begin code.
    .filter((each) => !/<@[\w-]+>|~~~/.test(each));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, id), { maxLength: 10 }), (parts) => {
      const whole = parts.map(([before, mentioned]) => before + mentionText(mentioned)).join('');
      assert.deepEqual(mentionsOf(whole), [...new Set(parts.map(([, mentioned]) => mentioned))]);
    }),
    { numRuns: 1000 },
  );
});
