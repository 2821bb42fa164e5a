import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { RoomsClient } from 'gale/client';
import type { MessageData } from '../../wire.ts';
import { bannerDelayMs } from '../state/banner-delay.ts';
import { unreadCount } from '../state/reading.ts';
import type { RoomState } from '../state/room-state.ts';
import { ada, me, noon, wireRoom } from '../state/support.ts';
import { Drafts } from '../storage/drafts.ts';
import { KeptTexts } from '../storage/kept-texts.ts';
import { MemoryStorage } from '../storage/memory-storage.ts';
import { PeoplePanel } from '../storage/people-panel.ts';
import { StoredEntries } from '../storage/stored-entries.ts';
import { Chat, type FailedEntry } from './chat.ts';

interface Sent {
  readonly type: string;
  readonly ref: number;
  readonly [field: string]: unknown;
}

/** A socket whose server is the test. */
class FakeSocket extends EventTarget {
  readonly sent: Sent[] = [];

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Sent);
  }

  close(): void {}

  receive(frame: object): void {
    this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  /** The commands of a type, oldest first. */
  of(type: string): Sent[] {
    return this.sent.filter((command) => command.type === type);
  }

  reply(command: Sent | undefined, fields: object = {}): void {
    assert.ok(command, 'nothing to answer');
    this.receive({ type: 'reply', ref: command.ref, ...fields });
  }

  refuse(command: Sent | undefined, code: string): void {
    assert.ok(command, 'nothing to refuse');
    this.receive({ type: 'error', ref: command.ref, code, message: code, retry: false });
  }

  welcome(...rooms: object[]): void {
    this.receive({ type: 'welcome', person: me, limits: { codePoints: 10, bytes: 40, roomName: 4 }, rooms });
  }

  cut(): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code: 1006 }));
  }
}

interface Page {
  readonly chat: Chat;
  readonly client: RoomsClient;
  readonly sockets: FakeSocket[];
  readonly opened: string[];
  /** What the chat gets to know about the person at the next replies. */
  readonly stay: { hasStayed: boolean };
  room(id?: string): RoomState;
}

function openPage(t: TestContext, storage: MemoryStorage = new MemoryStorage()): Page {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: noon });
  const sockets: FakeSocket[] = [];
  const opened: string[] = [];
  const stay = { hasStayed: true };
  const client = new RoomsClient<MessageData>({
    url: 'ws://chat.example/socket',
    webSocket: () => {
      sockets.push(new FakeSocket());
      return sockets.at(-1) as unknown as WebSocket;
    },
    random: () => 1,
    outbox: new StoredEntries(storage, 'outbox me'),
  });
  const chat = new Chat({
    client,
    me,
    language: 'en',
    drafts: new Drafts(storage, me.id),
    keptTexts: new KeptTexts(storage, me.id),
    peoplePanel: new PeoplePanel(storage),
    failed: new StoredEntries<FailedEntry>(storage, 'failed me'),
    goTo: (roomId) => {
      opened.push(roomId);
      chat.show(roomId);
    },
    goToInstead: (roomId) => {
      opened.push(`instead ${roomId}`);
      chat.show(roomId);
    },
    startStay: () => () => stay.hasStayed,
    onOtherPerson: () => opened.push('as another person'),
  });
  client.connect();
  t.after(() => client.close());
  return {
    chat,
    client,
    sockets,
    opened,
    stay,
    room: (id = 'lobby') => {
      const room = chat.store.value.rooms.get(id);
      assert.ok(room, `no room ${id}`);
      return room;
    },
  };
}

const subscribed = (top: number, read: number): object => ({
  epoch: 'e1',
  top,
  first: 1,
  recovered: true,
  reset: false,
  dropped: 0,
  cursor: { epoch: 'e1', offset: read },
});
const messageFrame = (offset: number, author: object = ada, id: string = `m${offset}`, room = 'lobby'): object => ({
  type: 'message',
  room,
  epoch: 'e1',
  offset,
  id,
  author,
  time: noon,
  data: { text: `text ${offset}` },
});

/** A page in a lobby of three messages, all read. */
function openLobby(t: TestContext, storage?: MemoryStorage): Page & { socket: FakeSocket } {
  const page = openPage(t, storage);
  const socket = page.sockets[0]!;
  page.chat.show('lobby');
  socket.welcome(wireRoom({ top: 3, cursor: { epoch: 'e1', offset: 3 } }));
  socket.reply(socket.of('subscribe')[0], subscribed(3, 3));
  for (const offset of [1, 2, 3]) socket.receive(messageFrame(offset));
  return { ...page, socket };
}

test('subscribes to joined rooms only, the open room first', (t) => {
  const { chat, sockets } = openPage(t);
  chat.show('b');
  sockets[0]?.welcome(wireRoom(), wireRoom({ id: 'a' }), wireRoom({ id: 'b' }), wireRoom({ id: 'o', member: false }));
  assert.deepEqual(
    sockets[0]?.of('subscribe').map(({ room }) => room),
    ['b', 'lobby', 'a'],
  );
  assert.equal(chat.store.value.limits.codePoints, 10);
});

test('shows a message at once, and as sent only after the server has stored it', (t) => {
  const { chat, socket, room } = openLobby(t);
  chat.send('lobby', '你好');
  assert.deepEqual(
    room().outgoing.map(({ text, status }) => [text, status]),
    [['你好', 'pending']],
  );
  const publish = socket.of('publish')[0];
  assert.deepEqual(publish?.['data'], { text: '你好' });
  socket.reply(publish, { epoch: 'e1', offset: 4, time: noon });
  assert.equal(room().outgoing[0]?.status, 'stored');
  socket.receive(messageFrame(4, me, String(publish?.['id'])));
  assert.deepEqual([room().outgoing.length, room().messages.length], [0, 4]);
});

test('a refused message keeps its reason, is retried once with the same id, and survives a reload', (t) => {
  const storage = new MemoryStorage();
  const { chat, socket, room } = openLobby(t, storage);
  chat.send('lobby', 'hello');
  socket.refuse(socket.of('publish')[0], 'CHAT_TEXT_TOO_LONG');
  const [failed] = room().outgoing;
  assert.deepEqual([failed?.status, failed?.code], ['failed', 'CHAT_TEXT_TOO_LONG']);

  t.mock.timers.reset();
  const again = openLobby(t, storage);
  assert.deepEqual(again.room().outgoing, [failed]);
  again.chat.retry(failed!.id);
  again.chat.retry(failed!.id);
  assert.deepEqual(
    again.socket.of('publish').map(({ id }) => id),
    [failed!.id],
  );
  assert.equal(again.room().outgoing[0]?.status, 'pending');
});

test('a message whose result is unknown survives a reload, and is sent again with a new id or discarded', (t) => {
  const storage = new MemoryStorage();
  const first = openLobby(t, storage);
  first.chat.send('lobby', 'perhaps');
  first.socket.cut();
  t.mock.timers.reset();

  // After a reload the page knows that the message may have been sent.
  const second = openLobby(t, storage);
  const [publish] = second.socket.of('publish');
  assert.deepEqual([publish?.['id'], publish?.['retry']], [first.socket.of('publish')[0]?.['id'], true]);
  second.socket.refuse(publish, 'ROOM_PUBLISH_UNKNOWN');
  const [unknown] = second.room().outgoing;
  assert.deepEqual([unknown?.status, unknown?.code, unknown?.text], ['failed', 'ROOM_PUBLISH_UNKNOWN', 'perhaps']);
  t.mock.timers.reset();

  const third = openLobby(t, storage);
  assert.deepEqual(third.room().outgoing, [unknown]);
  assert.deepEqual(third.socket.of('publish'), [], 'it is not sent by itself');
  third.chat.retry(unknown!.id);
  third.chat.retry(unknown!.id);
  const [again, ...more] = third.socket.of('publish');
  assert.deepEqual([again?.['data'], again?.['retry'], more], [{ text: 'perhaps' }, undefined, []]);
  assert.notEqual(again?.['id'], unknown!.id);
  assert.deepEqual(
    third.room().outgoing.map(({ id, status }) => [id, status]),
    [[again?.['id'], 'pending']],
  );
  third.socket.refuse(again, 'ROOM_PUBLISH_UNKNOWN');
  third.chat.discard('lobby', String(again?.['id']));
  assert.deepEqual(third.room().outgoing, []);
  assert.equal(storage.length, 0);
});

test('retries a message as possibly stored if it was sent before it was refused', (t) => {
  const { chat, socket, sockets, room } = openLobby(t);
  chat.send('lobby', 'hello');
  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets[1]!;
  next.welcome(wireRoom());
  next.refuse(next.of('publish')[0], 'ROOM_NOT_MEMBER');
  chat.retry(room().outgoing[0]!.id);
  const [first, second] = next.of('publish');
  assert.deepEqual([second?.['id'], second?.['retry']], [first?.['id'], true]);
});

test('removes a discarded message, also after a reload', (t) => {
  const storage = new MemoryStorage();
  const { chat, socket, room } = openLobby(t, storage);
  chat.send('lobby', 'hello');
  socket.refuse(socket.of('publish')[0], 'CHAT_TEXT_TOO_LONG');
  chat.discard('lobby', room().outgoing[0]!.id);
  assert.deepEqual(room().outgoing, []);
  t.mock.timers.reset();
  assert.deepEqual(openLobby(t, storage).room().outgoing, []);
});

test('sends messages written while disconnected in order after the reconnect, also after a reload', (t) => {
  const storage = new MemoryStorage();
  const { chat, socket } = openLobby(t, storage);
  socket.cut();
  for (const text of ['1', '2', '3']) chat.send('lobby', text);
  t.mock.timers.reset();

  const again = openLobby(t, storage);
  assert.deepEqual(
    again.room().outgoing.map(({ text, status }) => [text, status]),
    [
      ['1', 'pending'],
      ['2', 'pending'],
      ['3', 'pending'],
    ],
  );
  for (let offset = 4; offset <= 6; offset++) {
    const publish = again.socket.of('publish').at(-1);
    again.socket.receive(messageFrame(offset, me, String(publish?.['id'])));
    again.socket.reply(publish, { epoch: 'e1', offset, time: noon });
  }
  assert.deepEqual(
    again.socket.of('publish').map(({ data }) => data),
    [{ text: '1' }, { text: '2' }, { text: '3' }],
  );
  assert.deepEqual(again.room().outgoing, []);
  assert.equal(storage.length, 0);
});

test('an interruption of 2 seconds ends before the banner would appear', (t) => {
  const { chat, socket, sockets } = openLobby(t);
  socket.cut();
  const lostAt = Date.now();
  let refused = 1;
  while (Date.now() < lostAt + 2000) {
    t.mock.timers.tick(10);
    for (; refused < sockets.length; refused++) sockets[refused]!.cut();
  }
  while (sockets.length === refused) t.mock.timers.tick(10);
  sockets[refused]!.welcome(wireRoom({ top: 3, cursor: { epoch: 'e1', offset: 3 } }));
  assert.equal(chat.store.value.connection.lostAt, undefined);
  assert.ok(Date.now() - lostAt < bannerDelayMs, `connected after ${Date.now() - lostAt} ms`);
});

test('reports the read position once for a burst, and again after a lost connection', (t) => {
  const { chat, socket, sockets, room } = openLobby(t);
  chat.readToEnd('lobby');
  assert.deepEqual(socket.of('read'), [], 'nothing new was read');
  for (const offset of [4, 5, 6]) {
    socket.receive(messageFrame(offset));
    chat.readToEnd('lobby');
  }
  t.mock.timers.tick(300);
  assert.deepEqual(
    socket.of('read').map(({ offset }) => offset),
    [4, 6],
  );
  assert.equal(unreadCount(room(), me.id), 0);

  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets[1]!;
  next.welcome(wireRoom({ top: 6, cursor: { epoch: 'e1', offset: 4 } }));
  next.reply(next.of('subscribe')[0], subscribed(6, 4));
  assert.deepEqual(
    next.of('read').map(({ offset }) => offset),
    [6],
  );
});

test('reads messages on screen only while the window has attention, and all messages with an own one', (t) => {
  const { chat, socket, room } = openLobby(t);
  for (const offset of [4, 5, 6]) socket.receive(messageFrame(offset));
  chat.setAttentive(false);
  chat.readSeen('lobby', { first: 2, last: 5 });
  assert.equal(room().cursor, 3);
  chat.setAttentive(true);
  chat.readSeen('lobby', { first: 5, last: 6 });
  assert.equal(room().cursor, 3, 'message 4 was not on screen');
  chat.readSeen('lobby', { first: 2, last: 5 });
  assert.equal(room().cursor, 5);
  chat.send('lobby', 'answer');
  assert.equal(room().cursor, 6);
  t.mock.timers.tick(300);
  assert.deepEqual(
    socket.of('read').map(({ offset }) => offset),
    [5, 6],
  );
});

test('reports a waiting read position when the page is unloaded, and not again', (t) => {
  const { chat, socket } = openLobby(t);
  for (const offset of [4, 5]) {
    socket.receive(messageFrame(offset));
    chat.readToEnd('lobby');
  }
  chat.reportReads();
  t.mock.timers.tick(1000);
  assert.deepEqual(
    socket.of('read').map(({ offset }) => offset),
    [4, 5],
  );
});

test('a read position of another device clears the unread count', (t) => {
  const { socket, room } = openLobby(t);
  socket.receive(messageFrame(4));
  assert.equal(unreadCount(room(), me.id), 1);
  socket.receive({ type: 'read', room: 'lobby', epoch: 'e1', offset: 4 });
  assert.equal(unreadCount(room(), me.id), 0);
});

test('announces new messages of others to a screen reader, but not the history', (t) => {
  const { chat, socket } = openLobby(t);
  assert.deepEqual(chat.announcements.value, []);
  socket.receive(messageFrame(4, me));
  socket.receive(messageFrame(5));
  assert.deepEqual(chat.announcements.value, [{ name: 'Ada', text: 'text 5', key: 1 }]);
});

for (const [awayMs, unreadAfter] of [
  [600, undefined],
  [5000, 3],
] as const) {
  test(`messages missed while disconnected for ${awayMs} ms are ${unreadAfter === undefined ? 'not ' : ''}marked as unread`, (t) => {
    const { socket, sockets, room } = openLobby(t);
    socket.cut();
    t.mock.timers.tick(awayMs);
    const next = sockets.at(-1)!;
    next.welcome(wireRoom({ top: 5, cursor: { epoch: 'e1', offset: 3 } }));
    next.reply(next.of('subscribe')[0], subscribed(5, 3));
    assert.equal(room().view?.unreadAfter, unreadAfter);
  });
}

test('subscribes to a created room and opens it; unsubscribes from a left room and opens the lobby', async (t) => {
  const { chat, socket, opened } = openLobby(t);
  const made = chat.makeRoom('读书');
  const room = wireRoom({ id: 'r', name: '读书' });
  socket.receive({ type: 'room-made', room });
  socket.receive({ type: 'joined', room });
  socket.reply(socket.of('make-room')[0], { room });
  await made;
  assert.deepEqual(opened, ['r']);
  assert.deepEqual(
    socket.of('subscribe').map((command) => command['room']),
    ['lobby', 'r'],
  );
  const left = chat.leaveRoom('r');
  socket.receive({ type: 'left', room: 'r' });
  socket.reply(socket.of('leave-room')[0]);
  await left;
  assert.deepEqual(opened, ['r', 'instead lobby']);
  assert.deepEqual(
    socket.of('unsubscribe').map((command) => command['room']),
    ['r'],
  );
  assert.equal(chat.store.value.rooms.get('r')?.isMember, false);
});

test('a late reply changes the rooms, but moves nobody who has gone elsewhere', async (t) => {
  const { chat, socket, opened, stay } = openLobby(t);
  const room = wireRoom({ id: 'r', name: '读书' });
  const made = chat.makeRoom('读书');
  const joined = chat.joinRoom('s');
  stay.hasStayed = false;
  socket.reply(socket.of('make-room')[0], { room });
  socket.reply(socket.of('join-room')[0], { room: wireRoom({ id: 's' }) });
  await Promise.all([made, joined]);
  chat.show('r');
  const left = chat.leaveRoom('r');
  socket.reply(socket.of('leave-room')[0]);
  await left;
  assert.deepEqual(opened, []);
  const { rooms, openRoom } = chat.store.value;
  assert.deepEqual([rooms.get('r')?.isMember, rooms.get('s')?.isMember, openRoom], [false, true, 'r']);
});

test('removes a removed room from the list, and unsubscribes from it', async (t) => {
  const { chat, socket } = openLobby(t);
  const made = chat.makeRoom('读书');
  socket.reply(socket.of('make-room')[0], { room: wireRoom({ id: 'r', name: '读书' }) });
  await made;
  socket.receive({ type: 'room-removed', room: 'r' });
  socket.receive({ type: 'room-removed', room: 'unknown' });
  assert.equal(chat.store.value.rooms.get('r')?.isRemoved, true);
  assert.equal(chat.store.value.rooms.has('unknown'), false);
  assert.deepEqual(
    socket.of('unsubscribe').map((command) => command['room']),
    ['r'],
  );
});

/** What is unsent in the room r, and whether that is removed. */
function unsentIn(page: Page): unknown[] {
  const { isRemoved, outgoing } = page.room('r');
  return [isRemoved, outgoing.map(({ text, status, code }) => [text, status, code]), page.chat.drafts.get('r')];
}

test('unsent texts of a removed room stay with the reason, also after a reload, until they are discarded', async (t) => {
  const storage = new MemoryStorage();
  const first = openLobby(t, storage);
  const made = first.chat.makeRoom('读书');
  first.socket.reply(first.socket.of('make-room')[0], { room: wireRoom({ id: 'r', name: '读书' }) });
  await made;
  first.socket.cut();
  first.chat.send('r', 'unsent');
  first.chat.drafts.set('r', 'half');
  t.mock.timers.tick(20_000);
  const next = first.sockets.at(-1)!;
  next.welcome(wireRoom());
  next.refuse(next.of('publish')[0], 'ROOM_UNKNOWN');
  const expected = [true, [['unsent', 'failed', 'ROOM_UNKNOWN']], 'half'];
  assert.deepEqual(unsentIn(first), expected);
  t.mock.timers.reset();

  const second = openLobby(t, storage);
  assert.deepEqual(unsentIn(second), expected);
  assert.equal(second.room('r').name, '读书');
  second.chat.discard('r', second.room('r').outgoing[0]!.id);
  second.chat.discardDraft('r');
  assert.deepEqual(unsentIn(second), [true, [], '']);
  t.mock.timers.reset();
  assert.equal(openLobby(t, storage).chat.store.value.rooms.has('r'), false);
});

test('makeRoom rejects with the error code of the server', async (t) => {
  const { chat, socket, opened } = openLobby(t);
  const made = chat.makeRoom('大厅');
  socket.refuse(socket.of('make-room')[0], 'CHAT_ROOM_NAME_TAKEN');
  await assert.rejects(made, { code: 'CHAT_ROOM_NAME_TAKEN' });
  assert.deepEqual(opened, []);
});

test('30 messages sent faster than the rate limit are shown as pending, then as sent, and never as failed', (t) => {
  const { chat, client, socket, room } = openLobby(t);
  const texts = Array.from({ length: 30 }, (_, index) => `line ${index + 1}`);
  const statuses = new Set<string>();
  chat.store.listen(() => room().outgoing.forEach(({ status }) => statuses.add(status)));
  for (const text of texts) chat.send('lobby', text);
  assert.deepEqual(
    room().outgoing.map(({ text, status }) => `${text} ${status}`),
    texts.map((text) => `${text} pending`),
  );

  // The server accepts 10 at once and then 2 per second.
  let tokens = 10;
  let answered = 0;
  for (let ms = 0; client.outbox.length > 0 && ms < 60_000; ms += 100) {
    for (let publish = socket.of('publish')[answered]; publish; publish = socket.of('publish')[answered]) {
      answered++;
      if (tokens >= 1) {
        tokens--;
        socket.reply(publish, { epoch: 'e1', offset: 4 + 30 - client.outbox.length, time: noon, id: publish['id'] });
      } else {
        const fields = { code: 'ROOM_TOO_FAST', message: '', retry: true, retryAfterMs: Math.ceil((1 - tokens) * 500) };
        socket.receive({ type: 'error', ref: publish.ref, ...fields });
      }
    }
    t.mock.timers.tick(100);
    tokens = Math.min(10, tokens + 0.2);
  }
  assert.deepEqual(
    room().outgoing.map(({ text, status }) => `${text} ${status}`),
    texts.map((text) => `${text} stored`),
  );
  assert.deepEqual([...statuses], ['pending', 'stored']);
  assert.equal(chat.announcements.value.length, 0, 'nothing is announced');
});

test('shows too many windows only while disconnected, and no longer after the reconnect', (t) => {
  const { chat, socket, sockets } = openLobby(t);
  const isShown = (): boolean => chat.store.value.connection.hasTooManyWindows;
  chat.setTooManyWindows(true);
  assert.equal(isShown(), false, 'the connection is open');
  socket.cut();
  chat.setTooManyWindows(true);
  assert.equal(isShown(), true);
  t.mock.timers.tick(20_000);
  sockets.at(-1)?.welcome(wireRoom());
  assert.equal(isShown(), false);
});

test('does not report a read position to a stream that was reset', (t) => {
  const { socket, sockets } = openLobby(t);
  socket.cut();
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.welcome(wireRoom({ top: 3, cursor: { epoch: 'e1', offset: 3 } }));
  next.reply(next.of('subscribe')[0], { ...subscribed(1, 0), epoch: 'e2', reset: true, cursor: null });
  assert.deepEqual(next.of('read'), []);
});

test('a room-made event does not change a known room', (t) => {
  const { socket, room } = openLobby(t);
  socket.receive({ type: 'room-made', room: wireRoom({ member: false, epoch: '', name: 'Other' }) });
  assert.equal(room().isMember, true);
  assert.equal(room().messages.length, 3);
});

test('leaves a room whose subscription was refused, and subscribes again when the person joins it', (t) => {
  const { socket, room } = openLobby(t);
  socket.receive({ type: 'joined', room: wireRoom({ id: 'r', name: 'Tea' }) });
  const subscriptions = (): unknown[] => socket.of('subscribe').filter((command) => command['room'] === 'r');
  assert.equal(subscriptions().length, 1);
  socket.refuse(socket.of('subscribe').at(-1), 'ROOM_NOT_MEMBER');
  assert.equal(room('r').isMember, false);
  socket.receive({ type: 'joined', room: wireRoom({ id: 'r', name: 'Tea' }) });
  assert.equal(subscriptions().length, 2);
});

test('sends nothing to a server that knows the browser as another person, and asks for another page', (t) => {
  const { chat, client, socket, sockets, opened } = openLobby(t);
  socket.cut();
  chat.send('lobby', 'of me');
  t.mock.timers.tick(20_000);
  const next = sockets.at(-1)!;
  next.receive({
    type: 'welcome',
    person: ada,
    limits: { codePoints: 10, bytes: 40, roomName: 4 },
    rooms: [wireRoom()],
  });
  assert.deepEqual(next.sent, []);
  assert.deepEqual([client.state, opened, chat.store.value.me], ['closed', ['as another person'], me]);
});

test('ignores a welcome and events of another application', (t) => {
  const { chat, sockets } = openPage(t);
  sockets[0]?.receive({ type: 'welcome', person: me });
  assert.equal(chat.store.value.isWelcomed, false);
  const before = chat.store.value.rooms;
  sockets[0]?.receive({ type: 'unknown', room: 'lobby' });
  assert.equal(chat.store.value.rooms, before);
});
