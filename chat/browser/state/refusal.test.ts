import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chatErrorTable } from '../../errors.ts';
import { dialogRefusals } from '../dialogs/dialog-refusals.ts';
import { changeNotice, roomRefusal } from './late-refusals.ts';
import { messageRefusal } from './refusal.ts';

/** The page has nothing that sends such a command. */
const impossible = new Set(['CHAT_LOBBY', 'CHAT_REACTION']);

test('every error code has its own text where it can occur', () => {
  for (const code of Object.keys(chatErrorTable)) {
    if (code.startsWith('CHAT_TEXT')) {
      assert.notEqual(messageRefusal(code), 'refusedOther', code);
      assert.notEqual(changeNotice(code), 'roomFailed', code);
    }
    if (code.startsWith('CHAT_ROOM')) assert.notEqual(roomRefusal(code), 'roomFailed', code);
    const hasText =
      messageRefusal(code) !== 'refusedOther' ||
      roomRefusal(code) !== 'roomFailed' ||
      changeNotice(code) !== 'roomFailed' ||
      dialogRefusals.has(code);
    assert.equal(hasText, !impossible.has(code), code);
  }
});

test('an archived room says so where a message is written, changed or the room is joined', () => {
  for (const textOf of [messageRefusal, changeNotice, roomRefusal])
    assert.equal(textOf('CHAT_ROOM_ARCHIVED'), 'refusedArchived');
});

test('the text for an unknown code contains the code', () => {
  assert.equal(messageRefusal('NEW_CODE'), 'refusedOther');
  assert.equal(roomRefusal('toString'), 'roomFailed');
});
