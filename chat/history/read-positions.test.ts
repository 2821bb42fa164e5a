import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { ChatDatabase } from '../database/database.ts';
import { databaseUnavailable } from '../database/database-errors.ts';
import { describeDatabases } from '../test/support/databases.ts';
import type { SeenFrame } from '../wire.ts';
import { writeHistory } from './history-writer.ts';
import { ReadPositions } from './read-positions.ts';

interface Opened {
  readonly positions: ReadPositions;
  readonly frames: SeenFrame[];
  readonly warnings: string[];
  /** The position of Ada in the table. */
  stored(room?: string): Promise<number | undefined>;
}

async function start(t: TestContext, database: ChatDatabase): Promise<Opened> {
  const { tables } = database;
  await tables
    .insertInto('person')
    .values(
      (['ada', 'gil'] as const).map((id) => ({
        id,
        name: id,
        nameKey: id,
        passwordHash: '',
        createdAt: 1,
        role: id === 'gil' ? 'guest' : 'member',
      })),
    )
    .execute();
  await tables
    .insertInto('room')
    .values({ id: 'tea', kind: 'public', name: 'Tea', nameKey: 'tea', madeBy: 'ada', madeAt: 1 })
    .execute();
  await tables.insertInto('member').values({ roomId: 'tea', personId: 'ada', joinedAt: 1, readSeq: 3 }).execute();
  const frames: SeenFrame[] = [];
  const warnings: string[] = [];
  const positions = new ReadPositions(database, {
    notify: (_, frame) => void frames.push(frame),
    log: { debug() {}, info() {}, warn: (_: object, message: string) => void warnings.push(message), error() {} },
  });
  t.after(() => positions.close());
  return {
    positions,
    frames,
    warnings,
    stored: async (room = 'tea') => {
      const row = await tables
        .selectFrom('member')
        .select('readSeq')
        .where('personId', '=', 'ada')
        .where('roomId', '=', room)
        .executeTakeFirst();
      return row?.readSeq;
    },
  };
}

describeDatabases('the read positions', (open) => {
  test('move forwards, are sent at once, and are in the table after a write', async (t) => {
    const { positions, frames, stored } = await start(t, await open(t));
    positions.see('ada', { room: 'tea', seq: 7 });
    positions.see('ada', { room: 'tea', seq: 5 });
    assert.deepEqual(frames, [{ type: 'seen', room: 'tea', seq: 7 }]);
    assert.equal(positions.current('ada', 'tea', 3), 7);
    assert.equal(await stored(), 3);
    await positions.write();
    assert.equal(await stored(), 7);
    positions.see('ada', { room: 'tea', seq: 4 });
    await positions.write();
    assert.equal(await stored(), 7);
  });

  test('move back by hand, and forwards again from there', async (t) => {
    const { positions, frames, stored } = await start(t, await open(t));
    positions.see('ada', { room: 'tea', seq: 9 });
    await positions.write();
    await positions.set('ada', [{ room: 'tea', seq: 4 }]);
    assert.equal(positions.current('ada', 'tea', 9), 4);
    positions.see('ada', { room: 'tea', seq: 6 });
    assert.equal(positions.current('ada', 'tea', 9), 6);
    await positions.write();
    assert.equal(await stored(), 6);
    assert.deepEqual(frames[1], { type: 'seen', room: 'tea', seq: 4, exact: true });
  });

  test('do not move back to messages that have expired', async (t) => {
    const database = await open(t);
    const { positions, frames, stored } = await start(t, database);
    const messages = [1, 2, 3].map((offset) => ({
      offset,
      id: `m${offset}`,
      author: { id: 'ada', name: 'Ada' },
      time: offset,
      data: { text: 'x' },
      life: '',
    }));
    await writeHistory(database, [{ room: 'tea', epoch: 'e', kind: 'messages', messages }]);
    await database.tables.deleteFrom('message').where('seq', '<', 3).execute();
    await positions.set('ada', [{ room: 'tea', seq: 0 }]);
    assert.deepEqual(frames, [{ type: 'seen', room: 'tea', seq: 2, exact: true }]);
    await positions.write();
    assert.equal(await stored(), 2);
    await database.tables.deleteFrom('message').execute();
    await positions.set('ada', [{ room: 'tea', seq: 1 }]);
    await positions.write();
    assert.equal(await stored(), 3, 'no message is left');
  });

  test('the first one in the lobby makes a row, except for a guest who is not in it', async (t) => {
    const database = await open(t);
    const { positions, stored } = await start(t, database);
    positions.see('ada', { room: 'lobby', seq: 2 });
    positions.see('gil', { room: 'lobby', seq: 2 });
    await positions.write();
    assert.equal(await stored('lobby'), 2);
    const people = await database.tables
      .selectFrom('member')
      .select('personId')
      .where('roomId', '=', 'lobby')
      .execute();
    assert.deepEqual(people, [{ personId: 'ada' }]);
  });

  test('in a room of which the person is not a member it has no effect', async (t) => {
    const database = await open(t);
    const { positions } = await start(t, database);
    positions.see('gil', { room: 'tea', seq: 2 });
    positions.see('ada', { room: 'nowhere', seq: 2 });
    await positions.write();
    const { length } = await database.tables.selectFrom('member').selectAll().execute();
    assert.equal(length, 1);
  });

  test('wait while the database is lost, and a later one does not replace one that was set by hand', async (t) => {
    const original = await open(t);
    let isLost = false;
    const database: ChatDatabase = {
      ...original,
      get tables() {
        if (isLost) throw databaseUnavailable('it is locked');
        return original.tables;
      },
    };
    const opened = await start(t, original);
    const positions = new ReadPositions(database, {
      notify() {},
      log: { debug() {}, info() {}, warn() {}, error() {} },
    });
    t.after(() => positions.close());
    await original.tables.updateTable('member').set({ readSeq: 9 }).execute();
    await positions.set('ada', [{ room: 'tea', seq: 2 }]);
    isLost = true;
    await positions.write();
    positions.see('ada', { room: 'tea', seq: 5 });
    await positions.write();
    assert.equal(await opened.stored(), 9);
    isLost = false;
    await positions.write();
    assert.equal(await opened.stored(), 5);
  });
});
