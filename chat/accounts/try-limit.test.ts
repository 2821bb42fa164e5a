import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryTries } from '../store/memory-tries.ts';
import { TryLimit } from './try-limit.ts';

function fresh(): { limit: TryLimit; pass: (ms: number) => void } {
  let now = 1_000_000;
  return { limit: new TryLimit(new MemoryTries(() => now)), pass: (ms) => (now += ms) };
}

test('the sixth try on a name from one address waits until 15 minutes after the first', async () => {
  const { limit, pass } = fresh();
  for (let count = 0; count < 5; count++) assert.equal(await limit.begin('ann', '10.0.0.1'), 0);
  pass(60_000);
  assert.equal(await limit.begin('ann', '10.0.0.1'), 14 * 60);
  assert.equal(await limit.begin('bob', '10.0.0.1'), 0);
  pass(14 * 60_000);
  assert.equal(await limit.begin('ann', '10.0.0.1'), 0);
});

test('a stranger who fails on a name does not lock its owner out, who signs in from elsewhere', async () => {
  const { limit } = fresh();
  for (let count = 0; count < 9; count++) await limit.begin('ann', '10.6.6.6');
  assert.notEqual(await limit.begin('ann', '10.6.6.6'), 0);
  assert.equal(await limit.begin('ann', '10.0.0.1'), 0);
});

test('the 51st try on a name waits, from however many addresses', async () => {
  const { limit } = fresh();
  for (let count = 0; count < 50; count++) assert.equal(await limit.begin('ann', `10.0.0.${count}`), 0);
  assert.equal(await limit.begin('ann', '10.0.1.1'), 15 * 60);
});

test('the 61st account that an address makes in an hour waits, and signing in from there does not', async () => {
  const { limit, pass } = fresh();
  for (let count = 0; count < 60; count++) assert.equal(await limit.countAccount('10.0.0.1'), 0);
  pass(600_000);
  assert.equal(await limit.countAccount('10.0.0.1'), 50 * 60);
  assert.equal(await limit.countAccount('10.0.0.2'), 0);
  assert.equal(await limit.begin('ann', '10.0.0.1'), 0);
});

test('the eleventh try from an address waits, whichever the names', async () => {
  const { limit, pass } = fresh();
  for (let count = 0; count < 10; count++) assert.equal(await limit.begin(`name ${count}`, '10.0.0.1'), 0);
  assert.equal(await limit.begin('another', '10.0.0.1'), 180);
  assert.equal(await limit.begin('another', '10.0.0.2'), 0);
  pass(180_000);
  assert.equal(await limit.begin('another', '10.0.0.1'), 0);
});

test('a success forgets the failures of the name and does not count for the address', async () => {
  const { limit } = fresh();
  for (let round = 0; round < 20; round++) {
    assert.equal(await limit.begin('ann', '10.0.0.1'), 0);
    await limit.succeed('ann', '10.0.0.1');
  }
  for (let count = 0; count < 4; count++) await limit.begin('ann', '10.0.0.1');
  assert.equal(await limit.begin('ann', '10.0.0.1'), 0);
  assert.notEqual(await limit.begin('ann', '10.0.0.1'), 0);
});

test('addresses of one /64 count together, and IPv4 inside IPv6 counts as IPv4', async () => {
  const { limit } = fresh();
  for (let count = 0; count < 5; count++) {
    await limit.begin(`a${count}`, `2001:db8:0:1::${count + 1}`);
    await limit.begin(`b${count}`, `2001:0db8:0:1:${count}:2:3:4`);
  }
  assert.notEqual(await limit.begin('c', '2001:db8::1:0:0:0:9'), 0);
  assert.equal(await limit.begin('d', '2001:db8:0:2::1'), 0);
  for (let count = 0; count < 5; count++) {
    await limit.begin(`e${count}`, '::ffff:10.0.0.1');
    await limit.begin(`f${count}`, '10.0.0.1');
  }
  assert.notEqual(await limit.begin('g', '10.0.0.1'), 0);
  assert.equal(await limit.begin('h', '::1'), 0);
});
