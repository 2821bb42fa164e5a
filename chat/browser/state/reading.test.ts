import assert from 'node:assert/strict';
import { test } from 'node:test';
import { advanceCursor, endView, firstUnread, seenUpTo, startView, unreadCount } from './reading.ts';
import { createRoom } from './room-state.ts';
import { applyDropped, applyMessage } from './stream.ts';
import { loadedRoom, attentive, me, message, wireRoom } from './support.ts';

test('counts messages of others after the read position as unread', () => {
  assert.equal(unreadCount(loadedRoom(5, 2), me.id), 3);
  assert.equal(unreadCount(loadedRoom(5), me.id), 0);
  assert.equal(unreadCount(applyMessage(loadedRoom(5, 2), 'e1', message(6, me), attentive), me.id), 3);
});

test('counts all 250 missed messages although 100 are kept, and the rest after some were read', () => {
  const room = loadedRoom(250, 0, 100);
  assert.equal(unreadCount(room, me.id), 250);
  assert.equal(unreadCount(advanceCursor(room, 'e1', 100), me.id), 150);
  assert.equal(unreadCount(advanceCursor(room, 'e1', 200), me.id), 50);
  assert.equal(unreadCount(advanceCursor(room, 'e1', 250), me.id), 0);
});

test('a room that is not loaded counts unread messages by the offsets of the server', () => {
  const room = createRoom(wireRoom({ top: 9, cursor: { epoch: 'e1', offset: 4 } }));
  assert.equal(unreadCount(room, me.id), 5);
  assert.equal(unreadCount({ ...room, isMember: false }, me.id), 0);
  assert.equal(unreadCount(createRoom(wireRoom({ top: 9, cursor: { epoch: 'older', offset: 7 } })), me.id), 9);
});

test('messages on screen are read up to the last one, if no unread message is above them', () => {
  const room = loadedRoom(20, 5);
  assert.equal(firstUnread(room, me.id), 6);
  assert.equal(seenUpTo(room, { first: 3, last: 9 }, me.id), 9);
  assert.equal(seenUpTo(room, { first: 6, last: 9 }, me.id), 9);
  assert.equal(seenUpTo(room, { first: 7, last: 20 }, me.id), undefined, 'message 6 was never on screen');
  assert.equal(seenUpTo(room, { first: 1, last: 5 }, me.id), undefined, 'nothing new');
});

test('own messages and messages that are no longer kept need not be on screen', () => {
  const own = applyMessage(loadedRoom(5, 4), 'e1', message(6, me), attentive);
  const room = applyMessage(advanceCursor(own, 'e1', 5), 'e1', message(7), attentive);
  assert.equal(seenUpTo(room, { first: 7, last: 7 }, me.id), 7);
  assert.equal(seenUpTo(loadedRoom(250, 0, 100), { first: 151, last: 160 }, me.id), 160);
  assert.equal(seenUpTo(loadedRoom(250, 0, 100), { first: 152, last: 160 }, me.id), undefined);
  const hole = applyDropped(loadedRoom(3, 2), { after: 3, count: 150 }, attentive);
  assert.equal(seenUpTo(hole, { first: 2, last: 3 }, me.id), 153, 'at the end of the room');
});

test('the read position never goes back, and not into another epoch', () => {
  const room = loadedRoom(5, 3);
  assert.equal(advanceCursor(room, 'e1', 2), room);
  assert.equal(advanceCursor(room, 'e2', 5), room);
  assert.equal(advanceCursor(room, 'e1', 5).cursor, 5);
});

test('the unread line stays while the room is open, and is gone at the next opening', () => {
  let room = startView(loadedRoom(5, 3), me.id);
  assert.equal(room.view?.unreadAfter, 3);
  room = advanceCursor(room, 'e1', 5);
  assert.equal(room.view?.unreadAfter, 3);
  room = startView(endView(room), me.id);
  assert.equal(room.view?.unreadAfter, undefined);
});

test('a closed room keeps its newest 300 messages, and all unread ones', () => {
  assert.equal(endView(loadedRoom(500)).messages.length, 300);
  assert.equal(endView(loadedRoom(500)).messages[0]?.offset, 201);
  assert.equal(endView(loadedRoom(500, 100)).messages[0]?.offset, 101);
  assert.equal(endView(loadedRoom(300)).messages.length, 300);
});
