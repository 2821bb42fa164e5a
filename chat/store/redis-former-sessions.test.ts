import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger } from 'gale';
import { redisCommand, redisMissing, startRedis } from 'gale/testing';
import { RedisStore } from './redis-store.ts';

const skip = redisMissing();

test('a server that lost its lease stops, and continues when it gets it back', { skip }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const store = await RedisStore.open(redis.url, createLogger({ level: 'silent' }));
  t.after(() => store.close());
  const count = 2_000;
  const text = JSON.stringify({ personId: 'ann', expiresAt: Date.now() + 60_000 });
  for (let index = 0; index < count; index++) {
    await redisCommand(redis, 'SET', `chat:session:${String(index).padStart(43, '0')}`, text);
  }
  const left = async (): Promise<number> =>
    ((await redisCommand(redis, 'KEYS', 'chat:session:*')) as readonly string[]).length;
  const { formerSessions } = store;
  const movers = new Set<unknown>();
  let parts = 0;
  for await (const part of formerSessions.parts()) {
    movers.add(await redisCommand(redis, 'GET', 'chat:sessions-mover'));
    assert.ok(part.length < count, 'in steps');
    await formerSessions.remove(part);
    // Another server has the lease for a moment, as after a pause of this one.
    if (++parts === 1) await redisCommand(redis, 'SET', 'chat:sessions-mover', 'another server', 'PX', '400');
  }
  assert.ok(parts > 1);
  assert.equal(movers.size, 1, 'no step without the lease');
  assert.equal(await left(), 0);
  assert.equal(await redisCommand(redis, 'EXISTS', 'chat:sessions-mover'), 0);
  for await (const part of formerSessions.parts()) assert.fail(`${part.length} sessions after all were moved`);
});
