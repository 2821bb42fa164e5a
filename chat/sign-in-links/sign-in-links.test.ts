import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { markDeactivated } from '../people/deactivation.ts';
import { PeopleStore } from '../people/people-store.ts';
import { addPerson } from '../people/person.ts';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { SignInLinks, signInLinkMs } from './sign-in-links.ts';

const address = '192.0.2.1';

describeDatabases('links to sign in', (open) => {
  async function start(t: TestContext) {
    const database = await open(t);
    const clock = { now: 1000 };
    await addPerson(database.tables, {
      id: 'ann',
      name: 'Ann',
      nameKey: 'ann',
      passwordHash: '',
      createdAt: 1,
      role: 'member',
    });
    const attempts = new MemoryAttempts(() => clock.now);
    const links = new SignInLinks(database, { attempts, limits: 'on', now: () => clock.now });
    return { database, links, clock };
  }

  test('a link works once, also if it is used twice at the same moment', async (t) => {
    const { database, links } = await start(t);
    const token = await links.make('ann', 'ada');
    assert.deepEqual(await links.find(token, address), { state: 'open', personId: 'ann', name: 'Ann' });
    const uses = await Promise.all([links.use(token), links.use(token)]);
    assert.deepEqual(uses.toSorted(), [false, true]);
    assert.deepEqual(await links.find(token, address), { state: 'used' });
    const rows = JSON.stringify(await database.tables.selectFrom('signInLink').selectAll().execute());
    assert.equal(rows.includes(token), false);
  });

  test('a link is void after 4 hours, after the next link, and for a person who is deactivated', async (t) => {
    const { database, links, clock } = await start(t);
    const first = await links.make('ann', 'ada');
    const second = await links.make('ann', 'ada');
    assert.deepEqual(await links.find(first, address), { state: 'unknown' });
    await new PeopleStore(database).setDeactivated('ann', 5);
    assert.deepEqual(await links.find(second, address), { state: 'expired' });
    await new PeopleStore(database).setDeactivated('ann', null);
    assert.equal(signInLinkMs, 4 * 60 * 60_000);
    clock.now += signInLinkMs;
    assert.deepEqual(await links.find(second, address), { state: 'expired' });
    assert.equal(await links.use(second), false);
  });

  test('links that an administrator made for others are void when the administrator is deactivated, demoted or deleted', async (t) => {
    const { database, links } = await start(t);
    const people = new PeopleStore(database);
    for (const [id, end] of [
      ['eve', () => markDeactivated(people, 'eve', { actorId: 'boss', at: 5 })],
      ['dan', () => people.setRole('dan', 'member')],
      ['liz', () => people.delete('liz', 5)],
    ] as const) {
      for (const one of [id, `boss of ${id}`])
        await addPerson(database.tables, {
          id: one,
          name: one,
          nameKey: one,
          passwordHash: '',
          createdAt: 1,
          role: 'administrator',
        });
      const token = await links.make('ann', id);
      assert.equal((await links.find(token, address)).state, 'open');
      assert.equal(await end(), 'done');
      assert.equal((await links.find(token, address)).state, 'unknown', id);
      assert.equal(await links.use(token), false);
      // The request of an administrator whose rights were checked before.
      const late = await links.make('ann', id);
      assert.equal((await links.find(late, address)).state, 'expired', id);
    }
    const other = await links.make('ann', 'boss of eve');
    assert.equal(await people.setRole('boss of eve', 'administrator'), 'done');
    assert.equal((await links.find(other, address)).state, 'open', 'the role is the same');
    await links.remove('ann');
    assert.equal((await links.find(other, address)).state, 'unknown');
  });

  test('guesses of one address are limited', async (t) => {
    const { links } = await start(t);
    const token = await links.make('ann', 'ada');
    for (let index = 0; index < 20; index++)
      assert.equal((await links.find(`${index}`.padStart(24, 'x'), address)).state, 'unknown');
    assert.equal((await links.find(token, address)).state, 'limited');
    assert.equal((await links.find(token, '198.51.100.7')).state, 'open');
  });
});
