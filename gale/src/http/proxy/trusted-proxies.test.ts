import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { TrustedProxies } from './trusted-proxies.ts';

function trusts(entries: readonly string[], ...addresses: readonly string[]): boolean[] {
  const proxies = new TrustedProxies(entries);
  return addresses.map((address) => proxies.has(address));
}

test('trusts an address in every spelling', () => {
  assert.deepEqual(trusts(['192.0.2.7'], '192.0.2.7', '::ffff:192.0.2.7', '::ffff:c000:207', '192.0.2.8'), [
    true,
    true,
    true,
    false,
  ]);
  assert.deepEqual(trusts(['2001:DB8::1'], '2001:db8::1', '2001:db8:0:0:0:0:0:1', '2001:db8::2'), [true, true, false]);
  assert.deepEqual(trusts(['::ffff:192.0.2.7'], '192.0.2.7', '::ffff:192.0.2.7', '::c000:207'), [true, true, false]);
});

test('includes the first and last address of a network, and no address next to them', () => {
  const around = ['9.255.255.255', '10.0.0.0', '10.255.255.255', '11.0.0.0'];
  assert.deepEqual(trusts(['10.0.0.0/8'], ...around), [false, true, true, false]);
  assert.deepEqual(trusts(['::ffff:10.0.0.0/104'], ...around), [false, true, true, false]);
  assert.deepEqual(trusts(['10.0.0.1/32'], '10.0.0.0', '10.0.0.1', '10.0.0.2'), [false, true, false]);
  assert.deepEqual(trusts(['fc00::/7'], 'fbff:ffff::', 'fc00::', 'fdff::1', 'fe00::'), [false, true, true, false]);
});

test('trusts no address of the other family', () => {
  assert.deepEqual(trusts(['0.0.0.0/0'], '1.2.3.4', '::ffff:1.2.3.4', '::1', '::1.2.3.4'), [true, true, false, false]);
  assert.deepEqual(trusts(['::/0'], '1.2.3.4', '::ffff:1.2.3.4', '::1'), [false, false, true]);
});

test('trusts the networks of each word', () => {
  assert.deepEqual(trusts(['loopback'], '127.0.0.1', '127.255.0.1', '::1', '10.0.0.1', ''), [
    true,
    true,
    true,
    false,
    false,
  ]);
  const near = ['10.1.1.1', '172.16.0.1', '172.31.255.255', '192.168.9.9', '169.254.1.1', 'fd00::1', 'fe80::1'];
  assert.ok(trusts(['private'], ...near, 'fe80::1%eth0').every(Boolean));
  const far = ['172.15.255.255', '172.32.0.0', '192.169.0.0', '127.0.0.1', '::1', '', '2001:db8::1', '100.64.0.1'];
  assert.ok(!trusts(['private'], ...far).some(Boolean));
  assert.deepEqual(trusts(['unix'], '', '127.0.0.1'), [true, false]);
});

test('trusts no text that is not an address, and nothing without entries', () => {
  const proxies = new TrustedProxies(['0.0.0.0/0', '::/0', 'unix']);
  for (const text of ['unknown', '1.2.3', '010.0.0.1', '[::1]', '1.2.3.4:80', ' 1.2.3.4', 'loopback']) {
    assert.equal(proxies.has(text), false, text);
  }
  assert.deepEqual(trusts([], '', '127.0.0.1', '::1'), [false, false, false]);
});

test('rejects an invalid entry and names it', () => {
  for (const entry of [
    '',
    'localhost',
    'Loopback',
    'constructor',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '/8',
    '10.0.0/8',
    '::/129',
    '::ffff:10.0.0.0/8',
    'fe80::1%eth0',
    '10.0.0.1 ',
    '*',
  ]) {
    assert.throws(
      () => new TrustedProxies(['127.0.0.1', entry]),
      (error: Error) => Reflect.get(error, 'code') === 'OPTION_VALUE' && error.message.includes(JSON.stringify(entry)),
      entry,
    );
  }
});

test('returns the same result again after many other lookups', () => {
  const networks = ['10.0.0.0/8', 'fc00::/7'];
  const proxies = new TrustedProxies(networks);
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('10.0.0.1', 'fd00::1', '::ffff:10.0.0.1'));
  fc.assert(
    fc.property(fc.array(address, { minLength: 1, maxLength: 60 }), (addresses) => {
      for (const text of [...addresses, ...addresses]) assert.equal(proxies.has(text), trusts(networks, text)[0], text);
    }),
    { numRuns: 50 },
  );
});
