/** Concurrent writes to a ring of real Redis servers while one of them is killed and comes back: no stored change is lost. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { eventually } from '../../../../test/support/eventually.ts';
import { RecordedLog } from '../../../../test/support/recorded-log.ts';
import { now } from '../../../../test/support/web/session-changes.ts';
import { serve, type Served } from '../../../../test/support/web/web-server.ts';
import type { GaleError } from '../../../errors.ts';
import { HashRing } from '../../../stores/hash-ring/hash-ring.ts';
import { redisMissing, startRedis, type RedisServer } from '../../../testing/redis-server.ts';
import { RedisSessionStore } from '../redis/redis-session-store.ts';
import { sessions } from '../sessions.ts';
import { RingSessionStore } from './ring-session-store.ts';

const names = ['one', 'two', 'three'];
const sessionsPerNode = 3;
const writersPerSession = 3;

/** What responses with 200 have said about one session. */
interface Acknowledged {
  /** Number of updates of the key `n`. */
  updates: number;
  /** The last value of each key that one writer sets. */
  readonly values: Map<string, number>;
}

/** Writes of all clients. */
class Writers {
  /** By the handle of the session that was written. */
  readonly acknowledged: Map<string, Acknowledged> = new Map();
  /** Requests that failed, by the handle that their cookie has: the change may be stored or not. */
  readonly failed: Map<string, number> = new Map();
  count = 0;
  isStopped = false;
  readonly #served: Served;

  constructor(served: Served) {
    this.#served = served;
  }

  /** Writes again and again, always with the same cookie. */
  async run(cookie: string, handle: string, key: string): Promise<void> {
    for (let value = 1; !this.isStopped; value++) {
      const response = await this.#served.get(`/write/${key}/${value}`, { headers: { cookie } });
      const text = await response.text();
      if (response.status !== 200) {
        assert.equal(response.status, 503, text);
        this.failed.set(handle, (this.failed.get(handle) ?? 0) + 1);
        continue;
      }
      this.#note((JSON.parse(text) as { handle: string }).handle, key, value);
      this.count++;
    }
  }

  #note(handle: string, key: string, value: number): void {
    let known = this.acknowledged.get(handle);
    if (known === undefined) this.acknowledged.set(handle, (known = { updates: 0, values: new Map() }));
    known.updates++;
    known.values.set(key, value);
  }
}

test(
  'no stored change is lost while one of three Redis servers is killed and comes back',
  { skip: redisMissing() },
  async (t) => {
    const { servers, store } = await startRing(t);
    const served = await serve(
      t,
      [
        ['/begin', (_, { session }) => session.set('begun', true)],
        ['/handle', (_, { session }) => ({ handle: session.handle })],
        [
          '/write/:key/:value',
          async ({ key, value }, handler) => {
            const { session } = handler;
            try {
              await session.update('n', (n) => Number(n ?? 0) + 1);
              session.set(key, Number(value));
              await session.save();
              return { handle: session.handle };
            } catch (error) {
              assert.equal((error as GaleError).code, 'SESSION_STORE');
              handler.setStatus(503);
              return {};
            }
          },
        ],
      ],
      { sessions: sessions({ store }) },
    );
    const writers = new Writers(served);
    const running: Promise<void>[] = [];
    const begun = await beginSessions(served);
    for (const { cookie, handle } of begun) {
      for (let writer = 0; writer < writersPerSession; writer++)
        running.push(writers.run(cookie, handle, `w${writer}`));
    }
    const write = async (more: number): Promise<void> => {
      const wanted = writers.count + more;
      await eventually(
        () => writers.count >= wanted,
        () => `${writers.count} of ${wanted} writes`,
        30_000,
      );
    };
    const isUp = (): boolean => store.health().every((node) => node.isUp);
    try {
      await write(100);
      await servers.get('two')?.kill();
      await eventually(() => !isUp());
      await write(200);
      await servers.get('two')?.restart();
      await eventually(isUp, () => JSON.stringify(store.health()), 15_000);
      await write(200);
    } finally {
      writers.isStopped = true;
      await Promise.all(running);
    }

    assert.ok(
      writers.acknowledged.size > begun.length,
      'while the node was down, its clients began sessions on the next one',
    );
    const original = new Set(begun.map(({ handle }) => handle));
    for (const [handle, { updates, values }] of writers.acknowledged) {
      const stored = (await store.load(handle, now))?.values;
      const unsure = original.has(handle) ? (writers.failed.get(handle) ?? 0) : 0;
      const n = Number(stored?.get('n'));
      assert.ok(n >= updates && n <= updates + unsure, `${handle}: ${n} of ${updates} updates, ${unsure} failed`);
      for (const [key, value] of values) {
        const last = Number(stored?.get(key));
        assert.ok(last === value || (unsure > 0 && last > value), `${handle}: ${key} is ${last}; ${value} was stored`);
      }
    }
    for (const { handle } of begun)
      assert.ok((writers.acknowledged.get(handle)?.updates ?? 0) > 0, 'each session was written');
  },
);

async function startRing(t: TestContext): Promise<{ servers: Map<string, RedisServer>; store: RingSessionStore }> {
  const servers = new Map<string, RedisServer>();
  for (const name of names) {
    const redis = await startRedis({ appendOnly: true });
    t.after(() => redis.stop());
    servers.set(name, redis);
  }
  const store = await RingSessionStore.open({
    nodes: [...servers].map(([name, { url }]) => ({
      name,
      open: () => RedisSessionStore.open({ url, timeoutMs: 1000, log: new RecordedLog() }),
    })),
    probeMs: 50,
    log: new RecordedLog(),
  });
  t.after(() => store.close());
  return { servers, store };
}

/** Begins sessions until each node has enough of them. */
async function beginSessions(served: Served): Promise<{ cookie: string; handle: string }[]> {
  const ring = new HashRing(names);
  const counts = new Map(names.map((name) => [name, 0]));
  const begun: { cookie: string; handle: string }[] = [];
  while (begun.length < names.length * sessionsPerNode) {
    const [field = ''] = (await served.get('/begin')).headers.getSetCookie();
    const [cookie = ''] = field.split(';');
    const response = await served.get('/handle', { headers: { cookie } });
    const { handle } = (await response.json()) as { handle: string };
    const node = ring.getNode(handle) ?? '';
    const count = counts.get(node) ?? 0;
    if (count >= sessionsPerNode) continue;
    counts.set(node, count + 1);
    begun.push({ cookie, handle });
  }
  return begun;
}
