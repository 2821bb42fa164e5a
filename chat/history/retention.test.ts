import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBroker, Rooms } from 'gale';
import { describeDatabases } from '../test/support/databases.ts';
import { signalsOf } from '../test/support/room-signals.ts';
import { expiredBy, lobbyId, type MessageData } from '../wire.ts';
import { History, historyConsumer } from './history.ts';
import { readPage } from './history-pages.ts';
import { writeHistory } from './history-writer.ts';
import { Retention } from './retention.ts';

const log = { debug() {}, info() {}, warn() {}, error() {} };
const dayMs = 86_400_000;

describeDatabases('the retention', (open) => {
  test('deletes expired messages from the table and the stream, and their seq is not used again', async (t) => {
    const database = await open(t);
    let now = Date.now();
    const broker = new MemoryBroker({ now: () => now });
    const rooms = new Rooms<MessageData>(broker, { consumers: [historyConsumer], log });
    const history = new History(database, rooms, { log });
    history.start();
    t.after(async () => {
      await rooms.close();
      await history.close();
    });
    const author = { id: 'ada', name: 'Ada' };
    const say = (id: string): Promise<unknown> => rooms.publish(lobbyId, { id, author, data: { text: id } });
    await database.tables
      .insertInto('person')
      .values({ id: 'ada', name: 'Ada', nameKey: 'ada', passwordHash: '', createdAt: 1 })
      .execute();
    await database.tables.insertInto('member').values({ roomId: lobbyId, personId: 'ada', joinedAt: 1 }).execute();
    await say('a');
    await say('b');
    now += 3 * dayMs;
    await say('c');
    assert.ok(await history.waitFor(lobbyId, 3, 10_000));

    const sweep = (retentionDays: number): Promise<void> =>
      new Retention(database, rooms, { retentionDays, log, now: () => now }).sweep();
    const signals = await signalsOf(t, rooms, lobbyId);
    await sweep(0);
    await sweep(4);
    assert.deepEqual(signals, []);
    assert.equal((await readPage(database, lobbyId, {})).messages.length, 3);
    await sweep(2);
    await sweep(2);
    const data = { text: '', deleted: { at: 0, by: expiredBy } };
    assert.deepEqual(signals, [{ type: 'message-changed', seq: 2, data }], 'open pages are notified once');
    const page = await readPage(database, lobbyId, {});
    assert.deepEqual([page.first, page.top, page.messages.map(({ id }) => id)], [3, 3, ['c']]);
    const kept = await rooms.history(lobbyId);
    assert.deepEqual(
      kept.messages.map(({ data }) => data.text),
      ['', '', 'c'],
    );
    const member = await database.tables.selectFrom('member').select('readSeq').executeTakeFirst();
    assert.equal(member?.readSeq, 2, 'deleted messages are not unread');

    // The stream gets a new epoch, and all of its messages come again.
    const messages = kept.messages.map((message) => ({ ...message, offset: message.offset }));
    await writeHistory(database, [{ room: lobbyId, epoch: 'other', kind: 'messages', messages }]);
    assert.deepEqual(
      (await readPage(database, lobbyId, {})).messages.map(({ id, seq }) => `${seq}${id}`),
      ['3c'],
    );
    now += 3 * dayMs;
    await sweep(2);
    assert.deepEqual((await readPage(database, lobbyId, {})).messages, []);
    await say('d');
    assert.ok(await history.waitFor(lobbyId, 4, 10_000));
    assert.deepEqual(
      (await readPage(database, lobbyId, {})).messages.map(({ id, seq }) => `${seq}${id}`),
      ['4d'],
    );
  });

  test('deletes many messages of several rooms in steps', async (t) => {
    const database = await open(t);
    await database.tables
      .insertInto('room')
      .values({ id: 'tea', kind: 'public', name: 'Tea', nameKey: 'tea', madeBy: 'ada', madeAt: 1 })
      .execute();
    for (const room of [lobbyId, 'tea']) {
      const messages = Array.from({ length: 1500 }, (_, index) => ({
        offset: index + 1,
        id: `m${index}`,
        author: { id: 'ada', name: 'Ada' },
        time: index,
        data: { text: 'x' },
        life: '',
      }));
      await writeHistory(database, [{ room, epoch: 'e', kind: 'messages', messages }]);
    }
    const rooms = new Rooms<MessageData>(new MemoryBroker(), { log });
    t.after(() => rooms.close());
    await new Retention(database, rooms, { retentionDays: 1, log, now: () => dayMs + 1400 }).sweep();
    for (const room of [lobbyId, 'tea']) assert.equal((await readPage(database, room, {})).first, 1401);
  });
});
