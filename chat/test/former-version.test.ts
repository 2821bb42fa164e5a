/**
 * A data folder and a Redis of the version that stored sessions itself: whoever was signed in stays signed in. The fixtures are what that
 * version wrote, with the cookies of its visitors.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { createLogger, GaleError, type Logger } from 'gale';
import { MemorySessionStore, type SaveResult } from 'gale/sessions';
import { redisCommand, redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { openStorage, type Storage } from '../storage.ts';
import { moveFormerSessions, type FormerSession } from '../store/former-sessions.ts';
import { SqliteStore } from '../store/sqlite-store.ts';
import { serveChat, type ServedChat } from './support/app.ts';
import { temporaryFolder, type Visitor } from './support/chat-server.ts';

type Cookies = Readonly<Record<string, string>>;

/** The visitors of the version before, and the time at which they were there. */
interface Visitors {
  readonly madeAt: number;
  readonly ann: Cookies;
  readonly annsPhone: Cookies;
  /** The XSRF field of a page that Ann has open. */
  readonly annsForm: string;
  readonly bob: Cookies;
  /** A cookie of Bob, who logged out. */
  readonly loggedOut: Cookies;
}

/** What the version before left, once. */
interface FormerData {
  readonly visitors: Visitors;
  readonly options: Parameters<typeof openStorage>[0];
  /** Names or ids of sessions that are still at their former place. */
  remaining(): Promise<readonly string[]>;
}

type RedisValue = string | Readonly<Record<string, string>> | readonly (readonly [member: string, score: number])[];

const read = async <Value>(name: string): Promise<Value> =>
  JSON.parse(await readFile(new URL(`./fixtures/former-version/${name}`, import.meta.url), 'utf8')) as Value;
const silent = createLogger({ level: 'silent' });
const dayMs = 86_400_000;

async function formerFolder(t: TestContext): Promise<FormerData> {
  const data = await temporaryFolder(t);
  const path = join(data, 'chat.sqlite');
  const database = new DatabaseSync(path);
  database.exec(await readFile(new URL('./fixtures/former-version/chat.sql', import.meta.url), 'utf8'));
  database.close();
  const { cookieSecret, ...visitors } = await read<Visitors & { readonly cookieSecret: string }>('sqlite.json');
  await writeFile(join(data, 'cookie-secret'), `${cookieSecret}\n`, { mode: 0o600 });
  return {
    visitors,
    options: { data, redis: '' },
    remaining: async () => {
      const file = new DatabaseSync(path);
      const rows = file.prepare('SELECT id FROM session').all();
      file.close();
      return rows.map((row) => String(row['id']));
    },
  };
}

async function formerRedis(t: TestContext): Promise<FormerData & { readonly redis: RedisServer }> {
  const redis = await startRedis({ appendOnly: true });
  t.after(() => redis.stop());
  const { keys, ...visitors } = await read<
    Visitors & { readonly keys: Readonly<Record<string, { readonly value: RedisValue; readonly endsAt: number }>> }
  >('redis.json');
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
  return {
    visitors,
    redis,
    options: { data: '', redis: redis.url },
    remaining: async () => {
      const names = (await redisCommand(redis, 'KEYS', 'chat:session*')) as string[];
      return names.filter((name) => /^chat:(?:session|sessions-of):/.test(name));
    },
  };
}

/** Opens the storage a day later. */
async function open({ options, visitors }: FormerData, log: Logger = silent): Promise<Storage> {
  return openStorage(options, log, visitors.madeAt + dayMs);
}

/** Starts the chat a day later. */
async function start(t: TestContext, former: FormerData, origin: string = ''): Promise<ServedChat> {
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

const skip = redisMissing();
const kinds = [
  { name: 'SQLite', skip: false, prepare: formerFolder },
  { name: 'Redis', skip, prepare: formerRedis },
] as const;

for (const { name, skip: skipped, prepare } of kinds) {
  test(`${name}: whoever was signed in stays signed in, and nobody else`, { skip: skipped }, async (t) => {
    const former = await prepare(t);
    assert.ok((await former.remaining()).length >= 3);
    const chat = await start(t, former);
    const { ann, annsPhone, annsForm, bob, loggedOut } = former.visitors;
    const [laptop, phone, other] = [ann, annsPhone, bob].map((cookies) => visitorWith(chat, cookies));
    assert.ok(laptop && phone && other);
    assert.deepEqual([await nameOf(laptop), await nameOf(phone), await nameOf(other)], ['Ann', 'Ann', 'Bob']);
    assert.equal(await nameOf(visitorWith(chat, loggedOut)), undefined);
    for (const visitor of [laptop, phone, other]) {
      const id = visitor.cookies.get('session') ?? '';
      assert.match(id, /^[\w-]{43}$/, 'the token is the id');
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

  test(
    `${name}: sessions are removed from their former place, and the next start keeps all`,
    { skip: skipped },
    async (t) => {
      const former = await prepare(t);
      const first = await open(former);
      await first.close();
      assert.deepEqual(await former.remaining(), []);
      const chat = await start(t, former);
      const bob = visitorWith(chat, former.visitors.bob);
      assert.equal(await nameOf(bob), 'Bob');
      assert.equal((await bob.submit('/logout', {}, '/')).status, 303);
      assert.equal(await nameOf(visitorWith(chat, former.visitors.bob)), undefined);
      assert.equal(await nameOf(visitorWith(chat, former.visitors.annsPhone)), 'Ann');
    },
  );
}

const sha256 = (index: number): string => createHash('sha256').update(String(index)).digest('base64url');

test('over https the cookie gets another name, and a log-out removes both', async (t) => {
  const former = await formerFolder(t);
  const chat = await start(t, former, 'https://chat.example');
  const ann = visitorWith(chat, former.visitors.ann);
  assert.equal(await nameOf(ann), 'Ann');
  assert.match(ann.cookies.get('__Host-session') ?? '', /^[\w-]{43}$/);
  assert.equal(await nameOf(ann), 'Ann');
  assert.equal((await ann.submit('/logout', {}, '/')).status, 303);
  assert.deepEqual([ann.cookies.has('session'), ann.cookies.has('__Host-session')], [false, false]);
  assert.doesNotMatch(await (await ann.get('/login?ended=1')).text(), /signed out/);
});

/** Refuses every change after the first ones. */
class FailingStore extends MemorySessionStore {
  #left: number;

  constructor(left: number) {
    super();
    this.#left = left;
  }

  override save(...parameters: Parameters<MemorySessionStore['save']>): SaveResult {
    if (this.#left-- <= 0) throw new GaleError('ROOM_UNAVAILABLE', 'as the test wants it');
    return super.save(...parameters);
  }
}

test('a move that was interrupted is repeated, in steps, without a loss and without expired sessions', async (t) => {
  const folder = await temporaryFolder(t);
  const path = join(folder, 'chat.sqlite');
  const store = new SqliteStore(path);
  const now = Date.now();
  await store.accounts.add({ id: 'ann', name: 'Ann', nameKey: 'ann', passwordHash: '$', createdAt: 1 });
  await store.close();
  const database = new DatabaseSync(path);
  database.exec('BEGIN');
  const add = database.prepare('INSERT INTO session VALUES (?, ?, ?)');
  const ids = Array.from({ length: 1_200 }, (_, index) => sha256(index));
  ids.forEach((id, index) => add.run(id, 'ann', index % 100 === 0 ? now : now + 1 + index));
  database.exec('COMMIT');
  database.close();
  const again = new SqliteStore(path);
  t.after(() => again.close());
  const former = again.formerSessions;
  const steps: number[] = [];
  const remove = former.remove.bind(former);
  t.mock.method(former, 'remove', (part: readonly FormerSession[]) => {
    steps.push(part.length);
    return remove(part);
  });
  const interrupted = new FailingStore(700);
  await assert.rejects(moveFormerSessions(former, interrupted, now), { code: 'ROOM_UNAVAILABLE' });
  assert.deepEqual(steps, [500]);
  const sessions = new MemorySessionStore();
  for (const stored of interrupted.list('ann', now)) assert.ok(stored.expiresAt > now);
  await moveFormerSessions(former, sessions, now);
  assert.deepEqual(steps, [500, 500, 200]);
  const moved = new Set([...interrupted.list('ann', now), ...sessions.list('ann', now)].map(({ id }) => id));
  assert.equal(moved.size, 1_188);
  await moveFormerSessions(former, sessions, now);
  assert.equal(steps.length, 3);
});

test('one of several servers that start together moves the sessions', { skip }, async (t) => {
  const former = await formerRedis(t);
  const opened = await Promise.all([open(former), open(former), open(former)]);
  t.after(() => Promise.all(opened.map((storage) => storage.close())));
  assert.deepEqual(await former.remaining(), []);
  const moved = (await redisCommand(former.redis, 'KEYS', `chat:sessions:${'?'.repeat(64)}`)) as string[];
  assert.equal(moved.length, 3);
  assert.equal(await redisCommand(former.redis, 'EXISTS', 'chat:sessions-mover'), 0);
});

test('a key of another kind does not prevent the move', { skip }, async (t) => {
  const former = await formerRedis(t);
  for (const key of await former.remaining()) await redisCommand(former.redis, 'DEL', key);
  await redisCommand(former.redis, 'HSET', 'chat:session:other', 'a', 'b');
  const warnings: string[] = [];
  const log: Logger = { ...silent, warn: (_: object, message: string) => void warnings.push(message) };
  const storage = await open(former, log);
  t.after(() => storage.close());
  assert.deepEqual(
    warnings.filter((message) => message.startsWith('Sessions')),
    [],
  );
  assert.equal(await redisCommand(former.redis, 'EXISTS', 'chat:sessions-moved'), 1);
});

test('another server continues if the one that moves the sessions has ended', { skip }, async (t) => {
  const former = await formerRedis(t);
  await redisCommand(former.redis, 'SET', 'chat:sessions-mover', 'a killed server', 'PX', '300');
  const storage = await open(former);
  t.after(() => storage.close());
  assert.deepEqual(await former.remaining(), []);
});

test('a server starts although Redis refuses writes, and the next start moves the sessions', { skip }, async (t) => {
  const former = await formerRedis(t);
  const warnings: string[] = [];
  const log: Logger = { ...silent, warn: (_: object, message: string) => void warnings.push(message) };
  await redisCommand(former.redis, 'CONFIG', 'SET', 'maxmemory', '1');
  const first = await open(former, log);
  await first.close();
  assert.deepEqual(
    warnings.filter((message) => message.startsWith('Sessions')),
    ['Sessions of the version before could not be moved; the next start moves them'],
  );
  assert.ok((await former.remaining()).length >= 3);
  await redisCommand(former.redis, 'CONFIG', 'SET', 'maxmemory', '0');
  const chat = await start(t, former);
  assert.equal(await nameOf(visitorWith(chat, former.visitors.ann)), 'Ann');
});
