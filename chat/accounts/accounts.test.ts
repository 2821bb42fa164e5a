import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { nameKey } from '../name.ts';
import type { Account } from './account.ts';
import { Accounts, type AccountResult } from './accounts.ts';
import { HashQueue, QueueFullError } from './hash-queue.ts';
import { hashPassword } from './password-hash.ts';
import type { ChatStore } from '../store/store.ts';
import { temporaryStore } from '../test/support/databases.ts';
import { normalizedLengths, quadraticText } from '../test/support/normalized-lengths.ts';
import { until } from '../test/support/until.ts';

const cheap = { memoryKib: 64, passes: 1, lanes: 1 };
const nothing = (): Promise<void> => Promise.resolve();

/** Counts the tasks. */
class CountedQueue extends HashQueue {
  count = 0;

  override run<Result>(task: () => Promise<Result>, address?: string): Promise<Result> {
    this.count += 1;
    return super.run(task, address);
  }
}

async function fresh(t: TestContext): Promise<{ accounts: Accounts; store: ChatStore }> {
  const store = await temporaryStore(t);
  return { accounts: new Accounts(store.accounts, store.attempts, { cost: cheap }), store };
}

function idOf(result: AccountResult): string {
  assert.ok('account' in result, JSON.stringify(result));
  return result.account.id;
}

test('a registered person signs in with any spelling of the name', async (t) => {
  const { accounts } = await fresh(t);
  const id = idOf(await accounts.register('  José ', 'correct horse', '10.0.0.1', nothing));
  assert.equal(idOf(await accounts.logIn('jose\u0301', 'correct horse', '::1')), id);
  assert.equal((await accounts.findById(id))?.name, 'José');
});

test('reports every invalid field, and stores nothing', async (t) => {
  const { accounts, store } = await fresh(t);
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

test('a name can be taken only once, in any case, also by concurrent registrations', async (t) => {
  const { accounts } = await fresh(t);
  const results = await Promise.all(
    ['Ann', 'ANN', 'ａnn'].map((name) => accounts.register(name, 'correct horse', '10.0.0.1', nothing)),
  );
  assert.equal(results.filter((result) => 'account' in result).length, 1);
  for (const result of results) {
    if ('problems' in result) assert.deepEqual(result.problems, { name: 'nameTaken' });
  }
});

test('limits how many taken names one address can find by registering', async (t) => {
  const { accounts } = await fresh(t);
  idOf(await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing));
  const tryName = (name: string, address: string) => accounts.register(name, 'correct horse', address, nothing);
  for (let count = 1; count <= 60; count++)
    assert.deepEqual(await tryName('ann', '10.0.0.2'), { problems: { name: 'nameTaken' } }, `${count}`);
  const refused = await tryName('Ann', '10.0.0.2');
  assert.ok('problems' in refused);
  assert.equal(refused.problems.form, 'tooManyAttempts');
  assert.ok((refused.problems.seconds ?? 0) > 0 && refused.problems.name === undefined);
  assert.deepEqual(await tryName('Ann', '10.0.0.3'), { problems: { name: 'nameTaken' } });
  // People who choose another name still get in.
  idOf(await tryName('Cleo', '10.0.0.2'));
});

test('calls beforeAdding before the account is stored', async (t) => {
  const { accounts, store } = await fresh(t);
  let before: Account | undefined | 'not called' = 'not called';
  const result = await accounts.register('Ann', 'correct horse', '10.0.0.1', async () => {
    before = await store.accounts.findByNameKey('ann');
  });
  assert.equal(before, undefined);
  assert.equal((await store.accounts.findByNameKey('ann'))?.id, idOf(result));
});

test('an unknown name and a wrong password have the same result', async (t) => {
  const { accounts } = await fresh(t);
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  const wrong = { problems: { form: 'loginWrong' } };
  const { triedId, ...ofAnn } = (await accounts.logIn('Ann', 'wrong horse', '::1')) as AccountResult & {
    triedId: string;
  };
  assert.equal(typeof triedId, 'string', 'for the audit log');
  assert.deepEqual(ofAnn, wrong);
  assert.deepEqual(await accounts.logIn('Nobody', 'correct horse', '::1'), wrong);
  assert.deepEqual(await accounts.logIn('', '', '::1'), wrong);
  assert.deepEqual(await accounts.logIn('x'.repeat(10_000), 'x'.repeat(10_000), '::1'), wrong);
});

test('after five failures refuses even the right password, and reports the seconds to wait', async (t) => {
  const { accounts } = await fresh(t);
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  for (let count = 0; count < 5; count++) await accounts.logIn('Ann', 'wrong horse', '10.0.0.1');
  assert.deepEqual(await accounts.logIn('Ann', 'correct horse', '10.0.0.1'), {
    problems: { form: 'tooManyAttempts', seconds: 900 },
  });
});

test('signing in replaces a hash of another cost', async (t) => {
  const { accounts, store } = await fresh(t);
  const id = idOf(await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing));
  const dearer = new Accounts(store.accounts, store.attempts, { cost: { ...cheap, passes: 2 } });
  idOf(await dearer.logIn('Ann', 'correct horse', '::1'));
  assert.match((await store.accounts.findById(id))?.passwordHash ?? '', /^\$argon2id\$v=19\$m=64,t=2,p=1\$/);
  idOf(await dearer.logIn('Ann', 'correct horse', '::1'));
});

test('a hash of another cost does not replace that of a password which was chosen meanwhile', async (t) => {
  const { accounts, store } = await fresh(t);
  const id = idOf(await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing));
  const { findByNameKey } = store.accounts;
  store.accounts.findByNameKey = async (key) => {
    const account = await findByNameKey.call(store.accounts, key);
    await accounts.setPassword(id, 'another horse', '10.0.0.1');
    return account;
  };
  const dearer = new Accounts(store.accounts, store.attempts, { cost: { ...cheap, passes: 2 } });
  const result = await dearer.logIn('Ann', 'correct horse', '::1');
  assert.ok('account' in result && !(await dearer.isCurrent(result.account)));
  store.accounts.findByNameKey = findByNameKey;
  assert.deepEqual(await accounts.logIn('Ann', 'correct horse', '::1'), {
    problems: { form: 'loginWrong' },
    triedId: id,
  });
  const again = await accounts.logIn('Ann', 'another horse', '::1');
  assert.ok('account' in again && (await accounts.isCurrent(again.account)));
});

test('two sign-ins at once replace a hash of another cost, and both are valid', async (t) => {
  const { accounts, store } = await fresh(t);
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  const dearer = new Accounts(store.accounts, store.attempts, { cost: { ...cheap, passes: 2 } });
  const results = await Promise.all(['::1', '::2'].map((address) => dearer.logIn('Ann', 'correct horse', address)));
  for (const result of results) assert.ok('account' in result && (await dearer.isCurrent(result.account)));
});

test('registrations do not delay sign-ins', async (t) => {
  const { accounts } = await fresh(t);
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  const crowd = Array.from({ length: 60 }, (_, index) =>
    accounts.register(`Name ${index}`, 'correct horse', `10.1.0.${index}`, nothing),
  );
  const settled = Promise.allSettled(crowd);
  idOf(await accounts.logIn('Ann', 'correct horse', '10.0.0.1'));
  assert.ok((await settled).some(({ status }) => status === 'rejected'));
});

/** Counts the requested hashes. */
class CountingQueue extends HashQueue {
  count = 0;

  override run<Result>(...parameters: Parameters<typeof HashQueue.prototype.run<Result>>): Promise<Result> {
    this.count++;
    return super.run<Result>(...parameters);
  }
}

test('a name or password of any length gets the result of a wrong one, after the same hashes and counts', async (t) => {
  const store = await temporaryStore(t);
  const loginHashes = new CountingQueue();
  const counted: string[] = [];
  const attempts = {
    count: (key: string, windowMs: number) => {
      counted.push(key.replace(/ .*$|(?<=^name:).*$/s, ''));
      return store.attempts.count(key, windowMs);
    },
    giveBack: (key: string) => store.attempts.giveBack(key),
    forget: (key: string) => store.attempts.forget(key),
  };
  const accounts = new Accounts(store.accounts, attempts, { cost: cheap, loginHashes });
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  await accounts.logIn('Ann', 'wrong horse', '10.0.0.9');
  const usual = counted.splice(0).filter((key) => !key.startsWith('account'));
  assert.equal(loginHashes.count, 1);
  const addresses = usual.map((key) => key.includes('10.0.0.9'));
  for (const [index, [name, password]] of (
    [
      ['Ann', ''],
      ['Ann', 'x'.repeat(257)],
      ['Ann', 'x'.repeat(65_000)],
      ['Ann', quadraticText],
      ['', 'correct horse'],
      ['x'.repeat(33), 'correct horse'],
      [quadraticText, 'correct horse'],
      [quadraticText, quadraticText],
    ] as const
  ).entries()) {
    const before: number = loginHashes.count;
    const result = await accounts.logIn(name, password, `10.0.1.${index}`);
    assert.deepEqual(
      'problems' in result && result.problems,
      { form: 'loginWrong' },
      `${name.length} ${password.length}`,
    );
    assert.equal(loginHashes.count, before + 1);
    const counts = counted.splice(0);
    assert.deepEqual(
      counts.map((key) => key.includes(`10.0.1.${index}`)),
      addresses,
    );
  }
});

test('never normalizes a text that is longer than a name or password can be', async (t) => {
  const { accounts } = await fresh(t);
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  const lengths = normalizedLengths(t);
  await accounts.logIn(quadraticText, quadraticText, '10.0.0.2');
  await accounts.logIn('Ann', quadraticText, '10.0.0.2');
  assert.deepEqual(await accounts.register(quadraticText, quadraticText, '10.0.0.2', nothing), {
    problems: { name: 'nameTooLong', password: 'passwordTooLong' },
  });
  assert.ok(lengths.length > 0);
  assert.ok(Math.max(...lengths) <= 1024, `${Math.max(...lengths)}`);
});

test('a long password matches in composed and decomposed form', async (t) => {
  const { accounts } = await fresh(t);
  idOf(await accounts.register('Ann', 'ǖ'.repeat(256).normalize('NFD'), '10.0.0.1', nothing));
  idOf(await accounts.logIn('Ann', 'ǖ'.repeat(256).normalize('NFC'), '10.0.0.1'));
});

test('accounts stored under the former rule of names keep their names, also if two of them are equal now', async (t) => {
  const { accounts, store } = await fresh(t);
  const old = async (id: string, name: string, key: string): Promise<void> => {
    const passwordHash = await hashPassword(`password of ${id}`, cheap);
    await store.accounts.add({ id, name, nameKey: key, passwordHash, createdAt: 1 });
  };
  await old('plain', 'Ada', 'ada');
  await old('blank', 'Ada\u{1d159}', 'ada\u{1d159}');
  await old('sharp', 'STRAẞE', 'straße');
  assert.equal(idOf(await accounts.logIn('ADA', 'password of plain', '10.0.0.1')), 'plain');
  assert.equal(idOf(await accounts.logIn('ada\u{1d159}', 'password of blank', '10.0.0.2')), 'blank');
  assert.equal(idOf(await accounts.logIn('STRAẞE', 'password of sharp', '10.0.0.3')), 'sharp');
  for (const name of ['Ada\ufe0f', 'ada', 'STRAẞE']) {
    const result = await accounts.register(name, 'correct horse', '10.0.0.4', nothing);
    assert.deepEqual(result, { problems: { name: 'nameTaken' } }, name);
  }
  const strasse = idOf(await accounts.register('Strasse', 'correct horse', '10.0.0.4', nothing));
  assert.equal(idOf(await accounts.logIn('strasse', 'correct horse', '10.0.0.4')), strasse);
  assert.equal(idOf(await accounts.logIn('STRAẞE', 'password of sharp', '10.0.0.3')), 'sharp');
  assert.equal((await store.accounts.findById(strasse))?.nameKey, nameKey('Strasse'));
});

test('finds a new account by every spelling of its name', async (t) => {
  const { accounts } = await fresh(t);
  const id = idOf(await accounts.register('STRAẞE', 'correct horse', '10.0.0.1', nothing));
  for (const name of ['STRAẞE', 'Straße', 'STRASSE', 'strasse\u200b']) {
    assert.equal(idOf(await accounts.logIn(name, 'correct horse', '10.0.0.1')), id, name);
  }
});

test('failures from 60 addresses lock out strangers, but not a known browser', async (t) => {
  const { accounts } = await fresh(t);
  const id = idOf(await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing));
  for (let count = 0; count < 60; count++) await accounts.logIn('ann', 'wrong horse', `10.1.0.${count}`);
  const result = await accounts.logIn('Ann', 'correct horse', '10.0.0.1');
  assert.ok('problems' in result && result.problems.form === 'tooManyAttempts');
  assert.equal(
    idOf(await accounts.logIn('ANN', 'correct horse', '10.0.0.1', { id: 'phone', accountIds: ['other', id] })),
    id,
  );
});

test('a refused attempt computes no hash', async (t) => {
  const { accounts } = await fresh(t);
  await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing);
  // Each hash normalizes its password.
  const lengths = normalizedLengths(t);
  for (let count = 0; count < 30; count++) await accounts.logIn('Ann', 'correct horse', '10.0.0.1');
  assert.equal(lengths.filter((length) => length === 'correct horse'.length).length, 20);
});

test('50 concurrent successful sign-ins from one address do not count as failures', async (t) => {
  const { accounts } = await fresh(t);
  const names = Array.from({ length: 50 }, (_, index) => `Person ${index}`);
  for (const [index, name] of names.entries()) {
    idOf(await accounts.register(name, 'correct horse', `10.0.1.${index}`, nothing));
  }
  let waiting = names;
  for (let round = 0; waiting.length > 0; round++) {
    assert.ok(round < 3, `${waiting.length} did not get in`);
    const results = await Promise.allSettled(waiting.map((name) => accounts.logIn(name, 'correct horse', '10.0.0.1')));
    waiting = waiting.filter((_, index) => {
      const result = results[index];
      // The queue accepts 22 of one address; the others retry.
      if (result?.status === 'rejected') return result.reason instanceof QueueFullError || assert.fail(result.reason);
      return assert.ok(result && 'account' in result.value, JSON.stringify(result));
    });
  }
});

test('many successful sign-ins of one address do not delay another address', async (t) => {
  const store = await temporaryStore(t);
  const loginHashes = new CountedQueue();
  const accounts = new Accounts(store.accounts, store.attempts, { cost: cheap, failuresPerAddress: 100, loginHashes });
  const crowd = ['Eve', 'Fay', 'Gus', 'Hal'];
  for (const name of ['Ann', ...crowd]) await accounts.register(name, 'correct horse', '10.0.0.1', nothing);
  const order: string[] = [];
  const logIn = async (name: string, address: string): Promise<void> => {
    idOf(await accounts.logIn(name, 'correct horse', address));
    order.push(name);
  };
  // All wait before the first hash begins, as they do when a hash takes longer than to read an account.
  const { promise: held, resolve: begin } = Promise.withResolvers<void>();
  const others = [loginHashes.run(() => held), loginHashes.run(() => held)];
  const flood = Array.from({ length: 20 }, (_, index) => logIn(crowd[index % 4] ?? '', '10.0.0.6'));
  const ann = logIn('Ann', '10.0.0.7');
  await until(() => loginHashes.count === 23);
  begin();
  await Promise.all([...others, ...flood, ann]);
  assert.equal(order.length, 21);
  assert.ok(order.indexOf('Ann') <= 2, order.join(', '));
});

test('a registration that a full queue refused does not count for its address', async (t) => {
  const store = await temporaryStore(t);
  const newHashes = new HashQueue({ atOnce: 1, maxWaiting: 0 });
  const accounts = new Accounts(store.accounts, store.attempts, { cost: cheap, newHashes, accountsPerHour: 1 });
  const { promise, resolve: end } = Promise.withResolvers<void>();
  const other = newHashes.run(() => promise);
  await assert.rejects(accounts.register('Ann', 'correct horse', '10.0.0.1', nothing), QueueFullError);
  end();
  await other;
  idOf(await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing));
});

test('a registration that the store refused does not count for its address', async (t) => {
  const store = await temporaryStore(t);
  const accounts = new Accounts(store.accounts, store.attempts, { cost: cheap, accountsPerHour: 1 });
  for (let count = 0; count < 3; count++) {
    const made = accounts.register('Ann', 'correct horse', '10.0.0.1', () => Promise.reject(new Error('full')));
    await assert.rejects(made, /^Error: full$/);
  }
  idOf(await accounts.register('Ann', 'correct horse', '10.0.0.1', nothing));
});

test('an attempt that ends in an error does not count', async (t) => {
  const { accounts, store } = await fresh(t);
  await store.accounts.add({ id: 'ann', name: 'Ann', nameKey: nameKey('Ann'), passwordHash: 'no hash', createdAt: 0 });
  for (let count = 1; count <= 12; count++) {
    await assert.rejects(accounts.logIn('Ann', 'correct horse', '10.0.0.1'), /argon2id/);
  }
});
