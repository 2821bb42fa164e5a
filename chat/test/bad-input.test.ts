/**
 * Invalid input gets a clear error, does not affect other people, and stores nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { serveChat } from './support/app.ts';
import { RoomRows } from './support/room-rows.ts';
import { RawSocket } from './support/raw-socket.ts';

test('refuses a socket for a page of another site, and for a visitor who is not signed in', async (t) => {
  const chat = await serveChat(t);
  const ann = await chat.person('Ann');
  assert.equal(await ann.handshake(), 101);
  for (const origin of [
    'http://evil.example',
    'null',
    chat.url.replace('http:', 'https:'),
    `${chat.url}0`,
    'http://localhost.evil.example',
  ]) {
    assert.equal(await ann.handshake({ origin }), 403, origin);
  }
  assert.equal(await chat.visitor().handshake(), 401);
});

const text = (value: unknown): object => ({ room: 'lobby', id: 'x', data: { text: value } });

const frames: [what: string, sent: string | Uint8Array<ArrayBuffer>, code: string][] = [
  ['a frame that is not JSON', 'hello', 'ROOM_BAD_FRAME'],
  ['half a frame', '{"type":"publish"', 'ROOM_BAD_FRAME'],
  ['a binary frame', new Uint8Array([1, 2, 3]), 'ROOM_BAD_FRAME'],
  ['JSON that is not an object', '[1,2]', 'ROOM_BAD_FRAME'],
  ['an object without a type', '{"ref":1}', 'ROOM_BAD_FRAME'],
];
const commands: [what: string, type: string, fields: object, code: string][] = [
  ['an unknown event', 'shutdown', {}, 'ROOM_UNKNOWN_COMMAND'],
  ['an event named like a property of every object', '__proto__', {}, 'ROOM_UNKNOWN_COMMAND'],
  ['a room that does not exist', 'publish', { ...text('hi'), room: 'nowhere' }, 'ROOM_UNKNOWN'],
  ['a signal channel for a room', 'subscribe', { room: '@everyone' }, 'ROOM_UNKNOWN'],
  ['a room with control characters', 'publish', { ...text('hi'), room: 'a\u0000' }, 'ROOM_BAD_COMMAND'],
  ['a room that is not a string', 'join-room', { room: { id: 'lobby' } }, 'ROOM_BAD_COMMAND'],
  ['a room name that is not a string', 'make-room', { name: 7 }, 'ROOM_BAD_COMMAND'],
  ['a room name with control characters', 'make-room', { name: 'a\u0007b' }, 'CHAT_ROOM_NAME'],
  ['a message without data', 'publish', { room: 'lobby', id: 'x' }, 'ROOM_BAD_COMMAND'],
  ['a message whose data is text', 'publish', { room: 'lobby', id: 'x', data: 'hi' }, 'ROOM_BAD_COMMAND'],
  ['a message whose text is a number', 'publish', text(5), 'ROOM_BAD_COMMAND'],
  ['a message without an id', 'publish', { room: 'lobby', data: { text: 'hi' } }, 'ROOM_BAD_COMMAND'],
  ['a message with a wrong id', 'publish', { ...text('hi'), id: 'a b' }, 'ROOM_BAD_COMMAND'],
  ['an empty message', 'publish', text(''), 'CHAT_TEXT_EMPTY'],
  ['a message of white space', 'publish', text(' \n\u3000'), 'CHAT_TEXT_EMPTY'],
  ['a message over 10 000 code points', 'publish', text('😀'.repeat(10_001)), 'CHAT_TEXT_TOO_LONG'],
  ['a message with control characters', 'publish', text('a\u001b[31mb'), 'CHAT_TEXT_CHARACTERS'],
  ['an invalid position', 'subscribe', { room: 'lobby', after: { epoch: 1, offset: -1 } }, 'ROOM_BAD_COMMAND'],
];

test('every invalid input gets its error, affects nobody else, and stores nothing', async (t) => {
  const chat = await serveChat(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const eve = await RawSocket.open(await chat.person('Eve'));
  await ann.do('subscribe', { room: 'lobby' });
  await ann.frame({ type: 'people', count: 1 });
  await eve.do('subscribe', { room: 'lobby' });
  await ann.frame({ type: 'presence', count: 2 });
  const before = ann.frames.length;
  for (const [what, sent, code] of frames) {
    const from = eve.frames.length;
    eve.send(sent);
    const reply = await eve.frame({ type: 'error' }, from);
    assert.equal(reply['code'], code, what);
    assert.equal(reply['ref'], what === 'an object without a type' ? 1 : null, what);
  }
  for (const [what, type, fields, code] of commands) {
    const reply = await eve.ask(type, fields);
    assert.equal(reply['type'], 'error', what);
    assert.equal(reply['code'], code, what);
    assert.equal(reply['retry'], false, what);
    assert.match(String(reply['message']), /\S/, what);
  }
  assert.deepEqual(ann.frames.slice(before), []);
  const page = await chat.broker.read('lobby', 0, { count: 100, bytes: 1024 * 1024 });
  assert.equal(page.top, 0);
  assert.deepEqual(await new RoomRows(chat.database).list(), []);
  await eve.do('publish', text('well'));
  await ann.frame({ type: 'message', offset: 1 });
});

test('a frame over the size limit closes its own connection and no other', async (t) => {
  const chat = await serveChat(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  const person = await chat.person('Eve');
  const eve = await RawSocket.open(person);
  eve.send(JSON.stringify({ type: 'publish', ref: 1, ...text('x'.repeat(2 ** 20)) }));
  assert.equal((await eve.closed).code, 1009);
  await ann.do('ping');
  assert.equal((await chat.broker.read('lobby', 0, { count: 100, bytes: 1024 * 1024 })).top, 0);
  await (await RawSocket.open(person)).do('publish', text('back again'));
});

test('accepts the longest message', async (t) => {
  const chat = await serveChat(t);
  const ann = await RawSocket.open(await chat.person('Ann'));
  await ann.do('subscribe', { room: 'lobby' });
  const longest = '😀'.repeat(10_000);
  await ann.do('publish', text(longest));
  assert.deepEqual((await ann.frame({ type: 'message', offset: 1 }))['data'], { text: longest });
});

test('ignores an author and extra fields in a message', async (t) => {
  const chat = await serveChat(t);
  const eve = await RawSocket.open(await chat.person('Eve'));
  await eve.do('subscribe', { room: 'lobby' });
  await eve.do('publish', {
    ...text('hi'),
    author: { id: 'ann', name: 'Ann' },
    data: { text: 'hi', name: 'Ann', html: '<b>' },
  });
  const message = await eve.frame({ type: 'message', offset: 1 });
  assert.equal((message['author'] as { name: string }).name, 'Eve');
  assert.deepEqual(message['data'], { text: 'hi' });
});
