import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryInUse } from '../../test/support/processes/memory-in-use.ts';
import { RateLimits } from './rate-limits.ts';
import type { RoomError } from './room-error.ts';
import { resolveRoomsOptions } from './rooms-options.ts';
import type { RoomsOptions } from './rooms-options.ts';

function world(options: RoomsOptions = {}): { limits: RateLimits; clock: { ms: number } } {
  const clock = { ms: 0 };
  return { limits: new RateLimits(resolveRoomsOptions(options), () => clock.ms), clock };
}

function countUntilRefused(take: () => RoomError | undefined): number {
  let count = 0;
  while (take() === undefined) count++;
  return count;
}

test('has the defaults of the guide: 10 and 2, 100 and 50, 60 and 20, 20 sockets', () => {
  const { limits, clock } = world();
  assert.equal(
    countUntilRefused(() => limits.takeCommand('ada')),
    60,
  );
  assert.equal(
    countUntilRefused(() => limits.takePublish('lobby', 'ada')),
    10,
  );
  let person = 0;
  assert.equal(
    countUntilRefused(() => limits.takePublish('lobby', `p${person++}`)),
    90,
  );
  clock.ms += 1000;
  assert.equal(
    countUntilRefused(() => limits.takeCommand('ada')),
    20,
  );
  assert.equal(
    countUntilRefused(() => limits.takePublish('attic', 'ada')),
    2,
  );
  assert.equal(
    countUntilRefused(() => limits.takePublish('lobby', `p${person++}`)),
    50,
  );
  assert.equal(
    countUntilRefused(() => limits.takeSocket('ada')),
    20,
  );
});

test('a command that counts as several is accepted after the wait of its refusal', () => {
  const { limits, clock } = world();
  const search = (): RoomError | undefined => limits.takeCommand('ada') ?? limits.takeMore('ada', 4);
  assert.equal(countUntilRefused(search), 12);
  for (let count = 0; count < 20; count++) {
    let refusals = 0;
    for (let refusal = search(); refusal; refusal = search(), refusals++) clock.ms += refusal.retryAfterMs ?? 0;
    assert.ok(refusals <= 2, `${refusals}`);
  }
  // Four in a second, and what the refused commands cost.
  assert.ok(clock.ms >= 5000 && clock.ms <= 6000, `${clock.ms}`);
  assert.equal(world({ limits: 'off' }).limits.takeMore('ada', 1_000_000), undefined);
  // With a burst below its cost it waits for a full bucket.
  const few = world({ commandBurst: 2, commandsPerSecond: 1 });
  assert.equal(few.limits.takeMore('ada', 4), undefined);
  few.clock.ms += few.limits.takeMore('ada', 4)?.retryAfterMs ?? 0;
  assert.equal(few.limits.takeMore('ada', 4), undefined);
});

test('names the limit, its values and the wait in a refusal', () => {
  const { limits } = world();
  const take = (): RoomError | undefined => limits.takePublish('lobby', 'ada');
  countUntilRefused(take);
  const refusal = take();
  assert.deepEqual([refusal?.code, refusal?.retry, refusal?.retryAfterMs], ['ROOM_TOO_FAST', true, 500]);
  assert.equal(
    refusal?.message,
    'Publishes of a person are limited to 10 at once, then 2 per second (personPublishBurst, personPublishesPerSecond); send the same again in 500 ms.',
  );
});

test('takes no token of the other limit for a refused publish', () => {
  const { limits, clock } = world({ personPublishBurst: 2, roomPublishBurst: 3, roomPublishesPerSecond: 1 });
  assert.equal(
    countUntilRefused(() => limits.takePublish('lobby', 'ada')),
    2,
  );
  for (let more = 0; more < 10; more++) limits.takePublish('lobby', 'ada');
  assert.equal(
    countUntilRefused(() => limits.takePublish('lobby', 'ben')),
    1,
    'what ada was refused is left in the room',
  );
  assert.match(limits.takePublish('lobby', 'ben')?.message ?? '', /^Publishes in a room are limited to 3 at once/);
  for (let more = 0; more < 10; more++) limits.takePublish('lobby', 'ben');
  assert.equal(
    countUntilRefused(() => limits.takePublish('attic', 'ben')),
    1,
    'what the lobby refused is left to ben',
  );
  clock.ms += 500;
  assert.equal(limits.takePublish('lobby', 'ada')?.retryAfterMs, 500, 'the longer of two waits');
});

test('a flood pauses a connection until a whole burst of commands has come back, at most the longest pause', () => {
  assert.equal(world({ commandBurst: 60, commandsPerSecond: 20 }).limits.floodPauseMs, 3000);
  assert.equal(world({ commandBurst: 1, commandsPerSecond: 3 }).limits.floodPauseMs, 334);
});

test('names the limit of the person if both limits have the same wait', () => {
  const { limits } = world({ personPublishBurst: 1, roomPublishBurst: 1, roomPublishesPerSecond: 2 });
  assert.equal(limits.takePublish('lobby', 'ada'), undefined);
  assert.match(limits.takePublish('lobby', 'ada')?.message ?? '', /^Publishes of a person are limited to 1 at once/);
});

test('takes no token for a check', () => {
  const { limits } = world({ personPublishBurst: 1 });
  for (let round = 0; round < 5; round++) assert.equal(limits.checkPublish('lobby', 'ada'), undefined);
  assert.equal(limits.takePublish('lobby', 'ada'), undefined);
  assert.equal(limits.checkPublish('lobby', 'ada')?.code, 'ROOM_TOO_FAST');
});

test('keeps nothing of a person without a socket', () => {
  const { limits, clock } = world();
  const before = memoryInUse();
  for (let person = 0; person < 50_000; person++) {
    // The buckets of earlier people are full again, so they are not kept either.
    clock.ms += 1000;
    assert.equal(limits.takeSocket(`person ${person}`), undefined);
    limits.giveSocketBack(`person ${person}`);
  }
  const bytes = memoryInUse() - before;
  assert.ok(bytes < 50_000 * 20, `${bytes} bytes of 50,000 people`);
  assert.equal(limits.socketsOf('person 0'), 0);
});

test('accepts another socket after one was given back', () => {
  const { limits } = world({ maxSocketsPerPerson: 2 });
  assert.equal(
    countUntilRefused(() => limits.takeSocket('ada')),
    2,
  );
  assert.equal(limits.takeSocket('ada')?.code, 'ROOM_TOO_MANY_SOCKETS');
  assert.equal(limits.takeSocket('ben'), undefined);
  limits.giveSocketBack('ada');
  assert.equal(limits.socketsOf('ada'), 1);
  assert.equal(
    countUntilRefused(() => limits.takeSocket('ada')),
    1,
  );
  for (const person of ['ada', 'ada', 'ben']) limits.giveSocketBack(person);
  assert.deepEqual([limits.socketsOf('ada'), limits.socketsOf('ben')], [0, 0]);
});

test('limits new connections at the rate of commands, also if each closes at once', () => {
  const { limits, clock } = world();
  const open = (): RoomError | undefined => {
    const refusal = limits.takeSocket('ada');
    if (!refusal) limits.giveSocketBack('ada');
    return refusal;
  };
  assert.equal(countUntilRefused(open), 60);
  const refusal = limits.takeSocket('ada');
  assert.deepEqual([refusal?.code, refusal?.retryAfterMs], ['ROOM_TOO_FAST', 50]);
  assert.match(refusal?.message ?? '', /New connections of a person are limited to 60 at once, then 20 per second/);
  assert.equal(limits.socketsOf('ada'), 0);
  assert.equal(limits.takeSocket('ben'), undefined);
  clock.ms += 1000;
  assert.equal(countUntilRefused(open), 20);
});

test('refuses nothing if limits are off', () => {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const { limits } = world({ limits: 'off', log });
  for (let round = 0; round < 1000; round++) {
    assert.equal(limits.takeCommand('ada'), undefined);
    assert.equal(limits.takePublish('lobby', 'ada'), undefined);
    assert.equal(limits.checkPublish('lobby', 'ada'), undefined);
    assert.equal(limits.takeSocket('ada'), undefined);
  }
  assert.equal(limits.maxSubscriptionsPerConnection, 1000);
  assert.equal(limits.identifyTimeoutMs, 10_000);
});
