/** The commands of the history and of the read positions, over a socket. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryMessage, WireRoom } from '../wire.ts';
import { serveChat } from './support/app.ts';
import { RawSocket, type Frame } from './support/raw-socket.ts';
import { until } from './support/until.ts';

const roomsOf = (frame: Frame): WireRoom[] => frame['rooms'] as WireRoom[];
const seqsOf = (reply: Frame): number[] => (reply['messages'] as HistoryMessage[]).map(({ seq }) => seq);

/** Publishes and waits until the history has all messages so far. */
async function say(window: RawSocket, room: string, from: number, to: number): Promise<void> {
  for (let number = from; number <= to; number++) {
    await window.do('publish', { room, id: `m${number}`, data: { text: `text ${number}` } });
  }
  await until(async () => (await window.do('read-history', { room }))['top'] === to);
}

test('a member reads the history in pages, with the numbers of the stream', async (t) => {
  const { person } = await serveChat(t, { limits: 'off', log: { debug() {}, info() {}, warn() {}, error() {} } });
  const ann = await RawSocket.open(await person('Ann'));
  await say(ann, 'lobby', 1, 60);
  const page = await ann.do('read-history', { room: 'lobby', before: 11 });
  assert.deepEqual(seqsOf(page), [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(page['segments'], [{ firstOffset: 1, delta: 0 }]);
  const [first] = page['messages'] as HistoryMessage[];
  assert.equal(first?.author.name, 'Ann');
  assert.deepEqual([first?.id, first?.data], ['m1', { text: 'text 1' }]);
  const again = await RawSocket.open(await person('Bea'));
  const [lobby] = roomsOf(await again.frame({ type: 'welcome' }));
  assert.equal(lobby?.topSeq, 60);
  assert.deepEqual(lobby?.segments, [{ firstOffset: 1, delta: 0 }]);
});

test('a room that is new is numbered from 1 before its first message', async (t) => {
  const { person } = await serveChat(t);
  const ann = await RawSocket.open(await person('Ann'));
  const { room } = (await ann.do('make-room', { name: 'Tea' })) as unknown as { room: WireRoom };
  assert.deepEqual([room.topSeq, room.readSeq, room.segments], [0, 0, [{ firstOffset: 1, delta: 0 }]]);
});

test('a read position is on all devices at once, and after a return', async (t) => {
  const { person, visitor } = await serveChat(t);
  const ann = await person('Ann');
  const one = await RawSocket.open(ann);
  const other = await RawSocket.open(ann);
  await say(one, 'lobby', 1, 3);
  await one.do('seen', { room: 'lobby', seq: 2 });
  await other.frame({ type: 'seen', room: 'lobby', seq: 2 });
  const readSeq = async (): Promise<number | undefined> => {
    const back = visitor();
    await back.logIn('Ann');
    const [lobby] = roomsOf(await (await RawSocket.open(back)).frame({ type: 'welcome' }));
    return lobby?.readSeq;
  };
  assert.equal(await readSeq(), 2);
  await one.do('mark-unread', { room: 'lobby', seq: 1 });
  await other.frame({ type: 'seen', room: 'lobby', seq: 0, exact: true });
  assert.equal(await readSeq(), 0);
  await other.do('set-read', { positions: [{ room: 'lobby', seq: 3 }] });
  await one.frame({ type: 'seen', room: 'lobby', seq: 3, exact: true });
  assert.equal(await readSeq(), 3);
});

test('earlier messages of the lobby are not unread for a new person', async (t) => {
  const { person } = await serveChat(t);
  const ann = await RawSocket.open(await person('Ann'));
  await say(ann, 'lobby', 1, 3);
  const [lobby] = roomsOf(await (await RawSocket.open(await person('Bea'))).frame({ type: 'welcome' }));
  assert.deepEqual([lobby?.topSeq, lobby?.readSeq], [3, 3]);
});

test('a foreign room and one that does not exist get the same error', async (t) => {
  const { person } = await serveChat(t);
  const ann = await RawSocket.open(await person('Ann'));
  const bea = await RawSocket.open(await person('Bea'));
  const { room } = (await ann.do('make-room', { name: 'Tea' })) as unknown as { room: WireRoom };
  for (const [type, fields] of [
    ['read-history', {}],
    ['seen', { seq: 1 }],
    ['mark-unread', { seq: 1 }],
  ] as const) {
    const answers = await Promise.all(
      [room.id, 'nowhere', 'x'.repeat(101)].map(async (id) => {
        const { code, message } = await bea.ask(type, { room: id, ...fields });
        return [code, message];
      }),
    );
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    assert.equal(answers[0]?.[0], 'ROOM_UNKNOWN');
  }
  for (const id of [room.id, 'nowhere']) {
    const { code } = await bea.ask('set-read', { positions: [{ room: id, seq: 1 }] });
    assert.equal(code, 'ROOM_UNKNOWN');
  }
});

test('wrong fields are refused, and named', async (t) => {
  const { person } = await serveChat(t);
  const ann = await RawSocket.open(await person('Ann'));
  const room = 'lobby';
  for (const [type, fields, message] of [
    ['read-history', {}, /^room must be a string/],
    ['read-history', { room, before: 1, after: 2 }, /^Only one of/],
    ['read-history', { room, before: '1' }, /^before must be an integer of at least 0; got string/],
    ['read-history', { room, around: -1 }, /got -1/],
    ['read-history', { room, after: 1.5 }, /got 1.5/],
    ['seen', { room, seq: 1e300 }, /^seq must be/],
    ['seen', { room }, /^seq must be/],
    ['mark-unread', { room, seq: 0 }, /^seq must be at least 1; got 0/],
    ['set-read', { positions: {} }, /^positions must be a list/],
    ['set-read', { positions: Array.from({ length: 1001 }, () => ({ room, seq: 1 })) }, /^positions must be a list/],
    ['set-read', { positions: [null] }, /^positions must be a list/],
  ] as const) {
    const answer = await ann.ask(type, fields);
    assert.equal(answer['code'], 'ROOM_BAD_COMMAND', JSON.stringify([type, fields]));
    assert.match(String(answer['message']), message);
  }
});
