import assert from 'node:assert/strict';
import { after, before, test, type TestContext } from 'node:test';
import { Client } from 'pg';
import { createLogger, type Logger } from 'gale';
import { postgresMissing, startPostgres, type PostgresServer } from '../test/support/postgres-server.ts';
import { LiveLock } from './live-lock.ts';

const skip = postgresMissing();
const silent = createLogger({ level: 'silent' });
let postgres: PostgresServer | undefined;
before(async () => {
  if (!skip) postgres = await startPostgres();
});
after(() => postgres?.stop());

async function newDatabase(): Promise<string> {
  return (await postgres?.createDatabase()) ?? assert.fail();
}

async function take(t: TestContext, url: string, liveId: string, log: Logger = silent): Promise<LiveLock> {
  const lock = await LiveLock.take(url, liveId, log);
  t.after(() => lock.close());
  return lock;
}

const refused = {
  name: 'StartError',
  message: /^postgres:\S+ is in use by a server with another Redis or data folder; [^\n]+$/,
};

test(
  'servers with the same live data are together, and others are refused until all of them end',
  { skip },
  async (t) => {
    const url = await newDatabase();
    const locks = [await take(t, url, 'a'), await take(t, url, 'a')];
    await assert.rejects(take(t, url, 'b'), refused);
    await take(t, await newDatabase(), 'b');
    await locks[0]?.close();
    await assert.rejects(take(t, url, 'b'), refused);
    await locks[1]?.close();
    await take(t, url, 'b');
    await assert.rejects(take(t, url, 'a'), refused);
  },
);

test('the lock is taken again after its connection was lost', { skip }, async (t) => {
  const url = await newDatabase();
  await take(t, url, 'a');
  const admin = new Client({ connectionString: url });
  await admin.connect();
  t.after(() => admin.end());
  const holders = async (): Promise<number> =>
    (
      await admin.query(
        "SELECT 1 FROM pg_stat_activity WHERE application_name = 'gale-chat-lock' AND datname = current_database()",
      )
    ).rows.length;
  assert.equal(await holders(), 1);
  await admin.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'gale-chat-lock' AND datname = current_database()",
  );
  for (;;) {
    // Refused as soon as the first one is back; before that it may be taken for a moment.
    const taken = await LiveLock.take(url, 'b', silent).catch(() => undefined);
    if (taken === undefined) break;
    await taken.close();
  }
  await assert.rejects(take(t, url, 'b'), refused);
});

test('a server that comes back to a database of other live data logs an error', { skip }, async (t) => {
  const url = await newDatabase();
  const logged = Promise.withResolvers<string>();
  await take(t, url, 'a', { ...silent, error: (_: object, message: string) => logged.resolve(message) });
  const admin = new Client({ connectionString: url });
  await admin.connect();
  t.after(() => admin.end());
  await admin.query(
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'gale-chat-lock' AND datname = current_database()",
  );
  await take(t, url, 'b');
  assert.equal(
    await logged.promise,
    'A server with another Redis or data folder uses the same database; stop one of them',
  );
});
