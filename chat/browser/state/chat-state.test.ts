import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WireRoom } from '../../wire.ts';
import {
  addRemoved,
  applyNames,
  applyLeft,
  applyOwn,
  applyRemoved,
  applyRoom,
  applyRooms,
  applySignal,
  createChatState,
  showRoom,
  waitingFor,
  updateRoom,
} from './chat-state.ts';
import { addPending } from './outgoing.ts';
import { applyPeople, applyPresence } from './presence.ts';
import { startView } from './reading.ts';
import { homeRoom, listRooms, neighbourRoom } from './room-order.ts';
import { ada, loadedRoom, me, noon, wireRoom } from './support.ts';

const start = createChatState(me, 'en', noon);
const rooms = [
  wireRoom({ id: 'b', name: 'Beta' }),
  wireRoom({ id: 'lobby', name: 'Zoo' }),
  wireRoom({ id: 'a10', name: 'Room 10' }),
  wireRoom({ id: 'a2', name: 'Room 2' }),
  wireRoom({ id: 'o', name: 'Other', member: false }),
];

const idsOf = (list: readonly { readonly id: string }[]): string[] => list.map(({ id }) => id);

test('sorts rooms without messages by name after the lobby, and lists no room of others', () => {
  const { rooms: listed, directs } = listRooms(applyRooms(start, rooms), noon);
  assert.deepEqual(idsOf(listed), ['lobby', 'b', 'a2', 'a10']);
  assert.deepEqual(directs, []);
});

test('the newest message is first, or unread rooms are first and all are sorted by name', () => {
  const readSeq = 5;
  const described = [
    wireRoom({ id: 'a', name: 'A', lastAt: noon - 3000, top: 5, readSeq }),
    wireRoom({ id: 'b', name: 'B', lastAt: noon - 1000, top: 5, readSeq }),
    wireRoom({ id: 'c', name: 'C', lastAt: noon - 2000, top: 7, readSeq }),
    wireRoom({ id: 'd', name: 'D', lastAt: noon - 4000, top: 8, readSeq, mutedUntil: noon + 1 }),
    wireRoom({ id: 'e', name: 'E', lastAt: noon, archivedAt: noon }),
    wireRoom(),
  ];
  const state = applyRooms(start, described);
  assert.deepEqual(idsOf(listRooms(state, noon).rooms), ['lobby', 'b', 'c', 'a', 'd']);
  assert.deepEqual(idsOf(listRooms(state, noon).archived), ['e']);
  assert.equal(homeRoom(state, noon), 'lobby');
  assert.equal(homeRoom(applyRooms(start, described.slice(0, 2)), noon), 'b', 'a guest is not in the lobby');
  const byName = { ...state, choices: { ...state.choices, roomOrder: 'name' } } as const;
  assert.deepEqual(idsOf(listRooms(byName, noon).rooms), ['lobby', 'c', 'a', 'b', 'd'], 'a muted room is not first');
  assert.deepEqual(idsOf(listRooms(byName, noon + 2).rooms), ['lobby', 'c', 'd', 'a', 'b'], 'the mute has ended');
});

test('the name of a direct conversation follows its people, and omits those who deleted their accounts', () => {
  const bob = { id: 'bob', name: 'Bob' };
  const direct = (id: string, people: readonly (typeof bob)[]): WireRoom =>
    wireRoom({ id, name: '', kind: 'direct', people, top: 1 });
  const state = applyRooms(start, [direct('one', [bob, me]), direct('three', [ada, bob, me])]);
  const namesOf = ({ rooms }: typeof state): (string | undefined)[] =>
    ['one', 'three'].map((id) => rooms.get(id)?.name);
  assert.deepEqual(namesOf(applyNames(state, (id) => (id === 'bob' ? 'Robert' : undefined))), [
    'Robert',
    'Ada, Robert',
  ]);
  const deleted = applyNames(state, (id) => (id === 'bob' ? '' : undefined));
  assert.deepEqual(namesOf(deleted), ['', 'Ada']);
  assert.equal(
    applyNames(deleted, () => undefined),
    deleted,
  );
});

test('a direct conversation has the names of the others, and is listed when it has a message or this person opened it', () => {
  const people = [ada, me, { id: 'bob', name: '鲍勃' }];
  const direct = (id: string, more: object): WireRoom => wireRoom({ id, name: '', kind: 'direct', people, ...more });
  const state = applyRooms(start, [
    direct('one', { top: 1 }),
    direct('mine', { role: 'owner', people: [me] }),
    direct('silent', {}),
  ]);
  assert.equal(state.rooms.get('one')?.name, 'Ada, 鲍勃');
  assert.deepEqual(idsOf(listRooms(state, noon).directs).sort(), ['mine', 'one']);
  assert.deepEqual(idsOf(listRooms(showRoom(state, 'silent'), noon).directs).sort(), ['mine', 'one', 'silent']);
});

test('a change of a room, a role and a mute are applied', () => {
  let state = applyRooms(start, rooms);
  const changed = {
    type: 'room-changed',
    name: 'Tea',
    topic: 'hot',
    archivedAt: 5,
    pinyin: 'tea',
    pinyinInitials: 't',
  } as const;
  state = applySignal(state, 'b', changed);
  const { name, about } = state.rooms.get('b')!;
  assert.deepEqual([name, about.topic, about.archivedAt, about.role], ['Tea', 'hot', 5, 'member']);
  state = applySignal(state, 'b', { ...changed, archivedAt: null });
  assert.equal(state.rooms.get('b')?.about.archivedAt, undefined);
  state = applyOwn(state, { type: 'room-own', room: 'b', role: 'owner' });
  state = applyOwn(state, { type: 'room-own', room: 'b', mutedUntil: 7 });
  assert.deepEqual([state.rooms.get('b')?.about.role, state.rooms.get('b')?.about.mutedUntil], ['owner', 7]);
  state = applyOwn(state, { type: 'room-own', room: 'b', mutedUntil: null });
  assert.equal(state.rooms.get('b')?.about.mutedUntil, undefined);
  state = applySignal(state, 'b', { type: 'members-changed' });
  assert.equal(state.rooms.get('b')?.membersVersion, 1);
});

test('sorts Chinese names by pinyin if the language is Chinese', () => {
  const named = ['周末', '产品', '北京'].map((name) => wireRoom({ id: name, name }));
  assert.deepEqual(
    listRooms({ ...applyRooms(start, named), language: 'zh-CN' }, noon).rooms.map(({ name }) => name),
    ['北京', '产品', '周末'],
  );
});

test('finds the next room around the ends of the list, also among unread rooms only', () => {
  const list = listRooms(applyRooms(start, rooms), noon);
  assert.equal(neighbourRoom(list, 'lobby', 1)?.id, 'b');
  assert.equal(neighbourRoom(list, 'lobby', -1)?.id, 'a10');
  assert.equal(neighbourRoom(list, 'a10', 1)?.id, 'lobby');
  assert.equal(neighbourRoom(list, undefined, 1)?.id, 'lobby');
  assert.equal(neighbourRoom(list, undefined, -1)?.id, 'a10');
  assert.equal(neighbourRoom(list, 'lobby', 1, ({ id }) => id === 'a10')?.id, 'a10');
  assert.equal(
    neighbourRoom(list, 'a10', 1, ({ id }) => id === 'a10'),
    undefined,
  );
});

test('after a reconnect keeps messages, removes removed rooms and clears rooms that were left', () => {
  let state = applyRooms(start, rooms);
  state = updateRoom(state, 'b', () => ({ ...loadedRoom(5), id: 'b', name: 'Beta' }));
  state = applyRooms(state, [wireRoom({ id: 'b', name: 'Beta', top: 9 }), wireRoom({ id: 'a2', member: false })]);
  assert.deepEqual(
    [...state.rooms.values()].filter(({ isRemoved }) => !isRemoved).map(({ id }) => id),
    ['b', 'a2', 'o'],
  );
  assert.equal(state.rooms.get('b')?.messages.length, 5);
  assert.equal(state.rooms.get('a2')?.isMember, false);
});

test('shows a joined room whose address was already open', () => {
  let state = showRoom(applyRooms(start, rooms), 'o');
  assert.equal(state.rooms.get('o')?.view, undefined);
  state = applyRoom(state, wireRoom({ id: 'o', name: 'Other', top: 3, readSeq: 3 }));
  assert.equal(state.rooms.get('o')?.view?.unreadAfter, undefined);
  assert.equal(state.rooms.get('o')?.view?.openedAt, 0);
});

test('leaving a room removes its messages but keeps failed ones', () => {
  const entry = { room: 'b', id: 'x', data: { text: 'x' }, time: noon };
  let state = updateRoom(applyRooms(start, rooms), 'b', () => addPending({ ...loadedRoom(5), id: 'b' }, entry));
  state = applyLeft(state, 'b');
  const left = state.rooms.get('b');
  assert.deepEqual([left?.isMember, left?.messages.length, left?.outgoing.length], [false, 0, 1]);
});

test('a removed room keeps only its name and its unsent messages, until the server names it again', () => {
  const entry = { room: 'b', id: 'x', data: { text: 'x' }, time: noon };
  const open = updateRoom(applyRooms(start, rooms), 'b', () => addPending({ ...loadedRoom(5), id: 'b' }, entry));
  for (const removed of [applyRemoved(open, 'b'), applyRooms(open, rooms.slice(1))]) {
    const room = removed.rooms.get('b');
    assert.deepEqual([room?.isRemoved, room?.isMember, room?.messages, room?.outgoing.length], [true, false, [], 1]);
    assert.deepEqual(
      listRooms(removed, noon).removed.map(({ id }) => id),
      ['b'],
    );
    assert.ok(listRooms(removed, noon).rooms.every(({ id }) => id !== 'b'));
    assert.deepEqual(applyRemoved(removed, 'unknown').rooms, removed.rooms);
    assert.equal(addRemoved(removed, 'a2', 'Room 2').rooms.get('a2')?.isRemoved, false, 'a known room');
    const again = applyRooms(removed, [wireRoom({ id: 'b', member: false })]).rooms.get('b');
    assert.deepEqual([again?.isRemoved, again?.outgoing.length], [false, 1]);
  }
});

test('mentions and messages of direct conversations wait for the person; other unread messages are only noted', () => {
  const readSeq = 5;
  const waiting = (...described: WireRoom[]): unknown => Object.values(waitingFor(applyRooms(start, described), noon));
  const direct = wireRoom({ id: 'd', kind: 'direct', people: [ada, me], top: 7, readSeq });
  assert.deepEqual(waiting(wireRoom({ id: 'o', member: false, top: 7 })), [0, false]);
  assert.deepEqual(waiting(wireRoom({ top: 9, readSeq })), [0, true]);
  assert.deepEqual(waiting(wireRoom({ top: 9, readSeq, mutedUntil: noon + 1 })), [0, false]);
  assert.deepEqual(waiting(wireRoom({ top: 9, readSeq, archivedAt: noon })), [0, false]);
  assert.deepEqual(waiting(direct), [2, false]);
  assert.deepEqual(waiting({ ...direct, mutedUntil: noon + 1 }), [0, false]);
  const lobby = applyRooms(start, [wireRoom({ top: 6, readSeq })], { lobby: [6] });
  assert.deepEqual(waitingFor(lobby, noon), { forMe: 1, hasOthers: false });
  const muted = applyRooms(start, [wireRoom({ top: 9, readSeq, mutedUntil: noon + 1 })], { lobby: [6] });
  assert.deepEqual(waitingFor(muted, noon), { forMe: 1, hasOthers: false }, 'a mention in a muted room counts');
});

test('a direct conversation has the names that its people have now', () => {
  const state = applyRooms(start, [wireRoom({ id: 'd', name: '', kind: 'direct', people: [ada, me] }), wireRoom()]);
  const named = applyNames(state, (id) => (id === ada.id ? 'Ada Lovelace' : undefined));
  assert.equal(named.rooms.get('d')?.name, 'Ada Lovelace');
  assert.equal(named.rooms.get('d')?.about.people[0]?.name, 'Ada Lovelace');
  assert.equal(named.rooms.get('lobby'), state.rooms.get('lobby'));
  assert.equal(
    applyNames(named, (id) => (id === ada.id ? 'Ada Lovelace' : undefined)),
    named,
  );
});

test('takes the number of people from the server, and names each person once', () => {
  const here = { me: me.id, now: noon };
  let room = applyPeople(loadedRoom(1), { people: [me], count: 1 }, true, here);
  const entered = { entered: [me, ada], left: [], count: 2 };
  room = applyPresence(applyPresence(room, entered, here), entered, here);
  assert.deepEqual([room.peopleCount, room.people], [2, [me, ada]]);
  assert.deepEqual(room.notices, [], 'a room that is not on screen has no notices');
  room = applyPresence(room, { entered: [], left: [ada], count: 1 }, here);
  assert.deepEqual([room.peopleCount, room.people], [1, [me]]);
});

test('a big room has a count without names until the server sends all names again', () => {
  const here = { me: me.id, now: noon };
  let room = applyPeople(startView(loadedRoom(1), me.id), { people: undefined, count: 200 }, true, here);
  room = applyPresence(room, { entered: undefined, left: undefined, count: 201 }, here);
  assert.deepEqual([room.peopleCount, room.people, room.notices], [201, undefined, []]);
  room = applyPresence(room, { entered: [ada], left: [], count: 202 }, here);
  assert.deepEqual([room.peopleCount, room.people, room.notices], [202, undefined, []]);
  room = applyPeople(room, { people: [me, ada], count: 2 }, false, here);
  assert.deepEqual([room.peopleCount, room.people, room.notices], [2, [me, ada], []]);
});

test('an open room keeps its unread line when the server sends the room again', () => {
  let state = updateRoom(applyRooms(start, rooms), 'b', () => ({ ...loadedRoom(5, 3), id: 'b' }));
  state = updateRoom(showRoom(state, 'b'), 'b', (room) => ({ ...room, readSeq: 5 }));
  state = applyRoom(state, wireRoom({ id: 'b', top: 5 }));
  assert.equal(state.rooms.get('b')?.view?.unreadAfter, 3);
});
