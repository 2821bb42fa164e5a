import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Rooms } from 'gale';
import { redisMissing } from '../../testing/redis-server.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { log, openBroker, startRedisFor } from '../../../test/support/rooms/redis-brokers.ts';
import { ada, ben, follow } from '../../../test/support/rooms/two-servers.ts';

/** Number of people with a lease in the store; undefined while it cannot be reached. */
function stored({ broker }: Rooms): Promise<number | undefined> {
  return broker.presence.list('lobby').then(
    ({ length }) => length,
    () => undefined,
  );
}

describe('presence after Redis lost its data', { skip: redisMissing() }, () => {
  test('people of all servers are there again at once, and nobody is said to have left', async (t) => {
    const redis = await startRedisFor(t);
    const servers: Rooms[] = [];
    for (let count = 0; count < 2; count++) {
      // Leases are renewed after 27 seconds.
      const rooms = new Rooms(await openBroker(t, redis.url), { log, presenceBatchMs: 1 });
      t.after(() => rooms.close());
      servers.push(rooms);
    }
    const [one, other] = servers as [Rooms, Rooms];
    const { subscriber } = await follow(one, 'lobby');
    const { subscriber: watcher } = await follow(other, 'lobby');
    await one.enter('lobby', ada, 'tab 1');
    await other.enter('lobby', ben, 'tab 2');
    await eventually(() => [subscriber, watcher].every(({ changes }) => changes.at(-1)?.endsWith(' 2') === true));
    const before = [subscriber, watcher].map(({ changes }) => changes.length);
    await redis.kill();
    await eventually(async () => (await stored(one)) === undefined);
    await redis.restart();
    const began = performance.now();
    await eventually(async () => (await stored(other)) === 2);
    assert.ok(performance.now() - began < 20_000, 'before the next renewal');
    // The comparison with the store, which would find that somebody is missing.
    await one.checkPositions();
    await other.checkPositions();
    assert.deepEqual(
      [subscriber, watcher].map(({ changes }) => changes.length),
      before,
      [...subscriber.changes, ...watcher.changes].join(', '),
    );
  });

  test('somebody who left meanwhile is said to have left, after the other servers had time to renew', async (t) => {
    const redis = await startRedisFor(t);
    const open = async (): Promise<Rooms> =>
      new Rooms(await openBroker(t, redis.url), { log, presenceBatchMs: 1, presenceGraceMs: 100 });
    const [one, other] = [await open(), await open()];
    t.after(() => one.close());
    t.after(() => other.close());
    const { subscriber } = await follow(one, 'lobby');
    await one.enter('lobby', ada, 'tab 1');
    await other.enter('lobby', ben, 'tab 2');
    await eventually(() => subscriber.changes.at(-1)?.endsWith(' 2') === true);
    await redis.kill();
    await eventually(async () => (await stored(other)) === undefined);
    await other.leave('lobby', 'tab 2', { now: true });
    await redis.restart();
    await eventually(
      () => subscriber.changes.at(-1) === '-ben 1',
      () => subscriber.changes.join(', '),
    );
  });
});
