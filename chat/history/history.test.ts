import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { MemoryBroker, Rooms } from 'gale';
import type { ChatDatabase } from '../database/database.ts';
import { databaseUnavailable } from '../database/database-errors.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { until } from '../test/support/until.ts';
import type { MessageData } from '../wire.ts';
import { History, historyConsumer } from './history.ts';

const author = { id: 'ada', name: 'Ada' };
const silent = { debug() {}, info() {}, warn() {}, error() {} };

interface Opened {
  readonly rooms: Rooms<MessageData>;
  readonly history: History;
  readonly broker: MemoryBroker;
  readonly say: (id: string) => Promise<unknown>;
}

async function start(
  t: TestContext,
  database: ChatDatabase,
  broker: MemoryBroker = new MemoryBroker(),
): Promise<Opened> {
  const rooms = new Rooms<MessageData>(broker, {
    consumers: [historyConsumer],
    maxUnsavedMessages: 20,
    historyCount: 10,
    consumerLeaseMs: 300,
    log: silent,
  });
  const history = new History(database, rooms, { log: silent, dutyMs: 50 });
  history.start();
  t.after(async () => {
    await rooms.close();
    await history.close();
  });
  return { rooms, history, broker, say: (id) => rooms.publish('lobby', { id, author, data: { text: id } }) };
}

async function idsOf({ tables }: ChatDatabase): Promise<string[]> {
  const rows = await tables.selectFrom('message').select(['messageId']).orderBy('seq').execute();
  return rows.map(({ messageId }) => messageId);
}

/** Makes each transaction fail while `isLost`. */
function losable(database: ChatDatabase): { database: ChatDatabase; isLost: boolean; refused: number } {
  const { tables } = database;
  const lost = {
    isLost: false,
    refused: 0,
    database: {
      ...database,
      tables: new Proxy(tables, {
        get(target, name) {
          if (name === 'transaction' && lost.isLost) {
            lost.refused++;
            throw databaseUnavailable('it is locked');
          }
          const value: unknown = Reflect.get(target, name);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
    },
  };
  return lost;
}

describeDatabases('the history', (open) => {
  test('has every published message, more than the room keeps', async (t) => {
    const database = await open(t);
    const { say, history } = await start(t, database);
    const ids = Array.from({ length: 45 }, (_, index) => `m${index}`);
    for (const id of ids) {
      // The room has at most 20 messages that are not copied.
      await until(
        async () =>
          await say(id).then(
            () => true,
            () => false,
          ),
      );
    }
    assert.equal(await history.waitFor('lobby', 45), true);
    assert.deepEqual(await idsOf(database), ids);
  });

  test('a message that is not published is not waited for longer than the time', async (t) => {
    const database = await open(t);
    const { history } = await start(t, database);
    assert.equal(await history.waitFor('lobby', 1, 100), false);
    assert.equal(await history.waitFor('gone', 1, 60_000), false);
  });

  test('messages wait while the database is lost; then publishes are refused with a time, and nothing acknowledged is missing', async (t) => {
    const original = await open(t);
    const lost = losable(original);
    const { say, history } = await start(t, lost.database);
    await say('before');
    assert.ok(await history.waitFor('lobby', 1));
    lost.isLost = true;
    const stored = ['before'];
    const refusal = await until(async () => {
      const id = `m${stored.length}`;
      try {
        await say(id);
        stored.push(id);
        return undefined;
      } catch (error) {
        return error as { code: string; retryAfterMs: number };
      }
    });
    assert.equal(refusal.code, 'ROOM_TOO_FAST');
    assert.ok(refusal.retryAfterMs > 0);
    await until(() => lost.refused > 1);
    assert.deepEqual(await idsOf(original), ['before']);
    lost.isLost = false;
    assert.ok(await history.waitFor('lobby', stored.length, 10_000));
    await until(
      async () =>
        await say('after').then(
          () => true,
          () => false,
        ),
    );
    assert.ok(await history.waitFor('lobby', stored.length + 1));
    assert.deepEqual(await idsOf(original), [...stored, 'after']);
  });

  test('ends in order: what was published before the end is in the table after the next start', async (t) => {
    const database = await open(t);
    const lost = losable(database);
    const first = await start(t, lost.database);
    lost.isLost = true;
    for (const id of ['a', 'b', 'c']) await first.say(id);
    await until(() => lost.refused > 0);
    await first.rooms.close();
    await first.history.close();
    assert.deepEqual(await idsOf(database), []);
    const second = await start(t, database, first.broker);
    assert.ok(await second.history.waitFor('lobby', 3));
    assert.deepEqual(await idsOf(database), ['a', 'b', 'c']);
  });

  test('messages that the room keeps and a new database has not are copied at the start', async (t) => {
    const broker = new MemoryBroker();
    const before = await start(t, await open(t), broker);
    for (const id of ['a', 'b', 'c']) await before.say(id);
    assert.ok(await before.history.waitFor('lobby', 3));
    await before.rooms.close();
    await before.history.close();
    const database = await open(t);
    const { history, say } = await start(t, database, broker);
    assert.ok(await history.waitFor('lobby', 3));
    await say('d');
    assert.ok(await history.waitFor('lobby', 4));
    assert.deepEqual(await idsOf(database), ['a', 'b', 'c', 'd']);
  });

  test('one of two servers does the regular work, and the other after its end', async (t) => {
    const database = await open(t);
    const first = await start(t, database);
    const work: string[] = [];
    first.history.addDuty(async () => void work.push('first'));
    await until(() => work.length > 1);
    const second = await start(t, database, first.broker);
    second.history.addDuty(async () => void work.push('second'));
    const { length } = work;
    await until(() => work.length > length + 2);
    assert.ok(!work.includes('second'));
    await first.rooms.close();
    await first.history.close();
    await until(() => work.includes('second'));
  });
});
