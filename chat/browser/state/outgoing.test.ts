import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutboxEntry } from 'gale/client';
import { addPending, markFailed, markStored, dataOf, waitingMessage } from './outgoing.ts';
import { startView } from './reading.ts';
import { createRoom, type RoomState } from './room-state.ts';
import { loadedRoom, me, noon, wireRoom } from './support.ts';

const entry = (id: string): OutboxEntry => ({ room: 'lobby', id, data: { text: `text of ${id}` }, time: noon });
const at = (id: string, time: number): OutboxEntry => ({ ...entry(id), time });
const ids = ({ outgoing }: RoomState): string[] => outgoing.map(({ id }) => id);

test('a stored message stays until the stream delivers its offset, in the epoch of the stream', () => {
  const room = addPending(loadedRoom(3), entry('a'));
  const next = markStored(room, entry('a'), { epoch: 'e1', offset: 4, time: noon });
  assert.deepEqual(
    next.outgoing.map(({ status, at }) => ({ status, at })),
    [{ status: 'stored', at: { epoch: 'e1', offset: 4 } }],
  );
  assert.deepEqual(ids(markStored(room, entry('a'), { epoch: 'e1', offset: 3, time: noon })), [], 'delivered before');
  assert.deepEqual(ids(markStored(room, entry('a'), { epoch: 'e2', offset: 3, time: noon })), ['a'], 'of a new stream');
});

test('a failed message keeps its place, and a retried one moves to the end', () => {
  let room = createRoom(wireRoom());
  for (const id of ['a', 'b', 'c']) room = addPending(room, entry(id));
  const failed = markFailed(room, entry('a'), 'CHAT_TEXT_EMPTY');
  assert.deepEqual(ids(failed), ['a', 'b', 'c']);
  assert.equal(failed.outgoing[0]?.status, 'failed');
  assert.deepEqual(ids(addPending(failed, entry('a'))), ['b', 'c', 'a']);
});

test('the message that is sent next is the oldest one of all rooms that waits', () => {
  const one = addPending(addPending(createRoom(wireRoom()), at('a', 2)), at('b', 5));
  const other = addPending(createRoom(wireRoom()), at('c', 3));
  assert.equal(waitingMessage([]), undefined);
  assert.equal(waitingMessage([one, other]), 'a');
  assert.equal(waitingMessage([markFailed(one, at('a', 2), 'CHAT_TEXT_EMPTY'), other]), 'c');
  assert.equal(waitingMessage([markStored(other, at('c', 3), { epoch: 'e', offset: 9, time: 9 })]), undefined);
});

test('the text of data in another form is empty', () => {
  for (const data of [undefined, null, 'text', {}, { text: 1 }]) assert.deepEqual(dataOf(data), { text: '' });
  const sent = { text: 'here', reply: 3, mentions: ['ada'] };
  assert.deepEqual(dataOf({ ...sent, pinned: 5 }), sent);
});

test('a room that is opened before it is loaded has no unread line yet', () => {
  const room = createRoom(wireRoom({ top: 3 }));
  assert.equal(startView(room, me.id).view?.unreadAfter, undefined);
});
