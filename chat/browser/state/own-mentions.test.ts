import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forgetMention, mentionCount, mentionsPerson, noteMentions } from './own-mentions.ts';
import { createRoom, type ChatMessage, type RoomState } from './room-state.ts';
import { ada, me, wireRoom } from './support.ts';

const message = (seq: number, mentions: readonly string[] | undefined, author = ada): ChatMessage => ({
  offset: seq,
  seq,
  id: `m${seq}`,
  author,
  time: 1,
  data: { text: 'x', ...(mentions ? { mentions } : {}) },
});

const openRoom = (readSeq = 0): RoomState => ({ ...createRoom(wireRoom()), readSeq });

test('a message mentions a person by their id or all, never its author', () => {
  assert.equal(mentionsPerson(ada.id, { text: '', mentions: [me.id] }, me.id), true);
  assert.equal(mentionsPerson(ada.id, { text: '', mentions: ['all'] }, me.id), true);
  assert.equal(mentionsPerson(ada.id, { text: '', mentions: [ada.id] }, me.id), false);
  assert.equal(mentionsPerson(ada.id, { text: '' }, me.id), false);
  assert.equal(mentionsPerson(me.id, { text: '', mentions: ['all', me.id] }, me.id), false);
});

test('mentions after the read position count once', () => {
  const messages = [message(1, [me.id]), message(2, undefined), message(3, ['all']), message(4, [me.id], me)];
  const room = noteMentions(openRoom(), messages, me.id);
  assert.equal(mentionCount(room), 2);
  assert.equal(mentionCount(noteMentions(room, messages, me.id)), 2);
  assert.equal(mentionCount({ ...room, readSeq: 1 }), 1);
  assert.equal(mentionCount({ ...room, readSeq: 3 }), 0);
  assert.equal(mentionCount({ ...room, isMember: false }), 0);
});

test('a message whose number is unknown, or that was read, is not noted', () => {
  const unknown: ChatMessage = { ...message(5, [me.id]), seq: undefined };
  assert.deepEqual(noteMentions(openRoom(3), [message(3, [me.id]), unknown], me.id).mentioned, []);
});

test('an edit or a deletion that removes the mention removes it from the count', () => {
  const room = noteMentions(openRoom(), [message(1, [me.id]), message(2, [me.id])], me.id);
  assert.equal(mentionCount(forgetMention(room, 1, { text: 'y', mentions: [me.id] }, me.id)), 2);
  assert.equal(mentionCount(forgetMention(room, 1, { text: 'y' }, me.id)), 1);
  assert.equal(mentionCount(forgetMention(room, 9, { text: 'y' }, me.id)), 2);
});

test('the newest 100 mentions are kept', () => {
  const messages = Array.from({ length: 150 }, (_, at) => message(at + 1, ['all']));
  const { mentioned } = noteMentions(openRoom(), messages, me.id);
  assert.deepEqual([mentioned.length, mentioned[0], mentioned.at(-1)], [100, 51, 150]);
});
