import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { RoomError } from '../room-error.ts';
import type { RoomsClientOptions } from './client-options.ts';
import type { OutboxEntry } from './outbox.ts';
import { RoomsClient } from './rooms-client.ts';

/** A socket whose other side is the test. */
class ScriptedSocket extends EventTarget {
  readonly sent: Record<string, unknown>[] = [];
  isClosed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Record<string, unknown>);
  }

  close(): void {
    this.isClosed = true;
  }

  receive(...frames: object[]): void {
    for (const frame of frames) this.dispatchEvent(new MessageEvent('message', { data: JSON.stringify(frame) }));
  }

  welcome(): void {
    this.receive({ type: 'welcome', protocol: 1, person: { id: 'ada', name: 'Ada' }, time: 0 });
  }

  cut(code = 1006): void {
    this.dispatchEvent(Object.assign(new Event('close'), { code, reason: '' }));
  }

  /** Commands of a type, with their refs. */
  commands(type: string): Record<string, unknown>[] {
    return this.sent.filter((frame) => frame['type'] === type);
  }

  /** Replies to the newest command of a type. */
  reply(type: string, fields: object = {}): void {
    this.receive({ type: 'reply', ref: this.commands(type).at(-1)?.['ref'], ...fields });
  }

  refuse(type: string, code: string, retry: boolean, more: object = {}): void {
    this.receive({ type: 'error', ref: this.commands(type).at(-1)?.['ref'], code, message: code, retry, ...more });
  }

  tooFast(type: string, retryAfterMs: number): void {
    this.refuse(type, 'ROOM_TOO_FAST', true, { retryAfterMs });
  }
}

interface TestClient {
  readonly client: RoomsClient;
  readonly sockets: ScriptedSocket[];
  readonly socket: ScriptedSocket;
  /** Events of the client, one string each. */
  readonly events: string[];
  pass(ms: number): void;
}

function createClient(t: TestContext, options: Partial<RoomsClientOptions> = {}): TestClient {
  t.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 });
  const sockets: ScriptedSocket[] = [];
  const client = new RoomsClient({
    url: 'ws://test',
    webSocket: () => {
      const socket = new ScriptedSocket();
      sockets.push(socket);
      return socket as unknown as WebSocket;
    },
    random: () => 0.5,
    ...options,
  });
  const events: string[] = [];
  client.on('state', ({ state }) => events.push(state));
  client.on('subscribed', ({ room, reply: { top } }) => events.push(`subscribed ${room} ${top}`));
  client.on('unsubscribed', ({ room, error: { code } }) => events.push(`unsubscribed ${room} ${code}`));
  client.on('message', ({ room, epoch, message: { offset } }) => events.push(`${room} ${epoch} ${offset}`));
  client.on('dropped', ({ room, after, count }) => events.push(`dropped ${room} ${after} ${count}`));
  client.on('reset', ({ room, epoch, first }) => events.push(`reset ${room} ${epoch} ${first}`));
  client.on('published', ({ entry: { id }, at: { offset } }) => events.push(`published ${id} ${offset}`));
  client.on('refused', ({ entry: { id }, error: { code } }) => events.push(`refused ${id} ${code}`));
  client.on('people', ({ room, count, people }) =>
    events.push(`people ${room} ${count} ${people?.map(({ id }) => id)}`),
  );
  client.on('presence', ({ room, count, entered, left }) =>
    events.push(`presence ${room} ${count} ${entered?.map(({ id }) => id)} ${left?.map(({ id }) => id)}`),
  );
  client.on('unknown', ({ entry: { id }, error: { code } }) => events.push(`unknown ${id} ${code}`));
  client.on('event', ({ type }) => events.push(`event ${type}`));
  client.on('ended', () => events.push('ended'));
  t.after(() => client.close());
  return {
    client,
    sockets,
    get socket() {
      return sockets.at(-1) as ScriptedSocket;
    },
    events,
    pass: (ms) => t.mock.timers.tick(ms),
  };
}

function open(t: TestContext, options?: Partial<RoomsClientOptions>): TestClient {
  const opened = createClient(t, options);
  opened.client.connect();
  opened.socket.welcome();
  opened.events.length = 0;
  return opened;
}

const start = { epoch: 'e', top: 0, first: 1, recovered: true, reset: false, dropped: 0, cursor: null };

/** Timers of this process that are not mocked. */
function countTimers(): number {
  return process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
}

function message(offset: number, epoch = 'e', room = 'lobby'): object {
  return { type: 'message', room, epoch, offset, id: `m${offset}`, author: { id: 'b', name: 'B' }, time: 0, data: 1 };
}

test('is open after the welcome', (t) => {
  const opened = createClient(t);
  assert.equal(opened.client.state, 'closed');
  opened.client.connect();
  opened.client.connect();
  assert.equal(opened.sockets.length, 1);
  opened.socket.welcome();
  assert.deepEqual(opened.events, ['connecting', 'open']);
});

test('reconnects after delays that double up to a ceiling', (t) => {
  const opened = open(t);
  const waits: number[] = [];
  for (let failure = 0; failure < 8; failure++) {
    opened.socket.cut();
    waits.push((opened.client.retryAt ?? 0) - Date.now());
    assert.equal(opened.client.state, 'waiting');
    opened.pass(waits.at(-1) ?? 0);
    assert.equal(opened.client.state, 'connecting');
    assert.equal(opened.client.retryAt, undefined);
  }
  assert.deepEqual(waits, [250, 500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
  opened.socket.welcome();
  opened.socket.cut();
  assert.equal((opened.client.retryAt ?? 0) - Date.now(), 250);
  opened.client.retryNow();
  assert.equal(opened.client.state, 'connecting');
});

test('abandons a connection without a welcome', (t) => {
  const opened = createClient(t);
  opened.client.connect();
  opened.pass(10_000);
  assert.deepEqual(opened.events, ['connecting', 'waiting']);
  assert.equal(opened.socket.isClosed, true);
});

test('sends a ping after 25 s without a frame, and reconnects without a response', (t) => {
  const opened = open(t);
  opened.pass(20_000);
  opened.socket.receive({ type: 'presence' });
  opened.pass(24_999);
  assert.equal(opened.socket.commands('ping').length, 0);
  opened.pass(1);
  assert.equal(opened.socket.commands('ping').length, 1);
  opened.socket.reply('ping');
  opened.pass(25_000);
  assert.equal(opened.socket.commands('ping').length, 2);
  assert.equal(opened.client.state, 'open');
  const dead = opened.socket;
  opened.pass(10_000);
  assert.equal(opened.client.state, 'waiting');
  opened.client.retryNow();
  opened.socket.welcome();
  dead.cut();
  dead.receive(message(1));
  assert.equal(opened.client.state, 'open', 'late events of a dead connection are ignored');
});

test('closes for good after close code 4401', (t) => {
  const opened = open(t);
  opened.socket.cut(4401);
  opened.pass(100_000);
  assert.deepEqual(opened.events, ['closed', 'ended']);
  assert.equal(opened.sockets.length, 1);
});

test('closes for good if it cannot connect because nobody is signed in', async (t) => {
  let isSignedIn = true;
  const opened = createClient(t, { isSignedIn: () => Promise.resolve(isSignedIn) });
  opened.client.connect();
  opened.socket.cut();
  await Promise.resolve();
  assert.equal(opened.client.state, 'waiting');
  isSignedIn = false;
  opened.client.retryNow();
  opened.socket.cut();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(opened.events, ['connecting', 'waiting', 'connecting', 'waiting', 'closed', 'ended']);
});

test('passes on each offset once and in order, and subscribes again after a gap', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby');
  assert.deepEqual(opened.socket.commands('subscribe'), [{ type: 'subscribe', ref: 1, room: 'lobby' }]);
  opened.socket.reply('subscribe', { ...start, top: 2 });
  opened.socket.receive(message(1), message(2), message(2), message(1), message(5), message(6));
  assert.deepEqual(opened.events, ['subscribed lobby 2', 'lobby e 1', 'lobby e 2']);
  assert.deepEqual(opened.socket.commands('subscribe').at(-1)?.['after'], { epoch: 'e', offset: 2 });
  assert.equal(opened.socket.commands('subscribe').length, 2);
  opened.socket.reply('subscribe', { ...start, top: 6 });
  opened.socket.receive(message(3), message(4), message(5), message(6));
  assert.deepEqual(opened.events.slice(3), ['subscribed lobby 6', 'lobby e 3', 'lobby e 4', 'lobby e 5', 'lobby e 6']);
  assert.deepEqual(opened.client.position('lobby'), { epoch: 'e', offset: 6 });
});

test('subscribes from its position after a lost connection', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby', { epoch: 'e', offset: 7 });
  opened.client.subscribe('attic');
  opened.socket.commands('subscribe');
  opened.socket.receive({ type: 'reply', ref: 1, ...start, top: 9 }, message(8));
  opened.socket.cut();
  opened.client.retryNow();
  assert.deepEqual(opened.socket.sent, []);
  opened.socket.welcome();
  assert.deepEqual(
    opened.socket.commands('subscribe').map(({ room, after }) => [room, after]),
    [
      ['lobby', { epoch: 'e', offset: 8 }],
      ['attic', undefined],
    ],
  );
});

test('reports dropped messages before the messages that follow', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby', { epoch: 'e', offset: 10 });
  opened.socket.reply('subscribe', { ...start, top: 260, first: 161, recovered: false, dropped: 150 });
  opened.socket.receive(
    message(161),
    { type: 'dropped', room: 'lobby', epoch: 'e', after: 161, count: 3 },
    message(165),
  );
  assert.deepEqual(opened.events, [
    'subscribed lobby 260',
    'dropped lobby 10 150',
    'lobby e 161',
    'dropped lobby 161 3',
    'lobby e 165',
  ]);
});

test('resets a lost stream, by a reply or by an event', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby', { epoch: 'old', offset: 10 });
  opened.socket.reply('subscribe', { ...start, top: 4, first: 3, recovered: false, reset: true, dropped: 2 });
  opened.socket.receive(message(3), message(4));
  opened.socket.receive({ type: 'reset', room: 'lobby', epoch: 'f', top: 1, first: 1 }, message(1, 'f'));
  assert.deepEqual(opened.events, [
    'subscribed lobby 4',
    'reset lobby e 3',
    'lobby e 3',
    'lobby e 4',
    'reset lobby f 1',
    'lobby f 1',
  ]);
});

test('ends a refused subscription, and retries one that is unavailable', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby');
  opened.socket.refuse('subscribe', 'ROOM_UNAVAILABLE', true);
  opened.pass(500);
  assert.equal(opened.socket.commands('subscribe').length, 2);
  opened.socket.refuse('subscribe', 'ROOM_NOT_MEMBER', false);
  assert.deepEqual(opened.events, ['unsubscribed lobby ROOM_NOT_MEMBER']);
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  assert.deepEqual(opened.socket.commands('subscribe'), []);
});

test('reports nothing of a room after unsubscribe', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby');
  opened.socket.reply('subscribe', start);
  opened.client.unsubscribe('lobby');
  opened.socket.receive(message(1));
  assert.deepEqual(opened.events, ['subscribed lobby 0']);
  assert.equal(opened.socket.commands('unsubscribe').length, 1);
});

test('sends the messages of a room one at a time, and those of another room in parallel', async (t) => {
  const opened = open(t);
  const first = opened.client.publish('lobby', 'one', 'a');
  const second = opened.client.publish('lobby', 'two', 'b');
  opened.client.publish('attic', 'three', 'c');
  assert.deepEqual(
    opened.socket.commands('publish').map(({ id }) => id),
    ['a', 'c'],
  );
  opened.socket.receive({ type: 'reply', ref: 1, epoch: 'e', offset: 5, time: 9, id: 'a' });
  assert.deepEqual(await first.published, { epoch: 'e', offset: 5, time: 9 });
  assert.deepEqual(
    opened.client.outbox.map(({ id }) => id),
    ['b', 'c'],
  );
  opened.socket.reply('publish', { epoch: 'e', offset: 6, time: 9, id: 'b' });
  assert.equal((await second.published).offset, 6);
  assert.deepEqual(opened.events, ['published a 5', 'published b 6']);
});

test('retries messages without a response with the same ids, in order, before newer ones', (t) => {
  const opened = open(t);
  opened.client.publish('lobby', 1, 'a');
  opened.client.publish('lobby', 2, 'b');
  opened.socket.cut();
  opened.client.publish('lobby', 3, 'c');
  opened.client.publish('lobby', 3, 'c');
  opened.client.retryNow();
  opened.socket.welcome();
  for (const id of ['a', 'b', 'c']) {
    assert.equal(opened.socket.commands('publish').at(-1)?.['id'], id);
    opened.socket.reply('publish', { epoch: 'e', offset: 1, time: 1, id });
  }
  assert.equal(opened.socket.commands('publish').length, 3);
  assert.deepEqual(opened.client.outbox, []);
});

test('reports a refused message and continues; keeps the place of one that is retried', async (t) => {
  const opened = open(t);
  const refused = opened.client.publish('lobby', 1, 'a');
  opened.client.publish('lobby', 2, 'b');
  opened.client.publish('lobby', 3, 'c');
  opened.socket.refuse('publish', 'CHAT_TEXT_EMPTY', false);
  await assert.rejects(refused.published, (error: unknown) => error instanceof RoomError && !error.retry);
  opened.socket.refuse('publish', 'ROOM_UNAVAILABLE', true);
  opened.pass(249);
  assert.equal(opened.socket.commands('publish').length, 2);
  opened.pass(1);
  opened.socket.refuse('publish', 'ROOM_UNAVAILABLE', true);
  opened.pass(500);
  assert.deepEqual(
    opened.socket.commands('publish').map(({ id }) => id),
    ['a', 'b', 'b', 'b'],
  );
  assert.deepEqual(opened.events, ['refused a CHAT_TEXT_EMPTY']);
});

test('retries a message after retryAfterMs, in its place and without an error', (t) => {
  const opened = open(t);
  for (const id of ['a', 'b']) opened.client.publish('lobby', id, id);
  const sent = (): unknown[] => opened.socket.commands('publish').map(({ id }) => id);
  opened.socket.tooFast('publish', 700);
  opened.client.publish('attic', 'x', 'x');
  opened.client.publish('lobby', 'c', 'c');
  assert.deepEqual(sent(), ['a', 'x'], 'another room does not wait');
  opened.socket.reply('publish', { epoch: 'e', offset: 1, time: 1, id: 'x' });
  opened.pass(699);
  assert.deepEqual(sent(), ['a', 'x']);
  opened.pass(1);
  assert.deepEqual(sent(), ['a', 'x', 'a']);
  // After another refusal it adds a random delay, so that several windows do not collide every time.
  opened.socket.tooFast('publish', 700);
  opened.pass(1399);
  assert.equal(sent().length, 3);
  opened.pass(1);
  for (const id of ['a', 'b', 'c']) opened.socket.reply('publish', { epoch: 'e', offset: 1, time: 1, id });
  assert.deepEqual(sent(), ['a', 'x', 'a', 'a', 'b', 'c']);
  assert.deepEqual(opened.events, ['published x 1', 'published a 1', 'published b 1', 'published c 1']);
});

test('sends a message that was too fast at once on a new connection', (t) => {
  const opened = open(t);
  opened.client.publish('lobby', 'a', 'a');
  opened.socket.tooFast('publish', 5000);
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  assert.equal(opened.socket.commands('publish').length, 1);
  opened.pass(10_000);
  assert.equal(opened.socket.commands('publish').length, 1);
});

test('retries subscriptions that were too fast, and the last call for a room wins', (t) => {
  const opened = open(t);
  for (const room of ['a', 'b', 'c']) opened.client.subscribe(room);
  for (const ref of [1, 2, 3]) {
    opened.socket.receive({ type: 'error', ref, code: 'ROOM_TOO_FAST', message: '', retry: true, retryAfterMs: 50 });
  }
  opened.client.unsubscribe('b');
  opened.client.unsubscribe('c');
  opened.client.subscribe('c', { epoch: 'e', offset: 7 });
  const before = opened.socket.sent.length;
  opened.pass(50);
  for (let round = 0; round < 3; round++) opened.socket.receive({ type: 'reply', ref: 4 + round, ...start, top: 7 });
  assert.deepEqual(
    opened.socket.sent.slice(before).map(({ type, room, after }) => [type, room, after]),
    [
      ['subscribe', 'a', undefined],
      ['unsubscribe', 'b', undefined],
      ['subscribe', 'c', { epoch: 'e', offset: 7 }],
    ],
  );
  assert.deepEqual(opened.events, ['subscribed a 7', 'subscribed c 7']);
});

test('keeps the order of a retried subscribe and an unsubscribe', (t) => {
  const opened = open(t);
  opened.client.subscribe('a');
  opened.socket.reply('subscribe', start);
  opened.client.unsubscribe('a');
  opened.client.subscribe('a');
  // Both are in transit. The first is refused, the second is not.
  opened.socket.tooFast('unsubscribe', 50);
  opened.socket.reply('subscribe', start);
  opened.pass(1000);
  assert.deepEqual(
    opened.socket.sent.map(({ type }) => type),
    ['subscribe', 'unsubscribe', 'subscribe'],
  );
  opened.client.unsubscribe('a');
  opened.socket.reply('unsubscribe');
  assert.equal(opened.socket.commands('unsubscribe').length, 2);
});

test('takes a refused ping as a sign of life, and does not retry it', (t) => {
  const opened = open(t);
  void opened.client.call('make-room').catch(() => {});
  opened.socket.tooFast('make-room', 60_000);
  opened.pass(25_000);
  assert.equal(opened.socket.commands('ping').length, 1);
  opened.socket.tooFast('ping', 60_000);
  opened.pass(25_000);
  assert.equal(opened.client.state, 'open');
  assert.equal(opened.socket.commands('ping').length, 2);
});

test('retries a call that was too fast until its reply or the end of the connection', async (t) => {
  const opened = open(t);
  const made = opened.client.call('make-room', { name: 'Attic' });
  opened.socket.tooFast('make-room', 50);
  opened.pass(50);
  assert.deepEqual(opened.socket.sent.at(-1), { name: 'Attic', type: 'make-room', ref: 2 });
  opened.socket.reply('make-room', { room: { id: 'r1' } });
  assert.deepEqual((await made)['room'], { id: 'r1' });
  const lost = opened.client.call('make-room', { name: 'B' });
  opened.socket.tooFast('make-room', 50);
  const waiting = opened.client.call('make-room', { name: 'C' });
  opened.socket.cut();
  for (const call of [lost, waiting]) {
    await assert.rejects(call, (error: RoomError) => error.code === 'ROOM_CONNECTION_LOST');
  }
  opened.client.retryNow();
  opened.socket.welcome();
  opened.pass(1000);
  assert.deepEqual(opened.socket.sent, []);
});

test('refuses a message that is too large for a frame, and continues', async (t) => {
  const opened = open(t);
  const big = opened.client.publish('lobby', '好'.repeat(22_000), 'a');
  opened.client.publish('lobby', 'small', 'b');
  await assert.rejects(big.published, { code: 'ROOM_MESSAGE_TOO_BIG', retry: false });
  assert.deepEqual(
    opened.socket.commands('publish').map(({ id }) => id),
    ['b'],
  );
  assert.deepEqual(opened.events, ['refused a ROOM_MESSAGE_TOO_BIG']);
  opened.client.publish('lobby', 'x'.repeat(65_536 - 200), 'c');
  opened.socket.reply('publish', { epoch: 'e', offset: 1, time: 1, id: 'b' });
  assert.equal(opened.socket.commands('publish').at(-1)?.['id'], 'c');
  assert.ok(JSON.stringify(opened.socket.commands('publish').at(-1)).length <= 65_536);
});

test('keeps the outbox over a reload of the page', (t) => {
  let stored: readonly OutboxEntry[] = [{ room: 'lobby', id: 'old', data: 'x', time: 5 }];
  const opened = open(t, { outbox: { load: () => [...stored], save: (entries) => (stored = entries) } });
  assert.equal(opened.socket.commands('publish')[0]?.['id'], 'old');
  opened.client.publish('lobby', 'y', 'new');
  assert.deepEqual(
    stored.map(({ id }) => id),
    ['old', 'new'],
  );
  opened.socket.reply('publish', { epoch: 'e', offset: 8, time: 1, id: 'old' });
  assert.deepEqual(opened.events, ['published old 8']);
  opened.client.discard('new');
  assert.deepEqual(stored, []);
});

/** Ids of the published messages, each with its `retry`. */
function attempts(socket: ScriptedSocket): string[] {
  return socket
    .commands('publish')
    .map(({ id, retry }) => `${String(id)}${retry === undefined ? '' : ` ${String(retry)}`}`);
}

test('marks an attempt as a retry only if an earlier one may have stored the message', (t) => {
  const opened = open(t);
  opened.client.publish('lobby', 1, 'a');
  opened.socket.refuse('publish', 'ROOM_TOO_FAST', true);
  opened.pass(60_000);
  assert.deepEqual(attempts(opened.socket), ['a', 'a']);
  opened.socket.refuse('publish', 'ROOM_UNAVAILABLE', true);
  opened.pass(60_000);
  assert.deepEqual(attempts(opened.socket), ['a', 'a', 'a true']);
  opened.socket.refuse('publish', 'ROOM_TOO_FAST', true);
  opened.pass(60_000);
  assert.deepEqual(attempts(opened.socket).at(-1), 'a true', 'the earlier attempt may still have stored it');
  opened.client.publish('lobby', 2, 'b');
  opened.socket.cut();
  opened.client.publish('lobby', 3, 'c');
  opened.client.retryNow();
  opened.socket.welcome();
  for (const id of ['a', 'b', 'c']) opened.socket.reply('publish', { epoch: 'e', offset: 1, time: 1, id });
  assert.deepEqual(attempts(opened.socket), ['a true', 'b', 'c']);
});

test('sends with a retry the newest position before the first attempt, also after a reload', (t) => {
  let stored: readonly OutboxEntry[] = [];
  const outbox = { load: () => [...stored], save: (entries: readonly OutboxEntry[]) => (stored = entries) };
  const opened = open(t, { outbox });
  const after = (socket = opened.socket): unknown[] => socket.commands('publish').map((frame) => frame['after']);
  opened.client.publish('attic', 1, 'a');
  opened.socket.reply('publish', { epoch: 'f', offset: 7, time: 1, id: 'a' });
  opened.client.publish('attic', 1, 'b');
  opened.client.subscribe('lobby');
  opened.socket.reply('subscribe', { ...start, top: 1 });
  opened.socket.receive(message(1));
  opened.client.publish('lobby', 1, 'c');
  opened.socket.receive(message(2));
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  assert.deepEqual(after(), [
    { epoch: 'f', offset: 7 },
    { epoch: 'e', offset: 1 },
  ]);
  opened.client.close();
  const later = new ScriptedSocket();
  const client = new RoomsClient({ url: 'ws://test', webSocket: () => later as unknown as WebSocket, outbox });
  t.after(() => client.close());
  client.connect();
  later.welcome();
  assert.deepEqual(after(later), [
    { epoch: 'f', offset: 7 },
    { epoch: 'e', offset: 1 },
  ]);
});

test('removes a message with an unknown result from the outbox, and does not retry it', async (t) => {
  const opened = open(t);
  const { published } = opened.client.publish('lobby', 1, 'a');
  opened.client.publish('lobby', 2, 'b');
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  opened.events.length = 0;
  opened.socket.refuse('publish', 'ROOM_PUBLISH_UNKNOWN', false);
  await assert.rejects(published, { name: 'RoomError', code: 'ROOM_PUBLISH_UNKNOWN', retry: false });
  assert.deepEqual(opened.events, ['unknown a ROOM_PUBLISH_UNKNOWN']);
  assert.deepEqual(
    opened.client.outbox.map(({ id }) => id),
    ['b'],
  );
  opened.socket.reply('publish', { epoch: 'e', offset: 9, time: 1, id: 'b' });
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  assert.deepEqual(attempts(opened.socket), []);
});

test('saves whether a message was sent, also before a reload', (t) => {
  let stored: readonly OutboxEntry[] = [
    { room: 'lobby', id: 'sent', data: 'x', time: 5, sent: true },
    { room: 'attic', id: 'written', data: 'x', time: 6, sent: false },
    { room: 'cellar', id: 'of an earlier version', data: 'x', time: 7 },
  ];
  const opened = createClient(t, { outbox: { load: () => [...stored], save: (entries) => (stored = entries) } });
  const saved = (): string[] => stored.map(({ id, sent }) => `${id} ${sent}`);
  opened.client.publish('lobby', 'y', 'new');
  assert.deepEqual(saved(), ['sent true', 'written false', 'of an earlier version true', 'new false']);
  opened.client.connect();
  opened.socket.welcome();
  assert.deepEqual(attempts(opened.socket), ['sent true', 'written', 'of an earlier version true']);
  assert.deepEqual(saved(), ['sent true', 'written true', 'of an earlier version true', 'new false']);
  const [{ ref }] = opened.socket.commands('publish') as [{ ref: number }];
  opened.socket.receive({ type: 'reply', ref, epoch: 'e', offset: 1, time: 1, id: 'sent' });
  assert.deepEqual(saved(), ['written true', 'of an earlier version true', 'new true']);
  opened.socket.refuse('publish', 'ROOM_TOO_FAST', true);
  assert.deepEqual(saved(), ['written true', 'of an earlier version true', 'new false']);
  opened.socket.cut();
});

test('reports with a refused message whether an earlier attempt may have stored it', (t) => {
  const opened = open(t);
  const refused: string[] = [];
  opened.client.on('refused', ({ entry: { id, sent } }) => refused.push(`${id} ${sent}`));
  opened.client.publish('lobby', 1, 'a');
  opened.client.publish('attic', 1, 'b');
  opened.socket.refuse('publish', 'ROOM_NOT_MEMBER', false);
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  opened.socket.refuse('publish', 'ROOM_NOT_MEMBER', false);
  assert.deepEqual(refused, ['b false', 'a true']);
  opened.client.publish('lobby', 1, 'a', { sent: true });
  assert.deepEqual(attempts(opened.socket), ['a true', 'a true']);
});

test('settles a call by its reply, its refusal or the end of its connection', async (t) => {
  const opened = open(t);
  const made = opened.client.call('make-room', { name: 'Attic' });
  assert.deepEqual(opened.socket.sent, [{ name: 'Attic', type: 'make-room', ref: 1 }]);
  opened.socket.reply('make-room', { room: { id: 'r1' } });
  assert.deepEqual((await made)['room'], { id: 'r1' });
  const refused = opened.client.call('make-room', { name: '' });
  opened.socket.refuse('make-room', 'CHAT_ROOM_NAME', false);
  await assert.rejects(refused, (error: unknown) => error instanceof RoomError && error.code === 'CHAT_ROOM_NAME');
  const lost = opened.client.call('make-room', { name: 'B' });
  opened.socket.cut();
  await assert.rejects(lost, (error: unknown) => error instanceof RoomError && error.retry);
  const codes: string[] = [];
  opened.client.call('ping').catch((error: RoomError) => codes.push(error.code));
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(codes, ['ROOM_CONNECTION_LOST']);
});

test('leaves no timer after close, and sends the outbox after the next connect', (t) => {
  const before = countTimers();
  const sockets: ScriptedSocket[] = [];
  const client = new RoomsClient({
    url: 'ws://test',
    webSocket: () => sockets[sockets.push(new ScriptedSocket()) - 1] as unknown as WebSocket,
  });
  t.after(() => client.close());
  client.connect();
  sockets[0]?.welcome();
  client.publish('lobby', 'one', 'a');
  sockets[0]?.refuse('publish', 'ROOM_UNAVAILABLE', true);
  assert.ok(countTimers() > before);
  client.close();
  assert.equal(countTimers(), before);
  client.connect();
  sockets[1]?.welcome();
  assert.equal(sockets[1]?.commands('publish').length, 1);
});

test('calls a listener until it is removed', (t) => {
  const opened = open(t);
  const types: string[] = [];
  const remove = opened.client.on('event', ({ type }) => types.push(type));
  opened.socket.receive({ type: 'one' });
  remove();
  opened.socket.receive({ type: 'two' });
  assert.deepEqual(types, ['one']);
});

test('a second subscribe to a room ignores the reply to the first', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby');
  opened.client.subscribe('lobby', { epoch: 'e', offset: 3 });
  opened.socket.receive({ type: 'reply', ref: 1, ...start, top: 7 });
  assert.deepEqual(opened.events, []);
  opened.socket.receive({ type: 'reply', ref: 2, ...start, top: 8 });
  assert.deepEqual(opened.events, ['subscribed lobby 8']);
});

test('sends a message of exactly maxFrameBytes, and refuses one more byte', (t) => {
  // 130 bytes for the type, the ref, `retry` and `after`.
  const maxFrameBytes = JSON.stringify({ room: 'lobby', id: 'a', data: 'xxxx' }).length + 130;
  const opened = open(t, { maxFrameBytes });
  opened.client.publish('lobby', 'xxxxx', 'b').published.catch(() => {});
  assert.deepEqual(opened.events, ['refused b ROOM_MESSAGE_TOO_BIG']);
  opened.client.publish('lobby', 'xxxx', 'a');
  assert.equal(opened.socket.commands('publish').length, 1);
});

test('emits people and presence of subscribed rooms, with names or counts only', (t) => {
  const opened = open(t);
  opened.client.subscribe('lobby');
  opened.socket.reply('subscribe', start);
  const [ada, ben] = ['ada', 'ben'].map((id) => ({ id, name: id }));
  opened.socket.receive(
    { type: 'people', room: 'lobby', count: 1, people: [ada] },
    { type: 'presence', room: 'lobby', count: 1, entered: [ben], left: [ada] },
    { type: 'presence', room: 'lobby', count: 500 },
    { type: 'people', room: 'lobby', count: 600 },
    { type: 'presence', room: 'elsewhere', count: 1, entered: [], left: [ada] },
    { type: 'people', room: 'elsewhere', count: 1, people: [ada] },
  );
  assert.deepEqual(opened.events.slice(1), [
    'people lobby 1 ada',
    'presence lobby 1 ben ada',
    'presence lobby 500 undefined undefined',
    'people lobby 600 undefined',
  ]);
});

test('reads the people of a room by page', async (t) => {
  const opened = open(t);
  const first = opened.client.people('lobby');
  const page = { count: 3, people: [{ id: 'ada', name: 'Ada' }], next: 'ada' };
  opened.socket.reply('people', page);
  assert.deepEqual(await first, page);
  const second = opened.client.people('lobby', { after: 'ada', limit: 50 });
  assert.deepEqual(opened.socket.commands('people').at(-1), {
    type: 'people',
    ref: 2,
    room: 'lobby',
    after: 'ada',
    limit: 50,
  });
  opened.socket.refuse('people', 'ROOM_NOT_MEMBER', false);
  await assert.rejects(second, { code: 'ROOM_NOT_MEMBER' });
});

test('ignores invalid frames', (t) => {
  const opened = open(t);
  opened.socket.dispatchEvent(new MessageEvent('message', { data: 'no json' }));
  opened.socket.dispatchEvent(new MessageEvent('message', { data: '5' }));
  opened.socket.receive({ type: 7 }, { type: 'reply', ref: 99 }, { type: 'message', room: 'nowhere' }, { type: 'new' });
  assert.deepEqual(opened.events, ['event new']);
});
