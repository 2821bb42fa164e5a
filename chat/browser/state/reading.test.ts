import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advanceRead, endView, firstUnread, readAll, seenUpTo, setRead, startView, unreadCount } from './reading.ts';
import { createRoom } from './room-state.ts';
import { applyMessage } from './stream.ts';
import { loadedRoom, attentive, me, message, wireRoom } from './support.ts';

test('counts messages of others after the read position as unread', () => {
  assert.equal(unreadCount(loadedRoom(5, 2), me.id), 3);
  assert.equal(unreadCount(loadedRoom(5), me.id), 0);
  assert.equal(unreadCount(applyMessage(loadedRoom(5, 2), 'e1', message(6, me), attentive), me.id), 3);
});

test('counts all 250 missed messages although 100 are kept, and the rest after some were read', () => {
  const room = loadedRoom(250, 0, 100);
  assert.equal(unreadCount(room, me.id), 250);
  assert.equal(unreadCount(advanceRead(room, 100), me.id), 150);
  assert.equal(unreadCount(advanceRead(room, 200), me.id), 50);
  assert.equal(unreadCount(advanceRead(room, 250), me.id), 0);
});

test('a room that is not loaded counts unread messages by the numbers of the server', () => {
  const room = createRoom(wireRoom({ top: 9, readSeq: 4 }));
  assert.equal(unreadCount(room, me.id), 5);
  assert.equal(unreadCount({ ...room, isMember: false }, me.id), 0);
});

test('messages on screen are read up to the last one, if no unread message is above them', () => {
  const room = loadedRoom(20, 5);
  assert.equal(firstUnread(room, me.id), 6);
  assert.equal(seenUpTo(room, { first: 3, last: 9 }, me.id), 9);
  assert.equal(seenUpTo(room, { first: 6, last: 9 }, me.id), 9);
  assert.equal(seenUpTo(room, { first: 7, last: 20 }, me.id), undefined, 'message 6 was never on screen');
  assert.equal(seenUpTo(room, { first: 1, last: 5 }, me.id), undefined, 'nothing new');
});

test('own messages need not be on screen, and messages that are not loaded count as unread ones of others', () => {
  const own = applyMessage(loadedRoom(5, 4), 'e1', message(6, me), attentive);
  const room = applyMessage(advanceRead(own, 5), 'e1', message(7), attentive);
  assert.equal(seenUpTo(room, { first: 7, last: 7 }, me.id), 7);
  assert.equal(firstUnread(loadedRoom(250, 0, 100), me.id), 1);
  assert.equal(seenUpTo(loadedRoom(250, 0, 100), { first: 151, last: 160 }, me.id), undefined);
  assert.equal(seenUpTo(loadedRoom(250, 150, 100), { first: 151, last: 160 }, me.id), 160);
});

test('the read position goes back only by hand; then nothing is read until the room is opened again', () => {
  const room = startView(loadedRoom(5, 3), me.id);
  assert.equal(advanceRead(room, 2), room);
  const held = setRead(advanceRead(room, 5), 1);
  assert.deepEqual([held.readSeq, held.view?.unreadAfter, unreadCount(held, me.id)], [1, 1, 4]);
  assert.equal(seenUpTo(held, { first: 1, last: 5 }, me.id), undefined);
  const again = startView(endView(held), me.id);
  assert.equal(seenUpTo(again, { first: 1, last: 5 }, me.id), 5);
  assert.equal(setRead(held, 5).view?.unreadAfter, undefined);
});

test('what was marked as unread is read when the person wants to read everything, and new messages after it by sight', () => {
  const held = setRead(startView(loadedRoom(5), me.id), 1);
  const all = readAll(held);
  assert.deepEqual([all.readSeq, all.view?.isHeld], [5, false]);
  const room = applyMessage(all, 'e1', message(6), attentive);
  assert.equal(seenUpTo(room, { first: 2, last: 6 }, me.id), 6);
});

test('the unread line stays while the room is open, and is gone at the next opening', () => {
  let room = startView(loadedRoom(5, 3), me.id);
  assert.equal(room.view?.unreadAfter, 3);
  room = advanceRead(room, 5);
  assert.equal(room.view?.unreadAfter, 3);
  room = startView(endView(room), me.id);
  assert.equal(room.view?.unreadAfter, undefined);
});

test('a closed room keeps its newest 100 messages', () => {
  assert.equal(endView(loadedRoom(280, 10)).messages.length, 100);
  assert.equal(endView(loadedRoom(280)).messages[0]?.seq, 181);
});
