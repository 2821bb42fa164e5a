/** What every store of sessions does, tested with each: directly, against a model, and below a running application. */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { Application } from '../../../src/web/application.ts';
import { RequestHandler } from '../../../src/web/handler.ts';
import type { Middleware } from '../../../src/web/middleware/middleware.ts';
import { sessions } from '../../../src/web/sessions/sessions.ts';
import type { SessionChange, SessionStore } from '../../../src/web/sessions/session-store.ts';
import { SessionBrowser } from './session-browser.ts';
import { change, idsOf, lifeMs, limits, newId, now, saved, valuesOf } from './session-changes.ts';
import { compareWithModel } from './session-store-model.ts';
import { serve } from './web-server.ts';

/** How the suite uses a store. */
export interface StoreSuite {
  readonly skip?: string | false;
  /** Runs of the property test. */
  readonly runs: number;
  /** Opens a store with empty data. The test closes it. */
  open(t: TestContext): Promise<SessionStore>;
}

/** Registers the tests of a store. */
export function testSessionStore(title: string, suite: StoreSuite): void {
  const storeTest = (name: string, run: (store: SessionStore, t: TestContext) => Promise<void>): void =>
    void test(`${title}: ${name}`, { skip: suite.skip ?? false }, async (t) => {
      const store = await suite.open(t);
      t.after(() => store.close());
      await run(store, t);
    });

  storeTest('loads what was stored', async (store) => {
    const id = newId();
    assert.equal(await store.load(id, now), undefined);
    const created = change(
      id,
      { a: '1', b: '"x"' },
      { from: 'new', person: 'ada', createdAt: now - 5, seenAt: now - 1 },
    );
    assert.deepEqual(await store.save(created, now), saved);
    const { values, ...rest } = (await store.load(id, now)) ?? assert.fail();
    assert.deepEqual(rest.person, 'ada');
    assert.deepEqual([rest.createdAt, rest.seenAt, rest.expiresAt], [now - 5, now - 1, now + lifeMs]);
    assert.deepEqual(Object.fromEntries(values), { a: '1', b: '"x"' });
    assert.equal(await store.load(newId(), now), undefined);
    await store.check();
  });

  storeTest('merges changes by key', async (store) => {
    const id = newId();
    await store.save(change(id, { a: '1', b: '2' }, { from: 'new' }), now);
    assert.deepEqual(await store.save(change(id, { c: '3', a: undefined }), now), saved);
    assert.deepEqual(await store.save(change(id, { b: '4', none: undefined }, { seenAt: now + 7 }), now), saved);
    const stored = await store.load(id, now);
    assert.deepEqual(valuesOf(stored), { b: '4', c: '3' });
    assert.deepEqual([stored?.createdAt, stored?.seenAt], [now, now + 7]);
  });

  storeTest('keeps any key and any text', async (store) => {
    const id = newId();
    const odd = { __proto__: '1', 'a:b=c {}': '2', 键: '"值 😀"', "'; DROP": '3', '': '4' };
    const values = new Map([...Object.entries(odd), ['__proto__', '"own"']]);
    await store.save({ ...change(id, {}, { from: 'new' }), values, limits: { ...limits, maxKeys: 10 } }, now);
    assert.deepEqual(
      new Map([...((await store.load(id, now))?.values ?? [])].toSorted()),
      new Map([...values].toSorted()),
    );
  });

  storeTest('changes a key only if it has the expected text', async (store) => {
    const id = newId();
    await store.save(change(id, { a: '1' }, { from: 'new' }), now);
    assert.deepEqual(await store.save(change(id, { a: '2' }, expecting('a', '0')), now), {
      state: 'conflict',
      text: '1',
    });
    assert.deepEqual(await store.save(change(id, { a: '2' }, expecting('a', undefined)), now), {
      state: 'conflict',
      text: '1',
    });
    assert.deepEqual(await store.save(change(id, { b: '2' }, expecting('b', '1')), now), {
      state: 'conflict',
      text: undefined,
    });
    assert.deepEqual(valuesOf(await store.load(id, now)), { a: '1' });
    assert.deepEqual(await store.save(change(id, { a: '2' }, expecting('a', '1')), now), saved);
    assert.deepEqual(await store.save(change(id, { b: '5' }, expecting('b', undefined)), now), saved);
    assert.deepEqual(valuesOf(await store.load(id, now)), { a: '2', b: '5' });
  });

  storeTest('never creates a session by a change', async (store) => {
    const id = newId();
    assert.deepEqual(await store.save(change(id, { a: '1' }), now), { state: 'gone' });
    assert.deepEqual(await store.save(change(id, { a: '1' }, { from: { id: newId() } }), now), { state: 'gone' });
    assert.equal(await store.load(id, now), undefined);
  });

  storeTest('renames a session with its values', async (store) => {
    const [before, after, person] = [newId(), newId(), newId()];
    await store.save(change(before, { cart: '1', old: '2' }, { from: 'new' }), now);
    const login = change(
      after,
      { old: undefined, name: '3' },
      { from: { id: before }, person, isLogin: true, createdAt: now + 9 },
    );
    assert.deepEqual(await store.save(login, now), saved);
    assert.equal(await store.load(before, now), undefined);
    const stored = await store.load(after, now);
    assert.deepEqual(
      [valuesOf(stored), stored?.person, stored?.createdAt],
      [{ cart: '1', name: '3' }, person, now + 9],
    );
    assert.deepEqual(idsOf(await store.list(person, now)), [after]);
    const other = newId();
    const switched = change(other, { x: '1' }, { from: { id: after }, person: newId(), isLogin: true, clears: true });
    assert.deepEqual(await store.save(switched, now), saved);
    assert.deepEqual(valuesOf(await store.load(other, now)), { x: '1' }, 'the values of another person are removed');
    assert.deepEqual(await store.list(person, now), []);
    assert.deepEqual(await store.save(change(before, { a: '1' }), now), { state: 'gone' });
  });

  storeTest('treats an expired session as missing', async (store) => {
    const [id, person] = [newId(), newId()];
    await store.save(change(id, { a: '1' }, { from: 'new', person, isLogin: true }), now);
    const end = now + lifeMs;
    assert.ok(await store.load(id, end - 1));
    assert.deepEqual(idsOf(await store.list(person, end - 1)), [id]);
    assert.deepEqual(await store.list(person, end), []);
    assert.deepEqual(await store.save(change(id, { a: '2' }), end), { state: 'gone' });
    assert.equal(await store.load(id, end), undefined);
    assert.deepEqual(await store.end([id], end), []);
  });

  storeTest('refuses a change over a limit, and permits one that makes a session smaller', async (store) => {
    const id = newId();
    const big = `"${'é'.repeat(400)}"`;
    assert.deepEqual(await store.save(change(id, { a: big }, { from: 'new' }), now), saved);
    assert.deepEqual(await store.save(change(id, { b: big }), now), { state: 'full', bytes: 1606, keys: 2 });
    assert.deepEqual(await store.save(change(id, { b: big, a: undefined }), now), saved);
    const many = Object.fromEntries(['c', 'd', 'e', 'f', 'g'].map((key) => [key, '1']));
    assert.deepEqual(await store.save(change(id, many), now), { state: 'full', bytes: 813, keys: 6 });
    assert.deepEqual(valuesOf(await store.load(id, now)), { b: big });
    assert.deepEqual(await store.save(change(newId(), many, { from: 'new', limits: { ...limits, maxKeys: 4 } }), now), {
      state: 'full',
      bytes: 10,
      keys: 5,
    });
    const lower = { ...limits, maxBytes: 10 };
    assert.deepEqual(await store.save(change(id, { b: '"still over"' }, { limits: lower }), now), saved);
  });

  storeTest('a login over maxPerPerson ends the session that was used longest ago', async (store) => {
    const person = newId();
    const ids = [newId(), newId(), newId(), newId(), newId()];
    const login = (index: number, more: Partial<SessionChange> = {}): SessionChange =>
      change(
        ids[index] ?? '',
        { n: `${index}` },
        { from: 'new', person, isLogin: true, createdAt: now + index, seenAt: now + index, ...more },
      );
    for (const index of [0, 1, 2]) assert.deepEqual(await store.save(login(index), now), saved);
    await store.save(change(ids[0] ?? '', { n: '9' }, { seenAt: now + 50 }), now);
    assert.deepEqual(await store.save(login(3, { seenAt: now }), now), { state: 'saved', ended: [ids[1]] });
    assert.deepEqual(idsOf(await store.list(person, now)), [ids[0], ids[2], ids[3]].map(String).toSorted());
    assert.equal(await store.load(ids[1] ?? '', now), undefined);
    const strict = login(4, { limits: { ...limits, maxPerPerson: 1 } });
    const result = await store.save(strict, now);
    assert.equal(result.state, 'saved');
    assert.deepEqual(
      result.state === 'saved' && result.ended.toSorted(),
      [ids[0], ids[2], ids[3]].map(String).toSorted(),
    );
    assert.deepEqual(idsOf(await store.list(person, now)), [ids[4]]);
  });

  storeTest('lists the sessions of one person with their values, and ends sessions', async (store) => {
    const [person, other] = [newId(), newId()];
    const [first, second, third, anonymous] = [newId(), newId(), newId(), newId()];
    for (const [id, of] of [
      [first, person],
      [second, person],
      [third, other],
    ] as const) {
      await store.save(change(id, { id: `"${id}"` }, { from: 'new', person: of, isLogin: true }), now);
    }
    await store.save(change(anonymous, { a: '1' }, { from: 'new' }), now);
    const listed = await store.list(person, now);
    assert.deepEqual(idsOf(listed), [first, second].toSorted());
    for (const session of listed) assert.deepEqual(valuesOf(session), { id: `"${session.id}"` });
    assert.deepEqual(
      [...(await store.end([first, newId(), anonymous], now))].toSorted(),
      [first, anonymous].toSorted(),
    );
    assert.deepEqual(await store.end([first], now), []);
    assert.deepEqual(await store.end([], now), []);
    assert.deepEqual(idsOf(await store.list(person, now)), [second]);
    assert.deepEqual(idsOf(await store.list(other, now)), [third]);
  });

  storeTest('behaves like a model', async (store) => {
    await compareWithModel(store, suite.runs);
  });

  storeTest(
    'this.session can be used from the middlewares on, and in initialize the error names prepare',
    async (store, t) => {
      class Early extends RequestHandler {
        override initialize(): void {
          this.session.set('a', 1);
        }

        get(): void {}
      }
      class Prepared extends RequestHandler {
        #keys: string[] = [];

        override prepare(): void {
          this.session.set('a', 1);
          this.#keys = this.session.keys();
        }

        get(): { readonly keys: string[] } {
          return { keys: this.#keys };
        }
      }
      const all = sessions({ store });
      const seen: unknown[] = [];
      const middleware: Middleware = {
        processRequest: (handler) => void seen.push(handler.session.person),
        processResponse: (handler) => void (handler.getStatus() < 400 && handler.session.set('b', 2)),
      };
      const inner = new Application([['/prepared', Prepared]], { sessions: all });
      const served = await serve(
        t,
        [
          ['/early', Early],
          ['/prepared', Prepared],
          ['/inner', inner],
        ],
        { sessions: all, middleware: [middleware] },
      );
      const outer = await serve(t, [['/inner', inner]], { middleware: [middleware] });
      const ada = new SessionBrowser(served);
      const response = await ada.get('/early');
      assert.deepEqual([response.status, ada.lastSetCookies], [500, []]);
      assert.match(JSON.stringify(await served.expectLine(/A handler failed/)), /WEB_SESSION/);
      assert.equal(await ada.text('/prepared'), '{"keys":["a"]}');
      assert.equal(await ada.text('/inner/prepared'), '{"keys":["a","b"]}');
      assert.deepEqual(seen, [undefined, undefined, undefined]);
      // The middlewares of an application without sessions also run around one with them.
      const bob = new SessionBrowser(outer);
      assert.equal(await bob.text('/inner/prepared'), '{"keys":["a"]}');
      assert.equal(await bob.text('/inner/prepared'), '{"keys":["a","b"]}');
    },
  );

  storeTest('a session that no request uses is not written', async (store, t) => {
    let time = now;
    const served = await serve(
      t,
      [
        ['/login', (_, { session }) => session.login('ada')],
        ['/plain', () => 'plain'],
        ['/me', (_, { session }) => session.person ?? ''],
        ['/seen', async (_, { session }) => ({ ms: (await session.all.of('ada'))[0]?.seenAt.getTime() })],
      ],
      { sessions: sessions({ store, idleMs: 20_000 }), now: () => time },
    );
    const ada = new SessionBrowser(served);
    await ada.get('/login');
    time += 5_000;
    await ada.text('/plain');
    assert.deepEqual(JSON.parse(await ada.text('/seen')), { ms: now });
    await ada.text('/me');
    assert.deepEqual(JSON.parse(await ada.text('/seen')), { ms: time });
  });

  storeTest('50 concurrent requests of one session do not lose each other their changes', async (store, t) => {
    const served = await serve(
      t,
      [
        ['/begin', (_, { session }) => session.set('begun', true)],
        ['/set/:key', ({ key }, { session }) => session.set(key, key)],
        ['/count', async (_, { session }) => ({ n: await session.update('n', (n) => Number(n ?? 0) + 1) })],
        ['/all', (_, { session }) => Object.fromEntries(session.keys().map((key) => [key, session.get(key)]))],
      ],
      { sessions: sessions({ store }) },
    );
    const ada = new SessionBrowser(served);
    await ada.get('/begin');
    const keys = Array.from({ length: 50 }, (_, index) => `key-${index}`);
    const results = await Promise.all([
      ...keys.map(async (key) => (await ada.get(`/set/${key}`)).status),
      ...keys.map(async () => (await ada.get('/count')).status),
    ]);
    assert.deepEqual(new Set(results), new Set([200]));
    assert.deepEqual(JSON.parse(await ada.text('/all')), {
      begun: true,
      n: 50,
      ...Object.fromEntries(keys.map((key) => [key, key])),
    });
  });
}

function expecting(key: string, text: string | undefined): Partial<SessionChange> {
  return { expected: { key, text } };
}
