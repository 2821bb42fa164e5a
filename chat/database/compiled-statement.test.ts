import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeDatabases } from '../test/support/databases.ts';
import { CompiledStatement } from './compiled-statement.ts';

describeDatabases('a compiled statement', (open) => {
  test('has the rows and names of the same query without it, for each execution with its own values', async (t) => {
    const database = await open(t);
    const { tables } = database;
    for (const place of ['one', 'two'])
      await tables
        .insertInto('setting')
        .values({ name: place, value: `its ${place}` })
        .execute();
    let built = 0;
    const valueOf = new CompiledStatement((from, { place }: { readonly place: string }) => {
      built += 1;
      return from.selectFrom('setting').select(['name as settingName', 'value']).where('name', '=', place);
    });
    const both = await Promise.all(['one', 'two', "' or 1 = 1"].map((place) => valueOf.execute(database, { place })));
    assert.deepEqual(both, [
      [{ settingName: 'one', value: 'its one' }],
      [{ settingName: 'two', value: 'its two' }],
      [],
    ]);
    assert.equal(built, 1);
  });

  test('sees a column that was added after its first execution', async (t) => {
    const database = await open(t);
    const { tables } = database;
    await tables.insertInto('setting').values({ name: 'one', value: 'x' }).execute();
    const all = new CompiledStatement((from, { place }: { readonly place: string }) =>
      from.selectFrom('setting').selectAll().where('name', '=', place),
    );
    assert.deepEqual(await all.execute(database, { place: 'one' }), [{ name: 'one', value: 'x' }]);
    await tables.schema.alterTable('setting').addColumn('added_later', 'integer').execute();
    const [row] = await all.execute(database, { place: 'one' });
    assert.deepEqual(row, { name: 'one', value: 'x', addedLater: null });
  });
});
