import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomError } from '../room-error.ts';
import type { Position } from '../stream.ts';
import type { CommandFields, MessageFrame, SubscribeReply } from '../wire.ts';
import { lostCode, type Waiter } from './connection.ts';
import { StreamFollower } from './stream-follower.ts';

interface Followed {
  readonly follower: StreamFollower<number>;
  /** Subscribe commands, in order. */
  readonly commands: CommandFields<'subscribe'>[];
  /** Events of the follower, in order. */
  readonly events: string[];
  /** Replies to the newest command. */
  reply(fields?: Partial<SubscribeReply>): void;
  /** Refuses the newest command. */
  refuse(code: string, retry: boolean): void;
  /** Whether the newest command is still wanted. */
  isWanted(): boolean;
}

const head = { epoch: 'e', top: 5, first: 1, life: 'a' };
const begin = { ...head, recovered: true, reset: false, dropped: 0, cursor: null };

function follow(after?: Position, onSubscribed = (): void => {}): Followed {
  const commands: CommandFields<'subscribe'>[] = [];
  const events: string[] = [];
  let waiter: Waiter<SubscribeReply> | undefined;
  let wanted: (() => boolean) | undefined;
  const follower = new StreamFollower<number>('lobby', after, {
    minBackoffMs: 100,
    maxBackoffMs: 400,
    random: () => 1,
    subscribe(fields, newest, isWanted) {
      commands.push(fields);
      waiter = newest;
      wanted = isWanted;
    },
    onSubscribed: (_room, { top }) => {
      events.push(`subscribed ${top}`);
      onSubscribed();
    },
    onMessage: (_room, epoch, { offset, data }) => events.push(`message ${epoch} ${offset} ${data}`),
    onAmended: (_room, epoch, { offset, version, data }) =>
      events.push(`amended ${epoch} ${offset} v${version} ${data}`),
    onDropped: (_room, hole) => events.push(`dropped ${hole.epoch} ${hole.after} ${hole.count}`),
    onReset: (_room, { epoch, top, first }) => events.push(`reset ${epoch} ${first} ${top}`),
    onRefused: (_room, { code }) => events.push(`refused ${code}`),
  });
  return {
    follower,
    commands,
    events,
    reply: (fields) => waiter?.onReply({ ...begin, ...fields }),
    refuse: (code, retry) => waiter?.onError(new RoomError(code, code, { retry })),
    isWanted: () => wanted?.() === true,
  };
}

/** A follower that has applied everything up to an offset. */
function followAt(offset: number): Followed {
  const followed = follow({ epoch: 'e', offset, life: 'a' });
  followed.follower.subscribe();
  followed.reply();
  followed.events.length = 0;
  followed.commands.length = 0;
  return followed;
}

function message(offset: number, epoch = 'e'): MessageFrame<number> {
  const author = { id: 'ben', name: 'Ben' };
  return {
    type: 'message',
    room: 'lobby',
    epoch,
    offset,
    id: `m${offset}`,
    author,
    time: 0,
    data: offset * 10,
    life: 'a',
  };
}

test('keeps the life of each message, hole and reset with its position', () => {
  const { follower, reply } = follow({ epoch: 'e', offset: 5 });
  follower.subscribe();
  reply({ life: 'a' });
  assert.deepEqual(follower.position, { epoch: 'e', offset: 5, life: 'a' });
  follower.onMessage({ ...message(6), life: 'b' });
  assert.deepEqual(follower.position, { epoch: 'e', offset: 6, life: 'b' });
  follower.onDropped({ type: 'dropped', room: 'lobby', epoch: 'e', after: 6, count: 3, life: 'c' });
  assert.deepEqual(follower.position, { epoch: 'e', offset: 9, life: 'c' });
  follower.onReset({ epoch: 'e', top: 8, first: 3, life: 'd' });
  assert.deepEqual(follower.position, { epoch: 'e', offset: 2, life: 'd' });
});

test('subscribes again if exactly one message is missing', () => {
  const { follower, commands, events } = followAt(5);
  follower.onMessage(message(7));
  assert.deepEqual(commands, [{ room: 'lobby', after: { epoch: 'e', offset: 5, life: 'a' } }]);
  assert.deepEqual(events, []);
  follower.onMessage(message(6));
  assert.deepEqual(events, ['message e 6 60']);
  assert.deepEqual(follower.position, { epoch: 'e', offset: 6, life: 'a' });
});

test('delivers the next message, and ignores one that was delivered before', () => {
  const { follower, commands, events } = followAt(5);
  for (const offset of [5, 6, 6, 4, 7]) follower.onMessage(message(offset));
  assert.deepEqual(events, ['message e 6 60', 'message e 7 70']);
  assert.deepEqual(commands, []);
});

test('subscribes again if a message has another epoch or comes before the first reply', () => {
  const { follower, commands, events } = followAt(5);
  follower.onMessage(message(6, 'f'));
  assert.equal(commands.length, 1);
  const early = follow();
  early.follower.onMessage(message(1));
  assert.deepEqual(early.commands, [{ room: 'lobby' }]);
  assert.deepEqual([...events, ...early.events], []);
});

test('sends one subscribe at a time', () => {
  const { follower, commands, reply } = follow();
  follower.subscribe();
  follower.subscribe();
  assert.equal(commands.length, 1);
  reply();
  follower.subscribe();
  assert.equal(commands.length, 2);
});

test('starts before the first message of the stream without a position', () => {
  const { follower, reply, events } = follow();
  follower.subscribe();
  assert.equal(follower.position, undefined);
  reply();
  assert.deepEqual(follower.position, { epoch: 'e', offset: 0, life: 'a' });
  assert.deepEqual(events, ['subscribed 5']);
});

test('reports messages that a reply says are no longer kept, once', () => {
  // A position of a server without lives.
  const { follower, reply, events } = follow({ epoch: 'e', offset: 5 });
  follower.subscribe();
  reply({ top: 9, dropped: 1 });
  assert.deepEqual(events, ['subscribed 9', 'dropped e 5 1']);
  assert.deepEqual(follower.position, { epoch: 'e', offset: 6, life: 'a' });
});

test('counts dropped messages from the position of the command, not from a later one', () => {
  const { follower, reply, events } = followAt(5);
  follower.onMessage(message(8));
  // Of the earlier subscription, while the new one is pending.
  follower.onMessage(message(6));
  reply({ top: 9, dropped: 2 });
  assert.deepEqual(events, ['message e 6 60', 'subscribed 9', 'dropped e 6 1']);
  assert.deepEqual(follower.position, { epoch: 'e', offset: 7, life: 'a' });
});

test('reports a dropped event, unless it is of another epoch or before the position', () => {
  const { follower, events } = followAt(5);
  const dropped = { type: 'dropped', room: 'lobby', epoch: 'e', life: 'a' } as const;
  follower.onDropped({ ...dropped, epoch: 'f', after: 5, count: 3 });
  follower.onDropped({ ...dropped, after: 3, count: 2 });
  assert.deepEqual(events, []);
  follower.onDropped({ ...dropped, after: 4, count: 2 });
  assert.deepEqual(events, ['dropped e 5 1']);
});

test('starts again after a reset, but not while a subscribe is pending', () => {
  const { follower, events, reply } = followAt(5);
  follower.onReset({ epoch: 'f', top: 3, first: 2, life: 'a' });
  assert.deepEqual(events, ['reset f 2 3']);
  assert.deepEqual(follower.position, { epoch: 'f', offset: 1, life: 'a' });
  follower.subscribe();
  follower.onReset({ epoch: 'g', top: 0, first: 1, life: '' });
  assert.deepEqual(follower.position, { epoch: 'f', offset: 1, life: 'a' });
  reply({ epoch: 'h', top: 4, first: 3, reset: true, recovered: false, dropped: 2 });
  assert.deepEqual(events, ['reset f 2 3', 'subscribed 4', 'reset h 3 4']);
  assert.deepEqual(follower.position, { epoch: 'h', offset: 2, life: 'a' });
});

test('retries a refused subscribe after growing delays, which begin again after a reply', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { follower, commands, events, refuse, reply } = follow();
  follower.subscribe();
  for (const delay of [100, 200, 400, 400]) {
    const { length } = commands;
    refuse('ROOM_UNAVAILABLE', true);
    t.mock.timers.tick(delay - 1);
    assert.equal(commands.length, length, `${delay} ms are not over`);
    t.mock.timers.tick(1);
    assert.equal(commands.length, length + 1);
  }
  reply();
  follower.subscribe();
  refuse('ROOM_UNAVAILABLE', true);
  t.mock.timers.tick(100);
  assert.equal(commands.length, 7);
  assert.deepEqual(events, ['subscribed 5']);
});

test('a subscribe during the delay of a retry cancels that retry', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { follower, commands, refuse, reply } = follow();
  follower.subscribe();
  refuse('ROOM_UNAVAILABLE', true);
  follower.subscribe();
  reply();
  t.mock.timers.tick(1000);
  assert.equal(commands.length, 2);
});

test('reports a refusal, and nothing after a lost connection', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { follower, commands, events, refuse } = follow();
  follower.subscribe();
  refuse(lostCode, true);
  t.mock.timers.tick(1000);
  assert.equal(commands.length, 1);
  follower.subscribe();
  refuse('ROOM_NOT_MEMBER', false);
  t.mock.timers.tick(1000);
  assert.equal(commands.length, 2);
  assert.deepEqual(events, ['refused ROOM_NOT_MEMBER']);
});

test('sends and reports nothing after it was stopped', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const replied = follow();
  replied.follower.subscribe();
  assert.equal(replied.isWanted(), true);
  replied.follower.stop();
  assert.equal(replied.isWanted(), false);
  replied.reply();
  replied.follower.subscribe();
  const refused = follow();
  refused.follower.subscribe();
  refused.follower.stop();
  refused.refuse('ROOM_NOT_MEMBER', false);
  const delayed = follow();
  delayed.follower.subscribe();
  delayed.refuse('ROOM_UNAVAILABLE', true);
  delayed.follower.stop();
  t.mock.timers.tick(1000);
  for (const { commands, events } of [replied, refused, delayed]) {
    assert.equal(commands.length, 1);
    assert.deepEqual(events, []);
  }
});

test('reports no reset and no dropped messages if a listener stops it', () => {
  const followed: Followed = follow({ epoch: 'e', offset: 5 }, () => followed.follower.stop());
  followed.follower.subscribe();
  followed.reply({ dropped: 2, reset: true });
  assert.deepEqual(followed.events, ['subscribed 5']);
});

test('passes on each amendment once, and none while a subscribe is pending', () => {
  const { follower, events, commands, reply } = followAt(5);
  const amend = (offset: number, version: number, epoch = 'e'): void =>
    follower.onAmend({ ...message(offset, epoch), type: 'amend', data: version, version, amended: 1 });
  amend(2, 1);
  amend(2, 1);
  amend(3, 4);
  amend(1, 3);
  amend(1, 9, 'other');
  assert.deepEqual(events.splice(0), ['amended e 2 v1 1', 'amended e 3 v4 4']);
  // A message in a newer state than the position.
  follower.onMessage({ ...message(6), version: 6, amended: 1 });
  amend(4, 5);
  amend(6, 6);
  amend(6, 7);
  assert.deepEqual(events.splice(0), ['message e 6 60', 'amended e 4 v5 5', 'amended e 6 v7 7']);
  follower.onMessage(message(9));
  const after = { epoch: 'e', offset: 6, life: 'a', version: 7 };
  assert.deepEqual(commands, [{ room: 'lobby', after }]);
  // Of the replaced subscription: version 8 was lost with it.
  amend(2, 9);
  assert.deepEqual(events, []);
  reply();
  amend(1, 8);
  amend(2, 9);
  assert.deepEqual(events.slice(1), ['amended e 1 v8 8', 'amended e 2 v9 9']);
  assert.equal(follower.position?.version, 9);
});

test('takes the version of the stream from the reply, unless it has a position', () => {
  const first = follow();
  first.follower.subscribe();
  first.reply({ version: 5 });
  assert.equal(first.follower.position?.version, 5);
  const reset = followAt(5);
  reset.follower.subscribe();
  reset.reply({ reset: true, version: 2 });
  assert.equal(reset.follower.position?.version, 2);
});
