import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { createLogger, GaleError } from 'gale';
import { redisCommand, redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { RedisStore } from './redis-store.ts';
import { someAccount, testStore } from '../test/support/store-suite.ts';

const skip = redisMissing();
const log = createLogger({ level: 'silent' });

let redis: RedisServer | undefined;
before(async () => {
  if (!skip) redis = await startRedis({ appendOnly: true });
});
after(() => redis?.stop());

function started(): RedisServer {
  assert.ok(redis);
  return redis;
}

const url = (): string => started().url;

testStore('Redis store', { skip }, { open: () => RedisStore.open(url(), log) });

test('several servers agree on the first secret', { skip }, async () => {
  const stores = await Promise.all([RedisStore.open(url(), log), RedisStore.open(url(), log)]);
  const candidates = ['one secret', 'another secret'];
  const agreed = await Promise.all(stores.map((store, index) => store.agreeOnSecret(candidates[index] ?? '')));
  assert.equal(new Set(agreed).size, 1);
  assert.ok(candidates.includes(agreed[0] ?? ''));
  assert.equal(await stores[1]?.agreeOnSecret('a third secret'), agreed[0]);
  await Promise.all(stores.map((store) => store.close()));
});

test('all keys have the prefix of the chat', { skip }, async () => {
  const keys = (await redisCommand(started(), 'KEYS', '*')) as string[];
  assert.ok(keys.length > 0);
  for (const key of keys) assert.match(key, /^chat:/);
});

test('an error of Redis is not reported as a missing response', { skip }, async (t) => {
  const own = await startRedis();
  t.after(() => own.stop());
  const store = await RedisStore.open(own.url, log);
  t.after(() => store.close());
  await redisCommand(own, 'CONFIG', 'SET', 'maxmemory', '1');
  await assert.rejects(store.agreeOnSecret('a secret'), { code: 'ROOM_UNAVAILABLE', message: /^Redis refuses: OOM / });
});

test('counts attempts in memory while Redis refuses writes', { skip }, async (t) => {
  const own = await startRedis();
  t.after(() => own.stop());
  const store = await RedisStore.open(own.url, log);
  t.after(() => store.close());
  assert.equal((await store.attempts.count('key', 60_000)).count, 1);
  await redisCommand(own, 'CONFIG', 'SET', 'maxmemory', '1');
  for (let count = 1; count <= 3; count++) assert.equal((await store.attempts.count('key', 60_000)).count, count);
  assert.equal((await store.attempts.count('other', 60_000)).count, 1);
  await store.attempts.giveBack('key');
  assert.equal((await store.attempts.count('key', 60_000)).count, 3);
  await store.attempts.forget('key');
  assert.equal((await store.attempts.count('key', 60_000)).count, 1);
  await redisCommand(own, 'CONFIG', 'SET', 'maxmemory', '0');
  assert.equal((await store.attempts.count('other', 60_000)).count, 1, 'Redis counts again');
});

test('calls reject while Redis is down, and succeed after it restarts', { skip }, async (t) => {
  const own = await startRedis({ appendOnly: true });
  t.after(() => own.stop());
  const store = await RedisStore.open(own.url, log);
  t.after(() => store.close());
  const account = someAccount();
  await store.accounts.add(account);
  await own.kill();
  await assert.rejects(
    store.accounts.findById(account.id),
    (error) => error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE' && error.status === 503,
  );
  await own.restart();
  for (;;) {
    // Let the event loop connect between two calls.
    await new Promise(setImmediate);
    const found = await store.accounts.findById(account.id).catch(() => 'away' as const);
    if (found === 'away') continue;
    assert.deepEqual({ ...found }, account);
    return;
  }
});
