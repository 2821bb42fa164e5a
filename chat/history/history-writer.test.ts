import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RoomMessage } from 'gale/rooms';
import type { ChatDatabase } from '../database/database.ts';
import { describeDatabases } from '../test/support/databases.ts';
import type { MessageData } from '../wire.ts';
import { writeHistory, type HistoryBatch } from './history-writer.ts';

/** Messages of the lobby with these ids; the id is the text too. */
function batchOf(
  epoch: string,
  firstOffset: number,
  ids: readonly string[],
  more: Partial<MessageData> = {},
): HistoryBatch {
  const messages = ids.map((id, index): RoomMessage<MessageData> => ({
    offset: firstOffset + index,
    id,
    author: { id: 'ada', name: 'Ada' },
    time: 1000 + firstOffset + index,
    data: { text: id, ...more },
    life: 'l',
  }));
  return { room: 'lobby', epoch, kind: 'messages', messages };
}

async function stored({ tables }: ChatDatabase): Promise<string> {
  const rows = await tables.selectFrom('message').select(['seq', 'messageId']).orderBy('seq').execute();
  return rows.map(({ seq, messageId }) => `${seq}${messageId}`).join(' ');
}

async function segmentsOf({ tables }: ChatDatabase): Promise<unknown[]> {
  return tables.selectFrom('segment').select(['epoch', 'firstOffset', 'delta']).orderBy('firstOffset').execute();
}

async function addPeople({ tables }: ChatDatabase, ids: readonly string[]): Promise<void> {
  await tables
    .insertInto('person')
    .values(ids.map((id) => ({ id, name: id, nameKey: id, passwordHash: '', createdAt: 1 })))
    .execute();
}

describeDatabases('the writer of the history', (open) => {
  test('numbers messages from 1, and updates the room', async (t) => {
    const database = await open(t);
    const written = await writeHistory(database, [batchOf('e', 1, ['a', 'b']), batchOf('e', 3, ['c'])]);
    const segments = [{ firstOffset: 1, delta: 0 }];
    assert.deepEqual(written, [{ room: 'lobby', epoch: 'e', topSeq: 3, segments, isBegun: false }]);
    assert.equal(await stored(database), '1a 2b 3c');
    const room = await database.tables.selectFrom('room').select(['topSeq', 'lastAt']).executeTakeFirst();
    assert.deepEqual(room, { topSeq: 3, lastAt: 1003 });
  });

  test('messages that come again are stored once, and the numbers stay', async (t) => {
    const database = await open(t);
    await writeHistory(database, [batchOf('e', 1, ['a', 'b', 'c'])]);
    const [again] = await writeHistory(database, [batchOf('e', 1, ['a', 'b'])]);
    assert.equal(again?.segments, undefined);
    const [next] = await writeHistory(database, [batchOf('e', 3, ['c', 'd'])]);
    assert.equal(next?.segments, undefined);
    assert.equal(await stored(database), '1a 2b 3c 4d');
  });

  test('a stream whose beginning was trimmed begins at 1', async (t) => {
    const database = await open(t);
    await writeHistory(database, [batchOf('e', 901, ['a', 'b'])]);
    assert.deepEqual(await segmentsOf(database), [{ epoch: 'e', firstOffset: 901, delta: -900 }]);
    assert.equal(await stored(database), '1a 2b');
  });

  test('after a reset, kept messages keep their seq, lost ones stay, and new ones follow', async (t) => {
    const database = await open(t);
    await writeHistory(database, [batchOf('e', 1, ['a', 'b', 'c', 'd'])]);
    const [written] = await writeHistory(database, [batchOf('f', 1, ['b', 'c'])]);
    // The next message is known to be number 5 before it is sent.
    const segments = [
      { firstOffset: 1, delta: 1 },
      { firstOffset: 3, delta: 2 },
    ];
    assert.deepEqual(written?.segments, segments);
    await writeHistory(database, [batchOf('f', 3, ['e'])]);
    assert.equal(await stored(database), '1a 2b 3c 4d 5e');
    assert.deepEqual(
      await segmentsOf(database),
      segments.map((segment) => ({ epoch: 'f', ...segment })),
    );
  });

  test('a stream that went back without a new epoch gets new numbers for its new messages', async (t) => {
    const database = await open(t);
    await writeHistory(database, [batchOf('e', 1, ['a', 'b', 'c'])]);
    await writeHistory(database, [batchOf('e', 2, ['x', 'y'])]);
    assert.equal(await stored(database), '1a 2b 3c 4x 5y');
    assert.deepEqual(await segmentsOf(database), [
      { epoch: 'e', firstOffset: 1, delta: 0 },
      { epoch: 'e', firstOffset: 2, delta: 2 },
    ]);
  });

  test('a retry of a lost message is stored once', async (t) => {
    const database = await open(t);
    await writeHistory(database, [batchOf('e', 1, ['a', 'b', 'c'])]);
    await writeHistory(database, [batchOf('f', 1, ['a'])]);
    await writeHistory(database, [batchOf('f', 2, ['c', 'd'])]);
    assert.equal(await stored(database), '1a 2b 3c 4d');
  });

  test('an id that is used again when the stream has forgotten it is another message', async (t) => {
    const database = await open(t);
    const first = batchOf('e', 1, ['a', 'b', 'c']);
    await writeHistory(database, [first]);
    // Less than 100 messages later, the stream had lost it.
    await writeHistory(database, [batchOf('e', 4, ['b'])]);
    assert.equal(await stored(database), '1a 2b 3c');
    const later = batchOf('e', 104, ['a', 'd'], { text: 'another text' });
    await writeHistory(database, [later]);
    const expected = '1a 2b 3c 4a~1104 5d';
    assert.equal(await stored(database), expected);
    // All of them come again, after a crash and after a reset.
    await writeHistory(database, [first, later]);
    assert.equal(await stored(database), expected);
    const inOrder = later.messages.map((message, index) => ({ ...message, offset: index + 1 }));
    await writeHistory(database, [{ ...later, epoch: 'f', messages: inOrder }]);
    assert.equal(await stored(database), expected);
    const texts = await database.tables.selectFrom('message').select('text').orderBy('seq').execute();
    assert.deepEqual(
      texts.map(({ text }) => text),
      ['a', 'b', 'c', 'another text', 'another text'],
    );
    assert.deepEqual(await segmentsOf(database), [{ epoch: 'f', firstOffset: 1, delta: 3 }]);
  });

  test('messages of a removed room are ignored', async (t) => {
    const database = await open(t);
    assert.deepEqual(await writeHistory(database, [{ ...batchOf('e', 1, ['a']), room: 'gone' }]), []);
    assert.equal(await stored(database), '');
  });

  test('mentioned people have a row each; the author, unknown people and those who do not use the chat have none', async (t) => {
    const database = await open(t);
    await addPeople(database, ['ada', 'bob', 'cy', 'dan', 'eve']);
    await database.tables.updateTable('person').set({ deactivatedAt: 1 }).where('id', '=', 'dan').execute();
    await database.tables.updateTable('person').set({ deletedAt: 1 }).where('id', '=', 'eve').execute();
    await database.tables
      .insertInto('room')
      .values({ id: 'tea', kind: 'public', name: 'Tea', nameKey: 'tea', madeBy: 'ada', madeAt: 1 })
      .execute();
    await database.tables
      .insertInto('member')
      .values(['ada', 'cy', 'dan'].map((personId) => ({ roomId: 'tea', personId, joinedAt: 1 })))
      .execute();
    await writeHistory(database, [
      batchOf('e', 1, ['a'], { mentions: ['bob', 'ada', 'nobody', 'dan', 'eve'] }),
      batchOf('e', 2, ['b'], { mentions: ['all'] }),
      { ...batchOf('e', 1, ['c'], { mentions: ['all'] }), room: 'tea' },
    ]);
    const rows = await database.tables.selectFrom('mention').select(['personId', 'roomId', 'seq']).execute();
    assert.deepEqual(rows.map(({ personId, roomId, seq }) => `${personId} ${roomId} ${seq}`).toSorted(), [
      'bob lobby 1',
      'bob lobby 2',
      'cy lobby 2',
      'cy tea 1',
    ]);
  });

  test('a change that the stream has lost is pending', async (t) => {
    const database = await open(t);
    await writeHistory(database, [batchOf('e', 1, ['a', 'b'])]);
    await database.tables.updateTable('message').set({ text: '', change: 2 }).where('messageId', '=', 'a').execute();
    await writeHistory(database, [batchOf('f', 1, ['a', 'b'], { change: 1 })]);
    const rows = await database.tables.selectFrom('message').select(['text', 'pending']).orderBy('seq').execute();
    assert.deepEqual(rows, [
      { text: '', pending: 1 },
      { text: 'b', pending: 0 },
    ]);
    await database.tables.updateTable('message').set({ pending: 0 }).execute();
    await writeHistory(database, [{ ...batchOf('f', 1, ['a'], { change: 1 }), kind: 'amendments' }]);
    const [row] = await database.tables.selectFrom('message').select('pending').orderBy('seq').execute();
    assert.equal(row?.pending, 1);
  });

  test('writes more messages than one statement can have', async (t) => {
    const database = await open(t);
    const ids = Array.from({ length: 1200 }, (_, index) => `m${index}`);
    await writeHistory(database, [batchOf('e', 1, ids)]);
    const { count } = await database.tables
      .selectFrom('message')
      .select((all) => all.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    assert.equal(count, 1200);
  });
});
