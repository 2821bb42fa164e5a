import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SqliteStore } from '../store/sqlite-store.ts';
import { Accounts, type AccountResult } from './accounts.ts';

const cheap = { memoryKib: 64, passes: 1, lanes: 1 };
const nothing = (): Promise<void> => Promise.resolve();

function fresh(): { accounts: Accounts; store: SqliteStore } {
  const store = new SqliteStore(':memory:');
  return { accounts: new Accounts(store.accounts, store.tries, { cost: cheap }), store };
}

function idOf(result: AccountResult): string {
  assert.ok('account' in result, JSON.stringify(result));
  return result.account.id;
}

test('who registered signs in with any spelling of the name', async () => {
  const { accounts } = fresh();
  const id = idOf(await accounts.register('  José ', 'correct horse', '10.0.0.1', nothing));
  assert.equal(idOf(await accounts.logIn('jose\u0301', 'correct horse', '::1')), id);
  assert.equal((await accounts.findById(id))?.name, 'José');
});

test('every field that is wrong is named, and nothing is kept', async () => {
  const { accounts, store } = fresh();
  for (const [name, password, problems] of [
    ['', 'short', { name: 'nameEmpty', password: 'passwordTooShort' }],
    ['a\u0000b', 'long enough', { name: 'nameCharacters' }],
    ['x'.repeat(33), 'long enough', { name: 'nameTooLong' }],
    ['Ann', '1234567', { password: 'passwordTooShort' }],
    ['Ann', 'x'.repeat(257), { password: 'passwordTooLong' }],
  ] as const) {
    assert.deepEqual(await accounts.register(name, password, '10.0.0.1', nothing), { problems });
  }
  assert.equal(await store.accounts.findByNameKey('ann'), undefined);
  idOf(await accounts.register('Ann', '密'.repeat(8), '10.0.0.1', nothing));
  idOf(await accounts.register('Bob', '😀'.repeat(256), '10.0.0.1', nothing));
});

test('a name can be taken once, whatever its case, also by two at the same time', async () => {
  const { accounts } = fresh();
  const results = await Promise.all(
    ['Ann', 'ANN', 'ａnn'].map((name) => accounts.register(name, 'correct horse', '10.0.0.1', nothing)),
  );
  assert.equal(results.filter((result) => 'account' in result).length, 1);
  for (const result of results) {
    if ('problems' in result) assert.deepEqual(result.problems, { name: 'nameTaken' });
  }
});

test('what a new person must have is made before the account is there', async () => {
  const { accounts, store } = fresh();
  let seen: string | undefined;
  const result = await accounts.register('Ann', 'correct horse', '10.0.0.1', async (id) => {
    assert.equal(await store.accounts.findById(id), undefined);
    seen = id;
  });
  assert.equal(idOf(result), seen);
});

test('an unknown name and a wrong password are the same answer', async () => {
  const { accounts } = fresh();
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  const wrong = { problems: { form: 'loginWrong' } };
  assert.deepEqual(await accounts.logIn('Ann', 'wrong horse', '::1'), wrong);
  assert.deepEqual(await accounts.logIn('Nobody', 'correct horse', '::1'), wrong);
  assert.deepEqual(await accounts.logIn('', '', '::1'), wrong);
  assert.deepEqual(await accounts.logIn('x'.repeat(10_000), 'x'.repeat(10_000), '::1'), wrong);
});

test('after five failures even the right password waits, and the answer says how long', async () => {
  const { accounts } = fresh();
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  for (let count = 0; count < 5; count++) await accounts.logIn('Ann', 'wrong horse', '10.0.0.1');
  assert.deepEqual(await accounts.logIn('Ann', 'correct horse', '10.0.0.1'), {
    problems: { form: 'tooManyTries', seconds: 900 },
  });
});

test('signing in replaces a hash of another cost', async () => {
  const { accounts, store } = fresh();
  const id = idOf(await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing));
  const dearer = new Accounts(store.accounts, store.tries, { cost: { ...cheap, passes: 2 } });
  idOf(await dearer.logIn('Ann', 'correct horse', '::1'));
  assert.match((await store.accounts.findById(id))?.passwordHash ?? '', /^\$argon2id\$v=19\$m=64,t=2,p=1\$/);
  idOf(await dearer.logIn('Ann', 'correct horse', '::1'));
});

test('however many accounts are being made, somebody who has one signs in', async () => {
  const { accounts } = fresh();
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  const crowd = Array.from({ length: 60 }, (_, index) =>
    accounts.register(`Name ${index}`, 'correct horse', `10.1.0.${index}`, nothing),
  );
  const settled = Promise.allSettled(crowd);
  idOf(await accounts.logIn('Ann', 'correct horse', '10.0.0.1'));
  assert.ok((await settled).some(({ status }) => status === 'rejected'));
});
