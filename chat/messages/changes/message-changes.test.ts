import assert from 'node:assert/strict';
import { test } from 'node:test';
import { recallMs } from '../../history/message-columns.ts';
import { lobbyId, type MessageData } from '../../wire.ts';
import { describeDatabases } from '../../test/support/databases.ts';
import { signalsOf } from '../../test/support/room-signals.ts';
import { openTalk } from './support.ts';

const at = (seq: number, room = lobbyId): { room: string; seq: number } => ({ room, seq });
const code = (expected: string): { code: string } => ({ code: expected });

describeDatabases('changes of messages', (open) => {
  test('an edit is in the table and in the stream, with its time', async (t) => {
    const { changes, clock, say, streamed, database } = openTalk(t, await open(t));
    const seq = await say('ann', 'helo');
    const edited: MessageData = { text: 'hello', change: 1, edited: clock.now };
    assert.deepEqual(await changes.edit('ann', at(seq), 'hello'), edited);
    assert.deepEqual(await streamed(seq), edited);
    const row = await database.tables.selectFrom('message').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual([row.text, row.change, row.pending], ['hello', 1, 0]);
    clock.now += 1000;
    assert.deepEqual(await changes.edit('ann', at(seq), 'hello'), edited, 'a repeated edit changes nothing');
  });

  test('only authors edit, only authors and administrators delete, and the audit has no text', async (t) => {
    const { changes, clock, say, addPerson, streamed, database } = openTalk(t, await open(t));
    await addPerson('boss', 'administrator');
    await addPerson('bob');
    const seq = await say('ann', 'secret');
    for (const person of ['bob', 'boss'])
      await assert.rejects(changes.edit(person, at(seq), 'x'), code('CHAT_NOT_ALLOWED'));
    await assert.rejects(changes.remove('bob', at(seq), false), code('CHAT_NOT_ALLOWED'));
    await assert.rejects(changes.remove('boss', at(seq), true), code('CHAT_NOT_ALLOWED'), 'recall');
    const deleted = { text: '', change: 1, deleted: { at: clock.now, by: 'boss' } };
    assert.deepEqual(await changes.remove('boss', at(seq), false), deleted);
    assert.deepEqual(await streamed(seq), deleted);
    const [audit] = await database.tables.selectFrom('audit').selectAll().execute();
    assert.deepEqual(
      [audit?.actorId, audit?.action, audit?.target, audit?.details],
      ['boss', 'message.delete', lobbyId, JSON.stringify({ seq, author: 'ann' })],
    );
  });

  test('a message can be recalled for two minutes, by the clock of the server', async (t) => {
    const { changes, clock, say } = openTalk(t, await open(t));
    const [early, late] = [await say('ann', 'a'), await say('ann', 'b')];
    assert.equal((await changes.remove('ann', at(early), true)).deleted?.recalled, true);
    assert.equal((await changes.remove('ann', at(early), true)).change, 1, 'a repeated recall changes nothing');
    clock.now += recallMs + 5000;
    await assert.rejects(changes.remove('ann', at(late), true), code('CHAT_RECALL_LATE'));
    assert.deepEqual((await changes.remove('ann', at(late), false)).deleted, { at: clock.now, by: 'ann' });
  });

  test('a recall is in time at 1:59 and at 2:00, and late one millisecond after', async (t) => {
    const { changes, clock, database, say } = openTalk(t, await open(t));
    for (const [afterMs, isInTime] of [
      [119_000, true],
      [120_000, true],
      [120_001, false],
    ] as const) {
      const seq = await say('ann', 'a');
      const row = database.tables.selectFrom('message').select('sentAt').where('seq', '=', seq);
      clock.now = (await row.executeTakeFirstOrThrow()).sentAt + afterMs;
      const recall = changes.remove('ann', at(seq), true);
      if (isInTime) assert.equal((await recall).deleted?.recalled, true, `${afterMs} ms`);
      else await assert.rejects(recall, code('CHAT_RECALL_LATE'));
    }
  });

  test('a deleted message keeps nothing and cannot be changed', async (t) => {
    const { changes, say, addPerson, database } = openTalk(t, await open(t));
    await addPerson('bob');
    await addPerson('boss', 'administrator');
    const seq = await say('ann', 'secret');
    await database.tables.insertInto('mention').values({ personId: 'bob', roomId: lobbyId, seq, sentAt: 1 }).execute();
    await database.tables.updateTable('message').set({ replyTo: 1, mentions: '["bob"]' }).execute();
    await changes.react('bob', at(seq), '👍', true);
    await changes.pin('boss', at(seq), true);
    await changes.remove('ann', at(seq), false);
    const row = await database.tables.selectFrom('message').selectAll().executeTakeFirstOrThrow();
    assert.deepEqual(
      [row.text, row.replyTo, row.mentions, row.pinnedAt, row.pinnedBy, row.editedAt],
      ['', null, null, null, null, null],
    );
    for (const table of ['reaction', 'mention'] as const) {
      assert.deepEqual(await database.tables.selectFrom(table).selectAll().execute(), []);
    }
    await assert.rejects(changes.edit('ann', at(seq), 'again'), code('CHAT_MESSAGE_DELETED'));
    await assert.rejects(changes.react('bob', at(seq), '👍', true), code('CHAT_MESSAGE_DELETED'));
    await assert.rejects(changes.pin('boss', at(seq), true), code('CHAT_MESSAGE_DELETED'));
    assert.equal((await changes.react('bob', at(seq), '👍', false)).change, 3, 'removing a reaction changes nothing');
  });

  test('reactions are counted once for each person, in the order of the first of each kind', async (t) => {
    const { changes, say, addPerson, streamed, clock } = openTalk(t, await open(t));
    for (const person of ['ann', 'bob', 'cat']) await addPerson(person);
    const seq = await say('ann', 'a');
    for (const [person, emoji] of [
      ['bob', '🎉'],
      ['ann', '👍'],
      ['cat', '👍'],
      ['bob', '🎉'],
      ['cat', '🎉'],
    ] as const) {
      clock.now++;
      await changes.react(person, at(seq), emoji, true);
    }
    assert.deepEqual((await streamed(seq))?.reactions, [
      { emoji: '🎉', count: 2, people: ['bob', 'cat'] },
      { emoji: '👍', count: 2, people: ['ann', 'cat'] },
    ]);
    await changes.react('ann', at(seq), '👍', false);
    await changes.react('ann', at(seq), '👍', false);
    await changes.react('cat', at(seq), '👍', false);
    assert.deepEqual(await streamed(seq), {
      text: 'a',
      change: 6,
      reactions: [{ emoji: '🎉', count: 2, people: ['bob', 'cat'] }],
    });
  });

  test('a message has at most 20 kinds of reactions, and 500 in all', async (t) => {
    const { changes, say, addPerson, database } = openTalk(t, await open(t));
    await addPerson('ann');
    const kinds = [...'😀😁😂😃😄😅😆😇😈😉😊😋😌😍😎😏😐😑😒😓😔'];
    const [many, full] = [await say('ann', 'a'), await say('ann', 'b')];
    for (const emoji of kinds.slice(0, 20)) await changes.react('ann', at(many), emoji, true);
    await assert.rejects(changes.react('ann', at(many), kinds[20]!, true), code('CHAT_REACTIONS_FULL'));
    for (const wrong of ['', 'ok', '👍👍', '1'])
      assert.throws(() => changes.react('ann', at(many), wrong, true), code('CHAT_REACTION'));

    const people = Array.from({ length: 500 }, (_, index) => `p${index}`);
    await database.tables
      .insertInto('person')
      .values(people.map((id) => ({ id, name: id, nameKey: id, passwordHash: '', createdAt: 1 })))
      .execute();
    await database.tables
      .insertInto('reaction')
      .values(people.map((personId, madeAt) => ({ roomId: lobbyId, seq: full, personId, emoji: '👍', madeAt })))
      .execute();
    await assert.rejects(changes.react('ann', at(full), '👍', true), code('CHAT_REACTIONS_FULL'));
    const { reactions } = await changes.react('p3', at(full), '👍', false);
    assert.equal(reactions?.[0]?.count, 499);
    assert.equal(reactions[0].people.length, 50);
    assert.equal((await changes.react('ann', at(full), '👍', true)).reactions?.[0]?.count, 500);
  });

  test('owners and administrators pin; in a direct conversation everybody; at most 50', async (t) => {
    const { changes, say, addPerson, database, clock } = openTalk(t, await open(t));
    const { tables } = database;
    for (const person of ['ann', 'bob', 'eve']) await addPerson(person);
    await addPerson('boss', 'administrator');
    const room = { name: '', madeBy: '', madeAt: 1 };
    await tables
      .insertInto('room')
      .values([
        { ...room, id: 'tea', kind: 'public' },
        { ...room, id: 'two', kind: 'direct' },
      ])
      .execute();
    await tables
      .insertInto('member')
      .values([
        { roomId: 'tea', personId: 'ann', role: 'owner', joinedAt: 1 },
        { roomId: 'tea', personId: 'bob', role: 'member', joinedAt: 1 },
      ])
      .execute();
    const [lobby, tea, two] = [
      await say('ann', 'a'),
      await say('bob', 'b', { room: 'tea' }),
      await say('eve', 'c', { room: 'two' }),
    ];
    await assert.rejects(changes.pin('ann', at(lobby), true), code('CHAT_NOT_ALLOWED'));
    await assert.rejects(changes.pin('bob', at(tea, 'tea'), true), code('CHAT_NOT_ALLOWED'));
    assert.equal((await changes.pin('ann', at(tea, 'tea'), true)).pinned, clock.now);
    assert.equal((await changes.pin('bob', at(two, 'two'), true)).pinned, clock.now);
    assert.equal((await changes.pin('boss', at(lobby), true)).pinned, clock.now);
    assert.equal((await changes.pin('boss', at(lobby), false)).pinned, undefined);
    for (let count = 0; count < 49; count++) await say('bob', `${count}`, { room: 'tea' });
    await tables.updateTable('message').set({ pinnedAt: 1 }).where('roomId', '=', 'tea').execute();
    const next = await say('bob', 'one more', { room: 'tea' });
    await assert.rejects(changes.pin('ann', at(next, 'tea'), true), code('CHAT_PINS_FULL'));
  });

  test('a message that does not exist is unknown at once; one that is not in the table yet is waited for', async (t) => {
    const { changes, say, database, rooms } = openTalk(t, await open(t));
    await say('ann', 'a');
    const late = await say('ann', 'b', { isStored: false });
    for (const seq of [99, Number.MAX_SAFE_INTEGER]) {
      await assert.rejects(changes.edit('ann', at(seq), 'x'), code('CHAT_MESSAGE_UNKNOWN'));
    }
    await assert.rejects(changes.edit('ann', at(1, 'elsewhere'), 'x'), code('CHAT_MESSAGE_UNKNOWN'));
    await assert.rejects(changes.edit('ann', at(late), 'x'), code('ROOM_UNAVAILABLE'));
    const edit = changes.edit('ann', at(late), 'B');
    const message = (await rooms.history(lobbyId)).messages.at(-1)!;
    await database.tables
      .insertInto('message')
      .values({
        roomId: lobbyId,
        seq: late,
        authorId: 'ann',
        messageId: message.id,
        text: 'b',
        sentAt: 1,
        epoch: '',
        streamOffset: late,
      })
      .execute();
    assert.equal((await edit).text, 'B');
  });

  test('a message that is stored while its room is asked about is known', async (t) => {
    const { changes, rooms, database, say } = openTalk(t, await open(t));
    const seq = await say('ann', 'a', { isStored: false });
    const { messages } = await rooms.history(lobbyId);
    const { id, time } = messages[0]!;
    const heads = rooms.heads.bind(rooms);
    t.mock.method(rooms, 'heads', async (...asked: Parameters<typeof heads>) => {
      const found = await heads(...asked);
      const row = { roomId: lobbyId, seq, authorId: 'ann', messageId: id, text: 'a', sentAt: time, epoch: '' };
      await database.tables
        .insertInto('message')
        .values({ ...row, streamOffset: seq })
        .execute();
      await database.tables.updateTable('room').set({ topSeq: seq }).where('id', '=', lobbyId).execute();
      return found;
    });
    await changes.assertReplyable(at(seq));
  });

  test('open pages get the change of a message that the stream no longer keeps', async (t) => {
    const { changes, say, rooms } = openTalk(t, await open(t), { historyCount: 1 });
    const seq = await say('ann', 'old');
    await say('ann', 'new');
    const signals = await signalsOf(t, rooms, lobbyId);
    const data = await changes.edit('ann', at(seq), 'older');
    assert.deepEqual(signals, [{ type: 'message-changed', seq, data }]);
  });
});
