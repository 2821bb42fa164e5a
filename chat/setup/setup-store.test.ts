import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addPerson, type NewPerson } from '../people/person.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { SetupStore } from './setup-store.ts';

function person(name: string): NewPerson {
  return { id: `id of ${name}`, name, nameKey: name, passwordHash: '', createdAt: 1, role: 'member' };
}

describeDatabases('the setup', (open) => {
  test('of two setups at once one makes the administrator', async (t) => {
    const database = await open(t);
    // As on two servers.
    const stores = [new SetupStore(database), new SetupStore(database)];
    assert.equal(await stores[0]?.state(), 'fresh');
    const results = await Promise.all(stores.map((store, index) => store.add(person(`p${index}`))));
    assert.deepEqual(results.toSorted(), ['added', 'done']);
    const people = await database.tables.selectFrom('person').select(['role', 'pinyin']).execute();
    assert.deepEqual(
      people.map(({ role }) => role),
      ['administrator'],
    );
    for (const store of stores) assert.equal(await store.state(), 'done');
  });

  test('people of a version without roles keep their names, and the setup is open', async (t) => {
    const database = await open(t);
    const store = new SetupStore(database);
    assert.equal(await addPerson(database.tables, person('ann')), true);
    assert.equal(await addPerson(database.tables, { ...person('ann'), id: 'other' }), false);
    assert.equal(await store.state(), 'headless');
    assert.equal(await store.add({ ...person('ann'), id: 'third' }), 'nameTaken');
    assert.equal(await store.state(), 'headless');
    assert.equal(await store.add(person('bob')), 'added');
    assert.equal(await store.state(), 'done');
  });
});
