import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { redisCommand as command } from '../../../testing/redis-command.ts';
import { redisMissing } from '../../../testing/redis-server.ts';
import { atMost, eventually, person, upTo, usual } from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import { openBroker, startRedisFor } from '../../../../test/support/rooms/redis-brokers.ts';
import type { Entry } from '../../stream.ts';
import type { RedisBroker } from './redis-broker.ts';

const skip = redisMissing();
const all = { ...usual, historyCount: 5000 };

function entry(number: number): Entry {
  return { id: `m${number}`, author: person('ann'), data: number };
}

async function storedNumbers(broker: RedisBroker): Promise<number[]> {
  return (await broker.read('lobby', 0, atMost(5000))).messages.map(({ data }) => data as number);
}

describe('publishes that do not wait for each other in Redis', { skip }, () => {
  test('are stored in the order of the calls, also across batches', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const numbers = upTo(1000);
    const published = await Promise.all(numbers.map((number) => broker.publish('lobby', entry(number), all)));
    assert.deepEqual(
      published.map(({ offset }) => offset),
      numbers,
    );
    assert.deepEqual(await storedNumbers(broker), numbers);
  });

  test('keep their order while Redis forgets its scripts again and again', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const numbers = upTo(600);
    const publishing: Promise<unknown>[] = [];
    for (const number of numbers) {
      publishing.push(broker.publish('lobby', entry(number), all));
      if (number % 20 === 0) await command(redis, 'SCRIPT', 'FLUSH');
    }
    await Promise.all(publishing);
    assert.deepEqual(await storedNumbers(broker), numbers);
  });

  test('that a broken connection leaves in doubt are refused, and later ones never come before them', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const acknowledged: number[] = [];
    let refused = 0;
    const publishing: Promise<void>[] = [];
    const publishNext = (): void => {
      const number = publishing.length + 1;
      const noted = broker.publish('lobby', entry(number), all).then(
        () => void acknowledged.push(number),
        () => void (refused += 1),
      );
      publishing.push(noted);
    };
    for (const _ of upTo(3)) {
      const killed = new AbortController();
      const killing = command(redis, 'CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes').then(() => killed.abort());
      // Some are under way at any moment, so also at that of the end.
      while (!killed.signal.aborted && publishing.length < 5000) {
        publishNext();
        publishNext();
        await new Promise(setImmediate);
      }
      await killing;
      await eventually(() => broker.check());
    }
    await Promise.all(publishing);
    await eventually(() => broker.check());
    const stored = await storedNumbers(broker);
    assert.ok(refused > 0);
    assert.deepEqual(
      stored,
      stored.toSorted((a, b) => a - b),
    );
    assert.deepEqual(
      acknowledged.filter((number) => !stored.includes(number)),
      [],
    );
  });

  test('with equal ids in one batch are stored once, and all get the same position', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    await broker.publish('lobby', entry(1), usual);
    const published = await Promise.all([2, 3, 2, 1, 3].map((number) => broker.publish('lobby', entry(number), usual)));
    assert.deepEqual(
      published.map(({ offset, repeated }) => [offset, repeated]),
      [
        [2, false],
        [3, false],
        [2, true],
        [1, true],
        [3, true],
      ],
    );
    assert.deepEqual(await storedNumbers(broker), [1, 2, 3]);
  });

  test('with other options are in another batch, and keep their order', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const numbers = upTo(30);
    await Promise.all(
      numbers.map((number) => broker.publish('lobby', entry(number), { ...all, historyCount: 5000 + (number % 3) })),
    );
    assert.deepEqual(await storedNumbers(broker), numbers);
  });

  test('are refused after close, and those under way get their result first', async (t) => {
    const redis = await startRedisFor(t);
    const broker = await openBroker(t, redis.url);
    const publishing = Promise.all(upTo(300).map((number) => broker.publish('lobby', entry(number), all)));
    const closing = broker.close();
    await assert.rejects(broker.publish('lobby', entry(301), all), { code: 'ROOM_UNAVAILABLE' });
    assert.equal((await publishing).at(-1)?.offset, 300);
    await closing;
  });
});
