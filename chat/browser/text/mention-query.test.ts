import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findMentionQuery } from './mention-query.ts';

for (const [typed, query] of [
  ['@|', ''],
  ['@a|', 'a'],
  ['hi @zhangs|', 'zhangs'],
  ['你好@张|', '张'],
  ['你好＠张|三', '张'],
  ['(@ann l|', 'ann l'],
  ['@a @b|', 'b'],
  ['@张三，@|', ''],
  ['a\n@b|', 'b'],
  ['|@a', undefined],
  ['a@b|', undefined],
  ['mail ann.lee@exam|', undefined],
  ['@ a|', undefined],
  ['@a\nb|', undefined],
  ['`@a|`', undefined],
  ['<@abc>|', undefined],
  [`@${'x'.repeat(200)}|`, undefined],
  ['no|', undefined],
] as const) {
  test(`the mention typed in ${JSON.stringify(typed.slice(0, 30))} is ${JSON.stringify(query)}`, () => {
    const caret = typed.indexOf('|');
    const text = typed.replace('|', '');
    const found = findMentionQuery(text, caret);
    assert.equal(found?.text, query);
    if (found) assert.match(text[found.at]!, /[@＠]/);
  });
}
