/** `npm run chat -- doctor`. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, open, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { freePort, redisCommand, redisMissing, startRedis } from 'gale/testing';
import { compareClocks } from '../command/doctor/check-clock.ts';
import { checkFolder, describeUnusable } from '../command/doctor/check-folder.ts';
import { Findings } from '../command/doctor/finding.ts';
import { startServer, temporaryFolder } from './support/chat-server.ts';
import { severalServers, sharedPostgres } from './support/storages.ts';
import { postgresMissing } from './support/postgres-server.ts';

const program = fileURLToPath(new URL('../command/chat.ts', import.meta.url));

interface Result {
  readonly code: number;
  /** Findings that are wrong. */
  readonly wrong: readonly string[];
  readonly output: string;
  readonly errors: string;
}

function doctor(...args: readonly string[]): Promise<Result> {
  return new Promise((resolve) => {
    execFile(process.execPath, ['--conditions=gale-source', program, 'doctor', ...args], (error, output, errors) => {
      const wrong = output.split('\n').flatMap((line) => /^wrong {2}(.*)$/.exec(line)?.[1] ?? []);
      resolve({ code: error === null ? 0 : Number(error.code), wrong, output, errors });
    });
  });
}

/** A folder of a server that has ended. */
async function usedFolder(t: TestContext): Promise<string> {
  const data = await temporaryFolder(t);
  await (await startServer(t, { args: [`--data=${data}`] })).end('SIGTERM');
  return data;
}

test('says that nothing is wrong with a folder, while its server runs and afterwards, and changes nothing', async (t) => {
  const data = await temporaryFolder(t);
  const server = await startServer(t, { args: [`--data=${data}`] });
  const running = await doctor(`--data=${data}`);
  assert.deepEqual([running.code, running.wrong, running.errors], [0, [], '']);
  assert.match(running.output, /^note {3}data folder: a server uses the folder now\.$/m);
  for (const line of running.output.trimEnd().split('\n')) assert.match(line, /^(?:ok {3}|note ) {2}[^:]+: .*\.$/);
  assert.equal((await fetch(`${server.url}/health`)).status, 200);
  await server.end('SIGTERM');
  const files = await readdir(data);
  const stopped = await doctor(`--data=${data}`);
  assert.equal(stopped.code, 0, stopped.output + stopped.errors);
  assert.match(stopped.output, /^note {3}data folder: no server uses the folder now\.$/m);
  assert.match(stopped.output, /^ok {5}database: its tables are those of this version\.$/m);
  assert.deepEqual(
    (await readdir(data)).filter((name) => !/-(?:wal|shm)$/.test(name)),
    files.filter((name) => !/-(?:wal|shm)$/.test(name)),
  );
});

test('names what is wrong with a folder, with exit code 1', async (t) => {
  const data = await usedFolder(t);
  const missing = await doctor(`--data=${join(data, 'none')}`);
  assert.equal(missing.code, 1);
  assert.match(
    missing.wrong.join('\n'),
    /^data folder: \S+none does not exist; give the --data of the server, or start it first\.$/,
  );
  assert.equal(missing.errors, '1 thing is wrong.\n');
  await chmod(data, 0o755);
  await writeFile(join(data, 'restore-not-finished'), 'x');
  const file = new DatabaseSync(join(data, 'database.sqlite'));
  file.exec(`INSERT INTO kysely_migration VALUES ('9999-later', '2030-01-01T00:00:00.000Z');
             UPDATE room SET last_at = ${Date.now() + 3_600_000} WHERE id = 'lobby'`);
  file.close();
  const result = await doctor(`--data=${data}`);
  assert.equal(result.code, 1);
  assert.match(result.output, /other users of this machine can open/);
  assert.deepEqual(
    result.wrong.map((line) => line.replace(/is \d+ seconds in/, 'is N seconds in')),
    [
      'data folder: a restore did not end; run npm run chat -- restore again.',
      'database: a newer version wrote it (migration 9999-later); start that version, or restore a backup.',
      'database: the newest message is N seconds in the future, so the clock of this machine is wrong or was; synchronize it, such as with NTP.',
    ],
  );
  assert.equal(result.errors, '3 things are wrong.\n');
});

test('finds a damaged file, and one that is no database', async (t) => {
  const data = await usedFolder(t);
  const path = join(data, 'database.sqlite');
  const file = new DatabaseSync(path);
  file.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  const page = Number(file.prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'room'").get()?.['rootpage']);
  const size = Number(file.prepare('PRAGMA page_size').get()?.['page_size']);
  file.close();
  const handle = await open(path, 'r+');
  await handle.write(Buffer.alloc(size, 0x55), 0, size, (page - 1) * size);
  await handle.close();
  await writeFile(join(data, 'rooms.sqlite'), 'no database, but a text that is long enough to be one'.repeat(100));
  const { code, wrong } = await doctor(`--data=${data}`);
  assert.equal(code, 1);
  assert.match(wrong.join('\n'), /^database: \S+database\.sqlite (?:is damaged|cannot be read) .*restore a backup/m);
  assert.match(wrong.join('\n'), /^streams of the rooms: \S+rooms\.sqlite cannot be read .*restore a backup/m);
});

test('a disk with little space is wrong', async (t) => {
  const data = await usedFolder(t);
  const of = async (bytes: number): Promise<string> =>
    (await checkFolder(data, async () => bytes)).map(({ state, text }) => `${state} ${text}`).join('\n');
  assert.match(
    await of(499_000_000),
    /^wrong 499\.0 MB are free on the disk, the data have [\d.]+ [kM]B; free at least 500\.0 MB/m,
  );
  assert.match(await of(500_000_000), /^ok 500\.0 MB are free/m);
});

test('a folder on a read-only disk, one of another user and a file need different steps', async (t) => {
  const file = join(await usedFolder(t), 'database.sqlite');
  assert.deepEqual(
    (await checkFolder(file)).map(({ state, text }) => `${state} ${text}`),
    [`wrong ${file} is not a folder; give the --data of the server`],
  );
  assert.equal(
    describeUnusable('/data', 'EROFS'),
    '/data cannot be read and written (EROFS); its disk is read-only, so mount it writable',
  );
  assert.equal(
    describeUnusable('/data', 'EACCES'),
    '/data cannot be read and written (EACCES); run this as the user of the server',
  );
});

test('clocks that differ by more than 5 seconds are wrong', async () => {
  for (const [differenceMs, state] of [
    [0, 'ok'],
    [4000, 'ok'],
    [-4000, 'ok'],
    [60_000, 'wrong'],
    [-60_000, 'wrong'],
  ] as const) {
    const findings = new Findings('Redis');
    await compareClocks(findings, 'Redis', async () => Date.now() + differenceMs);
    assert.deepEqual(
      findings.all.map((finding) => finding.state),
      [state],
      `${differenceMs} ms`,
    );
    if (state === 'wrong')
      assert.match(findings.all[0]?.text ?? '', differenceMs > 0 ? /60 seconds later/ : /60 seconds earlier/);
  }
});

test('checks a Redis and a PostgreSQL, without a data folder', { skip: severalServers.skip }, async (t) => {
  const { args, redis } = await severalServers.open(t);
  const before = await doctor(...args);
  assert.equal(before.code, 0, before.output + before.errors);
  assert.match(before.output, /^note {3}database: it has no tables yet; the first start creates them\.$/m);
  await startServer(t, { args });
  const { code, output, wrong } = await doctor(...args);
  assert.deepEqual([code, wrong], [0, []], output);
  assert.match(output, /^ok {5}Redis: it belongs to the same chat as the database\.$/m);
  assert.match(output, /^ok {5}Redis: the clocks of this machine and Redis agree\.$/m);
  assert.match(output, /^ok {5}database: the clocks of this machine and PostgreSQL agree\.$/m);
  assert.match(output, /^ok {5}Redis: it syncs its append-only file before it responds\.$/m);
  assert.doesNotMatch(output, /data folder/);
  await redisCommand(redis ?? assert.fail(), 'SET', 'chat:database', 'another');
  assert.deepEqual((await doctor(...args)).wrong, [
    'Redis: it belongs to a chat with another database; give all its servers the same --database.',
  ]);
});

test('names what is wrong with a Redis', { skip: redisMissing() }, async (t) => {
  const redis = await startRedis({ args: ['--requirepass', 's3cret'] });
  t.after(() => redis.stop());
  const data = await usedFolder(t);
  const url = redis.url.replace('//', '//:s3cret@');
  const authenticated = { ...redis, url };
  const wrongOf = async (given: string): Promise<string> => {
    const result = await doctor(`--data=${data}`, `--redis=${given}`);
    assert.doesNotMatch(result.output + result.errors, /s3cret|pa55/);
    assert.equal(result.code, 1);
    return result.wrong.join('\n');
  };
  assert.match(
    await wrongOf(url),
    /^Redis: it has no append-only file, so a restart loses messages; set appendonly yes/m,
  );
  await redisCommand(authenticated, 'CONFIG', 'SET', 'appendonly', 'yes');
  await redisCommand(authenticated, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru');
  await redisCommand(authenticated, 'CONFIG', 'SET', 'maxmemory', '1100000');
  const full = await wrongOf(url);
  assert.match(full, /^Redis: its maxmemory-policy is allkeys-lru, which removes messages [^\n]+; set noeviction\.$/m);
  assert.match(full, /^Redis: it uses [\d.]+ MB of 1\.1 MB; raise its maxmemory/m);
  await redisCommand(authenticated, 'REPLICAOF', '127.0.0.1', '1');
  assert.match(await wrongOf(url), /^Redis: it is a replica and accepts no writes/m);
  assert.match(
    await wrongOf(redis.url.replace('//', '//:pa55@')),
    /^Redis: Redis at \S+ does not respond: [^\n]+; check --redis, and that it runs\.$/m,
  );
  assert.match(await wrongOf(`redis://127.0.0.1:${await freePort()}`), /does not respond/);
});

test('names what is wrong with a PostgreSQL', { skip: postgresMissing() }, async (t) => {
  const url = await (await sharedPostgres()).createDatabase();
  const data = await temporaryFolder(t);
  const client = new Client({ connectionString: url });
  await client.connect();
  const name = new URL(url).pathname.slice(1);
  await client.query(`ALTER DATABASE ${name} SET default_transaction_read_only = on`);
  await client.query('CREATE ROLE reader LOGIN');
  await client.end();
  const wrongOf = async (given: string): Promise<string> => {
    const result = await doctor(`--data=${data}`, `--database=${given}`);
    assert.doesNotMatch(result.output + result.errors, /s3cret/);
    assert.equal(result.code, 1, result.output);
    return result.wrong.join('\n');
  };
  assert.match(
    await wrongOf(url),
    /^database: it accepts no writes \(a standby, or read-only\); give --database that of the primary\.$/m,
  );
  assert.match(
    await wrongOf(url.replace('gale@', 'reader:s3cret@')),
    /^database: this user may not create tables; GRANT CREATE/m,
  );
  assert.match(
    await wrongOf(`postgres://ann:s3cret@127.0.0.1:${await freePort()}/chat`),
    /^database: postgres:\S+ cannot be used: connect ECONNREFUSED [^\n]+; check --database, and that it runs\.$/m,
  );
  assert.match(await wrongOf(url.replace(/[^/]+$/, 'none')), /database "none" does not exist/);
});
