import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { eventually } from '../../../../test/support/eventually.ts';
import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { change, newId, now, saved } from '../../../../test/support/web/session-changes.ts';
import { SessionBrowser } from '../../../../test/support/web/session-browser.ts';
import { testSessionStore } from '../../../../test/support/web/session-store-suite.ts';
import { serve } from '../../../../test/support/web/web-server.ts';
import { GaleError } from '../../../errors.ts';
import { HashRing } from '../../../stores/hash-ring/hash-ring.ts';
import { redisMissing, startRedis, type RedisServer } from '../../../testing/redis-server.ts';
import { MemorySessionStore } from '../memory/memory-session-store.ts';
import { RedisSessionStore } from '../redis/redis-session-store.ts';
import type { SessionStore } from '../session-store.ts';
import { sessions } from '../sessions.ts';
import { RingSessionStore } from './ring-session-store.ts';

const skip = redisMissing();
const names = ['one', 'two', 'three'];

testSessionStore('ring', {
  runs: 100,
  open: async () =>
    RingSessionStore.open({
      nodes: names.map((name) => ({ name, open: async () => new MemorySessionStore() })),
      log: new RecordedLog(),
    }),
});

/** Stores in memory that fail on demand. */
class FragileStore extends MemorySessionStore {
  isDown = false;

  override load(...given: Parameters<MemorySessionStore['load']>): ReturnType<MemorySessionStore['load']> {
    this.#assertUp();
    return super.load(...given);
  }

  override save(...given: Parameters<MemorySessionStore['save']>): ReturnType<MemorySessionStore['save']> {
    this.#assertUp();
    return super.save(...given);
  }

  override list(...given: Parameters<MemorySessionStore['list']>): ReturnType<MemorySessionStore['list']> {
    this.#assertUp();
    return super.list(...given);
  }

  override async check(): Promise<void> {
    this.#assertUp();
  }

  #assertUp(): void {
    if (this.isDown) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
  }
}

async function openFragile(
  t: TestContext,
  nodes: readonly string[] = names,
): Promise<{ ring: RingSessionStore; stores: Map<string, FragileStore> }> {
  const stores = new Map(nodes.map((name) => [name, new FragileStore()]));
  const ring = await RingSessionStore.open({
    nodes: [...stores].map(([name, store]) => ({ name, open: async () => store })),
    probeMs: 10,
    log: new RecordedLog(),
  });
  t.after(() => ring.close());
  return { ring, stores };
}

/** An id of a node, and the name of the node that follows. */
function idOn(node: string): { id: string; next: string } {
  for (;;) {
    const id = newId();
    const [own, next = ''] = new HashRing(names).iterateNodes(id);
    if (own === node) return { id, next };
  }
}

const isUp = (ring: RingSessionStore): boolean[] => ring.health().map((node) => node.isUp);

test('each session is on the node of its id', async (t) => {
  const { ring, stores } = await openFragile(t);
  for (let index = 0; index < 30; index++) {
    const id = newId();
    await ring.save(change(id, { a: '1' }, { from: 'new' }), now);
    const holders = names.filter((name) => stores.get(name)?.load(id, now) !== undefined);
    assert.deepEqual(holders, [new HashRing(names).getNode(id)]);
  }
});

test('the keys of a node that is down move to the next node and come back', async (t) => {
  const { ring, stores } = await openFragile(t);
  const { id: old } = idOn('two');
  await ring.save(change(old, { a: '1' }, { from: 'new' }), now);
  const [two] = [stores.get('two') ?? assert.fail()];
  two.isDown = true;
  assert.equal(await ring.load(old, now), undefined, 'its sessions are missing');
  assert.deepEqual(isUp(ring), [true, false, true]);
  const { id: during, next } = idOn('two');
  assert.deepEqual(await ring.save(change(during, { b: '1' }, { from: 'new' }), now), saved);
  assert.ok(stores.get(next)?.load(during, now) !== undefined, 'the next node has a new session');
  assert.deepEqual(await ring.save(change(during, { c: '2' }), now), saved);
  await ring.check();
  const [, health] = ring.health();
  assert.deepEqual([health?.name, health?.weight, health?.reason], ['two', 1, 'as the test wants it']);
  assert.ok((health?.since ?? 0) > 0);

  two.isDown = false;
  await eventually(() => isUp(ring).every(Boolean));
  assert.deepEqual([...((await ring.load(old, now))?.values ?? [])], [['a', '1']], 'its sessions are back');
  assert.deepEqual([...((await ring.load(during, now))?.values ?? [])].toSorted(), [
    ['b', '1'],
    ['c', '2'],
  ]);
  assert.deepEqual(await ring.save(change(during, { b: '3' }), now), saved);
  const { id: after } = idOn('two');
  await ring.save(change(after, {}, { from: 'new' }), now);
  assert.ok(two.load(after, now) !== undefined, 'new sessions are on it again');
});

test('a node that fails for many requests at once is logged once, and so is its return', async (t) => {
  const log = new RecordedLog();
  let isDown = false;
  class LateStore extends MemorySessionStore {
    override async check(): Promise<void> {
      if (isDown) throw new GaleError('ROOM_UNAVAILABLE', 'still down');
    }
  }
  const store = new LateStore();
  t.mock.method(store, 'load', async () => {
    await nextTurn();
    if (isDown) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
    return undefined;
  });
  const ring = await RingSessionStore.open({
    nodes: [{ name: 'only', open: async () => store }],
    probeMs: 10,
    log,
  });
  t.after(() => ring.close());
  const fail = async (): Promise<void> => {
    isDown = true;
    const results = await Promise.allSettled(Array.from({ length: 20 }, async () => ring.load(newId(), now)));
    assert.ok(results.every(({ status }) => status === 'rejected'));
    isDown = false;
    await eventually(() => isUp(ring).every(Boolean));
  };
  await fail();
  await fail();
  const messages = ['A node of the sessions is down; the next node has its keys', 'A node of the sessions is up again'];
  assert.deepEqual(log.messages, [...messages, ...messages]);
});

test('a ring that is closed opens no node any more', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let attempts = 0;
  const ring = await RingSessionStore.open({
    nodes: [
      { name: 'one', open: async () => new MemorySessionStore() },
      {
        name: 'two',
        open: async () => {
          attempts++;
          throw new GaleError('ROOM_UNAVAILABLE', 'not yet');
        },
      },
    ],
    log: new RecordedLog(),
  });
  t.mock.timers.tick(1000);
  assert.equal(attempts, 2);
  await nextTurn();
  await ring.close();
  t.mock.timers.tick(10_000);
  assert.equal(attempts, 2);
});

/** A store in memory whose lists wait. */
function slowToList(until: Promise<void>): SessionStore {
  const store = new MemorySessionStore();
  return {
    load: (...given) => store.load(...given),
    save: (...given) => store.save(...given),
    list: async (...given) => {
      await until;
      return store.list(...given);
    },
    end: (...given) => store.end(...given),
    check: () => store.check(),
    close: () => store.close(),
  };
}

test('logins of a person at the same time on several nodes do not end each other', async (t) => {
  for (const [first, second] of [
    [now, now],
    [now, now + 1],
    [now + 1, now],
  ] as const) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const ring = await RingSessionStore.open({
      nodes: names.map((name) => ({ name, open: async () => slowToList(promise) })),
      log: new RecordedLog(),
    });
    t.after(() => ring.close());
    const limits = { ...change('', {}).limits, maxPerPerson: 1 };
    const login = (node: string, createdAt: number): Promise<unknown> =>
      ring.save(
        change(idOn(node).id, {}, { from: 'new', person: 'ada', isLogin: true, createdAt, seenAt: createdAt, limits }),
        now,
      );
    const logins = Promise.all([login('one', first), login('two', second)]);
    await nextTurn();
    resolve();
    await logins;
    const listed = await ring.list('ada', now);
    assert.equal(listed.length, 1);
    assert.equal(listed[0]?.createdAt, Math.max(first, second));
  }
});

test('nothing that must be complete succeeds while a node is down', async (t) => {
  const { ring, stores } = await openFragile(t);
  const { id } = idOn('one');
  await ring.save(change(id, {}, { from: 'new', person: 'ada', isLogin: true }), now);
  const [one] = [stores.get('one') ?? assert.fail()];
  one.isDown = true;
  await assert.rejects(ring.save(change(id, { a: '1' }), now), { code: 'SESSION_STORE' });
  await assert.rejects(ring.list('ada', now), { code: 'SESSION_STORE' });
  await assert.rejects(ring.end([id], now), { code: 'SESSION_STORE' });
  for (const store of stores.values()) store.isDown = true;
  for (const other of names.map((name) => idOn(name).id)) {
    await assert.rejects(ring.save(change(other, {}, { from: 'new' }), now), { code: 'SESSION_STORE' });
    await assert.rejects(ring.load(other, now), { code: 'SESSION_STORE' });
  }
  await assert.rejects(ring.check(), { code: 'SESSION_STORE' });
});

test('a logout while the node of the session is down is 503, and the next one ends the session', async (t) => {
  const { ring, stores } = await openFragile(t);
  const served = await serve(
    t,
    [
      ['/login', (_, { session }) => session.login('ada')],
      ['/logout', (_, { session }) => session.end()],
      ['/me', (_, { session }) => ({ person: session.person ?? null })],
    ],
    { sessions: sessions({ store: ring }) },
  );
  const browser = new SessionBrowser(served);
  await browser.get('/login');
  const cookie = browser.cookies.get('session') ?? assert.fail();
  const holder = [...stores.values()].find((store) => store.list('ada', Date.now()).length > 0);
  assert.ok(holder !== undefined);
  holder.isDown = true;
  assert.equal(await browser.text('/me'), '{"person":null}');
  assert.equal((await browser.get('/logout')).status, 503);
  assert.equal(browser.cookies.get('session'), cookie);
  await served.expectLine(/A handler failed/);
  holder.isDown = false;
  await eventually(() => isUp(ring).every(Boolean));
  assert.equal(await browser.text('/me'), '{"person":"ada"}');
  assert.equal((await browser.get('/logout')).status, 200);
  browser.cookies.set('session', cookie);
  assert.equal(await browser.text('/me'), '{"person":null}');
});

test('only the two nodes that follow the own one can have a session', async (t) => {
  const five = ['one', 'two', 'three', 'four', 'five'];
  const { ring, stores } = await openFragile(t, five);
  const id = newId();
  const [own, first, second, third, fourth] = new HashRing(five).iterateNodes(id);
  const isDown = (name: string | undefined, value: boolean): void => {
    (stores.get(name ?? '') ?? assert.fail()).isDown = value;
  };
  const outcome = async (): Promise<unknown> =>
    ring.save(change(id, { a: '1' }), now).then(
      ({ state }) => state,
      (error: GaleError) => error.code,
    );
  for (const [down, expected] of [
    [own, 'SESSION_STORE'],
    [first, 'SESSION_STORE'],
    [second, 'SESSION_STORE'],
    [third, 'gone'],
    [fourth, 'gone'],
  ]) {
    isDown(down, true);
    // Notices it.
    await ring.list('ada', now).catch(() => {});
    assert.equal(isUp(ring).filter((up) => !up).length, 1);
    assert.equal(await outcome(), expected, `${down} of ${own} is down`);
    isDown(down, false);
    await eventually(() => isUp(ring).every(Boolean));
  }
});

test('a ring opens without one of its nodes, and uses it later', async (t) => {
  let isReady = false;
  const open = async (): Promise<MemorySessionStore> => {
    if (!isReady) throw new GaleError('ROOM_UNAVAILABLE', 'not yet');
    return new MemorySessionStore();
  };
  const options = { probeMs: 10, log: new RecordedLog() };
  const [first, second] = ['one', 'two'].map((name) => ({ name, open: async () => new MemorySessionStore() }));
  const ring = await RingSessionStore.open({
    ...options,
    nodes: [first ?? assert.fail(), second ?? assert.fail(), { name: 'three', open }],
  });
  t.after(() => ring.close());
  assert.deepEqual(isUp(ring), [true, true, false]);
  isReady = true;
  await eventually(() => isUp(ring).every(Boolean));
  isReady = false;
  await assert.rejects(RingSessionStore.open({ ...options, nodes: [{ name: 'three', open }] }), {
    code: 'SESSION_STORE',
    message: 'Nodes of the sessions are down: three. The first reason: not yet',
  });
  await assert.rejects(
    RingSessionStore.open({ ...options, nodes: [first ?? assert.fail(), { name: 'x', open: openWrong }] }),
    {
      message: 'a wrong port',
    },
  );
});

test('three Redis servers: one is killed, people sign in again, and it comes back', { skip }, async (t) => {
  const servers = new Map<string, RedisServer>();
  for (const name of names) {
    const redis = await startRedis({ appendOnly: true });
    t.after(() => redis.stop());
    servers.set(name, redis);
  }
  const store = await RingSessionStore.open({
    nodes: [...servers].map(([name, { url }]) => ({
      name,
      open: () => RedisSessionStore.open({ url, timeoutMs: 500, log: new RecordedLog() }),
    })),
    probeMs: 50,
    log: new RecordedLog(),
  });
  t.after(() => store.close());
  const served = await serve(
    t,
    [
      ['/login/:name', ({ name }, { session }) => session.login(name)],
      ['/me', (_, { session }) => ({ person: session.person ?? null })],
    ],
    { sessions: sessions({ store }) },
  );
  const people = Array.from({ length: 30 }, (_, index) => ({ name: `p${index}`, browser: new SessionBrowser(served) }));
  const signIn = async (): Promise<void> => {
    for (const { name, browser } of people) assert.equal((await browser.get(`/login/${name}`)).status, 200);
  };
  const signedIn = async (): Promise<number> => {
    const pages = await Promise.all(people.map(({ browser }) => browser.text('/me')));
    return pages.filter((page, index) => page === `{"person":"p${index}"}`).length;
  };
  await signIn();
  assert.equal(await signedIn(), 30);
  await servers.get('two')?.kill();
  const left = await signedIn();
  assert.ok(left > 0 && left < 30, `${left} are still signed in`);
  await signIn();
  assert.equal(await signedIn(), 30);
  await servers.get('two')?.restart();
  await eventually(() => isUp(store).every(Boolean));
  assert.equal(await signedIn(), 30);
  await signIn();
  assert.equal(await signedIn(), 30);
});

async function openWrong(): Promise<never> {
  throw new GaleError('OPTION_VALUE', 'a wrong port');
}
