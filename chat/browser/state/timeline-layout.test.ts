import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OutboxEntry, Person } from 'gale/client';
import { addPending, markFailed } from './outgoing.ts';
import { applyPeople, applyPresence } from './presence.ts';
import { endView, removeUnreadLine, startView } from './reading.ts';
import { createRoom, type RoomState } from './room-state.ts';
import { applyMessage } from './stream.ts';
import { ada, loadedRoom, attentive, me, message, noon, wireRoom } from './support.ts';
import { layOutTimeline, type ShownMessage } from './timeline-layout.ts';

/** A short form of a layout: messages by offset or text, with `(` and `)` where groups begin and end. */
function short(room: RoomState, timeZone = 'UTC'): string {
  return layOutTimeline(room, me, timeZone)
    .map((item) => {
      switch (item.kind) {
        case 'message':
          return `${item.isFirst ? '(' : ''}${item.data.text.replace('text ', '')}${item.isLast ? ')' : ''}`;
        case 'notice':
          return `${item.change}:${item.people.map(({ name }) => name).join('+')}${item.more > 0 ? `+${item.more}` : ''}`;
        default:
          return item.kind;
      }
    })
    .join(' ');
}

function roomOf(...messages: ReturnType<typeof message>[]): RoomState {
  return { ...createRoom(wireRoom()), isLoaded: true, messages };
}

const at = (minutes: number): { time: number } => ({ time: noon + minutes * 60_000 });
const entry = (id: string): OutboxEntry => ({ room: 'lobby', id, data: { text: id }, time: noon });
const lastKey = (room: RoomState): unknown => layOutTimeline(room, me, 'UTC').at(-1)?.key;
type People = readonly Person[];
const came = (room: RoomState, ...entered: People): RoomState => changed(room, entered, []);
const went = (room: RoomState, ...left: People): RoomState => changed(room, [], left);
const changed = (room: RoomState, entered: People, left: People): RoomState =>
  applyPresence(room, { entered, left, count: 2 }, { me: me.id, now: noon });
/** An open room without other people. */
const alone = (top: number): RoomState =>
  applyPeople(startView(loadedRoom(top), me.id), { people: [me], count: 1 }, true, { me: me.id, now: noon });

test('messages of one author within five minutes of each other are one group', () => {
  const room = roomOf(
    message(1, ada, at(0)),
    message(2, ada, at(4)),
    message(3, ada, at(8.99)),
    message(4, ada, at(14)),
    message(5, me, at(14)),
    message(6, ada, at(14)),
  );
  assert.equal(short(room), 'day (1 2 3) (4) (5) (6)');
});

test('days are in the time zone of the reader, and end a group', () => {
  const room = roomOf(
    message(1, ada, { time: Date.UTC(2026, 10, 21, 15, 59) }),
    message(2, ada, { time: Date.UTC(2026, 10, 21, 16, 1) }),
  );
  assert.equal(short(room, 'Asia/Shanghai'), 'day (1) day (2)');
  assert.equal(short(room, 'UTC'), 'day (1 2)');
});

test('the unread line is before the first unread message of another person', () => {
  assert.equal(short(startView(loadedRoom(4, 2), me.id)), 'day (1 2) unread (3 4)');
  const ownFirst = roomOf(message(1), message(2, me), message(3));
  assert.equal(short(startView({ ...ownFirst, readSeq: 1, topSeq: 3 }, me.id)), 'day (1) (2) unread (3)');
  assert.equal(short(startView(loadedRoom(2), me.id)), 'day (1 2)');
  assert.equal(short(removeUnreadLine(startView(loadedRoom(4, 2), me.id))), 'day (1 2 3 4)');
});

test('without the first unread message there is no unread line; the history has it', () => {
  const room = startView(loadedRoom(250, 30, 100), me.id);
  assert.match(short(room), /^day \(151 /);
  assert.doesNotMatch(short(room), /unread/);
  assert.match(short(startView(loadedRoom(250, 150, 100), me.id)), /^day unread \(151 /);
});

test('the first message of the room, and the oldest that is kept, have a line above them', () => {
  const room = startView(loadedRoom(3, 3), me.id);
  assert.equal(short(room), 'day (1 2 3)');
  assert.equal(short({ ...room, firstSeq: 1 }), 'start day (1 2 3)');
  const [start] = layOutTimeline({ ...loadedRoom(9, 9, 2), firstSeq: 8 }, me, 'UTC');
  assert.deepEqual(start, { kind: 'start', key: 'start', isFirst: false });
});

test('a part of the history has neither notices nor messages that wait', () => {
  const detached = { ...addPending(came(alone(3), ada), entry('a')), isDetached: true, past: [message(1), message(2)] };
  assert.equal(short(detached), 'day (1 2)');
});

test('pending messages come last, in the order in which they were sent, and failed ones are not grouped with others', () => {
  let room = roomOf(message(1, me, { time: noon }));
  room = addPending(addPending(addPending(room, entry('a')), entry('b')), entry('c'));
  assert.equal(short(room), 'day (1 a b c)');
  room = markFailed(room, entry('b'), 'CHAT_TEXT_TOO_LONG');
  assert.equal(short(room), 'day (1 a) (b) (c)');
  const failed = layOutTimeline(room, me, 'UTC').find(
    (item): item is ShownMessage => item.kind === 'message' && item.id === 'b',
  );
  assert.deepEqual([failed?.status, failed?.code], ['failed', 'CHAT_TEXT_TOO_LONG']);
  room = applyMessage(room, 'e1', message(2, ada, { time: noon }), attentive);
  assert.equal(short(addPending(room, entry('b'))), 'day (1) (2) (a c b)');
});

test('failed messages in a row with one reason are a group, of which the last says why', () => {
  let room = roomOf();
  for (const id of ['a', 'b', 'c', 'd']) room = addPending(room, entry(id));
  for (const id of ['a', 'b', 'd']) room = markFailed(room, entry(id), 'CHAT_TEXT_TOO_LONG');
  room = markFailed(room, entry('c'), 'CHAT_TEXT_EMPTY');
  assert.equal(short(room), 'day (a b) (c) (d)');
  const reasons = layOutTimeline(room, me, 'UTC').filter((item): item is ShownMessage => item.kind === 'message');
  assert.deepEqual(
    reasons.map(({ saysWhy }) => saysWhy),
    [false, true, true, true],
  );
  assert.equal(
    layOutTimeline(roomOf(message(1)), me, 'UTC').some((item) => 'saysWhy' in item && item.saysWhy),
    false,
  );
});

test('a message has the same key before and after it is stored, and never that of another author', () => {
  const pending = addPending(roomOf(), entry('x'));
  const stored = applyMessage(pending, 'e1', message(1, me, { id: 'x' }), attentive);
  assert.equal(lastKey(pending), lastKey(stored));
  assert.notEqual(lastKey(stored), lastKey(roomOf(message(1, ada, { id: 'x' }))));
});

test('notices are between the messages of their time, with each person once', () => {
  const bo = { id: 'bo', name: 'Bo' };
  let room = came(came(alone(1), ada), bo);
  room = applyMessage(room, 'e1', message(2), attentive);
  room = went(came(went(room, ada), ada), bo);
  assert.equal(short(room), 'day (1) enter:Ada+Bo (2) enter:Ada leave:Bo');
  assert.equal(short(came(room, me)), short(room));
  assert.equal(short(came(room, ada)), short(room), 'who is known to be here did not come');
  assert.equal(short(startView(endView(room), me.id)), 'day (1) unread (2)');
});

test('many presence changes are at most two notices between two messages', () => {
  const crowd = Array.from({ length: 150 }, (_, index) => ({ id: `p${index}`, name: `P${index}` }));
  let room = came(alone(1), ...crowd.slice(0, 2));
  for (const person of crowd.slice(2)) room = changed(room, [person], []);
  for (const person of crowd.slice(0, 148)) room = changed(room, [], [person]);
  for (const person of crowd.slice(0, 148)) room = changed(room, [person], []);
  const lines = layOutTimeline(room, me, 'UTC').filter((item) => item.kind === 'notice');
  assert.deepEqual(
    lines.map(({ change }) => change),
    ['enter'],
  );
  room = changed(room, [], crowd.slice(0, 60));
  assert.deepEqual(
    room.notices.map(({ people, more }) => [people.length, more]),
    [
      [90, 0],
      [60, 0],
    ],
  );
  const many = Array.from({ length: 600 }, (_, index) => ({ id: `q${index}`, name: 'Q' }));
  room = changed(room, many, []);
  assert.deepEqual([room.notices[0]?.people.length, room.notices[0]?.more], [690, 0]);
});

test('messages of one author exactly five minutes apart are two groups', () => {
  assert.equal(short(roomOf(message(1, ada, at(0)), message(2, ada, at(5)))), 'day (1) (2)');
});

test('a room keeps its newest 30 notices', () => {
  let room = alone(1);
  for (let offset = 2; offset <= 32; offset++) {
    room = applyMessage(
      changed(room, [{ id: `p${offset}`, name: `P${offset}` }], []),
      'e1',
      message(offset),
      attentive,
    );
  }
  assert.equal(room.notices.length, 30);
  assert.deepEqual(
    [room.notices[0], room.notices.at(-1)].map((notice) => notice?.people.map(({ name }) => name)),
    [['P3'], ['P32']],
  );
});

/** The reason at the first message. */
function firstCode(room: RoomState): string | undefined {
  return layOutTimeline(room, me, 'UTC').find((item): item is ShownMessage => item.kind === 'message')?.code;
}

test('a member sees no reason for outsiders at a message that was not sent, but every other reason', () => {
  for (const [code, forMember] of [
    ['ROOM_NOT_MEMBER', undefined],
    ['ROOM_UNKNOWN', undefined],
    ['CHAT_TEXT_EMPTY', 'CHAT_TEXT_EMPTY'],
    ['ROOM_PUBLISH_UNKNOWN', 'ROOM_PUBLISH_UNKNOWN'],
  ] as const) {
    const failed = markFailed(roomOf(), entry('one'), code);
    assert.equal(firstCode(failed), forMember);
    assert.equal(firstCode({ ...failed, isMember: false }), code);
  }
});
