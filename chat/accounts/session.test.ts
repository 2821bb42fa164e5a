import assert from 'node:assert/strict';
import { test } from 'node:test';
import { someAccount } from '../test/support/store-suite.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { sessionId, Sessions, type Session } from './session.ts';

const dayMs = 86_400_000;

async function fresh(): Promise<{ sessions: Sessions; personId: string; pass: (ms: number) => void }> {
  let now = 1_700_000_000_000;
  const store = new SqliteStore(':memory:', () => now);
  const account = someAccount();
  await store.accounts.add(account);
  return {
    sessions: new Sessions(store.sessions, () => now),
    personId: account.id,
    pass: (ms) => (now += ms),
  };
}

test('a token has 256 random bits, and the store contains only its hash', async () => {
  const { sessions, personId } = await fresh();
  const tokens = await Promise.all([sessions.begin(personId), sessions.begin(personId)]);
  assert.notEqual(tokens[0], tokens[1]);
  for (const token of tokens) {
    assert.equal(Buffer.from(token, 'base64url').byteLength, 32);
    const session = await sessions.find(token);
    assert.equal(session?.personId, personId);
    assert.equal(session?.id, sessionId(token));
    assert.equal(await sessions.find(session?.id ?? ''), undefined);
  }
});

test('a session ends 30 days after the last visit, and is renewed at most once a day', async () => {
  const { sessions, personId, pass } = await fresh();
  const token = await sessions.begin(personId);
  const found = async (): Promise<Session> => {
    const session = await sessions.find(token);
    assert.ok(session);
    return session;
  };
  pass(dayMs - 1);
  assert.equal(await sessions.renew(await found()), false);
  pass(1);
  assert.equal(await sessions.renew(await found()), true);
  assert.equal(await sessions.renew(await found()), false);
  pass(30 * dayMs - 1);
  assert.equal(await sessions.renew(await found()), true);
  pass(30 * dayMs);
  assert.equal(await sessions.find(token), undefined);
});

test('an ended session is no longer found', async () => {
  const { sessions, personId } = await fresh();
  const token = await sessions.begin(personId);
  const session = await sessions.find(token);
  assert.ok(session);
  assert.equal(await sessions.end(session), true);
  assert.equal(await sessions.find(token), undefined);
  assert.deepEqual(await sessions.living([session.id]), new Set());
});
