import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { createLogger } from 'gale';
import { createSessions } from '../test/support/chat-sessions.ts';
import { FullSessionStore, newSession } from '../test/support/full-session-store.ts';
import type { ChatSessions } from './chat-sessions.ts';
import { LiveSessions, type LiveSocket } from './live-sessions.ts';

const hourMs = 3_600_000;

function fresh(): {
  live: LiveSessions;
  sessions: ChatSessions;
  store: FullSessionStore;
  begin: () => string;
  warnings: readonly string[];
} {
  const store = new FullSessionStore();
  const sessions = createSessions(store);
  const begin = (): string => {
    const id = randomBytes(32).toString('hex');
    store.save(newSession(id, Date.now(), hourMs), Date.now());
    return id;
  };
  const warnings: string[] = [];
  const log = {
    ...createLogger({ level: 'silent' }),
    warn: (_: object, message: string) => void warnings.push(message),
  };
  return { live: new LiveSessions(sessions, log), sessions, store, begin, warnings };
}

/** A socket of Ann that notes that it was ended. */
function socketOf(ended: string[], name: string): LiveSocket {
  return { personId: 'ann', endSession: () => void ended.push(name) };
}

test('ends all sockets of a session once, and no others', () => {
  const { live, begin } = fresh();
  const [one, other] = [begin(), begin()];
  const ended: string[] = [];
  const closed = socketOf(ended, 'closed before');
  live.add(one, socketOf(ended, 'one a'));
  live.add(one, closed);
  live.add(one, socketOf(ended, 'one b'));
  live.add(other, socketOf(ended, 'other'));
  live.remove(one, closed);
  live.end(one);
  live.end(one);
  assert.deepEqual(ended, ['one a', 'one b']);
  live.close();
});

test('a session whose sockets were all closed is forgotten', () => {
  const { live, begin } = fresh();
  const ended: string[] = [];
  const sockets = ['a', 'b', 'c'].map((name) => socketOf(ended, name));
  for (const count of [1, 2, 3]) {
    const session = begin();
    for (const socket of sockets.slice(0, count)) live.add(session, socket);
    for (const socket of sockets.slice(0, count)) {
      assert.equal(live.isEmpty, false);
      live.remove(session, socket);
    }
    assert.equal(live.isEmpty, true);
    live.end(session);
  }
  assert.deepEqual(ended, []);
  live.close();
});

test('the periodic check finds a session whose end was not notified', async () => {
  const { live, sessions, begin } = fresh();
  const [one, other] = [begin(), begin()];
  const ended: string[] = [];
  live.add(one, socketOf(ended, 'one'));
  live.add(other, socketOf(ended, 'other'));
  await live.check();
  assert.deepEqual(ended, []);
  await sessions.stored.end(one);
  await live.check();
  assert.deepEqual(ended, ['one']);
  live.close();
});

test('the periodic check finds an ended session while the store refuses to delete, and logs the refusal', async () => {
  const { live, sessions, store, begin, warnings } = fresh();
  const [kept, one] = [begin(), begin()];
  const ended: string[] = [];
  live.add(one, socketOf(ended, 'one'));
  store.end([one], Date.now());
  store.isFull = true;
  await sessions.stored.end(kept);
  await live.check();
  assert.deepEqual(ended, ['one']);
  assert.deepEqual(warnings, ['Ended sessions could not be deleted; the deletion is retried later']);
  live.close();
});

test('ends all sockets of some people, with the reason, and no others', () => {
  const { live, begin } = fresh();
  const ended: string[] = [];
  for (const name of ['ann', 'ann', 'bob', 'eve']) {
    live.add(begin(), { personId: name, endSession: (reason) => void ended.push(`${name}: ${reason}`) });
  }
  live.endPeople(new Set(['ann', 'eve']), 'deactivated');
  live.endPeople(new Set(['ann', 'eve']), 'deactivated');
  assert.deepEqual(ended, ['ann: deactivated', 'ann: deactivated', 'eve: deactivated']);
  assert.equal(live.isEmpty, false);
  live.endPeople(new Set(['bob']));
  assert.equal(live.isEmpty, true);
  live.close();
});
