import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ChatDatabase } from '../database/database.ts';
import { describeDatabases } from '../test/support/databases.ts';
import { readPage, type HistoryPage, type PageRequest } from './history-pages.ts';
import { writeHistory } from './history-writer.ts';

/** Stores messages 1 to `count` of the lobby. */
async function fill(database: ChatDatabase, count: number): Promise<void> {
  await database.tables
    .insertInto('person')
    .values(['ada', 'bob'].map((id) => ({ id, name: id.toUpperCase(), nameKey: id, passwordHash: '', createdAt: 1 })))
    .execute();
  const messages = Array.from({ length: count }, (_, index) => ({
    offset: index + 1,
    id: `m${index + 1}`,
    author: { id: 'ada', name: 'Ada' },
    time: 1000 + index,
    data: { text: `text ${index + 1}` },
    life: '',
  }));
  await writeHistory(database, [{ room: 'lobby', epoch: 'e', kind: 'messages', messages }]);
}

const seqs = ({ messages }: HistoryPage): number[] => messages.map(({ seq }) => seq);
const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, at) => from + at);

describeDatabases('the pages of the history', (open) => {
  test('a page is a range of at most 50 messages', async (t) => {
    const database = await open(t);
    await fill(database, 120);
    const cases: readonly (readonly [PageRequest, readonly number[]])[] = [
      [{}, range(71, 120)],
      [{ before: 71 }, range(21, 70)],
      [{ before: 21 }, range(1, 20)],
      [{ before: 1 }, []],
      [{ before: 0 }, []],
      [{ after: 0 }, range(1, 50)],
      [{ after: 100 }, range(101, 120)],
      [{ after: 120 }, []],
      [{ after: 9999 }, []],
      [{ around: 60 }, range(35, 84)],
      [{ around: 3 }, range(1, 50)],
      [{ around: 119 }, range(71, 120)],
      [{ around: 9999 }, range(71, 120)],
    ];
    for (const [request, expected] of cases) {
      const page = await readPage(database, 'lobby', request);
      assert.deepEqual(seqs(page), expected, JSON.stringify(request));
      assert.deepEqual([page.first, page.top], [1, 120]);
    }
  });

  test('a room without messages, and one that does not exist, have an empty page', async (t) => {
    const database = await open(t);
    for (const room of ['lobby', 'nowhere']) {
      assert.deepEqual(await readPage(database, room, {}), { messages: [], first: 1, top: 0 });
    }
  });

  test('after the oldest messages were removed, the page begins with the first that is kept', async (t) => {
    const database = await open(t);
    await fill(database, 60);
    await database.tables.deleteFrom('message').where('seq', '<', 30).execute();
    assert.deepEqual(seqs(await readPage(database, 'lobby', { before: 40 })), range(30, 39));
    assert.equal((await readPage(database, 'lobby', {})).first, 30);
    await database.tables.deleteFrom('message').execute();
    assert.deepEqual(await readPage(database, 'lobby', {}), { messages: [], first: 61, top: 60 });
  });

  test('a message has its author by the current name, its changes and its reactions', async (t) => {
    const database = await open(t);
    await fill(database, 2);
    await database.tables
      .updateTable('message')
      .set({ text: '', change: 3, editedAt: 5, deletedAt: 1500, deletedBy: 'ada', replyTo: 1, mentions: '["bob"]' })
      .where('seq', '=', 2)
      .execute();
    const reactions = [
      ['bob', '👍', 2],
      ['ada', '👍', 3],
      ['ada', '🎉', 1],
    ] as const;
    await database.tables
      .insertInto('reaction')
      .values(reactions.map(([personId, emoji, madeAt]) => ({ roomId: 'lobby', seq: 1, personId, emoji, madeAt })))
      .execute();
    const { messages } = await readPage(database, 'lobby', {});
    assert.deepEqual(messages, [
      {
        seq: 1,
        id: 'm1',
        author: { id: 'ada', name: 'ADA' },
        time: 1000,
        data: {
          text: 'text 1',
          reactions: [
            { emoji: '🎉', count: 1, people: ['ada'] },
            { emoji: '👍', count: 2, people: ['bob', 'ada'] },
          ],
        },
      },
      {
        seq: 2,
        id: 'm2',
        author: { id: 'ada', name: 'ADA' },
        time: 1001,
        data: {
          text: '',
          change: 3,
          edited: 5,
          deleted: { at: 1500, by: 'ada', recalled: true },
          reply: 1,
          mentions: ['bob'],
        },
      },
    ]);
  });

  test('a reaction of many people has the ids of the first 50, and the count of all', async (t) => {
    const database = await open(t);
    await fill(database, 1);
    const people = range(100, 159).map((number) => `p${number}`);
    await database.tables
      .insertInto('person')
      .values(people.map((id) => ({ id, name: id, nameKey: id, passwordHash: '', createdAt: 1 })))
      .execute();
    await database.tables
      .insertInto('reaction')
      .values(people.map((personId, madeAt) => ({ roomId: 'lobby', seq: 1, personId, emoji: '👍', madeAt })))
      .execute();
    const [message] = (await readPage(database, 'lobby', {})).messages;
    assert.deepEqual(message?.data.reactions, [{ emoji: '👍', count: 60, people: people.slice(0, 50) }]);
  });
});
