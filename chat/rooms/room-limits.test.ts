import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChatError } from '../errors.ts';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { RoomLimits } from './room-limits.ts';

const refused = { name: 'ChatError', code: 'CHAT_ROOMS_ADDRESS', retry: false };

/** A try of a name that another room has. */
const take = (): Promise<never> =>
  Promise.reject(new ChatError('CHAT_ROOM_NAME_TAKEN', 'A room with the name "Plans" exists already.'));

test('counts the rooms of one address for an hour, separately from other addresses', async () => {
  let now = 0;
  const limits = new RoomLimits(new MemoryAttempts(() => now));
  for (let count = 1; count <= 60; count++) await limits.count('192.0.2.1');
  await assert.rejects(limits.count('192.0.2.1'), {
    ...refused,
    message: /60 rooms .* in 60 min/,
    retryAfterMs: 3_600_000,
  });
  await limits.count('192.0.2.2');
  now = 3_599_999;
  await assert.rejects(limits.count('192.0.2.1'), { ...refused, message: /in 1 min/ });
  now = 3_600_000;
  await limits.count('192.0.2.1');
});

test('counts an IPv6 /64 as one address', async () => {
  const limits = new RoomLimits(new MemoryAttempts(), { roomsPerHour: 1 });
  await limits.count('2001:db8:1:2::1');
  await assert.rejects(limits.count('2001:db8:1:2:ffff::9'), refused);
  await limits.count('2001:db8:1:3::1');
});

test('does not count a refused room or one that was not created', async () => {
  const limits = new RoomLimits(new MemoryAttempts(), { roomsPerHour: 2 });
  const giveBack = await limits.count('192.0.2.1');
  await limits.count('192.0.2.1');
  for (let count = 0; count < 5; count++) await assert.rejects(limits.count('192.0.2.1'), refused);
  await giveBack();
  await limits.count('192.0.2.1');
  await assert.rejects(limits.count('192.0.2.1'), refused);
});

test('the bounds of a new room are 1,000 rooms, 20 of them of one person in the last hour', () => {
  const limits = new RoomLimits(new MemoryAttempts());
  assert.deepEqual(limits.bounds(5_000_000), { most: 1000, maxOfPerson: 20, since: 1_400_000 });
  assert.match(limits.full().message, /^There are 1000 rooms/);
  assert.equal(limits.full().code, 'CHAT_ROOMS_FULL');
});

test('a person makes 120 changes in an hour that the log of administration records', async () => {
  let now = 0;
  const limits = new RoomLimits(new MemoryAttempts(() => now));
  for (let count = 1; count <= 120; count++) await limits.countLogged('ann');
  const code = 'CHAT_CHANGES_TOO_FAST';
  const tooFast = { code, retry: false, message: /120 times in an hour; .* in 60 min/, retryAfterMs: 3_600_000 };
  for (let count = 0; count < 3; count++) await assert.rejects(limits.countLogged('ann'), tooFast);
  await limits.countLogged('bob');
  now = 3_600_000;
  await limits.countLogged('ann');
});

test('a person tries 20 taken names in an hour, then no name at all; others are not counted', async () => {
  let now = 0;
  const limits = new RoomLimits(new MemoryAttempts(() => now));
  for (let count = 1; count <= 30; count++) assert.equal(await limits.tryName('ann', async () => count), count);
  for (let count = 1; count <= 30; count++) {
    await assert.rejects(
      limits.tryName('ann', () => Promise.reject(new Error('lost'))),
      { message: 'lost' },
    );
  }
  const tries = await Promise.allSettled(Array.from({ length: 30 }, () => limits.tryName('ann', take)));
  const codes = tries.map((tried) => tried.status === 'rejected' && (tried.reason as ChatError).code);
  assert.equal(codes.filter((code) => code === 'CHAT_ROOM_NAME_TAKEN').length, 20);
  const tooFast = { code: 'CHAT_NAMES_TOO_FAST', retry: false, message: / in 60 min/, retryAfterMs: 3_600_000 };
  for (let count = 0; count < 3; count++) {
    await assert.rejects(
      limits.tryName('ann', () => assert.fail('it was tried')),
      tooFast,
    );
  }
  await assert.rejects(limits.tryName('bob', take), { code: 'CHAT_ROOM_NAME_TAKEN' });
  now = 3_600_000;
  await assert.rejects(limits.tryName('ann', take), { code: 'CHAT_ROOM_NAME_TAKEN' });
});

test('with limits off limits only the total number of rooms', async () => {
  const limits = new RoomLimits(new MemoryAttempts(), { roomsPerHour: 1, limits: 'off' });
  for (let count = 0; count < 100; count++) await limits.count('192.0.2.1');
  assert.deepEqual(limits.bounds(5_000_000), { most: 1000, maxOfPerson: 1000, since: 1_400_000 });
});
