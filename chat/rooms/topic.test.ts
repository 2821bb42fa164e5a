import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTopic } from './topic.ts';

test('a topic is one line of visible characters, or empty', () => {
  assert.equal(readTopic('  Tea\n\t and  coffee '), 'Tea and coffee');
  assert.equal(readTopic(''), '');
  assert.equal(readTopic('👩‍👧'), '👩‍👧');
  for (const typed of [
    '\u200b',
    '\u3164',
    '\u2800',
    '\u00ad',
    '\u0301\u0301',
    'a\u202eb',
    '\0',
    '\ud800',
    'x'.repeat(201),
  ])
    assert.throws(() => readTopic(typed), { code: 'CHAT_TOPIC' }, JSON.stringify(typed));
});
