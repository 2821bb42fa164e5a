import assert from 'node:assert/strict';
import { posix } from 'node:path';
import { test, type TestContext } from 'node:test';
import { importsOf, textOf } from '../../../test/support/repository.ts';
import { RecordedLog } from '../../../test/support/recorded-log.ts';
import { eventually } from '../../../test/support/eventually.ts';
import { redisCommand } from '../../testing/redis-command.ts';
import { redisMissing, startRedis } from '../../testing/redis-server.ts';
import { RedisRateLimitStore } from './redis-rate-limit-store.ts';

const skip = redisMissing();

async function open(t: TestContext, url: string): Promise<RedisRateLimitStore> {
  const store = await RedisRateLimitStore.open({ url, log: new RecordedLog() });
  t.after(() => store.close());
  return store;
}

test('servers count a client together, and the window ends', { skip }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const [first, second] = [await open(t, redis.url), await open(t, redis.url)];
  assert.deepEqual(await first.count('default:ada', 60_000), { count: 1, resetMs: 60_000 });
  const again = await second.count('default:ada', 60_000);
  assert.equal(again.count, 2);
  assert.ok(again.resetMs > 0 && again.resetMs <= 60_000);
  assert.equal((await first.count('default:bob', 60_000)).count, 1);
  // A key that lost its lifetime begins a window.
  await redisCommand(redis, 'PERSIST', 'gale-rate:{default:ada}');
  assert.deepEqual(await first.count('default:ada', 60_000), { count: 3, resetMs: 60_000 });
  await first.count('default:eve', 1);
  await eventually(
    async () => (await first.count('default:eve', 1)).count === 1,
    () => 'the window of one millisecond does not end',
  );
});

test('rejects while Redis is away', { skip }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const store = await open(t, redis.url);
  await redis.stop();
  await assert.rejects(store.count('default:ada', 1_000), { name: 'GaleError', code: 'ROOM_UNAVAILABLE' });
});

test('gale/middleware does not load Redis', async () => {
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const specifier of importsOf(await textOf(path))) {
      assert.notEqual(specifier, '@redis/client', path);
      if (specifier.startsWith('.')) await visit(posix.join(posix.dirname(path), specifier));
    }
  };
  await visit('gale/src/middleware.ts');
  assert.ok(seen.has('gale/src/web/middleware/rate-limit.ts'));
});
