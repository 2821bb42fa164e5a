import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { canMentionAt, toShownText, toWireText } from './mention-text.ts';

const ids = new Map([
  ['张三', 'zs'],
  ['张三丰', 'zsf'],
  ['Ann', 'ann'],
  ['Ann Lee', 'lee'],
  ['a.b (c)', 'abc'],
]);
const names = new Map([...ids].map(([name, id]) => [id, `@${name}`]));

for (const [shown, wire] of [
  ['@张三 hi', '<@zs> hi'],
  ['你好@张三，@张三丰', '你好<@zs>，<@zsf>'],
  ['＠张三', '<@zs>'],
  ['@张三你好', '<@zs>你好'],
  ['@Ann, @Ann Lee!', '<@ann>, <@lee>!'],
  ['@Anna @ann @An', '@Anna @ann @An'],
  ['@Ann你好', '<@ann>你好'],
  ['@a.b (c)', '<@abc>'],
  ['@@Ann', '@<@ann>'],
  ['mail@Ann x.@Ann a-@Ann', 'mail@Ann x.@Ann a-@Ann'],
  ['@all @所有人 @alley', '<@all> <@all> @alley'],
  ['`@Ann` @Ann', '`@Ann` <@ann>'],
  ['```\n@张三\n```\n@张三', '```\n@张三\n```\n<@zs>'],
  ['@Ann `@张三` @Ann', '<@ann> `@张三` <@ann>'],
  ['<@ann> @Ann', '<@ann> <@ann>'],
  ['**@Ann** > - @Ann', '**<@ann>** > - <@ann>'],
  ['no names', 'no names'],
] as const) {
  test(`${JSON.stringify(shown)} is sent as ${JSON.stringify(wire)}`, () => {
    assert.equal(toWireText(shown, ids), wire);
  });
}

for (const [wire, shown] of [
  ['<@zs> <@zsf>，<@ann>', '@张三 @张三丰，@Ann'],
  ['<@unknown>', '<@unknown>'],
  ['`<@zs>` <@zs>', '`<@zs>` @张三'],
  ['```\n<@zs>\n```', '```\n<@zs>\n```'],
] as const) {
  test(`${JSON.stringify(wire)} is shown as ${JSON.stringify(shown)}`, () => {
    assert.equal(
      toShownText(wire, (id) => names.get(id)),
      shown,
    );
  });
}

for (const [text, allowed] of [
  ['|', true],
  ['hi |', true],
  ['你好|', true],
  ['こんにちは|', true],
  ['(|', true],
  ['a|', false],
  ['a.b|', false],
  ['a+|', false],
  ['1|', false],
  ['ж|', false],
  ['`a` |', true],
  ['`a |` b', false],
  ['`a |', true],
  ['```\nlet a = |', false],
  ['```\na\n```\n|', true],
] as const) {
  test(`a mention may ${allowed ? '' : 'not '}begin at ${JSON.stringify(text)}`, () => {
    assert.equal(canMentionAt(text.replace('|', ''), text.indexOf('|')), allowed);
  });
}

test('a text with mentions stays the same after it was shown and typed again', () => {
  const piece = fc.oneof(
    fc.constantFrom('<@zs>', '<@zsf>', '<@ann>', ' ', '，', '**', '> ', '\n', '你好', 'x ', '- '),
    fc.string({ unit: 'grapheme', maxLength: 3 }).filter((text) => !/[@＠`<]/.test(text)),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      // A word directly before or after the name would be a part of it, so such texts keep the id.
      const wire = pieces.join(' ');
      const shown = toShownText(wire, (id) => names.get(id));
      assert.equal(toWireText(shown, ids), wire);
    }),
    { numRuns: 2000 },
  );
});
