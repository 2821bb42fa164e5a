import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { RoomError } from '../room-error.ts';
import { CommandQueue } from './command-queue.ts';
import type { Waiter } from './connection.ts';

interface Sent {
  readonly type: string;
  readonly waiter: Waiter;
}

/** A queue under test, with mocked timers. */
interface TestQueue {
  readonly queue: CommandQueue;
  /** What was sent, in order. */
  readonly sent: Sent[];
  /** How commands ended: `type ok` or `type CODE`. */
  readonly ended: string[];
  add(type: string, isWanted?: () => boolean): void;
  /** Sent commands without a response. */
  open(): Sent[];
  reply(sent: Sent | undefined): void;
  refuse(sent: Sent | undefined, retryAfterMs?: number): void;
  fail(sent: Sent | undefined): void;
  pass(ms: number): void;
}

function createQueue(t: TestContext, maxWaitingCommands = 2000): TestQueue {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const sent: Sent[] = [];
  const ended: string[] = [];
  const responded = new Set<Sent>();
  const queue = new CommandQueue({
    maxWaitingCommands,
    random: () => 0.5,
    send: (type, _fields, waiter) => sent.push({ type, waiter }),
  });
  const respond = (one: Sent | undefined, how: (waiter: Waiter) => void): void => {
    assert.ok(one);
    responded.add(one);
    how(one.waiter);
  };
  return {
    queue,
    sent,
    ended,
    add: (type, isWanted = () => true) =>
      queue.add(
        type,
        {},
        { onReply: () => ended.push(`${type} ok`), onError: ({ code }) => ended.push(`${type} ${code}`) },
        isWanted,
      ),
    open: () => sent.filter((one) => !responded.has(one)),
    reply: (one) => respond(one, (waiter) => waiter.onReply({ type: 'reply' })),
    refuse: (one, retryAfterMs = 50) =>
      respond(one, (waiter) =>
        waiter.onError(new RoomError('ROOM_TOO_FAST', 'Too fast.', { retry: true, retryAfterMs })),
      ),
    fail: (one) => respond(one, (waiter) => waiter.onError(new RoomError('ROOM_UNKNOWN', 'Unknown room.'))),
    pass: (ms) => t.mock.timers.tick(ms),
  };
}

function names(sent: readonly Sent[]): string[] {
  return sent.map(({ type }) => type);
}

function numbered(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, index) => `c${from + index}`);
}

test('sends commands at once and in order, at most 20 without a response', (t) => {
  const { queue: _, sent, add, reply, open } = createQueue(t);
  for (const name of numbered(25)) add(name);
  assert.deepEqual(names(sent), numbered(20));
  reply(open()[0]);
  reply(open()[0]);
  assert.deepEqual(names(sent), numbered(22));
});

test('retries refused commands in the original order, one at a time, and then as before', (t) => {
  const { sent, ended, add, reply, refuse, open, pass } = createQueue(t);
  for (const name of numbered(5)) add(name);
  reply(open()[0]);
  for (const one of open()) refuse(one);
  add('later');
  pass(49);
  assert.equal(sent.length, 5, 'all of them wait');
  pass(1);
  assert.deepEqual(names(open()), ['c1']);
  reply(open()[0]);
  assert.deepEqual(names(open()), ['c2'], 'the next one after the response');
  refuse(open()[0]);
  assert.deepEqual(open(), []);
  pass(200);
  for (const name of ['c2', 'c3', 'c4', 'later']) {
    assert.deepEqual(names(open()), [name]);
    reply(open()[0]);
  }
  assert.deepEqual(ended, [...numbered(5).map((name) => `${name} ok`), 'later ok']);
  add('x');
  add('y');
  assert.deepEqual(names(open()), ['x', 'y'], 'nothing waits any more, so it is fast again');
});

test('sends the next command after an error too', (t) => {
  const { sent, ended, add, fail, open } = createQueue(t);
  for (const name of numbered(21)) add(name);
  fail(open()[0]);
  assert.deepEqual(ended, ['c0 ROOM_UNKNOWN']);
  assert.deepEqual(names(sent), numbered(21));
});

test('after a refusal, a new command waits for the response to the last one', (t) => {
  const { add, reply, refuse, open, pass } = createQueue(t);
  add('a');
  refuse(open()[0]);
  pass(50);
  add('b');
  assert.deepEqual(names(open()), ['a']);
  reply(open()[0]);
  assert.deepEqual(names(open()), ['b']);
});

test('a response ends the additional waits of repeated refusals', (t) => {
  const { add, reply, refuse, open, pass } = createQueue(t);
  for (let round = 0; round < 2; round++) {
    add('a');
    refuse(open()[0]);
    pass(50);
    // Sent alone and refused: 50 ms and half of at most 100 ms.
    refuse(open()[0]);
    pass(99);
    assert.deepEqual(open(), []);
    pass(1);
    reply(open()[0]);
  }
});

test('retries a refused command before waiting ones, also if a later one was executed', (t) => {
  const { ended, add, reply, refuse, open, pass } = createQueue(t);
  for (const name of numbered(3)) add(name);
  const [first, second, third] = open();
  refuse(first);
  add('late');
  reply(second);
  refuse(third);
  pass(50);
  reply(open()[0]);
  reply(open()[0]);
  reply(open()[0]);
  assert.deepEqual(ended, ['c1 ok', 'c0 ok', 'c2 ok', 'late ok']);
});

test('sends 1000 commands over a limit of 60 and 20 per second in at most 2100 frames', (t) => {
  const { sent, ended, add, reply, refuse, open, pass } = createQueue(t);
  let tokens = 60;
  for (const name of numbered(1000)) add(name);
  while (ended.length < 1000 && sent.length < 2100) {
    for (const one of open()) {
      if (tokens >= 1) {
        tokens--;
        reply(one);
      } else refuse(one, Math.ceil((1 - tokens) * 50));
    }
    pass(10);
    tokens = Math.min(60, tokens + 0.2);
  }
  assert.deepEqual(
    ended,
    numbered(1000).map((name) => `${name} ok`),
  );
  assert.ok(sent.length < 2100, `${sent.length} frames`);
});

test('adds up to two seconds to retryAfterMs after repeated refusals', (t) => {
  const { sent, add, refuse, open, pass } = createQueue(t);
  add('a');
  const waits: number[] = [];
  for (let round = 0; round < 9; round++) {
    refuse(open()[0]);
    let ms = 0;
    for (const before = sent.length; sent.length === before; ms++) pass(1);
    waits.push(ms);
  }
  assert.deepEqual(waits, [50, 100, 150, 250, 450, 850, 1050, 1050, 1050]);
});

test('drops a command that is no longer wanted when its turn comes', (t) => {
  const { sent, ended, add, reply, refuse, open, pass } = createQueue(t);
  let isWanted = true;
  add('a', () => isWanted);
  add('b');
  for (const one of open()) refuse(one);
  isWanted = false;
  pass(50);
  assert.deepEqual(names(open()), ['b']);
  reply(open()[0]);
  assert.deepEqual([names(sent), ended], [['a', 'b', 'b'], ['b ok']]);
});

test('passes on any other error, and continues', (t) => {
  const { ended, add, refuse, reply, open, pass } = createQueue(t);
  add('a');
  add('b');
  const [first, second] = open();
  first?.waiter.onError(new RoomError('ROOM_NOT_MEMBER', 'Not in it.'));
  refuse(second);
  pass(50);
  reply(open().at(-1));
  assert.deepEqual(ended, ['a ROOM_NOT_MEMBER', 'b ok']);
});

test('drops waiting commands with an error when the connection ends', (t) => {
  const { queue, sent, ended, add, refuse, open, pass } = createQueue(t);
  for (const name of numbered(22)) add(name);
  for (const one of open().slice(0, 19)) refuse(one);
  const [last] = open();
  const lost = new RoomError('ROOM_CONNECTION_LOST', 'Lost.', { retry: true });
  queue.end(lost);
  last?.waiter.onError(lost);
  pass(10_000);
  assert.equal(sent.length, 20);
  assert.equal(ended.length, 22);
  assert.ok(ended.every((result) => result.endsWith('ROOM_CONNECTION_LOST')));
  add('new');
  assert.equal(sent.at(-1)?.type, 'new');
});

test('refuses a command above maxWaitingCommands', (t) => {
  const { ended, add } = createQueue(t, 3);
  for (const name of numbered(24)) add(name);
  assert.deepEqual(ended, ['c23 ROOM_TOO_FAST']);
});

test('begins anew after the connection ended: no pause, no slow sending, no longer delays', (t) => {
  const { queue, sent, add, refuse, open, pass } = createQueue(t);
  add('a');
  refuse(open()[0], 50);
  pass(50);
  refuse(open()[0], 50);
  queue.end(new RoomError('ROOM_CONNECTION_LOST', 'Lost.', { retry: true }));
  add('b');
  add('c');
  assert.deepEqual(names(sent), ['a', 'a', 'b', 'c']);
  refuse(open()[0], 1000);
  // The pause of the ended connection would be over now.
  pass(100);
  assert.equal(sent.length, 4);
});

test('counts repeated refusals from zero after the connection ended', (t) => {
  const { queue, sent, add, refuse, open, pass } = createQueue(t);
  add('a');
  refuse(open()[0], 50);
  pass(50);
  refuse(open()[0], 50);
  queue.end(new RoomError('ROOM_CONNECTION_LOST', 'Lost.', { retry: true }));
  add('b');
  refuse(open()[0], 50);
  pass(50);
  refuse(open()[0], 50);
  pass(99);
  assert.equal(sent.length, 4);
  pass(1);
  assert.equal(sent.length, 5);
});

test('does not retry a command that the server refuses with ROOM_TOO_FAST for good', (t) => {
  const { sent, ended, add, pass } = createQueue(t);
  add('a');
  sent[0]?.waiter.onError(new RoomError('ROOM_TOO_FAST', 'Too fast.', { retry: false }));
  pass(10_000);
  assert.equal(sent.length, 1);
  assert.deepEqual(ended, ['a ROOM_TOO_FAST']);
});
