import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDatabases } from '../test/support/databases.ts';
import { someAccount } from '../test/support/some-data.ts';
import { DatabaseAccounts } from './database-accounts.ts';

describeDatabases('accounts', (open) => {
  test('finds an account by id and by name', async (t) => {
    const accounts = new DatabaseAccounts(await open(t));
    const account = someAccount();
    assert.equal(await accounts.add(account), true);
    assert.partialDeepStrictEqual(await accounts.findById(account.id), account);
    assert.partialDeepStrictEqual(await accounts.findByNameKey(account.nameKey), account);
    assert.equal(await accounts.findById('nobody'), undefined);
    assert.equal(await accounts.findByNameKey('nobody'), undefined);
  });

  test('stores exactly one of two accounts with the same name that are added concurrently', async (t) => {
    const accounts = new DatabaseAccounts(await open(t));
    const one = someAccount();
    const other = { ...someAccount(), nameKey: one.nameKey };
    const added = await Promise.all([accounts.add(one), accounts.add(other)]);
    assert.deepEqual(added.toSorted(), [false, true]);
    const [kept, refused] = added[0] ? [one, other] : [other, one];
    assert.partialDeepStrictEqual(await accounts.findByNameKey(one.nameKey), kept);
    assert.equal(await accounts.findById(refused.id), undefined);
  });

  test('a new person is a member of the room of everybody, where earlier messages are not unread', async (t) => {
    const { tables, ...database } = await open(t);
    const accounts = new DatabaseAccounts({ tables, ...database });
    await tables.updateTable('room').set({ topSeq: 7 }).where('id', '=', 'lobby').execute();
    const account = someAccount();
    await accounts.add(account);
    assert.equal(await accounts.add({ ...someAccount(), nameKey: account.nameKey }), false);
    const members = await tables.selectFrom('member').select(['personId', 'roomId', 'role', 'readSeq']).execute();
    assert.deepEqual(members, [{ personId: account.id, roomId: 'lobby', role: 'member', readSeq: 7 }]);
  });

  test('a new password hash replaces the old one', async (t) => {
    const accounts = new DatabaseAccounts(await open(t));
    const account = someAccount();
    await accounts.add(account);
    await accounts.setPassword(account.id, '$fresh', 1000);
    assert.equal((await accounts.findById(account.id))?.passwordHash, '$fresh');
    assert.equal(await accounts.replaceHash(account.id, account.passwordHash, '$old again'), false);
    assert.equal(await accounts.replaceHash(account.id, '$fresh', '$next'), true);
    assert.equal((await accounts.findById(account.id))?.passwordHash, '$next');
  });
});
