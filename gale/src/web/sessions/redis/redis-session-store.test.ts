import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../../test/support/eventually.ts';
import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { change, newId, now, valuesOf } from '../../../../test/support/web/session-changes.ts';
import { SessionBrowser } from '../../../../test/support/web/session-browser.ts';
import { testSessionStore } from '../../../../test/support/web/session-store-suite.ts';
import { serve } from '../../../../test/support/web/web-server.ts';
import { redisCommand } from '../../../testing/redis-command.ts';
import { redisMissing, startRedis } from '../../../testing/redis-server.ts';
import { sessions } from '../sessions.ts';
import { RedisSessionStore } from './redis-session-store.ts';

const skip = redisMissing();

testSessionStore('redis', {
  skip,
  runs: 20,
  open: async (t) => {
    const redis = await startRedis();
    t.after(() => redis.stop());
    return RedisSessionStore.open({ url: redis.url, log: new RecordedLog() });
  },
});

test('loading is one command, and so is saving', { skip }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const store = await RedisSessionStore.open({ url: redis.url, log: new RecordedLog() });
  t.after(() => store.close());
  const served = await serve(t, [['/', (_, { session }) => session.set('n', Number(session.get('n') ?? 0) + 1)]], {
    sessions: sessions({ store }),
  });
  const ada = new SessionBrowser(served);
  const commands = async (): Promise<string[]> => {
    const stats = String(await redisCommand(redis, 'INFO', 'commandstats'));
    return [...stats.matchAll(/cmdstat_(hgetall|evalsha|eval|get|set|multi):calls=(\d+)/g)].map(
      ([, name, calls]) => `${name} ${calls}`,
    );
  };
  await ada.get('/');
  await redisCommand(redis, 'CONFIG', 'RESETSTAT');
  for (let count = 0; count < 5; count++) assert.equal((await ada.get('/')).status, 200);
  // The script reads the session too, inside of Redis.
  assert.deepEqual((await commands()).toSorted(), ['evalsha 5', 'hgetall 10']);
});

test('a Redis without memory refuses a login and changes nothing, and a logout still works', { skip }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const store = await RedisSessionStore.open({ url: redis.url, log: new RecordedLog() });
  t.after(() => store.close());
  const id = newId();
  await store.save(change(id, { a: '1', b: '1' }, { from: 'new', person: 'ada', isLogin: true }), now);
  await redisCommand(redis, 'CONFIG', 'SET', 'maxmemory', '1');
  for (const refused of [
    change(newId(), {}, { from: 'new', person: 'ada', isLogin: true }),
    change(newId(), {}, { from: { id }, person: 'ada', isLogin: true }),
    change(id, { a: undefined, b: '2' }),
  ]) {
    await assert.rejects(store.save(refused, now), { code: 'ROOM_UNAVAILABLE' });
    assert.equal(
      await store.load(refused.id, now).then((found) => found?.values.size),
      refused.id === id ? 2 : undefined,
    );
  }
  assert.deepEqual(
    (await store.list('ada', now)).map((listed) => [listed.id, valuesOf(listed)]),
    [[id, { a: '1', b: '1' }]],
  );
  assert.deepEqual(await store.end([id], now), [id]);
});

test('without Redis a page with the session is 503, and other pages work', { skip }, async (t) => {
  const redis = await startRedis({ appendOnly: true });
  t.after(() => redis.stop());
  const store = await RedisSessionStore.open({ url: redis.url, timeoutMs: 500, log: new RecordedLog() });
  t.after(() => store.close());
  const all = sessions({ store });
  const served = await serve(
    t,
    [
      ['/set', (_, { session }) => session.set('name', 'Ada')],
      ['/get', (_, { session }) => ({ name: session.get('name') ?? null })],
      ['/plain', () => 'plain'],
    ],
    { sessions: all },
  );
  const [ada, eve] = [new SessionBrowser(served), new SessionBrowser(served)];
  assert.equal((await ada.get('/set')).status, 200);
  await redis.kill();
  const response = await ada.get('/get', { headers: { accept: 'application/json' } });
  assert.equal(response.status, 503);
  assert.equal((await ada.get('/plain')).status, 200);
  assert.equal(await eve.text('/get'), '{"name":null}', 'a client without a session needs no store');
  assert.equal((await eve.get('/set')).status, 503, 'a new session cannot be stored');
  assert.deepEqual(eve.lastSetCookies, []);
  await assert.rejects(all.check());
  await assert.rejects(all.of('ada'), { code: 'SESSION_STORE', status: 503 });
  await redis.restart();
  await eventually(async () => (await ada.get('/get')).status === 200);
  assert.equal(await ada.text('/get'), '{"name":"Ada"}');
  for (const line of [/The store of the sessions fails/, /A handler failed/]) await served.expectLine(line);
});
