import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from 'gale';
import { EndedSessions } from './ended-sessions.ts';
import { Sessions, type Session, type SessionStore } from './session.ts';

const hourMs = 3_600_000;

/** A store in memory that refuses writes on demand. */
class LimitedStore implements SessionStore {
  isFull = false;
  readonly sessions: Map<string, Session> = new Map();

  async add(session: Session): Promise<string[]> {
    this.#assertWritable();
    this.sessions.set(session.id, session);
    return [];
  }

  find(id: string): Promise<Session | undefined> {
    return Promise.resolve(this.sessions.get(id));
  }

  async extend(): Promise<void> {
    this.#assertWritable();
  }

  async delete(id: string): Promise<boolean> {
    this.#assertWritable();
    return this.sessions.delete(id);
  }

  living(ids: readonly string[]): Promise<Set<string>> {
    return Promise.resolve(new Set(ids.filter((id) => this.sessions.has(id))));
  }

  #assertWritable(): void {
    if (this.isFull) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
  }
}

function fresh(): { store: LimitedStore; sessions: Sessions; other: Sessions; pass: (ms: number) => void } {
  let now = 1_700_000_000_000;
  const store = new LimitedStore();
  const clock = (): number => now;
  return {
    store,
    sessions: new Sessions(store, clock),
    other: new Sessions(store, clock),
    pass: (ms) => (now += ms),
  };
}

async function found(sessions: Sessions, token: string): Promise<Session> {
  const session = await sessions.find(token);
  assert.ok(session);
  return session;
}

test('a session that cannot be stored lasts one hour on every server, and is not renewed', async () => {
  const { store, sessions, other, pass } = fresh();
  store.isFull = true;
  const token = await sessions.begin('ann');
  const session = await found(other, token);
  assert.equal(session.personId, 'ann');
  assert.deepEqual(await other.living([session.id, 'none']), new Set([session.id]));
  assert.equal(await sessions.renew(session), false);
  assert.notEqual((await found(sessions, await sessions.begin('ann'))).id, session.id, 'no two are the same');
  pass(hourMs - 1);
  await found(other, token);
  pass(1);
  assert.equal(await other.find(token), undefined);
  assert.deepEqual(await other.living([session.id]), new Set());
});

test('becomes a stored session when the store accepts writes again', async () => {
  const { store, sessions } = fresh();
  store.isFull = true;
  const session = await found(sessions, await sessions.begin('ann'));
  assert.equal(await sessions.store(session), undefined);
  store.isFull = false;
  const token = await sessions.store(session);
  const stored = await found(sessions, token ?? '');
  assert.equal(store.sessions.get(stored.id)?.personId, 'ann');
  assert.equal(await sessions.store(stored), undefined, 'once is enough');
});

test('its end is recorded in memory, also on a server that was notified', async () => {
  const { store, sessions, other } = fresh();
  store.isFull = true;
  const token = await sessions.begin('ann');
  const session = await found(sessions, token);
  assert.equal(await sessions.end(session), false);
  assert.equal(await sessions.find(token), undefined);
  assert.deepEqual(await sessions.living([session.id]), new Set());
  await found(other, token);
  other.noteEnded(session.id, session.expiresAt);
  assert.equal(await other.find(token), undefined);
});

test('a stored session that cannot be deleted ends at once, and is deleted later', async () => {
  const { store, sessions } = fresh();
  const token = await sessions.begin('ann');
  const session = await found(sessions, token);
  store.isFull = true;
  assert.equal(await sessions.end(session), false);
  assert.equal(await sessions.find(token), undefined);
  assert.deepEqual(await sessions.living([session.id]), new Set());
  await assert.rejects(sessions.deleteEnded(), { code: 'ROOM_UNAVAILABLE' });
  store.isFull = false;
  await sessions.deleteEnded();
  assert.equal(store.sessions.size, 0);
});

test('does not treat another error as a full store', async () => {
  const { store, sessions } = fresh();
  store.add = () => Promise.reject(new TypeError('a fault'));
  await assert.rejects(sessions.begin('ann'), TypeError);
});

test('remembers ended sessions until they would have expired, and at most 10,000', () => {
  let now = 0;
  const ended = new EndedSessions(() => now);
  for (let count = 0; count < 10_000; count++) ended.add(`id ${count}`, count < 5000 ? 10 : 1000);
  now = 10;
  ended.add('one more', 1000);
  assert.ok(ended.has('id 9999') && ended.has('id 5000') && ended.has('one more'));
  assert.deepEqual([ended.has('id 0'), ended.has('id 4999')], [false, false], 'those that are over make place');
  for (let count = 0; count < 10_000; count++) ended.add(`new ${count}`, 1000);
  assert.ok(!ended.has('id 9999'), 'the oldest are forgotten');
  assert.ok(ended.has('new 0'));
});

test('deletes a session from the store once, and not at all if its entry was removed as the oldest', async () => {
  const deleted: string[] = [];
  const store = {
    delete: async (id: string): Promise<boolean> => {
      deleted.push(id);
      return true;
    },
  };
  const ended = new EndedSessions(() => 0);
  ended.addUndeleted('oldest', 1000);
  for (let count = 0; count < 9999; count++) ended.add(`id ${count}`, 1000);
  ended.addUndeleted('newest', 1000);
  await ended.deleteFrom(store);
  assert.deepEqual(deleted, ['newest']);
  await ended.deleteFrom(store);
  assert.deepEqual(deleted, ['newest']);
});
