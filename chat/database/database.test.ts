import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createLogger } from 'gale';
import { sql } from 'kysely';
import { Client } from 'pg';
import { temporaryFolder } from '../test/support/chat-server.ts';
import { describeDatabases, temporaryDatabase } from '../test/support/databases.ts';
import { postgresMissing } from '../test/support/postgres-server.ts';
import { sharedPostgres } from '../test/support/storages.ts';
import { openPostgres, openSqlite, type Step } from './database.ts';

describeDatabases('the database', (open) => {
  test('has the room of everybody', async (t) => {
    const { tables } = await open(t);
    assert.deepEqual(await tables.selectFrom('room').select(['id', 'kind', 'topSeq']).execute(), [
      { id: 'lobby', kind: 'lobby', topSeq: 0 },
    ]);
  });

  test('a transaction that fails leaves nothing', async (t) => {
    const { tables } = await open(t);
    const failing = tables.transaction().execute(async (step) => {
      await step.insertInto('setting').values({ name: 'a', value: '1' }).execute();
      throw new Error('stop');
    });
    await assert.rejects(failing, /stop/);
    assert.deepEqual(await tables.selectFrom('setting').select('name').where('name', '=', 'a').execute(), []);
  });

  test('a text with U+0000 finds nothing, and is no error', async (t) => {
    const { tables } = await open(t);
    const rows = await tables.selectFrom('room').select('id').where('id', 'in', ['lobby\0', '\0lobby', '\0']).execute();
    assert.deepEqual(rows, []);
  });

  test('many concurrent checks succeed', async (t) => {
    const database = await open(t);
    await Promise.all(Array.from({ length: 20 }, () => database.check()));
  });

  test('an upsert takes the greater number, and counts are numbers', async (t) => {
    const { tables } = await open(t);
    const person = { id: 'p', name: 'P', nameKey: 'p', passwordHash: '', createdAt: 1 };
    await tables.insertInto('person').values(person).execute();
    for (const readSeq of [5, 3, 2 ** 40]) {
      await tables
        .insertInto('member')
        .values({ roomId: 'lobby', personId: 'p', joinedAt: 1, readSeq })
        .onConflict((conflict) =>
          conflict.columns(['personId', 'roomId']).doUpdateSet({
            readSeq: sql`CASE WHEN excluded.read_seq > member.read_seq THEN excluded.read_seq ELSE member.read_seq END`,
          }),
        )
        .execute();
    }
    const { readSeq } = await tables.selectFrom('member').select('readSeq').executeTakeFirstOrThrow();
    assert.equal(readSeq, 2 ** 40);
    const { count } = await tables
      .selectFrom('member')
      .select((all) => all.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    assert.equal(count, 1);
  });
});

test('a file keeps its id and its data', async (t) => {
  const path = join(await temporaryFolder(t), 'database.sqlite');
  const first = await openSqlite(path);
  await first.tables.insertInto('setting').values({ name: 'a', value: '1' }).execute();
  await first.close();
  const second = await openSqlite(path);
  t.after(() => second.close());
  assert.equal(second.id, first.id);
  const kept = await second.tables.selectFrom('setting').select('value').where('name', '=', 'a').execute();
  assert.deepEqual(kept, [{ value: '1' }]);
});

function write(step: Step, name: string): Promise<unknown> {
  return step.insertInto('setting').values({ name, value: '1' }).execute();
}

test('a thread that ends is started again, and nothing of its transaction is stored', async (t) => {
  const { tables } = await temporaryDatabase(t);
  const sent = t.mock.method(Worker.prototype, 'postMessage');
  const failing = tables.transaction().execute(async (step) => {
    await write(step, 'a');
    const worker = sent.mock.calls[0]?.this as Worker | undefined;
    await worker?.terminate();
    // Also if a caller ignores the error, no later statement may be stored by itself.
    await assert.rejects(write(step, 'b'), { code: 'ROOM_UNAVAILABLE' });
    await assert.rejects(write(step, 'c'), { code: 'ROOM_UNAVAILABLE' });
  });
  await assert.rejects(failing, { code: 'ROOM_UNAVAILABLE' });
  await write(tables, 'd');
  const rows = await tables.selectFrom('setting').select('name').where('name', 'in', ['a', 'b', 'c', 'd']).execute();
  assert.deepEqual(rows, [{ name: 'd' }]);
});

test(
  'a connection to PostgreSQL that is lost between two statements of a transaction fails the next one only',
  { skip: postgresMissing() },
  async (t) => {
    const url = await (await sharedPostgres()).createDatabase();
    const database = await openPostgres(url, createLogger({ level: 'silent' }));
    t.after(() => database.close());
    const losing = database.tables.transaction().execute(async (step) => {
      await sql`SELECT 1`.execute(step);
      const other = new Client({ connectionString: url });
      await other.connect();
      await other.query(
        'SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
      await other.end();
      // The end of the connection arrives while no statement of the transaction waits: before the responses to these.
      for (let turn = 0; turn < 20; turn++) await sql`SELECT 1`.execute(database.tables);
      await sql`SELECT 1`.execute(step);
    });
    await assert.rejects(losing, { code: 'ROOM_UNAVAILABLE' });
    assert.equal((await database.tables.selectFrom('room').select('id').execute()).length, 1);
  },
);
