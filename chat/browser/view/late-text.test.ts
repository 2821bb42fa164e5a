import assert from 'node:assert/strict';
import { test } from 'node:test';
import { translator } from '../../locale/translator.ts';
import { refusalText } from './late-text.ts';

function textOf(language: 'en' | 'zh-CN', code: string, retryAfterMs?: number): string {
  return refusalText({ language, t: translator(language), today: 0, timeZone: 'UTC' }, { code, retryAfterMs }, 40);
}

test('a refusal because of a limit of an hour says in how many minutes the next try is possible', () => {
  assert.match(textOf('en', 'CHAT_ROOMS_TOO_FAST', 3_540_001), / possible in 60 minutes\.$/);
  assert.match(textOf('en', 'CHAT_NAMES_TOO_FAST', 120_000), / possible in 2 minutes\.$/);
  assert.match(textOf('en', 'CHAT_CHANGES_TOO_FAST', 1), / possible in 1 minute\.$/);
  assert.match(textOf('zh-CN', 'CHAT_ROOMS_ADDRESS', 120_000), /请在 2 分钟后再建。$/);
  assert.match(textOf('en', 'CHAT_ROOM_NAME'), / 1 to 40 visible characters/);
});
