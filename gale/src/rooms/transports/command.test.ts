import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomError } from '../room-error.ts';
import { BadFrame, commandReaders, isRoomCommand, parseCommand } from './command.ts';

test('parses a frame into its type, ref and fields', () => {
  assert.deepEqual(parseCommand('{"type":"read","ref":7,"room":"a"}'), {
    type: 'read',
    ref: 7,
    fields: { type: 'read', ref: 7, room: 'a' },
  });
});

const badFrames: [sent: string | Uint8Array, code: string, ref: number | null, words: RegExp][] = [
  [new Uint8Array([123, 125]), 'ROOM_BAD_FRAME', null, /binary/],
  ['', 'ROOM_BAD_FRAME', null, /must be JSON/],
  ['{"type":', 'ROOM_BAD_FRAME', null, /JSON/],
  ['null', 'ROOM_BAD_FRAME', null, /got null/],
  ['[1]', 'ROOM_BAD_FRAME', null, /an array/],
  ['"subscribe"', 'ROOM_BAD_FRAME', null, /"subscribe"/],
  ['{}', 'ROOM_BAD_FRAME', null, /type/],
  ['{"type":5,"ref":3}', 'ROOM_BAD_FRAME', 3, /type/],
  ['{"type":"ping"}', 'ROOM_BAD_COMMAND', null, /ref/],
  ['{"type":"ping","ref":"1"}', 'ROOM_BAD_COMMAND', null, /ref/],
  ['{"type":"ping","ref":1.5}', 'ROOM_BAD_COMMAND', null, /ref/],
  ['{"type":"ping","ref":-1}', 'ROOM_BAD_COMMAND', null, /ref/],
];

for (const [sent, code, ref, words] of badFrames) {
  test(`refuses ${typeof sent === 'string' ? sent || 'an empty frame' : 'a binary frame'} with ${code}`, () => {
    assert.throws(
      () => parseCommand(sent),
      (error: unknown) => {
        assert.ok(error instanceof BadFrame);
        assert.equal(error.code, code);
        assert.equal(error.ref, ref);
        assert.equal(error.retry, false);
        assert.match(error.message, words);
        return true;
      },
    );
  });
}

const { subscribe, unsubscribe, publish, read, people, ping } = commandReaders;
const room = 'lobby';
const id = 'a';
const data = 1;

const badFields: [type: keyof typeof commandReaders, fields: object, code: string, words: RegExp][] = [
  ['subscribe', {}, 'ROOM_BAD_COMMAND', /^room must be a string of 1 to 100 characters .*; got undefined\.$/],
  ['subscribe', { room: '' }, 'ROOM_BAD_COMMAND', /^room .* got ""\.$/],
  ['unsubscribe', { room: 5 }, 'ROOM_BAD_COMMAND', /^room .* got 5\.$/],
  ['read', { room: 'a\u0000' }, 'ROOM_BAD_COMMAND', /control/],
  ['people', { room: 'x'.repeat(101) }, 'ROOM_BAD_COMMAND', /got "x+…" of 101 characters\.$/],
  ['publish', { room: '@everyone' }, 'ROOM_UNKNOWN', /^Unknown room @everyone/],
  ['subscribe', { room: '@person:ada' }, 'ROOM_UNKNOWN', /^Unknown room @person:ada/],
  ['publish', { room, id: 'ä', data }, 'ROOM_BAD_COMMAND', /^id must be 1 to 64 .* got "ä"\.$/],
  ['publish', { room, id: 'x'.repeat(65), data }, 'ROOM_BAD_COMMAND', /^id .* got "x{65}"\.$/],
  ['publish', { room, id: '', data }, 'ROOM_BAD_COMMAND', /^id/],
  ['publish', { room, id }, 'ROOM_BAD_COMMAND', /^data .* got undefined/],
  ['publish', { room, id, data: nested(65) }, 'ROOM_BAD_COMMAND', /^data must have at most 64 nested levels/],
  ['publish', { room, id, data: nested(30_000) }, 'ROOM_BAD_COMMAND', /^data must have at most 64 nested levels/],
  ['publish', { room, id, data, retry: 1 }, 'ROOM_BAD_COMMAND', /^retry .* got 1\.$/],
  ['publish', { room, id, data, retry: null }, 'ROOM_BAD_COMMAND', /^retry .* got null/],
  ['publish', { room, id, data, after: 5 }, 'ROOM_BAD_COMMAND', /^after .* got 5/],
  ['subscribe', { room, after: 5 }, 'ROOM_BAD_COMMAND', /^after .* got 5/],
  ['subscribe', { room, after: { epoch: 'e' } }, 'ROOM_BAD_COMMAND', /^after\.offset .* got undefined/],
  ['read', { room, epoch: 1, offset: 1 }, 'ROOM_BAD_COMMAND', /^epoch .* got 1\.$/],
  ['read', { room, epoch: 'x'.repeat(101), offset: 1 }, 'ROOM_BAD_COMMAND', /^epoch .* got "x+…" of 101 characters/],
  ['read', { room, epoch: 'e', offset: -1 }, 'ROOM_BAD_COMMAND', /^offset .* got -1/],
  ['read', { room, epoch: 'e', offset: 1, life: 5 }, 'ROOM_BAD_COMMAND', /^life .* got 5\.$/],
  ['subscribe', { room, after: { epoch: 'e', offset: 1, life: 'x'.repeat(101) } }, 'ROOM_BAD_COMMAND', /^after\.life /],
  ['people', { room, limit: 0 }, 'ROOM_BAD_COMMAND', /^limit must be an integer from 1 to 200; got 0/],
  ['people', { room, limit: 201 }, 'ROOM_BAD_COMMAND', /^limit .* got 201/],
  ['people', { room, limit: 1.5 }, 'ROOM_BAD_COMMAND', /^limit .* got 1\.5/],
  ['people', { room, after: 7 }, 'ROOM_BAD_COMMAND', /^after .* got 7/],
  ['read', { room, epoch: 'e', offset: 1e17 }, 'ROOM_BAD_COMMAND', /^offset .* got 100000000000000000/],
];

for (const [type, fields, code, words] of badFields) {
  test(`${type} refuses ${JSON.stringify(fields).slice(0, 60)}`, () => {
    assert.throws(
      () => commandReaders[type](fields),
      (error: unknown) => error instanceof RoomError && error.code === code && words.test(error.message),
    );
  });
}

test('accepts the largest values', () => {
  const name = 'x'.repeat(100);
  const deep = nested(64);
  assert.deepEqual(
    publish({ room: name, id: 'x'.repeat(64), data: deep, retry: true, after: { epoch: name, offset: 0 } }),
    {
      room: name,
      id: 'x'.repeat(64),
      data: deep,
      retry: true,
      after: { epoch: name, offset: 0, life: undefined },
    },
  );
  const position = { epoch: name, offset: 0, life: name };
  assert.deepEqual(read({ room, ...position }), { room, ...position });
  assert.deepEqual(people({ room, limit: 200, after: 'ada' }), { room, limit: 200, after: 'ada' });
});

test('reads omitted fields as their defaults', () => {
  assert.deepEqual(publish({ room, id, data: null }), { room, id, data: null, retry: false, after: undefined });
  assert.deepEqual(subscribe({ room }), { room, after: undefined });
  assert.deepEqual(subscribe({ room, after: null }), { room, after: undefined });
  assert.deepEqual(people({ room }), { room, limit: 200, after: undefined });
  assert.deepEqual(people({ room, after: null, limit: 1 }), { room, limit: 1, after: undefined });
});

test('reads valid fields and ignores unknown ones', () => {
  const frame: object = { type: 'ping', ref: 1, room: 'Grüße 你好' };
  assert.deepEqual(unsubscribe(frame), { room: 'Grüße 你好' });
  assert.deepEqual(ping(frame), {});
  assert.equal(publish({ room, id: 'Az09_-', data }).id, 'Az09_-');
  const after = { epoch: 'e', offset: 0, life: 'a' };
  assert.deepEqual(subscribe({ room, after: { ...after, more: 1 } }).after, after);
  assert.deepEqual(subscribe({ room, after: { ...after, life: null } }).after, { ...after, life: undefined });
});

test('knows the commands of the protocol, and no others', () => {
  for (const type of Object.keys(commandReaders)) assert.equal(isRoomCommand(type), true);
  for (const type of ['', 'Ping', 'peple', 'constructor', '__proto__', 'toString'])
    assert.equal(isRoomCommand(type), false);
});

/** An array in an array, `levels` of them. */
function nested(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
}
