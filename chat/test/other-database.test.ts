/** A data folder has the newest messages of one chat: a start with another database is refused. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { test, type TestContext } from 'node:test';
import { runServer, startServer, temporaryFolder, Visitor } from './support/chat-server.ts';
import { postgresMissing, startPostgres } from './support/postgres-server.ts';

/** Starts a server that is refused. @returns Its line. */
async function refusedStart(t: TestContext, ...args: readonly string[]): Promise<string> {
  const { code, output, errors } = await runServer(t, { args: ['--port=0', ...args] });
  assert.deepEqual([code, output], [1, ''], errors);
  return errors;
}

/** The findings of the doctor. */
async function doctor(data: string, url: string): Promise<string> {
  const program = fileURLToPath(new URL('../command/chat.ts', import.meta.url));
  return new Promise((resolve) => {
    const args = ['--conditions=gale-source', program, 'doctor', `--data=${data}`, `--database=${url}`];
    execFile(process.execPath, args, (_, output) => resolve(output));
  });
}

async function startAndStop(t: TestContext, ...args: readonly string[]): Promise<void> {
  const server = await startServer(t, { args });
  await new Visitor(t, server.url).register('Ann');
  await server.end('SIGTERM');
}

test(
  'a folder with SQLite is not used with an empty PostgreSQL, and the other way round',
  { skip: postgresMissing() },
  async (t) => {
    const postgres = await startPostgres();
    t.after(() => postgres.stop());
    const [one, other] = [await postgres.createDatabase(), await postgres.createDatabase()];
    const [data, second] = [await temporaryFolder(t), await temporaryFolder(t)];
    await startAndStop(t, `--data=${data}`);
    const expected =
      /^\S+ belongs to a chat with another database; start with the same --database as before, .* then restore with --database\.\n$/;
    assert.match(await refusedStart(t, `--data=${data}`, `--database=${one}`), expected);
    // A folder of a version that did not write the id.
    await rm(join(data, 'database-id'));
    assert.match(await refusedStart(t, `--data=${data}`, `--database=${one}`), expected);
    const again = await startServer(t, { args: [`--data=${data}`] });
    await new Visitor(t, again.url).logIn('Ann');

    await startAndStop(t, `--data=${second}`, `--database=${one}`);
    assert.match(
      await refusedStart(t, `--data=${second}`),
      /^\S+ belongs to a chat whose database is not in it; give the --database=postgres:\/\/… of before, /,
    );
    assert.ok(!(await readdir(second)).includes('database.sqlite'));
    assert.match(await doctor(second, one), /^ok +data folder: it belongs to the same chat as the database\.$/m);
    assert.match(await doctor(data, one), /^wrong +data folder: it belongs to a chat with another database; /m);
    assert.match(
      await refusedStart(t, `--data=${second}`, `--database=${other}`),
      /belongs to a chat with another database/,
    );
    const back = await startServer(t, { args: [`--data=${second}`, `--database=${one}`] });
    await new Visitor(t, back.url).logIn('Ann');
  },
);

test('a folder whose database.sqlite is gone gets no empty one', async (t) => {
  const data = await temporaryFolder(t);
  await startAndStop(t, `--data=${data}`);
  for (const name of await readdir(data)) if (name.startsWith('database.sqlite')) await rm(join(data, name));
  assert.match(await refusedStart(t, `--data=${data}`), /restore a backup, or choose another --data\.\n$/);
  assert.ok(!(await readdir(data)).includes('database.sqlite'));
});

test('a database of a development version that missed a migration is refused with what to do', async (t) => {
  const data = await temporaryFolder(t);
  await startAndStop(t, `--data=${data}`);
  const file = new DatabaseSync(join(data, 'database.sqlite'));
  file.exec("DELETE FROM kysely_migration WHERE name = '0040-deleted-rooms'");
  file.close();
  assert.match(
    await refusedStart(t, `--data=${data}`),
    /cannot be used: it was made by a development version, which had migration 0060-name-skeletons and not 0040-deleted-rooms before it; restore a backup of a released version, or begin with an empty database\.\n$/,
  );
});

test('a PostgreSQL that does not respond is named once, with what to check', async (t) => {
  const url = 'postgres://ann:secret@127.0.0.1:1/chat';
  assert.match(
    await refusedStart(t, `--data=${await temporaryFolder(t)}`, `--database=${url}`),
    /^The database postgres:\/\/127\.0\.0\.1:1\/chat cannot be used: connect ECONNREFUSED [^;]+; check --database, and that it runs\.\n$/,
  );
});
