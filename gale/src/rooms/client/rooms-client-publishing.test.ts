/** How a client publishes: order, retries, refusals and the outbox. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attempts,
  createClient,
  emptyStart,
  message,
  openClient,
} from '../../../test/support/rooms/scripted-client.ts';
import { ScriptedSocket } from '../../../test/support/rooms/scripted-socket.ts';
import { RoomError } from '../room-error.ts';
import type { OutboxEntry } from './outbox.ts';
import { RoomsClient } from './rooms-client.ts';

test('refuses data and fields that JSON would lose, and sends nothing', async (t) => {
  const opened = openClient(t);
  for (const data of [undefined, Promise.resolve(1), { list: new Set([1]) }, { n: 1n }]) {
    assert.throws(() => opened.client.publish('lobby', data), { code: 'JSON_VALUE' });
    if (data === undefined) continue;
    await assert.rejects(opened.client.call('look', { data }), { code: 'JSON_VALUE' });
  }
  assert.deepEqual(opened.client.outbox, []);
  assert.deepEqual([...opened.socket.commands('publish'), ...opened.socket.commands('look')], []);
});

test('gives each message without an id a new one of 128 random bits in hexadecimal digits', (t) => {
  const { client } = openClient(t);
  for (let count = 0; count < 40; count++) client.publish('lobby', count);
  const ids = client.outbox.map(({ id }) => id);
  assert.equal(new Set(ids).size, 40);
  for (const id of ids) assert.match(id, /^[0-9a-f]{32}$/);
});

test('sends the messages of a room one at a time, and those of another room in parallel', async (t) => {
  const opened = openClient(t);
  const first = opened.client.publish('lobby', 'one', 'a');
  const second = opened.client.publish('lobby', 'two', 'b');
  opened.client.publish('attic', 'three', 'c');
  assert.deepEqual(
    opened.socket.commands('publish').map(({ id }) => id),
    ['a', 'c'],
  );
  opened.socket.receive({ type: 'reply', ref: 1, epoch: 'e', offset: 5, life: 'k', time: 9, id: 'a' });
  assert.deepEqual(await first.published, { epoch: 'e', offset: 5, life: 'k', time: 9 });
  assert.deepEqual(
    opened.client.outbox.map(({ id }) => id),
    ['b', 'c'],
  );
  opened.socket.reply('publish', { epoch: 'e', offset: 6, time: 9, id: 'b' });
  assert.equal((await second.published).offset, 6);
  assert.deepEqual(opened.events, ['published a 5', 'published b 6']);
});

test('retries messages without a response with the same ids, in order, before newer ones', (t) => {
  const opened = openClient(t);
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
  const opened = openClient(t);
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
  const opened = openClient(t);
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
  const opened = openClient(t);
  opened.client.publish('lobby', 'a', 'a');
  opened.socket.tooFast('publish', 5000);
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  assert.equal(opened.socket.commands('publish').length, 1);
  opened.pass(10_000);
  assert.equal(opened.socket.commands('publish').length, 1);
});

test('refuses a message that is too large for a frame, and continues', async (t) => {
  const opened = openClient(t);
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
  const opened = openClient(t, { outbox: { load: () => [...stored], save: (entries) => (stored = entries) } });
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

test('marks an attempt as a retry only if an earlier one may have stored the message', (t) => {
  const opened = openClient(t);
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
  const opened = openClient(t, { outbox });
  const after = (socket = opened.socket): unknown[] => socket.commands('publish').map((frame) => frame['after']);
  opened.client.publish('attic', 1, 'a');
  opened.socket.reply('publish', { epoch: 'f', offset: 7, time: 1, id: 'a' });
  opened.client.publish('attic', 1, 'b');
  opened.client.subscribe('lobby');
  opened.socket.reply('subscribe', { ...emptyStart, top: 1 });
  opened.socket.receive(message(1));
  opened.client.publish('lobby', 1, 'c');
  opened.socket.receive(message(2));
  opened.socket.cut();
  opened.client.retryNow();
  opened.socket.welcome();
  assert.deepEqual(after(), [
    { epoch: 'f', offset: 7 },
    { epoch: 'e', offset: 1, life: 'k' },
  ]);
  opened.client.close();
  const later = new ScriptedSocket();
  const client = new RoomsClient({ url: 'ws://test', webSocket: () => later as unknown as WebSocket, outbox });
  t.after(() => client.close());
  client.connect();
  later.welcome();
  assert.deepEqual(after(later), [
    { epoch: 'f', offset: 7 },
    { epoch: 'e', offset: 1, life: 'k' },
  ]);
});

test('removes a message with an unknown result from the outbox, and does not retry it', async (t) => {
  const opened = openClient(t);
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
  const opened = openClient(t);
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

test('sends a message of exactly maxFrameBytes, and refuses one more byte', (t) => {
  // 160 bytes for the type, the ref, `retry` and `after`.
  const maxFrameBytes = JSON.stringify({ room: 'lobby', id: 'a', data: 'xxxx' }).length + 160;
  const opened = openClient(t, { maxFrameBytes });
  opened.client.publish('lobby', 'xxxxx', 'b').published.catch(() => {});
  assert.deepEqual(opened.events, ['refused b ROOM_MESSAGE_TOO_BIG']);
  opened.client.publish('lobby', 'xxxx', 'a');
  assert.equal(opened.socket.commands('publish').length, 1);
});
