/** What a client reports of rooms: messages in order, gaps, resets, people, and the subscriptions themselves. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { emptyStart, message, openClient } from '../../../test/support/rooms/scripted-client.ts';

test('passes on each offset once and in order, and subscribes again after a gap', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby');
  assert.deepEqual(opened.socket.commands('subscribe'), [{ type: 'subscribe', ref: 1, room: 'lobby' }]);
  opened.socket.reply('subscribe', { ...emptyStart, top: 2 });
  opened.socket.receive(message(1), message(2), message(2), message(1), message(5), message(6));
  assert.deepEqual(opened.events, ['subscribed lobby 2', 'lobby e 1', 'lobby e 2']);
  assert.deepEqual(opened.socket.commands('subscribe').at(-1)?.['after'], { epoch: 'e', offset: 2, life: 'k' });
  assert.equal(opened.socket.commands('subscribe').length, 2);
  opened.socket.reply('subscribe', { ...emptyStart, top: 6 });
  opened.socket.receive(message(3), message(4), message(5), message(6));
  assert.deepEqual(opened.events.slice(3), ['subscribed lobby 6', 'lobby e 3', 'lobby e 4', 'lobby e 5', 'lobby e 6']);
  assert.deepEqual(opened.client.position('lobby'), { epoch: 'e', offset: 6, life: 'k' });
});

test('subscribes from its position after a lost connection', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby', { epoch: 'e', offset: 7 });
  opened.client.subscribe('attic');
  opened.socket.commands('subscribe');
  opened.socket.receive({ type: 'reply', ref: 1, ...emptyStart, top: 9 }, message(8));
  opened.socket.cut();
  opened.client.retryNow();
  assert.deepEqual(opened.socket.sent, []);
  opened.socket.welcome();
  assert.deepEqual(
    opened.socket.commands('subscribe').map(({ room, after }) => [room, after]),
    [
      ['lobby', { epoch: 'e', offset: 8, life: 'k' }],
      ['attic', undefined],
    ],
  );
});

test('reports dropped messages before the messages that follow', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby', { epoch: 'e', offset: 10 });
  opened.socket.reply('subscribe', { ...emptyStart, top: 260, first: 161, recovered: false, dropped: 150 });
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

test('passes on which messages are stale, and keeps its position', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby', { epoch: 'e', offset: 10, life: 'k' });
  opened.socket.reply('subscribe', { ...emptyStart, top: 10 });
  opened.socket.receive({ type: 'stale', room: 'lobby', epoch: 'e', after: 3, count: 2 });
  assert.deepEqual(opened.events, ['subscribed lobby 10', 'stale lobby e 3 2']);
  assert.deepEqual(opened.client.position('lobby'), { epoch: 'e', offset: 10, life: 'k' });
});

test('resets a lost stream, by a reply or by an event', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby', { epoch: 'old', offset: 10 });
  opened.socket.reply('subscribe', { ...emptyStart, top: 4, first: 3, recovered: false, reset: true, dropped: 2 });
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
  const opened = openClient(t);
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

test('has no position in a room that refused the subscription', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby', { epoch: 'e', offset: 7 });
  assert.deepEqual(opened.client.position('lobby'), { epoch: 'e', offset: 7 });
  opened.socket.refuse('subscribe', 'ROOM_NOT_MEMBER', false);
  assert.equal(opened.client.position('lobby'), undefined);
});

test('reports nothing of a room after unsubscribe', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby');
  opened.socket.reply('subscribe', emptyStart);
  opened.client.unsubscribe('lobby');
  opened.socket.receive(message(1));
  assert.deepEqual(opened.events, ['subscribed lobby 0']);
  assert.equal(opened.socket.commands('unsubscribe').length, 1);
});

test('retries subscriptions that were too fast, and the last call for a room wins', (t) => {
  const opened = openClient(t);
  for (const room of ['a', 'b', 'c']) opened.client.subscribe(room);
  for (const ref of [1, 2, 3]) {
    opened.socket.receive({ type: 'error', ref, code: 'ROOM_TOO_FAST', message: '', retry: true, retryAfterMs: 50 });
  }
  opened.client.unsubscribe('b');
  opened.client.unsubscribe('c');
  opened.client.subscribe('c', { epoch: 'e', offset: 7 });
  const before = opened.socket.sent.length;
  opened.pass(50);
  for (let round = 0; round < 3; round++)
    opened.socket.receive({ type: 'reply', ref: 4 + round, ...emptyStart, top: 7 });
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
  const opened = openClient(t);
  opened.client.subscribe('a');
  opened.socket.reply('subscribe', emptyStart);
  opened.client.unsubscribe('a');
  opened.client.subscribe('a');
  // Both are in transit. The first is refused, the second is not.
  opened.socket.tooFast('unsubscribe', 50);
  opened.socket.reply('subscribe', emptyStart);
  opened.pass(1000);
  assert.deepEqual(
    opened.socket.sent.map(({ type }) => type),
    ['subscribe', 'unsubscribe', 'subscribe'],
  );
  opened.client.unsubscribe('a');
  opened.socket.reply('unsubscribe');
  assert.equal(opened.socket.commands('unsubscribe').length, 2);
});

test('a second subscribe to a room ignores the reply to the first', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby');
  opened.client.subscribe('lobby', { epoch: 'e', offset: 3 });
  opened.socket.receive({ type: 'reply', ref: 1, ...emptyStart, top: 7 });
  assert.deepEqual(opened.events, []);
  opened.socket.receive({ type: 'reply', ref: 2, ...emptyStart, top: 8 });
  assert.deepEqual(opened.events, ['subscribed lobby 8']);
});

test('emits people and presence of subscribed rooms, with names or counts only', (t) => {
  const opened = openClient(t);
  opened.client.subscribe('lobby');
  opened.socket.reply('subscribe', emptyStart);
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
  const opened = openClient(t);
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
