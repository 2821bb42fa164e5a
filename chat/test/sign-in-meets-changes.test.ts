/** Sign-ins whose account changes after it was read and before the session has begun: the session must not outlive the change. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { AccountStore } from '../accounts/account.ts';
import { DatabaseAccounts } from '../accounts/database-accounts.ts';
import { openSqlite } from '../database/database.ts';
import { serveChat, type ServedChat } from './support/app.ts';
import { password, temporaryFolder, type Visitor } from './support/chat-server.ts';

interface Started {
  readonly chat: ServedChat;
  /** Their browser. */
  readonly bob: Visitor;
  /** Another one. */
  readonly other: Visitor;
  /** Runs once, when the next sign-in has read the account. */
  during(change: () => Promise<void>): void;
}

async function start(t: TestContext): Promise<Started> {
  const database = await openSqlite(join(await temporaryFolder(t), 'database.sqlite'));
  const stored = new DatabaseAccounts(database);
  let pending: (() => Promise<void>) | undefined;
  const accounts: AccountStore = {
    add: (account) => stored.add(account),
    findById: (id) => stored.findById(id),
    setPassword: (...parameters) => stored.setPassword(...parameters),
    replaceHash: (...parameters) => stored.replaceHash(...parameters),
    endUnstored: (...parameters) => stored.endUnstored(...parameters),
    findByNameKey: async (key) => {
      const account = await stored.findByNameKey(key);
      const change = pending;
      pending = undefined;
      await change?.();
      return account;
    },
  };
  const chat = await serveChat(t, { database, closesDatabase: true, store: { accounts } });
  const bob = await chat.person('Bob');
  return { chat, bob, other: chat.visitor(), during: (change) => void (pending = change) };
}

test('a sign-in with the password before a change is refused, and its session ends', async (t) => {
  const { chat, bob, other, during } = await start(t);
  during(async () => {
    const changed = await bob.submit(
      '/settings/password',
      { current: password, password: 'another good one' },
      '/settings',
    );
    assert.equal(changed.status, 303);
  });
  const response = await other.submit('/login', { name: 'Bob', password });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /The name or the password is wrong/);
  assert.equal((await other.get('/')).status, 302);
  const sessions = await chat.database.tables.selectFrom('session').select('id').execute();
  assert.equal(sessions.length, 1, 'only that in which the password was changed');
  assert.equal((await bob.get('/')).status, 200);
});

test('a sign-in while the account is deactivated leaves no session for the time after it is active again', async (t) => {
  const { chat, other, during } = await start(t);
  const { tables } = chat.database;
  const setDeactivated = async (deactivatedAt: number | null): Promise<void> =>
    void (await tables.updateTable('person').set({ deactivatedAt }).where('name', '=', 'Bob').execute());
  during(async () => {
    await setDeactivated(1);
    await tables.deleteFrom('session').execute();
  });
  assert.equal((await other.submit('/login', { name: 'Bob', password })).status, 400);
  await setDeactivated(null);
  assert.equal((await other.get('/')).status, 302);
  assert.deepEqual(await tables.selectFrom('session').select('id').execute(), []);
});
