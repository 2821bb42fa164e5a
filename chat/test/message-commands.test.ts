/**
 * The commands that change messages, over the socket: who may do what, wrong fields, and what others in the room get.
 */
import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { serveChat, type ServedChat } from './support/app.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';

interface Talk {
  readonly chat: ServedChat;
  readonly ann: RawSocket;
  readonly bob: RawSocket;
  /** Ann says something in the lobby. @returns The number of the message. */
  say(text: string, data?: object): Promise<number>;
}

async function openTalk(t: TestContext, more: Parameters<typeof serveChat>[1] = {}): Promise<Talk> {
  const chat = await serveChat(t, more);
  const [ann, bob] = await Promise.all(
    ['Ann', 'Bob'].map(async (name) => {
      const socket = await RawSocket.open(await chat.person(name));
      await socket.do('subscribe', { room: 'lobby' });
      const { id } = (await socket.frame({ type: 'welcome' }))['person'] as { readonly id: string };
      await chat.database.tables
        .insertInto('person')
        .values({ id, name, nameKey: name, passwordHash: '', createdAt: 1 })
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return socket;
    }),
  );
  assert.ok(ann && bob);
  let count = 0;
  return {
    chat,
    ann,
    bob,
    say: async (text, data = {}) => {
      const reply = await ann.do('publish', { room: 'lobby', id: `m${++count}`, data: { text, ...data } });
      return reply['offset'] as number;
    },
  };
}

/** Options of a chat in which one person changes many messages at once. */
const manyChanges = { rooms: { personPublishBurst: 2000, roomPublishBurst: 2000, commandBurst: 2000 } };

const codeOf = async (reply: Promise<Frame>): Promise<unknown> => (await reply)['code'];

test('others get an edit, a reaction and a deletion as amendments', async (t) => {
  const { ann, bob, say } = await openTalk(t);
  const seq = await say('helo');
  const place = { room: 'lobby', seq };
  const { data } = await ann.do('edit-message', { ...place, text: 'hello\r\nall' });
  assert.equal((data as Frame)['text'], 'hello\nall');
  await bob.frame({ type: 'amend', offset: seq, data });
  const reacted = await bob.do('react', { ...place, emoji: '👍', on: true });
  await ann.frame({ type: 'amend', offset: seq, data: reacted['data'] });
  const { own, count, people } = await ann.do('who-reacted', { ...place, emoji: '👍' });
  assert.deepEqual([own, count, (people as unknown[]).length], [false, 1, 1]);
  const deleted = await ann.do('delete-message', { ...place, recall: true });
  await bob.frame({ type: 'amend', offset: seq, data: deleted['data'] });
  assert.equal((deleted['data'] as Frame)['text'], '');
});

test('a member cannot change the messages of others, and nobody those of rooms they are not in', async (t) => {
  const { ann, bob, say } = await openTalk(t);
  const seq = await say('mine');
  const { room } = await ann.do('make-room', { name: 'Tea' });
  const tea = (room as Frame)['id'] as string;
  await ann.do('publish', { room: tea, id: 'a', data: { text: 'secret' } });
  const lobby = { room: 'lobby', seq };
  assert.equal(await codeOf(bob.ask('edit-message', { ...lobby, text: 'x' })), 'CHAT_NOT_ALLOWED');
  assert.equal(await codeOf(bob.ask('delete-message', lobby)), 'CHAT_NOT_ALLOWED');
  assert.equal(await codeOf(bob.ask('pin-message', { ...lobby, on: true })), 'CHAT_NOT_ALLOWED');
  for (const place of [
    { room: tea, seq: 1 },
    { room: 'nothing', seq: 1 },
  ]) {
    const commands: [string, object][] = [
      ['edit-message', { text: 'x' }],
      ['delete-message', {}],
      ['react', { emoji: '👍', on: true }],
      ['pin-message', { on: true }],
      ['who-reacted', { emoji: '👍' }],
      ['get-messages', { seqs: [1] }],
      ['list-pins', {}],
    ];
    for (const [type, fields] of commands) {
      const code = await codeOf(bob.ask(type, { ...place, ...fields }));
      assert.ok(code === 'ROOM_UNKNOWN' || code === 'ROOM_NOT_MEMBER', `${type}: ${code as string}`);
    }
  }
  assert.equal(
    await codeOf(bob.ask('amend', { room: 'lobby', author: 'x', id: 'm1', data: { text: 'x' } })),
    'ROOM_AMEND_REFUSED',
  );
});

test('wrong fields are refused', async (t) => {
  const { ann, say } = await openTalk(t, manyChanges);
  const seq = await say('a');
  for (const wrong of ['1', null, -1, 0, 1.5, 2 ** 53, 1e300, [1], {}]) {
    assert.equal(await codeOf(ann.ask('edit-message', { room: 'lobby', seq: wrong, text: 'x' })), 'ROOM_BAD_COMMAND');
    assert.equal(await codeOf(ann.ask('get-messages', { room: 'lobby', seqs: [wrong] })), 'ROOM_BAD_COMMAND');
    if (wrong === null) continue;
    const data = { text: 'x', reply: wrong };
    assert.equal(await codeOf(ann.ask('publish', { room: 'lobby', id: 'r', data })), 'ROOM_BAD_COMMAND');
  }
  const place = { room: 'lobby', seq };
  assert.equal(await codeOf(ann.ask('edit-message', { ...place, text: 7 })), 'ROOM_BAD_COMMAND');
  assert.equal(await codeOf(ann.ask('edit-message', { ...place, text: ' \u200b' })), 'CHAT_TEXT_EMPTY');
  assert.equal(await codeOf(ann.ask('edit-message', { ...place, text: 'x'.repeat(20_001) })), 'CHAT_TEXT_TOO_LONG');
  assert.equal(await codeOf(ann.ask('react', { ...place, emoji: 'ok', on: true })), 'CHAT_REACTION');
  assert.equal(await codeOf(ann.ask('react', { ...place, emoji: '👍', on: 1 })), 'ROOM_BAD_COMMAND');
  assert.equal(await codeOf(ann.ask('delete-message', { ...place, recall: 'yes' })), 'ROOM_BAD_COMMAND');
  assert.equal(
    await codeOf(ann.ask('get-messages', { room: 'lobby', seqs: Array.from({ length: 21 }, () => 1) })),
    'ROOM_BAD_COMMAND',
  );
  for (const type of ['edit-message', 'delete-message', 'react']) {
    const fields = { room: 'lobby', seq: seq + 1, text: 'x', emoji: '👍', on: true };
    assert.equal(await codeOf(ann.ask(type, fields)), 'CHAT_MESSAGE_UNKNOWN', type);
  }
});

test('reactions of 1,000 kinds end at 20', async (t) => {
  const { bob, say } = await openTalk(t, manyChanges);
  const seq = await say('a');
  const codes: unknown[] = [];
  for (let code = 0x1f600; code < 0x1f640; code++) {
    codes.push(await codeOf(bob.ask('react', { room: 'lobby', seq, emoji: String.fromCodePoint(code), on: true })));
  }
  assert.equal(codes.filter((code) => code === undefined).length, 20);
  assert.deepEqual([...new Set(codes.slice(20))], ['CHAT_REACTIONS_FULL']);
  const last = await bob.do('react', { room: 'lobby', seq, emoji: '\u{1f600}', on: true });
  assert.equal(((last['data'] as Frame)['reactions'] as unknown[]).length, 20);
});

test('a message replies to one of its room that exists, and has no field that only the server sets', async (t) => {
  const { bob, ann, say } = await openTalk(t);
  const first = await say('a');
  const forged = { change: 7, edited: 1, deleted: { at: 1, by: 'x' }, reactions: [], pinned: 1 };
  await say('b', { reply: first, ...forged });
  await bob.frame({ type: 'message', offset: 2, data: { text: 'b', reply: first } });
  for (const reply of [99, Number.MAX_SAFE_INTEGER]) {
    const data = { text: 'c', reply };
    assert.equal(await codeOf(ann.ask('publish', { room: 'lobby', id: 'r', data })), 'CHAT_REPLY_UNKNOWN');
  }
});

test('excerpts of quotes are short, and those of deleted messages are empty', async (t) => {
  const { bob, ann, say } = await openTalk(t);
  const [long, gone] = [await say('长'.repeat(400)), await say('secret')];
  await ann.do('delete-message', { room: 'lobby', seq: gone });
  const { messages } = await bob.do('get-messages', { room: 'lobby', seqs: [gone, long, 77] });
  const excerpts = messages as Frame[];
  assert.deepEqual(
    excerpts.map(({ seq, text, deleted }) => [seq, (text as string).length, deleted]),
    [
      [long, 300, undefined],
      [gone, 0, true],
    ],
  );
});

test('a reply to a deleted message is sent, and shows nothing of it', async (t) => {
  const { bob, ann, say } = await openTalk(t);
  const gone = await say('secret');
  await ann.do('delete-message', { room: 'lobby', seq: gone });
  // Bob wrote it before he saw the deletion, so it is not lost.
  await bob.do('publish', { room: 'lobby', id: 'late', data: { text: 'an answer', reply: gone } });
  await ann.frame({ type: 'message', id: 'late', data: { text: 'an answer', reply: gone } });
  const { messages } = await bob.do('get-messages', { room: 'lobby', seqs: [gone] });
  assert.deepEqual(
    (messages as Frame[]).map(({ text, deleted }) => [text, deleted]),
    [['', true]],
  );
});

test('changes count as publishes in the rates', async (t) => {
  const { bob, say } = await openTalk(t);
  const seq = await say('a');
  let code: unknown;
  for (let count = 0; code === undefined && count < 15; count++) {
    code = await codeOf(bob.ask('react', { room: 'lobby', seq, emoji: '👍', on: count % 2 === 0 }));
  }
  assert.equal(code, 'ROOM_TOO_FAST');
});

test('in an archived room nothing changes but deletions', async (t) => {
  const { chat, ann } = await openTalk(t);
  const { room } = await ann.do('make-room', { name: 'Tea' });
  const place = { room: (room as Frame)['id'], seq: 1 };
  await ann.do('publish', { room: place.room, id: 'a', data: { text: 'kept' } });
  await ann.do('react', { ...place, emoji: '👍', on: true });
  await chat.database.tables.updateTable('room').set({ archivedAt: 1 }).where('name', '=', 'Tea').execute();
  assert.equal(await codeOf(ann.ask('edit-message', { ...place, text: 'x' })), 'CHAT_ROOM_ARCHIVED');
  assert.equal(await codeOf(ann.ask('react', { ...place, emoji: '🎉', on: true })), 'CHAT_ROOM_ARCHIVED');
  assert.equal(await codeOf(ann.ask('pin-message', { ...place, on: true })), 'CHAT_ROOM_ARCHIVED');
  await ann.do('delete-message', place);
});
