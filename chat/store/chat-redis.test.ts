import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { createLogger, GaleError } from 'gale';
import { redisCommand, redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { ChatRedis } from './chat-redis.ts';

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

async function open(t: TestContext, url: string = started().url): Promise<ChatRedis> {
  const opened = await ChatRedis.open(url, log);
  t.after(() => opened.close());
  return opened;
}

test('several servers agree on the first secret', { skip }, async (t) => {
  const servers = [await open(t), await open(t)];
  const candidates = ['one secret', 'another secret'];
  const agreed = await Promise.all(servers.map((server, index) => server.agreeOnSecret(candidates[index] ?? '')));
  assert.equal(new Set(agreed).size, 1);
  assert.ok(candidates.includes(agreed[0] ?? ''));
  assert.equal(await servers[1]?.agreeOnSecret('a third secret'), agreed[0]);
});

test('of servers with different databases, those of one database are accepted', { skip }, async (t) => {
  const servers = [await open(t), await open(t), await open(t), await open(t)];
  const agreed = await Promise.allSettled(servers.map((server, index) => server.agreeOnDatabase(`id-${index % 2}`)));
  const states = agreed.map(({ status }) => status);
  assert.deepEqual(states.slice(0, 2), states.slice(2));
  assert.equal(states.filter((state) => state === 'fulfilled').length, 2);
  const refused = agreed.find((result) => result.status === 'rejected');
  assert.match(String(refused?.reason), /^StartError: This Redis belongs to .* the same --database=[^\n]*\.$/);
});

test('counts attempts of all servers per key, and can subtract and delete them', { skip }, async (t) => {
  const [one, other] = [(await open(t)).attempts, (await open(t)).attempts];
  const counts = await Promise.all(
    Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? one : other).count('key', 60_000)),
  );
  assert.deepEqual(
    counts.map(({ count }) => count).toSorted((left, right) => left - right),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
  for (const { resetMs } of counts) assert.ok(resetMs > 0 && resetMs <= 60_000, `${resetMs} ms`);
  assert.equal((await one.count('other', 60_000)).count, 1);
  await one.giveBack('key');
  assert.equal((await other.count('key', 60_000)).count, 20);
  await one.forget('key');
  await other.giveBack('key');
  assert.equal((await one.count('key', 60_000)).count, 1);
});

test('all keys have the prefix of the chat', { skip }, async () => {
  const keys = (await redisCommand(started(), 'KEYS', '*')) as string[];
  assert.ok(keys.length > 0);
  for (const key of keys) assert.match(key, /^chat:/);
});

test('an error of Redis is not reported as a missing response', { skip }, async (t) => {
  const own = await startRedis();
  t.after(() => own.stop());
  const server = await open(t, own.url);
  await redisCommand(own, 'CONFIG', 'SET', 'maxmemory', '1');
  await assert.rejects(server.agreeOnSecret('a secret'), { code: 'ROOM_UNAVAILABLE', message: /^Redis refuses: OOM / });
});

test('counts attempts in memory while Redis refuses writes', { skip }, async (t) => {
  const own = await startRedis();
  t.after(() => own.stop());
  const { attempts } = await open(t, own.url);
  assert.equal((await attempts.count('key', 60_000)).count, 1);
  await redisCommand(own, 'CONFIG', 'SET', 'maxmemory', '1');
  for (let count = 1; count <= 3; count++) assert.equal((await attempts.count('key', 60_000)).count, count);
  assert.equal((await attempts.count('other', 60_000)).count, 1);
  await attempts.giveBack('key');
  assert.equal((await attempts.count('key', 60_000)).count, 3);
  await attempts.forget('key');
  assert.equal((await attempts.count('key', 60_000)).count, 1);
  await redisCommand(own, 'CONFIG', 'SET', 'maxmemory', '0');
  assert.equal((await attempts.count('other', 60_000)).count, 1, 'Redis counts again');
});

test('rejects while Redis is down, and succeeds after it restarts', { skip }, async (t) => {
  const own = await startRedis({ appendOnly: true });
  t.after(() => own.stop());
  const server = await open(t, own.url);
  await server.agreeOnSecret('a secret');
  await own.kill();
  await assert.rejects(
    server.agreeOnSecret('another secret'),
    (error) => error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE' && error.status === 503,
  );
  await own.restart();
  for (;;) {
    // Let the event loop connect between two calls.
    await new Promise(setImmediate);
    const secret = await server.agreeOnSecret('another secret').catch(() => undefined);
    if (secret === undefined) continue;
    assert.equal(secret, 'a secret');
    return;
  }
});
