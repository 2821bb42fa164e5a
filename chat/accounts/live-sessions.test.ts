import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLogger, GaleError } from 'gale';
import { someAccount } from '../test/support/store-suite.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { LiveSessions } from './live-sessions.ts';
import { Sessions, type Session } from './session.ts';

async function fresh(): Promise<{
  live: LiveSessions;
  sessions: Sessions;
  store: SqliteStore;
  begin: () => Promise<Session>;
  warnings: readonly string[];
}> {
  const store = new SqliteStore(':memory:');
  const account = someAccount();
  await store.accounts.add(account);
  const sessions = new Sessions(store.sessions);
  const begin = async (): Promise<Session> => {
    const session = await sessions.find(await sessions.begin(account.id));
    assert.ok(session);
    return session;
  };
  const warnings: string[] = [];
  const log = {
    ...createLogger({ level: 'silent' }),
    warn: (_: object, message: string) => void warnings.push(message),
  };
  return { live: new LiveSessions(sessions, log), sessions, store, begin, warnings };
}

test('ends all sockets of a session once, and no others', async () => {
  const { live, begin } = await fresh();
  const [one, other] = [await begin(), await begin()];
  const ended: string[] = [];
  live.add(one.id, () => ended.push('one a'));
  live.add(one.id, () => ended.push('one b'));
  live.add(other.id, () => ended.push('other'));
  const forget = live.add(one.id, () => ended.push('closed before'));
  forget();
  live.end(one.id);
  live.end(one.id);
  assert.deepEqual(ended, ['one a', 'one b']);
  live.close();
});

test('the periodic check finds a session whose end was not notified', async () => {
  const { live, sessions, begin } = await fresh();
  const [one, other] = [await begin(), await begin()];
  const ended: string[] = [];
  live.add(one.id, () => ended.push('one'));
  live.add(other.id, () => ended.push('other'));
  await live.check();
  assert.deepEqual(ended, []);
  await sessions.end(one);
  await live.check();
  assert.deepEqual(ended, ['one']);
  live.close();
});

test('the periodic check finds an ended session while the store refuses to delete, and logs the refusal', async () => {
  const { live, sessions, store, begin, warnings } = await fresh();
  const [kept, one] = [await begin(), await begin()];
  const ended: string[] = [];
  live.add(one.id, () => ended.push('one'));
  await store.sessions.delete(one.id);
  store.sessions.delete = () => Promise.reject(new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
  assert.equal(await sessions.end(kept), false);
  await live.check();
  assert.deepEqual(ended, ['one']);
  assert.deepEqual(warnings, ['Ended sessions could not be deleted; the deletion is retried later']);
  live.close();
});
