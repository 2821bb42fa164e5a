import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sql } from 'kysely';
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

  test('belongs to a transaction only if it is given one', async (t) => {
    const database = await open(t);
    const valueOf = new CompiledStatement((from, { place }: { readonly place: string }) =>
      from.selectFrom('setting').select('value').where('name', '=', place),
    );
    let outside: Promise<object[]> | undefined;
    const transaction = database.tables.transaction().execute(async (step) => {
      await step.insertInto('setting').values({ name: 'one', value: 'x' }).execute();
      outside = valueOf.execute(database, { place: 'one' });
      assert.deepEqual(await valueOf.execute({ ...database, tables: step }, { place: 'one' }), [{ value: 'x' }]);
      throw new Error('changed my mind');
    });
    await assert.rejects(transaction, /changed my mind/);
    assert.deepEqual(await outside, []);
  });

  test('fails with the error of the database, and as one that is unavailable after the close', async (t) => {
    const database = await open(t);
    const wrong = new CompiledStatement((from, { place }: { readonly place: string }) =>
      from
        .selectFrom('setting')
        .select('value')
        .where(sql<string>`missing_column`, '=', place),
    );
    await assert.rejects(wrong.execute(database, { place: 'one' }), /missing_column/);
    const known = new CompiledStatement((from, { place }: { readonly place: string }) =>
      from.selectFrom('setting').select('value').where('name', '=', place),
    );
    await known.execute(database, { place: 'one' });
    await database.close();
    await assert.rejects(known.execute(database, { place: 'one' }), /close|end|destroyed/);
  });
});
