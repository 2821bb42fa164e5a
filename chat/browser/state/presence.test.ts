import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Person, PresenceBatch } from 'gale/client';
import { applyPeople, applyPresence } from './presence.ts';
import { startView } from './reading.ts';
import type { RoomState } from './room-state.ts';
import { applyMessage } from './stream.ts';
import { attentive, loadedRoom, me, message, noon } from './support.ts';

const here = { me: me.id, now: noon };
const crowd = (word: string, count: number): Person[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${word}${index}`, name: `${word}${index}` }));
const listed = (room: RoomState, people: readonly Person[] | undefined, count: number, isFirst = false): RoomState =>
  applyPeople(room, { people, count }, isFirst, here);
const changed = (room: RoomState, batch: Partial<PresenceBatch> & { count: number }): RoomState =>
  applyPresence(room, { entered: undefined, left: undefined, ...batch }, here);
/** An open room with these people. */
const opened = (...people: Person[]): RoomState => listed(startView(loadedRoom(1), me.id), people, people.length, true);
/** The notices, each as its change and the number of people. */
const counts = (room: RoomState): string =>
  room.notices.map(({ change, people, more }) => `${change} ${people.length}+${more}`).join(' ');

test('each person counts once in the newest notices, however many come and leave', () => {
  const many = crowd('p', 600);
  let room = changed(opened(me), { entered: many, left: [], count: 601 });
  for (const person of many.slice(540, 560)) {
    room = changed(room, { entered: [], left: [person], count: 600 });
    room = changed(room, { entered: [person], left: [], count: 601 });
  }
  assert.equal(counts(room), 'enter 600+0');
  assert.equal(counts(changed(room, { entered: [], left: many.slice(0, 590), count: 11 })), 'enter 10+0 leave 590+0');
});

test('people who make a room too big for names count in the notice, and so do later ones', () => {
  let room = changed(opened(me), { entered: crowd('p', 150), left: [], count: 151 });
  room = changed(room, { count: 251 });
  assert.equal(counts(room), 'enter 150+100');
  room = changed(room, { count: 301 });
  assert.equal(counts(room), 'enter 150+150');
  room = changed(room, { count: 281 });
  assert.equal(counts(room), 'enter 150+130', 'the newest who came may have left again');
  room = applyMessage(room, 'e1', message(2), attentive);
  room = changed(room, { count: 999 });
  assert.equal(counts(room), 'enter 150+130', 'a big room has no new notices');
});

test('a room that becomes big at once has a notice with a number, without the reader', () => {
  assert.equal(counts(changed(opened(), { count: 251 })), 'enter 0+250');
  assert.equal(counts(changed(opened(me), { count: 251 })), 'enter 0+250');
  assert.equal(counts(changed(opened(...crowd('p', 199), me), { count: 150 })), 'leave 0+50');
});

test('a list instead of many changes shows who came and left; the first list of a subscription does not', () => {
  const [before, after] = [crowd('p', 120), crowd('p', 150).slice(100)];
  const room = listed(opened(me, ...before), [me, ...after], 51);
  assert.equal(counts(room), 'enter 30+0 leave 100+0');
  assert.equal(counts(listed(opened(me, ...before), [me, ...after], 51, true)), '');
  assert.equal(counts(listed(changed(opened(), { count: 251 }), [me], 1)), 'enter 0+250', 'names were unknown before');
});

test('a room that is not open has no notices', () => {
  const closed = listed(loadedRoom(1), [me], 1, true);
  assert.equal(counts(changed(closed, { count: 251 })), '');
  assert.equal(counts(listed(closed, crowd('p', 3), 3)), '');
});
