import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createChatState } from '../../state/chat-state.ts';
import { applyMessage } from '../../state/stream.ts';
import { attentive, loadedRoom, me, message, noon } from '../../state/support.ts';
import { availableActions, findActionMessage } from './available-actions.ts';

const room = applyMessage(loadedRoom(3), 'e1', message(4, me), attentive);
const state = { ...createChatState(me, 'en', noon), rooms: new Map([['lobby', room]]) };
const actionsOf = (seq: number, afterMs = 0): readonly string[] => {
  const found = findActionMessage(state, 'lobby', seq)!;
  return availableActions(state, 'lobby', found, found.time + afterMs);
};

test('an own message can be recalled for two minutes, and deleted later', () => {
  assert.deepEqual([actionsOf(4).includes('recall'), actionsOf(4).includes('delete')], [true, false]);
  assert.deepEqual([actionsOf(4, 117_000).includes('recall'), actionsOf(4, 119_000).includes('recall')], [true, false]);
  assert.ok(actionsOf(4, 119_000).includes('delete'));
});

test('a message can be marked as unread only if it or one after it is of another person', () => {
  assert.ok(actionsOf(3).includes('markUnread'));
  assert.ok(!actionsOf(4).includes('markUnread'));
});
