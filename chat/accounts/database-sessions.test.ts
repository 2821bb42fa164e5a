/**
 * Sessions in the database behave like those in memory, whose store passes the tests of gale/sessions.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { MemorySessionStore, type ListedSession, type SessionChange, type StoredSession } from 'gale/sessions';
import { describeDatabases } from '../test/support/databases.ts';
import { DatabaseSessions } from './database-sessions.ts';

const now = 1_700_000_000_000;
const lifeMs = 1000;

function change(id: string, more: Partial<SessionChange> = {}): SessionChange {
  return {
    id,
    from: undefined,
    person: undefined,
    createdAt: now,
    seenAt: now,
    expiresAt: now + lifeMs,
    isLogin: false,
    clears: false,
    values: new Map(),
    expected: undefined,
    limits: { maxBytes: 60, maxKeys: 4, maxPerPerson: 2 },
    ...more,
  };
}

const plain = (session: StoredSession | undefined): unknown => {
  if (session === undefined) return undefined;
  const { person, createdAt, seenAt, expiresAt, values } = session;
  return { person, createdAt, seenAt, expiresAt, values: Object.fromEntries(values) };
};
const plainList = (sessions: readonly ListedSession[]): unknown =>
  Object.fromEntries(sessions.map((session) => [session.id, plain(session)]));

const ids = ['a', 'b', 'c', 'd', 'e'];
const people = [undefined, 'ann', 'bob'];
const anId = fc.constantFrom(...ids);
const aText = fc.constantFrom(undefined, '1', '"two"', '"a longer text of thirty bytes"');
const values = fc
  .dictionary(fc.constantFrom('x', 'y', 'z', '键', ''), aText, { maxKeys: 5 })
  .map((object) => new Map(Object.entries(object)));
const operation = fc.oneof(
  fc.record({
    kind: fc.constant('save' as const),
    id: anId,
    from: fc.oneof(
      fc.constant('new' as const),
      fc.constant(undefined),
      anId.map((id) => ({ id })),
    ),
    person: fc.constantFrom(...people),
    isLogin: fc.boolean(),
    clears: fc.boolean(),
    lifeMs: fc.integer({ min: 1, max: 30 }),
    values,
    expected: fc.option(fc.record({ key: fc.constantFrom('x', 'y'), text: aText }), { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('end' as const), ids: fc.uniqueArray(anId, { maxLength: 3 }) }),
);

describeDatabases('sessions', (open) => {
  test('behave like those in memory after any changes', async (t) => {
    const database = await open(t);
    const store = new DatabaseSessions(database);
    const run = async (operations: readonly (typeof operation extends fc.Arbitrary<infer Each> ? Each : never)[]) => {
      await database.tables.deleteFrom('session').execute();
      const model = new MemorySessionStore();
      let time = now;
      for (const each of operations) {
        // Each change is seen at another time, so that the order of sessions is certain.
        time++;
        if (each.kind === 'end') {
          assert.deepEqual(
            [...(await store.end(each.ids, time))].toSorted(),
            [...model.end(each.ids, time)].toSorted(),
          );
        } else {
          const { id, from, person, isLogin, clears, expected } = each;
          // gale/sessions renames to a new id only.
          if (typeof from === 'object' && model.load(id, time) !== undefined) continue;
          if (typeof from === 'object') await store.end([id], time);
          const changed = change(id, {
            from,
            person,
            isLogin,
            clears,
            expected,
            values: each.values,
            createdAt: time,
            seenAt: time,
            expiresAt: time + each.lifeMs,
          });
          const [got, wanted] = [await store.save(changed, time), model.save(changed, time)];
          if (got.state !== 'saved' || wanted.state !== 'saved') assert.deepEqual(got, wanted);
          else assert.deepEqual(got.ended.toSorted(), wanted.ended.toSorted());
        }
        for (const id of ids) assert.deepEqual(plain(await store.load(id, time)), plain(model.load(id, time)), id);
        for (const person of ['ann', 'bob']) {
          assert.deepEqual(plainList(await store.list(person, time)), plainList(model.list(person, time)));
        }
      }
      await model.close();
    };
    await fc.assert(fc.asyncProperty(fc.array(operation, { minLength: 5, maxLength: 25 }), run), { numRuns: 25 });
  });

  test('concurrent changes of one session do not lose each other', async (t) => {
    const store = new DatabaseSessions(await open(t));
    const limits = { maxBytes: 10_000, maxKeys: 100, maxPerPerson: 5 };
    await store.save(change('a', { from: 'new', values: new Map([['n', '0']]) }), now);
    const keys = Array.from({ length: 30 }, (_, index) => `k${index}`);
    await Promise.all(keys.map((key) => store.save(change('a', { limits, values: new Map([[key, '1']]) }), now)));
    assert.equal((await store.load('a', now))?.values.size, 31);
    const counted = await Promise.all(
      keys.map(() =>
        store.save(change('a', { limits, values: new Map([['n', '1']]), expected: { key: 'n', text: '0' } }), now),
      ),
    );
    assert.equal(counted.filter(({ state }) => state === 'saved').length, 1);
  });

  test('concurrent sign-ins keep the limit of a person', async (t) => {
    const store = new DatabaseSessions(await open(t));
    const logins = Array.from({ length: 12 }, (_, index) => `login-${index}`);
    const results = await Promise.all(
      logins.map((id, index) =>
        store.save(change(id, { from: 'new', person: 'ann', isLogin: true, seenAt: now + index }), now),
      ),
    );
    assert.equal((await store.list('ann', now)).length, 2);
    assert.equal(new Set(results.flatMap((result) => (result.state === 'saved' ? result.ended : []))).size, 10);
  });

  test('a sign-in removes expired sessions, some at a time', async (t) => {
    const database = await open(t);
    const store = new DatabaseSessions(database);
    const old = Array.from({ length: 30 }, (_, index) => `old-${index}`);
    await Promise.all(old.map((id) => store.save(change(id, { from: 'new', values: new Map([['a', '1']]) }), now)));
    const rows = async (): Promise<readonly number[]> => [
      (await database.tables.selectFrom('session').select('id').execute()).length,
      (await database.tables.selectFrom('sessionValue').select('name').execute()).length,
    ];
    assert.deepEqual(await rows(), [30, 30]);
    for (const [id, left] of [
      ['one', [11, 10]],
      ['two', [2, 0]],
    ] as const) {
      await store.save(change(id, { from: 'new', expiresAt: now + 2 * lifeMs }), now + lifeMs);
      assert.deepEqual(await rows(), left);
    }
  });
});
