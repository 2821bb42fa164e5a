import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testSessionStore } from '../../../../test/support/web/session-store-suite.ts';
import type { SessionChange } from '../session-store.ts';
import { MemorySessionStore } from './memory-session-store.ts';

testSessionStore('memory', { runs: 300, open: async () => new MemorySessionStore() });

function login(id: string, person: string | undefined, text: string, now: number): SessionChange {
  return {
    id,
    from: 'new',
    person,
    createdAt: now,
    seenAt: now,
    expiresAt: now + 1000,
    isLogin: person !== undefined,
    clears: false,
    values: new Map([['a', text]]),
    expected: undefined,
    limits: { maxBytes: 10_000, maxKeys: 5, maxPerPerson: 3 },
  };
}

test('too many sessions end the oldest without a person first', () => {
  const store = new MemorySessionStore({ maxSessions: 3 });
  store.save(login('person', 'ada', '1', 0), 0);
  store.save(login('first', undefined, '1', 1), 1);
  store.save(login('second', undefined, '1', 2), 2);
  store.save(login('third', undefined, '1', 3), 3);
  const living = (): string[] =>
    ['person', 'first', 'second', 'third', 'bob', 'cid'].filter((id) => store.load(id, 4) !== undefined);
  assert.deepEqual(living(), ['person', 'second', 'third']);
  store.save(login('bob', 'bob', '1', 4), 4);
  store.save(login('cid', 'cid', '1', 4), 4);
  assert.deepEqual(living(), ['person', 'bob', 'cid']);
  store.save(login('first', 'dan', '1', 4), 4);
  assert.deepEqual(living(), ['first', 'bob', 'cid']);
  assert.deepEqual(store.list('ada', 4), []);
});

test('values over maxBytes end old sessions, and removed sessions give their memory back', () => {
  const store = new MemorySessionStore({ maxBytes: 5000 });
  const text = `"${'x'.repeat(1000)}"`;
  for (let index = 0; index < 20; index++) {
    store.save(login(`${index}`, undefined, text, index), index);
    if (index % 2 === 1) store.end([`${index}`], index);
  }
  const living = Array.from({ length: 20 }, (_, index) => `${index}`).filter((id) => store.load(id, 20) !== undefined);
  assert.deepEqual(living, ['16', '18']);
});

test('an expired session that is asked for gives its place back', () => {
  const store = new MemorySessionStore({ maxSessions: 2 });
  store.save({ ...login('long', undefined, '1', 0), expiresAt: 10_000 }, 0);
  store.save(login('short', undefined, '1', 1), 1);
  assert.equal(store.load('short', 2000), undefined);
  store.save(login('new', undefined, '1', 2000), 2000);
  assert.ok(store.load('long', 2000) !== undefined && store.load('new', 2000) !== undefined);
});

test('expired sessions are removed by later changes', () => {
  const store = new MemorySessionStore({ maxSessions: 10 });
  for (let index = 0; index < 10; index++) store.save(login(`${index}`, undefined, '1', index), index);
  for (let index = 0; index < 10; index++) store.save(login(`new ${index}`, `p${index}`, '1', 2000), 2000);
  assert.equal(store.list('p0', 2000).length, 1, 'no living session ended for expired ones');
});
