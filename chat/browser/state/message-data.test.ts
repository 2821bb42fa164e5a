import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MessageData } from '../../wire.ts';
import { applyData, applyExcerpts, findMessage, isOwnReaction, withReaction } from './message-data.ts';
import { isSameQuoted, quotedIn } from './quotes.ts';
import type { RoomState } from './room-state.ts';
import { ada, loadedRoom, me } from './support.ts';

const dataOf = (room: RoomState, seq: number): MessageData | undefined => findMessage(room, seq)?.data;
const excerpt = (seq: number, text: string): Parameters<typeof applyExcerpts>[2][number] => ({
  seq,
  id: `m${seq}`,
  author: ada,
  time: 1,
  text,
});

test('newer data replaces that of a message, older data does not, and other messages stay the same', () => {
  const room = loadedRoom(3);
  const edited = applyData(room, 2, { text: 'new', change: 2 });
  assert.deepEqual(dataOf(edited, 2), { text: 'new', change: 2 });
  assert.equal(edited.messages[0], room.messages[0]);
  assert.equal(applyData(edited, 2, { text: 'old', change: 1 }), edited);
  assert.equal(applyData(edited, 9, { text: 'x', change: 1 }), edited);
});

test('a quote shows the message of the page, or an excerpt, and follows edits and deletions of both', () => {
  let room = applyExcerpts(loadedRoom(3), [100, 101], [excerpt(100, 'far away')]);
  const find = (seq: number): ReturnType<ReturnType<typeof quotedIn>> => quotedIn(room, me.id)(seq);
  assert.deepEqual(find(2), { state: 'known', seq: 2, author: ada, text: 'text 2', isOwn: false });
  assert.deepEqual(find(100), { state: 'known', seq: 100, author: ada, text: 'far away', isOwn: false });
  assert.equal(find(101).state, 'gone');
  assert.equal(find(102).state, 'loading');
  const before = find(100);
  room = applyData(room, 100, { text: 'farther', change: 1 });
  assert.equal(isSameQuoted(before, find(100)), false);
  assert.equal(isSameQuoted(find(2), find(2)), true);
  for (const seq of [2, 100]) {
    room = applyData(room, seq, { text: '', change: 2, deleted: { at: 1, by: ada.id } });
    assert.equal(find(seq).state, 'deleted');
  }
  assert.ok(!JSON.stringify([...room.excerpts]).includes('far'));
});

test('a room keeps 200 excerpts', () => {
  let room = loadedRoom(0);
  for (let seq = 1; seq <= 300; seq++) room = applyExcerpts(room, [seq], [excerpt(seq, 'x')]);
  assert.equal(room.excerpts.size, 200);
  assert.ok(room.excerpts.has(300));
});

test('an own reaction is shown at once and taken back at once', () => {
  const room = applyData(loadedRoom(1), 1, {
    text: 'a',
    change: 1,
    reactions: [{ emoji: '👍', count: 1, people: ['ada'] }],
  });
  const on = withReaction(room, 1, '👍', me.id, true);
  assert.deepEqual(dataOf(on, 1)?.reactions, [{ emoji: '👍', count: 2, people: ['ada', 'me'] }]);
  assert.equal(isOwnReaction(dataOf(on, 1)!, '👍', me.id), true);
  assert.deepEqual(dataOf(withReaction(on, 1, '👍', me.id, true), 1), dataOf(on, 1));
  assert.deepEqual(dataOf(withReaction(on, 1, '👍', me.id, false), 1), dataOf(room, 1));
  const other = withReaction(room, 1, '🎉', me.id, true);
  assert.equal(dataOf(other, 1)?.reactions?.length, 2);
  assert.deepEqual(dataOf(withReaction(other, 1, '🎉', me.id, false), 1), dataOf(room, 1));
});

test('whether a person is among more people than the data has is unknown', () => {
  const reactions = [{ emoji: '👍', count: 60, people: ['ada'] }];
  assert.equal(isOwnReaction({ text: '', reactions }, '👍', me.id), undefined);
  assert.equal(isOwnReaction({ text: '', reactions }, '🎉', me.id), false);
  const room = applyData(loadedRoom(1), 1, { text: 'a', change: 1, reactions });
  assert.equal(dataOf(withReaction(room, 1, '👍', me.id, false), 1)?.reactions?.[0]?.count, 59);
});
