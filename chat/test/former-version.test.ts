/**
 * A data folder and a Redis of earlier versions: people stay signed in, and rooms, memberships, names, passwords and messages are there. The
 * fixtures are what those versions wrote, with the cookies of their visitors: `before-database` of the version that had its data in
 * several files or in Redis, `former-version` of the one before, which stored sessions itself.
 */
import assert from 'node:assert/strict';
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test, type TestContext } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createClient } from '@redis/client';
import { createLogger, type Logger } from 'gale';
import { redisCommand, redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { openSqlite } from '../database/database.ts';
import { openStorage, type Storage } from '../storage.ts';
import { serveChat, type ServedChat } from './support/app.ts';
import { password, temporaryFolder, type Visitor } from './support/chat-server.ts';
import {
  fixture,
  formerFolder,
  parse,
  withSecret,
  type Cookies,
  type Former,
  type RoomVisitors,
  type Visitors,
} from './support/former-folder.ts';
import { postgresMissing } from './support/postgres-server.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { sharedPostgres } from './support/storages.ts';

const silent = createLogger({ level: 'silent' });
const dayMs = 86_400_000;
const skip = redisMissing();

async function olderFolder(t: TestContext): Promise<Former> {
  const { cookieSecret, ...visitors } = parse<Visitors & { readonly cookieSecret: string }>(
    await fixture('former-version/sqlite.json'),
  );
  const data = await withSecret(t, cookieSecret);
  const database = new DatabaseSync(join(data, 'chat.sqlite'));
  database.exec((await fixture('former-version/chat.sql')).toString());
  database.close();
  return { visitors, options: { data, redis: '', database: '' } };
}

/** They stop after the chats that use them. */
const started: RedisServer[] = [];
after(() => Promise.all(started.map((redis) => redis.stop())));

async function emptyRedis(): Promise<RedisServer> {
  const redis = await startRedis({ appendOnly: true });
  started.push(redis);
  return redis;
}

type RedisValue = string | Readonly<Record<string, string>> | readonly (readonly [member: string, score: number])[];

async function olderRedis(t: TestContext): Promise<Former> {
  const redis = await emptyRedis();
  const { keys, ...visitors } = parse<
    Visitors & { readonly keys: Readonly<Record<string, { readonly value: RedisValue; readonly endsAt: number }>> }
  >(await fixture('former-version/redis.json'));
  for (const [key, { value, endsAt }] of Object.entries(keys)) {
    if (typeof value === 'string') await redisCommand(redis, 'SET', key, value);
    else if (Array.isArray(value)) {
      for (const [member, score] of value as readonly [string, number][]) {
        await redisCommand(redis, 'ZADD', key, String(score), member);
      }
    } else await redisCommand(redis, 'HSET', key, ...Object.entries(value).flat());
    // The clock of Redis cannot be set: the time that was left when they were made.
    if (endsAt >= 0) await redisCommand(redis, 'PEXPIRE', key, String(endsAt - visitors.madeAt));
  }
  return { visitors, redis, options: { data: await temporaryFolder(t), redis: redis.url, database: '' } };
}

async function formerRedis(t: TestContext): Promise<Former<RoomVisitors> & { readonly redis: RedisServer }> {
  const redis = await emptyRedis();
  const { keys, ...visitors } = parse<
    RoomVisitors & { readonly keys: Readonly<Record<string, { readonly dump: string; readonly ttl: number }>> }
  >(gunzipSync(await fixture('before-database/redis.json.gz')));
  const client = createClient({ url: redis.url });
  await client.connect();
  for (const [key, { dump, ttl }] of Object.entries(keys)) {
    await client.sendCommand(['RESTORE', key, String(Math.max(0, ttl)), Buffer.from(dump, 'base64')]);
  }
  await client.close();
  return { visitors, redis, options: { data: await temporaryFolder(t), redis: redis.url, database: '' } };
}

/** Opens the storage a day later. */
async function open({ options, visitors }: Former, log: Logger = silent): Promise<Storage> {
  return openStorage(options, log, visitors.madeAt + dayMs);
}

/** Starts the chat a day later. */
async function start(t: TestContext, former: Former, origin: string = ''): Promise<ServedChat> {
  const storage = await open(former);
  const now = former.visitors.madeAt + dayMs;
  const chat = await serveChat(t, { ...storage, origin, now: () => now });
  t.after(() => storage.close());
  return chat;
}

function visitorWith(chat: ServedChat, cookies: Cookies): Visitor {
  const visitor = chat.visitor();
  for (const [name, value] of Object.entries(cookies)) visitor.cookies.set(name, value);
  return visitor;
}

async function nameOf(visitor: Visitor): Promise<string | undefined> {
  const { person } = (await (await visitor.get('/me')).json()) as { person: { name: string } | null };
  return person?.name;
}

for (const { name, skipped, prepare, bobsName } of [
  { name: 'a folder', skipped: false as const, prepare: formerFolder, bobsName: '李雷' },
  { name: 'a Redis', skipped: skip, prepare: formerRedis, bobsName: '李雷' },
  { name: 'a folder with sessions in chat.sqlite', skipped: false as const, prepare: olderFolder, bobsName: 'Bob' },
  { name: 'a Redis with sessions as texts', skipped: skip, prepare: olderRedis, bobsName: 'Bob' },
]) {
  test(`${name}: people who were signed in stay signed in, and nobody else`, { skip: skipped }, async (t) => {
    const former = await prepare(t);
    const chat = await start(t, former);
    const { ann, annsPhone, annsForm, bob, loggedOut } = former.visitors;
    const [laptop, phone, other] = [ann, annsPhone, bob].map((cookies) => visitorWith(chat, cookies));
    assert.ok(laptop && phone && other);
    assert.deepEqual([await nameOf(laptop), await nameOf(phone), await nameOf(other)], ['Ann', 'Ann', bobsName]);
    assert.equal(await nameOf(visitorWith(chat, loggedOut)), undefined);
    for (const visitor of [laptop, phone, other]) {
      const id = visitor.cookies.get('session') ?? '';
      assert.equal((await visitor.get('/')).status, 200);
      assert.equal(await visitor.handshake(), 101);
      assert.equal(visitor.cookies.get('session'), id);
    }
    // A page that was open during the upgrade still works.
    assert.equal((await laptop.post('/logout', { _xsrf: annsForm })).status, 303);
    assert.equal(await nameOf(laptop), undefined);
    assert.equal(await nameOf(visitorWith(chat, ann)), undefined, 'the former cookie does not return');
    assert.equal(await nameOf(phone), 'Ann');
  });

  test(`${name}: the next start copies nothing again`, { skip: skipped }, async (t) => {
    const former = await prepare(t);
    const first = await open(former);
    const people = await first.database.tables.selectFrom('person').select('id').execute();
    assert.ok(people.length >= 2);
    await first.database.tables.deleteFrom('session').execute();
    await first.close();
    const second = await open(former);
    t.after(() => second.close());
    assert.deepEqual(await second.database.tables.selectFrom('session').select('id').execute(), []);
    assert.deepEqual(await second.database.tables.selectFrom('person').select('id').execute(), people);
  });
}

/** What is in the database of the fixture `before-database`. */
async function assertCopied(
  { database: { tables } }: Storage,
  { ids, tea, solo, madeAt }: RoomVisitors,
): Promise<void> {
  const { ann, bob, cyd } = ids;
  const people = await tables
    .selectFrom('person')
    .select(['id', 'name', 'nameKey', 'role', 'passwordHash'])
    .orderBy('createdAt')
    .execute();
  assert.deepEqual(
    people.map(({ passwordHash, ...person }) => {
      assert.match(passwordHash, /^\$argon2id\$/);
      return person;
    }),
    [
      { id: ann, name: 'Ann', nameKey: 'ann', role: 'member' },
      { id: bob, name: '李雷', nameKey: '李雷', role: 'member' },
      { id: cyd, name: 'Cyd', nameKey: 'cyd', role: 'member' },
    ],
  );
  const rooms = await tables
    .selectFrom('room')
    .select(['id', 'kind', 'name', 'madeBy', 'kept', 'hidden', 'topSeq'])
    .orderBy('madeAt')
    .execute();
  assert.deepEqual(rooms, [
    // The stream has the messages from 6 on, and each keeps its number.
    { id: 'lobby', kind: 'lobby', name: '', madeBy: '', kept: 1, hidden: 0, topSeq: 5 },
    { id: tea, kind: 'public', name: '茶室 Tea', madeBy: ann, kept: 1, hidden: 0, topSeq: 0 },
    { id: solo, kind: 'public', name: 'Solo', madeBy: ann, kept: 0, hidden: 0, topSeq: 0 },
  ]);
  const members = await tables
    .selectFrom('member')
    .select(['roomId', 'personId', 'role', 'readSeq', 'joinedAt'])
    .execute();
  assert.deepEqual(
    Object.fromEntries(
      members.map(({ roomId, personId, role, readSeq, joinedAt }) => {
        assert.ok(joinedAt > madeAt - dayMs && joinedAt <= madeAt);
        return [`${roomId} ${personId}`, `${role} ${readSeq}`];
      }),
    ),
    {
      [`lobby ${ann}`]: 'member 105',
      [`lobby ${bob}`]: 'member 50',
      [`lobby ${cyd}`]: 'member 0',
      [`${tea} ${ann}`]: 'owner 0',
      [`${tea} ${bob}`]: 'member 3',
      [`${solo} ${ann}`]: 'owner 0',
    },
  );
  assert.equal((await tables.selectFrom('session').select('id').execute()).length, 4);
}

for (const { name, skipped, prepare } of [
  { name: 'a folder', skipped: false as const, prepare: formerFolder },
  { name: 'a Redis', skipped: skip, prepare: formerRedis },
]) {
  test(
    `${name}: rooms, memberships, read positions and passwords are in the database`,
    { skip: skipped },
    async (t) => {
      const former = await prepare(t);
      const storage = await open(former);
      t.after(() => storage.close());
      await assertCopied(storage, former.visitors);
    },
  );

  test(`${name}: people sign in, and find their rooms with all kept messages`, { skip: skipped }, async (t) => {
    const former = await prepare(t);
    const chat = await start(t, former);
    const cyd = chat.visitor();
    assert.equal((await cyd.submit('/login', { name: 'CYD', password })).status, 303);
    const bob = await RawSocket.open(visitorWith(chat, former.visitors.bob));
    const rooms = bob.frames[0]?.['rooms'] as Frame[];
    assert.deepEqual(
      rooms.map((room) => [room['name'], room['member'], room['top']]),
      [
        ['Lobby', true, 105],
        ['茶室 Tea', true, 3],
      ],
    );
    const lobby = rooms[0] ?? {};
    const subscribed = await bob.do('subscribe', { room: 'lobby', from: { epoch: lobby['epoch'], offset: 5 } });
    assert.equal(subscribed['first'], 6);
    await bob.frame({ type: 'message', room: 'lobby', offset: 105 });
    const received = bob.frames.filter((frame) => frame['type'] === 'message' && frame['room'] === 'lobby');
    assert.deepEqual(
      received.map((frame) => [frame['offset'], (frame['data'] as { text: string }).text]),
      Array.from({ length: 100 }, (_, index) => [index + 6, `message ${index + 6} 你好`]),
    );
    // The history has them too, under the numbers that the read positions mean.
    for (;;) {
      const rows = await chat.database.tables
        .selectFrom('message')
        .select(['seq', 'text'])
        .where('roomId', '=', 'lobby')
        .orderBy('seq')
        .execute();
      if (rows.length < 100) {
        await new Promise(setImmediate);
        continue;
      }
      assert.deepEqual(
        rows,
        Array.from({ length: 100 }, (_, index) => ({ seq: index + 6, text: `message ${index + 6} 你好` })),
      );
      break;
    }
  });
}

test('over https the cookie gets another name, and a log-out removes both', async (t) => {
  const former = await olderFolder(t);
  const chat = await start(t, former, 'https://chat.example');
  const ann = visitorWith(chat, former.visitors.ann);
  assert.equal(await nameOf(ann), 'Ann');
  assert.match(ann.cookies.get('__Host-session') ?? '', /^[\w-]{43}$/);
  assert.equal((await ann.submit('/logout', {}, '/')).status, 303);
  assert.deepEqual([ann.cookies.has('session'), ann.cookies.has('__Host-session')], [false, false]);
});

async function databasesIn(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.sqlite')).toSorted();
}

test('an import that was interrupted is repeated, also after the transaction and between two moved files', async (t) => {
  const former = await formerFolder(t);
  const { data } = former.options;
  const originals = await temporaryFolder(t);
  await cp(data, originals, { recursive: true });
  await (await open(former)).close();
  assert.deepEqual(await databasesIn(data), ['database.sqlite', 'rooms.sqlite']);
  assert.deepEqual(await databasesIn(join(data, 'before-database')), ['chat.sqlite', 'sessions.sqlite']);
  // Killed after the transaction: all files are still there.
  for (const name of ['chat.sqlite', 'sessions.sqlite']) await cp(join(originals, name), join(data, name));
  let storage = await open(former);
  await assertCopied(storage, former.visitors);
  await storage.close();
  assert.deepEqual(
    await databasesIn(join(data, 'before-database-2')),
    ['chat.sqlite', 'sessions.sqlite'],
    'nothing is replaced',
  );
  // Killed between the two moves.
  await cp(join(originals, 'chat.sqlite'), join(data, 'chat.sqlite'));
  storage = await open(former);
  t.after(() => storage.close());
  await assertCopied(storage, former.visitors);
  assert.deepEqual(await databasesIn(data), ['database.sqlite', 'rooms.sqlite']);
});

test('a failing store leaves nothing in the database, and the next start copies all', async (t) => {
  const former = await formerFolder(t);
  const path = join(former.options.data, 'sessions.sqlite');
  const whole = await readFile(path);
  await writeFile(path, 'no database, but a text that is long enough to be one'.repeat(100));
  await assert.rejects(open(former), (error: Error) => {
    assert.equal(error.name, 'StartError');
    assert.match(error.message, /^The data of the version before in \S+chat\.sqlite cannot be copied: [^\n]+\.$/);
    return true;
  });
  const database = new DatabaseSync(join(former.options.data, 'database.sqlite'));
  assert.deepEqual(database.prepare('SELECT id FROM person').all(), []);
  database.close();
  await writeFile(path, whole);
  const storage = await open(former);
  t.after(() => storage.close());
  await assertCopied(storage, former.visitors);
});

test('files that a server of that version uses, or that are of another version, are refused with one line', async (t) => {
  const former = await formerFolder(t);
  const { data } = former.options;
  const lock = new DatabaseSync(join(data, 'chat.sqlite-lock'));
  lock.exec('PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE');
  await assert.rejects(open(former), /^StartError: \S+ is in use by another server; [^\n]+$/);
  lock.close();
  const chat = new DatabaseSync(join(data, 'chat.sqlite'));
  chat.exec('PRAGMA user_version = 5');
  chat.close();
  await assert.rejects(
    open(former),
    /^StartError: \S+chat\.sqlite was written by another version \(schema 5\); [^\n]+$/,
  );
});

test('a name that the database has stays with its person, and the former one is left out with a log line', async (t) => {
  const former = await formerFolder(t);
  const { data } = former.options;
  const empty = await openSqlite(join(data, 'database.sqlite'));
  await empty.tables
    .insertInto('person')
    .values({ id: 'other', name: 'Ann', nameKey: 'ann', passwordHash: '$', createdAt: 1 })
    .execute();
  await empty.close();
  const lines: object[] = [];
  const storage = await open(former, { ...silent, warn: (fields: object) => void lines.push(fields) });
  t.after(() => storage.close());
  const { tables } = storage.database;
  const anns = await tables.selectFrom('person').select('id').where('nameKey', '=', 'ann').execute();
  assert.deepEqual(anns, [{ id: 'other' }]);
  const of = former.visitors.ids.ann;
  assert.deepEqual(await tables.selectFrom('session').select('id').where('personId', '=', of).execute(), []);
  assert.deepEqual(await tables.selectFrom('member').select('roomId').where('personId', '=', of).execute(), []);
  assert.deepEqual(lines, [{ people: 2, rooms: 2, sessions: 2, leftOut: 1 }]);
});

test(
  'of several servers that start together on one Redis and PostgreSQL, one copies the data, and the keys expire',
  { skip: skip || postgresMissing() },
  async (t) => {
    const former = await formerRedis(t);
    const options = { data: '', redis: former.redis.url, database: await (await sharedPostgres()).createDatabase() };
    const messages: string[] = [];
    const log: Logger = { ...silent, warn: (_: object, message: string) => void messages.push(message) };
    const all = await Promise.all(Array.from({ length: 3 }, () => open({ ...former, options }, log)));
    t.after(() => Promise.all(all.map((storage) => storage.close())));
    await assertCopied(all[0] ?? assert.fail(), former.visitors);
    assert.equal(messages.filter((message) => message.includes('was copied')).length, 1);
    const keys = (await redisCommand(former.redis, 'KEYS', 'chat:*')) as string[];
    for (const key of keys) {
      const left = Number(await redisCommand(former.redis, 'PTTL', key));
      const isLive = /^chat:(?:cookie-secret|database|live-id)$/.test(key);
      assert.ok(isLive ? left === -1 : left > 0 && left <= 30 * dayMs, `${key} ${left}`);
    }
  },
);

test('a server starts although Redis refuses writes, and the next start lets the keys expire', { skip }, async (t) => {
  const former = await formerRedis(t);
  const messages: string[] = [];
  const log: Logger = { ...silent, warn: (_: object, message: string) => void messages.push(message) };
  await redisCommand(former.redis, 'SET', 'chat:database', 'to be replaced');
  const refused = open(former, log);
  await assert.rejects(refused, /belongs to a chat with another database/);
  const database = new DatabaseSync(join(former.options.data, 'database.sqlite'));
  const id = String(database.prepare("SELECT value FROM setting WHERE name = 'database-id'").get()?.['value']);
  database.close();
  await redisCommand(former.redis, 'SET', 'chat:database', id);
  await redisCommand(former.redis, 'CONFIG', 'SET', 'min-replicas-to-write', '1');
  const first = await open(former, log);
  await assertCopied(first, former.visitors);
  await first.close();
  assert.ok(messages.includes('The keys of the version before stay in Redis; the next start lets them expire'));
  await redisCommand(former.redis, 'CONFIG', 'SET', 'min-replicas-to-write', '0');
  await (await open(former, log)).close();
  assert.ok(Number(await redisCommand(former.redis, 'PTTL', 'chat:{accounts}:records')) > 0);
});
