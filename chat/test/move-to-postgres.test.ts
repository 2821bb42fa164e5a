/** `npm run chat -- restore --database=postgres://…`: a chat moves from SQLite to PostgreSQL. */
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test, type TestContext } from 'node:test';
import { sql } from 'kysely';
import { createLogger } from 'gale';
import { openPostgres, openSqlite, type ChatDatabase } from '../database/database.ts';
import type { Tables } from '../database/tables.ts';
import { manyMessages, startServer, temporaryFolder, Visitor, type ServerProcess } from './support/chat-server.ts';
import { postgresMissing, startPostgres, type PostgresServer } from './support/postgres-server.ts';
import { RawSocket } from './support/raw-socket.ts';
import { runCommand as chat, type CommandResult } from './support/run-command.ts';
import { until } from './support/until.ts';

const log = createLogger({ level: 'error' });

/** Every row of every table of a database, as sorted JSON. */
async function contentOf({ kind, tables }: ChatDatabase): Promise<Map<string, readonly string[]>> {
  const found = await (
    kind === 'sqlite'
      ? sql<{ name: string }>`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'`
      : sql<{ name: string }>`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public'`
  ).execute(tables);
  const content = new Map<string, readonly string[]>();
  for (const { name } of found.rows.filter((row) => !row.name.startsWith('kysely'))) {
    const { rows } = await sql<object>`SELECT * FROM ${sql.table(name)}`.execute(tables);
    const texts = rows.map((row) =>
      JSON.stringify(
        Object.entries(row)
          .map(([key, value]) => [key, value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value])
          .toSorted(),
      ),
    );
    // What each server and restore writes for itself.
    content.set(name, texts.filter((text) => !/"copied-from"|"health"/.test(text)).toSorted());
  }
  return content;
}

/** Rows that a short test does not make by itself, and more messages than a page of the copy has. */
async function fill({ tables }: ChatDatabase): Promise<void> {
  const { id } = await tables.selectFrom('person').select('id').executeTakeFirstOrThrow();
  const lobby = { roomId: 'lobby', seq: 1, personId: id };
  await tables
    .insertInto('picture')
    .values({ personId: id, type: 'image/png', bytes: Buffer.from([0, 1, 255]) })
    .execute();
  await tables
    .insertInto('reaction')
    .values({ ...lobby, emoji: '👍', madeAt: 1 })
    .execute();
  await tables
    .insertInto('mention')
    .values({ ...lobby, sentAt: 1 })
    .execute();
  await tables
    .insertInto('invite')
    .values({
      id: 'i',
      tokenHash: 'h',
      madeBy: id,
      madeAt: 1,
      expiresAt: null,
      maxUses: 3,
      role: 'guest',
      revokedAt: null,
    })
    .execute();
  await tables.insertInto('inviteRoom').values({ inviteId: 'i', roomId: 'lobby' }).execute();
  await tables.insertInto('removal').values({ personId: id, roomId: 'lobby', removedAt: 1 }).execute();
  await tables
    .insertInto('signInLink')
    .values({ tokenHash: 'h', personId: id, madeBy: id, expiresAt: 1, usedAt: null })
    .execute();
  await tables.insertInto('audit').values({ at: 1, actorId: id, action: 'setup', target: id, details: '{}' }).execute();
  const room: Pick<Tables['room'], 'id' | 'kind' | 'name' | 'madeBy' | 'madeAt'> = {
    id: 'long',
    kind: 'public',
    name: '很长',
    madeBy: id,
    madeAt: 1,
  };
  await tables
    .insertInto('room')
    .values({ ...room, nameKey: 'long', peopleKey: null, archivedAt: null, deletedAt: null, lastAt: 1 })
    .execute();
  for (const part of [0, 400, 800]) {
    const rows = Array.from({ length: 400 }, (_, index) => ({
      roomId: 'long',
      seq: part + index + 1,
      authorId: id,
      messageId: `m${part + index}`,
      text: `消息 ${part + index} 😀`,
      sentAt: part + index,
      editedAt: null,
      deletedAt: null,
      deletedBy: null,
      replyTo: null,
      mentions: null,
      pinnedAt: null,
      pinnedBy: null,
      epoch: 'e',
      streamOffset: part + index,
    }));
    await tables.insertInto('message').values(rows).execute();
  }
}

function serve(t: TestContext, data: string, url?: string): Promise<ServerProcess> {
  return startServer(t, {
    args: [`--data=${data}`, ...(url === undefined ? [] : [`--database=${url}`]), ...manyMessages],
  });
}

/** The texts of the newest messages of the lobby. */
async function textsOf(visitor: Visitor): Promise<unknown[]> {
  const socket = await RawSocket.open(visitor);
  const { top } = (await socket.do('subscribe', { room: 'lobby' })) as unknown as { top: number };
  await socket.frame({ type: 'message', offset: top });
  return socket.frames.filter(({ type }) => type === 'message').map(({ data }) => (data as { text: string }).text);
}

interface Moving {
  readonly data: string;
  readonly copy: string;
  readonly ann: Visitor;
}

/** A stopped server with SQLite, and a backup of it. */
async function startMove(t: TestContext): Promise<Moving> {
  const folder = await temporaryFolder(t);
  const [data, copy] = [join(folder, 'data'), join(folder, 'copy')];
  const server = await serve(t, data);
  const ann = new Visitor(t, server.url);
  await ann.register('Ann');
  const socket = await RawSocket.open(ann);
  for (const text of ['one', 'two', 'three']) {
    await socket.do('publish', { room: 'lobby', id: `id-${text}`, data: { text } });
  }
  await server.end('SIGTERM');
  const database = await openSqlite(join(data, 'database.sqlite'));
  await fill(database);
  await database.close();
  assert.equal((await chat('backup', `--data=${data}`, `--to=${copy}`)).code, 0);
  return { data, copy, ann };
}

describe('a chat that moves to PostgreSQL', { skip: postgresMissing() }, () => {
  let postgres: PostgresServer;
  before(async () => (postgres = await startPostgres()));
  after(() => postgres.stop());

  test('has every row of every table there, and its people stay signed in and continue', async (t) => {
    const { data, copy, ann } = await startMove(t);
    const url = await postgres.createDatabase();
    const moved = await chat('restore', `--from=${copy}`, `--data=${data}`, `--database=${url}`);
    assert.deepEqual([moved.code, moved.errors], [0, '']);
    assert.match(
      moved.output,
      /^Copied 1 people, 2 rooms and 1203 messages to postgres:[^\n]*\nRestored the backup of /,
    );
    assert.ok(!(await readdir(data)).includes('database.sqlite'));
    const [source, target] = [await openSqlite(join(copy, 'database.sqlite')), await openPostgres(url, log)];
    t.after(() => Promise.all([source.close(), target.close()]));
    assert.deepEqual(await contentOf(target), await contentOf(source));

    const server = await serve(t, data, url);
    ann.url = server.url;
    assert.equal((await ann.get('/')).status, 200);
    assert.deepEqual(await textsOf(ann), ['one', 'two', 'three']);
    const socket = await RawSocket.open(ann);
    await socket.do('publish', { room: 'lobby', id: 'id-four', data: { text: 'four' } });
    await until(async () => {
      const { rows } = await sql<{ seq: number }>`SELECT seq FROM message WHERE text = 'four'`.execute(target.tables);
      return rows.length === 1 && rows[0]?.seq === 4;
    });
    // The number of an entry is greater than all that were copied.
    await target.tables
      .insertInto('audit')
      .values({ at: 2, actorId: null, action: 'setup', target: null, details: '{}' })
      .execute();
  });

  test('is refused by a database that has data, and nothing is changed', async (t) => {
    const { data, copy } = await startMove(t);
    const url = await postgres.createDatabase();
    const other = await serve(t, await temporaryFolder(t), url);
    const refusedNow = await chat('restore', `--from=${copy}`, `--data=${data}`, `--database=${url}`);
    assert.deepEqual([refusedNow.code, refusedNow.output], [1, '']);
    assert.match(refusedNow.errors, /is in use by a server/);
    await new Visitor(t, other.url).register('Bob');
    await other.end('SIGTERM');
    const files = await readdir(data);
    const refused = await chat('restore', `--from=${copy}`, `--data=${data}`, `--database=${url}`);
    assert.deepEqual([refused.code, refused.output], [1, '']);
    assert.match(
      refused.errors,
      /^The database is not empty: it has 1 people, 1 rooms and 0 messages; give --database an empty one\.\n$/,
    );
    assert.deepEqual(await readdir(data), files);
    await new Visitor(t, (await serve(t, data)).url).logIn('Ann');
  });

  test('is completed by the same command if it ended after the rows were copied', async (t) => {
    const { data, copy, ann } = await startMove(t);
    const url = await postgres.createDatabase();
    const move = (): Promise<CommandResult> => chat('restore', `--from=${copy}`, `--data=${data}`, `--database=${url}`);
    assert.equal((await move()).code, 0);
    assert.match((await move()).errors, /^The database is not empty/);
    await writeFile(join(data, 'restore-not-finished'), 'before-restore-2026-11-27-030000\n');
    const again = await move();
    assert.deepEqual([again.code, again.errors], [0, '']);
    assert.match(again.output, /1203 messages/);
    ann.url = (await serve(t, data, url)).url;
    assert.deepEqual(await textsOf(ann), ['one', 'two', 'three']);
  });
});
