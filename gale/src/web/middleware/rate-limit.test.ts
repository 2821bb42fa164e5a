import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { rateLimit } from './rate-limit.ts';
import { MemoryRateLimitStore, type RateLimitStore } from './rate-limit-store.ts';

class Page extends RequestHandler {
  get(): void {
    this.write('page');
  }
}

async function ask(
  served: Served,
  path = '/',
  headers: Record<string, string> = {},
): Promise<(string | number | null)[]> {
  const response = await served.get(path, { headers });
  return [response.status, response.headers.get('ratelimit'), response.headers.get('retry-after')];
}

test('the request over the limit is 429 until the window ends', async (t) => {
  let now = 1_000_000;
  const served = await serve(t, [['/', Page]], {
    now: () => now,
    middleware: [rateLimit({ limit: 2, windowMs: 10_000 })],
  });
  assert.deepEqual(await ask(served), [200, '"default";r=1;t=10', null]);
  now += 2_500;
  assert.deepEqual(await ask(served, '/unknown'), [404, '"default";r=0;t=8', null]);
  assert.deepEqual(await ask(served), [429, '"default";r=0;t=8', '8']);
  now += 7_499;
  assert.deepEqual(await ask(served), [429, '"default";r=0;t=1', '1']);
  now += 1;
  assert.deepEqual(await ask(served), [200, '"default";r=1;t=10', null]);
  assert.equal((await served.get('/')).headers.get('ratelimit-policy'), '"default";q=2;w=10');
});

test('clients are counted by a key of the application; one without a key is not limited', async (t) => {
  const served = await serve(t, [['/', Page]], {
    middleware: [
      rateLimit({ limit: 1, name: 'users', key: (handler) => handler.request.headers.get('x-user') }),
      rateLimit({ limit: 5 }),
    ],
  });
  assert.equal((await ask(served, '/', { 'x-user': 'ada' }))[1], '"default";r=4;t=60, "users";r=0;t=60');
  assert.equal((await ask(served, '/', { 'x-user': 'ada' }))[0], 429);
  assert.equal((await ask(served, '/', { 'x-user': 'bob' }))[0], 200);
  assert.equal((await ask(served))[0], 200);
});

test('addresses of one IPv6 network are one client', async (t) => {
  const served = await serve(t, [['/', Page]], {
    middleware: [rateLimit({ limit: 1 })],
    server: { trustedProxies: ['loopback'] },
  });
  assert.equal((await ask(served, '/', { 'x-forwarded-for': '2001:db8::1' }))[0], 200);
  assert.equal((await ask(served, '/', { 'x-forwarded-for': '2001:db8::2' }))[0], 429);
  assert.equal((await ask(served, '/', { 'x-forwarded-for': '2001:db8:0:1::1' }))[0], 200);
});

test('a store may be async; if it fails, requests are not limited, and that is one warning', async (t) => {
  let isFailing = false;
  const store: RateLimitStore = {
    count: async () => {
      await nextTurn();
      if (isFailing) throw new Error('the store is down');
      return { count: 2, resetMs: 1 };
    },
  };
  const served = await serve(t, [['/', Page]], { middleware: [rateLimit({ limit: 1, store })] });
  assert.equal((await ask(served))[0], 429);
  isFailing = true;
  assert.deepEqual(await ask(served), [200, null, null]);
  assert.deepEqual(await ask(served), [200, null, null]);
  await served.expectLine(/The store of a rate limit fails.*the store is down/);
});

test('memory is bounded: ended windows go first, then the oldest', () => {
  const store = new MemoryRateLimitStore(3);
  for (const key of ['a', 'b', 'c', 'a']) store.count(key, 1_000, 0);
  assert.equal(store.count('a', 1_000, 1).count, 3);
  assert.equal(store.count('d', 1_000, 2).count, 1);
  assert.equal(store.size, 3);
  assert.equal(store.count('b', 1_000, 3).count, 2);
  assert.equal(store.count('a', 1_000, 4).count, 1);
  const churning = new MemoryRateLimitStore(1_000_000);
  for (let at = 0; at < 10_000; at++) churning.count(`key ${at}`, 100, at);
  assert.ok(churning.size <= 102, `${churning.size} windows`);
});
