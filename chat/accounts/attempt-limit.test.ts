import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { AttemptLimit, type SignInLimits } from './attempt-limit.ts';

interface Fresh {
  readonly limit: AttemptLimit;
  readonly attempts: MemoryAttempts;
  readonly pass: (ms: number) => void;
  /** Counts a failure, unless `succeed` follows. */
  readonly begin: (nameKey: string, address: string) => Promise<number>;
  readonly succeed: (nameKey: string, address: string) => Promise<void>;
}

function fresh(options: SignInLimits & { readonly limits?: 'off' } = {}): Fresh {
  let now = 1_000_000;
  const attempts = new MemoryAttempts(() => now);
  const limit = new AttemptLimit(attempts, options);
  return {
    limit,
    attempts,
    pass: (ms) => (now += ms),
    begin: (nameKey, address) => limit.begin({ nameKey, address }),
    succeed: (nameKey, address) => limit.succeed({ nameKey, address }),
  };
}

test('refuses the sixth attempt on a name from one address until 15 minutes after the first', async () => {
  const { begin, pass } = fresh();
  for (let count = 0; count < 5; count++) assert.equal(await begin('ann', '10.0.0.1'), 0);
  pass(60_000);
  assert.equal(await begin('ann', '10.0.0.1'), 14 * 60);
  assert.equal(await begin('bob', '10.0.0.1'), 0);
  pass(14 * 60_000);
  assert.equal(await begin('ann', '10.0.0.1'), 0);
});

test('failures from one address do not lock out the owner of the name at another address', async () => {
  const { begin } = fresh();
  for (let count = 0; count < 9; count++) await begin('ann', '10.6.6.6');
  assert.notEqual(await begin('ann', '10.6.6.6'), 0);
  assert.equal(await begin('ann', '10.0.0.1'), 0);
});

test('refused attempts do not use up the attempts of other people at the address', async () => {
  const { begin, attempts } = fresh();
  for (let count = 0; count < 5; count++) await begin('ann', '10.0.0.1');
  for (let count = 0; count < 200; count++) assert.notEqual(await begin('ann', '10.0.0.1'), 0);
  for (let count = 0; count < 5; count++) assert.equal(await begin('bob', '10.0.0.1'), 0);
  assert.notEqual(await begin('carl', '10.0.0.1'), 0);
  assert.equal((await attempts.count('address:10.0.0.1', 60_000)).count, 11);
});

test('refuses the 51st attempt on a name, from any number of addresses', async () => {
  const { begin } = fresh();
  for (let count = 0; count < 50; count++) assert.equal(await begin('ann', `10.0.0.${count}`), 0);
  assert.equal(await begin('ann', '10.0.1.1'), 15 * 60);
});

test('refuses the 61st account of an address in an hour, but not a sign-in', async () => {
  const { limit, begin, pass } = fresh();
  for (let count = 0; count < 60; count++) assert.equal(await limit.countAccount('10.0.0.1'), 0);
  pass(600_000);
  assert.equal(await limit.countAccount('10.0.0.1'), 50 * 60);
  assert.equal(await limit.countAccount('10.0.0.2'), 0);
  assert.equal(await begin('ann', '10.0.0.1'), 0);
});

test('refuses the eleventh attempt from an address, for any names', async () => {
  const { begin, pass } = fresh();
  for (let count = 0; count < 10; count++) assert.equal(await begin(`name ${count}`, '10.0.0.1'), 0);
  assert.equal(await begin('another', '10.0.0.1'), 180);
  assert.equal(await begin('another', '10.0.0.2'), 0);
  pass(180_000);
  assert.equal(await begin('another', '10.0.0.1'), 0);
});

test('a success clears the failures of the name, and is not a failure of the address', async () => {
  const { begin, succeed } = fresh();
  for (let round = 0; round < 15; round++) {
    assert.equal(await begin('ann', '10.0.0.1'), 0);
    await succeed('ann', '10.0.0.1');
  }
  for (let count = 0; count < 4; count++) await begin('ann', '10.0.0.1');
  assert.equal(await begin('ann', '10.0.0.1'), 0);
  assert.notEqual(await begin('ann', '10.0.0.1'), 0);
});

test('refuses the 21st success of a name from one address in 10 minutes, but not other names', async () => {
  const { begin, succeed, pass } = fresh();
  for (let count = 0; count < 20; count++) {
    assert.equal(await begin('ann', '10.0.0.1'), 0);
    await succeed('ann', '10.0.0.1');
  }
  assert.equal(await begin('ann', '10.0.0.1'), 600);
  assert.equal(await begin('bob', '10.0.0.1'), 0);
  assert.equal(await begin('ann', '10.0.0.2'), 0);
  pass(600_000);
  assert.equal(await begin('ann', '10.0.0.1'), 0);
});

test('refuses the 101st success of an address in 10 minutes, for any names, but not other addresses', async () => {
  const { begin, succeed } = fresh();
  for (let count = 0; count < 100; count++) {
    assert.equal(await begin(`name ${count}`, '10.0.0.1'), 0);
    await succeed(`name ${count}`, '10.0.0.1');
  }
  assert.equal(await begin('another', '10.0.0.1'), 600);
  assert.equal(await begin('another', '10.0.0.2'), 0);
});

test('options replace the default limits', async () => {
  const { limit, begin, succeed } = fresh({ failuresPerAddress: 1, signInsPerAddress: 2, accountsPerHour: 3 });
  assert.equal(await begin('ann', '10.0.0.1'), 0);
  assert.notEqual(await begin('bob', '10.0.0.1'), 0);
  for (const name of ['ann', 'bob']) {
    assert.equal(await begin(name, '10.0.0.2'), 0);
    await succeed(name, '10.0.0.2');
  }
  assert.notEqual(await begin('eve', '10.0.0.2'), 0);
  for (let count = 0; count < 3; count++) assert.equal(await limit.countAccount('10.0.0.3'), 0);
  assert.notEqual(await limit.countAccount('10.0.0.3'), 0);
});

test('with limits off nothing is counted or refused', async () => {
  const { limit, begin, attempts } = fresh({ limits: 'off' });
  for (let count = 0; count < 200; count++) {
    assert.equal(await begin('ann', '10.0.0.1'), 0);
    assert.equal(await limit.begin({ accountId: 'a', browserId: 'b' }), 0);
    assert.equal(await limit.countAccount('10.0.0.1'), 0);
  }
  assert.equal(attempts.size, 0);
});

test('a known browser signs in after strangers used up the attempts of its name and address', async () => {
  const { limit, begin } = fresh();
  for (let count = 0; count < 60; count++) await begin('ann', `10.0.0.${count % 20}`);
  for (let count = 0; count < 20; count++) await begin(`name ${count}`, '10.0.9.9');
  assert.notEqual(await begin('ann', '10.0.1.1'), 0);
  const known = { accountId: 'id of ann', browserId: 'phone' };
  assert.equal(await limit.begin(known), 0);
  await limit.succeed(known);
});

test('a known browser has its own limit of ten failures in 15 minutes, and all browsers of an account 50 sign-ins in 10 minutes', async () => {
  const { limit, pass } = fresh();
  const stolen = { accountId: 'id of ann', browserId: 'stolen' };
  for (let count = 0; count < 10; count++) assert.equal(await limit.begin(stolen), 0);
  for (let count = 0; count < 100; count++) assert.equal(await limit.begin(stolen), 900);
  assert.equal(await limit.begin({ ...stolen, browserId: 'phone' }), 0);
  assert.equal(await limit.begin({ ...stolen, accountId: 'id of bob' }), 0);
  for (let browser = 0; browser < 39; browser++) {
    assert.equal(await limit.begin({ ...stolen, browserId: `made ${browser}` }), 0);
  }
  assert.equal(await limit.begin({ ...stolen, browserId: 'one more' }), 600);
  pass(600_000);
  assert.equal(await limit.begin({ ...stolen, browserId: 'one more' }), 0);
});

test('keys are short and contain no typed text', async () => {
  const keys: string[] = [];
  const limit = new AttemptLimit({
    count: (key) => {
      keys.push(key);
      return Promise.resolve({ count: 1, resetMs: 1 });
    },
    giveBack: () => Promise.resolve(),
    forget: () => Promise.resolve(),
  });
  await limit.begin({ nameKey: 'my secret password '.repeat(100), address: '2001:db8:ffff:ffff:ffff:ffff:ffff:ffff' });
  assert.ok(keys.length > 0);
  for (const key of keys) assert.ok(!key.includes('secret') && key.length < 100, key);
});

test('limits the number of counts in memory, and removes the oldest one', async () => {
  let now = 0;
  const attempts = new MemoryAttempts(() => now, 1000);
  await attempts.count('first', 60_000);
  await attempts.count('second', 60_000);
  for (let key = 0; key < 998; key++) await attempts.count(`key ${key}`, 60_000);
  assert.equal(attempts.size, 1000);
  await attempts.count('another', 60_000);
  assert.equal(attempts.size, 1000);
  assert.equal((await attempts.count('second', 60_000)).count, 2);
  assert.equal((await attempts.count('first', 60_000)).count, 1);
  now = 60_000;
  for (let key = 0; key < 5000; key++) await attempts.count(`new ${key}`, 60_000);
  assert.equal(attempts.size, 1000);
});

test('addresses of one /64 count together, and IPv4 inside IPv6 counts as IPv4', async () => {
  const { begin } = fresh();
  for (let count = 0; count < 5; count++) {
    await begin(`a${count}`, `2001:db8:0:1::${count + 1}`);
    await begin(`b${count}`, `2001:0db8:0:1:${count}:2:3:4`);
  }
  assert.notEqual(await begin('c', '2001:db8::1:0:0:0:9'), 0);
  assert.equal(await begin('d', '2001:db8:0:2::1'), 0);
  for (let count = 0; count < 5; count++) {
    await begin(`e${count}`, '::ffff:10.0.0.1');
    await begin(`f${count}`, '10.0.0.1');
  }
  assert.notEqual(await begin('g', '10.0.0.1'), 0);
  assert.equal(await begin('h', '::1'), 0);
});
