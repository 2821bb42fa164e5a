import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPending, markStored } from './outgoing.ts';
import { advanceRead, startView, unreadCount } from './reading.ts';
import { createRoom } from './room-state.ts';
import { applyDropped, applyMessage, applyReset, applySubscribed } from './stream.ts';
import { applySegments } from './timeline-window.ts';
import { away, loadedRoom, attentive, me, message, wireRoom } from './support.ts';

const reply = { epoch: 'e1', top: 0, first: 1, life: 'a', recovered: true, reset: false, dropped: 0, cursor: null };

test('a room is loaded when all messages known at the subscription have arrived', () => {
  let room = applySubscribed(createRoom(wireRoom({ top: 2 })), { ...reply, top: 2 }, attentive, false);
  assert.equal(room.isLoaded, false);
  room = applyMessage(room, 'e1', message(1), attentive);
  assert.equal(room.isLoaded, false);
  room = applyMessage(room, 'e1', message(2), attentive);
  assert.equal(room.isLoaded, true);
  assert.deepEqual(
    room.messages.map(({ offset }) => offset),
    [1, 2],
  );
});

test('an empty room is loaded after the reply, and a room without kept messages after its hole', () => {
  assert.equal(applySubscribed(createRoom(wireRoom()), reply, attentive, false).isLoaded, true);
  const room = applySubscribed(createRoom(wireRoom({ top: 7 })), { ...reply, top: 7, first: 8 }, attentive, false);
  assert.equal(room.isLoaded, false);
  assert.equal(applyDropped(room, { after: 0, count: 7 }, attentive).isLoaded, true);
});

test('a room that is opened while it loads gets its unread line when it is loaded', () => {
  const cursor = { epoch: 'e1', offset: 1 };
  let room = startView(createRoom(wireRoom({ top: 3, readSeq: 1 })), me.id);
  room = applySubscribed(room, { ...reply, top: 3, cursor }, attentive, false);
  for (const offset of [1, 2, 3]) room = applyMessage(room, 'e1', message(offset), attentive);
  assert.deepEqual([room.view?.unreadAfter, room.view?.openedAt], [1, 3]);
});

test('when all was read, the next message without attention moves the unread line', () => {
  let room = applyMessage(startView(loadedRoom(3), me.id), 'e1', message(4), away);
  room = applyMessage(advanceRead(room, 4), 'e1', message(5), attentive);
  assert.equal(room.view?.unreadAfter, 3);
  room = applyMessage(room, 'e1', message(6), away);
  assert.equal(room.view?.unreadAfter, 3, 'message 5 is unread');
  room = applyMessage(advanceRead(room, 6), 'e1', message(7), away);
  assert.equal(room.view?.unreadAfter, 6);
  const missed = { ...reply, top: 9 };
  assert.equal(applySubscribed(advanceRead(room, 7), missed, away, true).view?.unreadAfter, 7);
});

test('the first message without attention sets the unread line, and later ones do not move it', () => {
  let room = startView(loadedRoom(3), me.id);
  room = applyMessage(room, 'e1', message(4), attentive);
  assert.equal(room.view?.unreadAfter, undefined);
  room = applyMessage(room, 'e1', message(5), away);
  room = applyMessage(room, 'e1', message(6), away);
  assert.equal(room.view?.unreadAfter, 4);
});

test('messages missed without a connection are unread; after a short interruption nothing is marked', () => {
  const room = startView(loadedRoom(3), me.id);
  assert.equal(applySubscribed(room, { ...reply, top: 5 }, attentive, true).view?.unreadAfter, 3);
  assert.equal(applySubscribed(room, { ...reply, top: 5 }, attentive, false).view?.unreadAfter, undefined);
  assert.equal(applySubscribed(room, { ...reply, top: 3 }, attentive, true).view?.unreadAfter, undefined);
});

test('a message of this person replaces the outgoing one, whether the reply or the message comes first', () => {
  const entry = { room: 'lobby', id: 'mine', data: { text: 'hi' }, time: 5 };
  const at = { epoch: 'e1', offset: 4, time: 9 };
  const pending = addPending(loadedRoom(3), entry);
  const answered = markStored(pending, entry, at);
  assert.deepEqual(answered.outgoing, [
    { id: 'mine', data: { text: 'hi' }, time: 9, status: 'stored', at: { epoch: 'e1', offset: 4 } },
  ]);
  const own = message(4, me, { id: 'mine' });
  const both = applyMessage(answered, 'e1', own, attentive);
  assert.deepEqual([both.outgoing, both.messages.at(-1)], [[], own]);
  const messageFirst = markStored(applyMessage(pending, 'e1', own, attentive), entry, at);
  assert.deepEqual([messageFirst.outgoing, messageFirst.messages.length], [[], 4]);
});

test('a message of another person with the same id is a different message', () => {
  const entry = { room: 'lobby', id: 'm4', data: { text: 'hi' }, time: 5 };
  const room = applyMessage(addPending(loadedRoom(3), entry), 'e1', message(4), attentive);
  assert.equal(room.outgoing.length, 1);
  assert.equal(room.messages.length, 4);
});

test('a message of this person directly after the read position is read; after an unread one it is not', () => {
  assert.equal(applyMessage(loadedRoom(3), 'e1', message(4, me), attentive).readSeq, 4);
  assert.equal(applyMessage(loadedRoom(3, 2), 'e1', message(4, me), attentive).readSeq, 2);
});

test('after a hole, an open room shows what it had, and the newest messages wait', () => {
  let room = applyDropped(startView(loadedRoom(3), me.id), { after: 3, count: 150 }, attentive);
  room = applyMessage(room, 'e1', message(154), attentive);
  assert.equal(room.isDetached, true);
  assert.deepEqual(
    [room.past, room.messages].map((list) => list.map(({ seq }) => seq)),
    [[1, 2, 3], [154]],
  );
  assert.equal(unreadCount(room, me.id), 151);
  const closed = applyMessage(
    applyDropped(loadedRoom(3), { after: 3, count: 150 }, attentive),
    'e1',
    message(154),
    attentive,
  );
  assert.deepEqual([closed.isDetached, closed.past.length, closed.messages.length], [false, 0, 1]);
});

test('a reset discards everything except messages that are not stored yet, and numbers come with a signal', () => {
  const entry = { room: 'lobby', id: 'mine', data: { text: 'hi' }, time: 5 };
  let room = startView(addPending(loadedRoom(9, 9), entry), me.id);
  room = applyReset(room, { epoch: 'e2', top: 12, first: 11 }, attentive);
  assert.deepEqual([room.messages, room.readSeq, room.isLoaded], [[], 9, false]);
  assert.equal(room.outgoing.length, 1);
  room = applyMessage(room, 'e2', message(11), attentive);
  room = applyMessage(room, 'e2', message(12), attentive);
  assert.equal(room.isLoaded, true);
  assert.deepEqual([room.messages.at(-1)?.seq, unreadCount(room, me.id)], [undefined, 0]);
  room = applySegments(room, 'e2', [{ firstOffset: 11, delta: -2 }]);
  assert.deepEqual(
    room.messages.map(({ seq }) => seq),
    [9, 10],
  );
  assert.equal(unreadCount(room, me.id), 1);
});

test('numbers of another epoch are kept until the reset', () => {
  let room = applySegments(loadedRoom(3), 'e2', [{ firstOffset: 1, delta: 4 }]);
  assert.deepEqual(
    room.messages.map(({ seq }) => seq),
    [1, 2, 3],
  );
  room = applyReset(room, { epoch: 'e2', top: 1, first: 1 }, attentive);
  room = applyMessage(room, 'e2', message(1), attentive);
  assert.equal(room.messages[0]?.seq, 5);
});

test('the newest offset never goes back within an epoch, and is that of the reply in a new one', () => {
  const room = createRoom(wireRoom({ top: 7 }));
  assert.equal(applySubscribed(room, { ...reply, top: 2 }, attentive, false).top, 7);
  assert.equal(applySubscribed(room, { ...reply, epoch: 'e2', top: 2 }, attentive, false).top, 2);
});

test('a message of another epoch does not replace one that was stored at its offset', () => {
  const entry = { room: 'lobby', id: 'mine', data: { text: 'hi' }, time: 5 };
  const stored = markStored(addPending(loadedRoom(3), entry), entry, { epoch: 'e2', offset: 4, time: 5 });
  assert.equal(applyMessage(stored, 'e1', message(4), attentive).outgoing.length, 1);
  assert.equal(applyMessage(stored, 'e2', message(4), attentive).outgoing.length, 0);
});
