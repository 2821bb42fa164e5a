import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatDatabase } from './database.ts';
import { temporaryDatabase as open } from '../test/support/databases.ts';

const insert = ({ tables }: Pick<ChatDatabase, 'tables'>, name: string): Promise<unknown> =>
  tables.insertInto('setting').values({ name, value: 'x' }).execute();

async function names({ tables }: ChatDatabase): Promise<string[]> {
  const rows = await tables.selectFrom('setting').select('name').where('name', 'like', 'test %').execute();
  return rows.map(({ name }) => name).toSorted();
}

test('a statement waits for the end of the transaction of another flow, and is kept when that is rolled back', async (t) => {
  const database = await open(t);
  let other: Promise<unknown> | undefined;
  const order: string[] = [];
  const transaction = database.tables.transaction().execute(async (step) => {
    await insert({ tables: step }, 'test a');
    other = insert(database, 'test b').then(() => order.push('other'));
    for (let count = 0; count < 5; count += 1) await step.selectFrom('setting').select('name').execute();
    order.push('end');
    throw new Error('changed my mind');
  });
  await assert.rejects(transaction, /changed my mind/);
  await other;
  assert.deepEqual(order, ['end', 'other']);
  assert.deepEqual(await names(database), ['test b']);
});

test('transactions that begin together run one after the other, and reads between them see whole ones', async (t) => {
  const database = await open(t);
  const pairs = Array.from({ length: 20 }, (_, pair) =>
    database.tables.transaction().execute(async (step) => {
      await insert({ tables: step }, `test ${pair} a`);
      await insert({ tables: step }, `test ${pair} b`);
    }),
  );
  const counts = await Promise.all(Array.from({ length: 20 }, async () => (await names(database)).length));
  await Promise.all(pairs);
  assert.deepEqual(
    counts.filter((count) => count % 2 !== 0),
    [],
  );
  assert.equal((await names(database)).length, 40);
});

test('statements of one turn are answered one by one: one that fails fails alone', async (t) => {
  const database = await open(t);
  const results = await Promise.allSettled([
    insert(database, 'test a'),
    names(database),
    insert(database, 'test a'),
    insert(database, 'test b'),
    names(database),
  ]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
  );
  assert.deepEqual(
    [1, 4].map((index) => results[index]).map((result) => result?.status === 'fulfilled' && result.value),
    [['test a'], ['test a', 'test b']],
  );
});
