import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatErrorTable } from '../../errors.ts';
import { messageRefusal, roomRefusal } from './refusal.ts';

test('every error code has its own text where it can occur', () => {
  for (const code of Object.keys(chatErrorTable)) {
    if (code.startsWith('CHAT_TEXT')) assert.notEqual(messageRefusal(code), 'refusedOther', code);
    if (code.startsWith('CHAT_ROOM')) assert.notEqual(roomRefusal(code), 'roomFailed', code);
  }
});

test('the text for an unknown code contains the code', () => {
  assert.equal(messageRefusal('NEW_CODE'), 'refusedOther');
  assert.equal(roomRefusal('toString'), 'roomFailed');
});
