import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomError } from '../room-error.ts';
import {
  BadFrame,
  parseCommand,
  readAfter,
  readData,
  readMessageId,
  readPosition,
  readRetry,
  readRoom,
} from './command.ts';

test('a frame is read into its type, ref and fields', () => {
  assert.deepEqual(parseCommand('{"type":"read","ref":7,"room":"a"}'), {
    type: 'read',
    ref: 7,
    fields: { type: 'read', ref: 7, room: 'a' },
  });
});

const badFrames: [sent: string | Uint8Array, code: string, ref: number | null, words: RegExp][] = [
  [new Uint8Array([123, 125]), 'ROOM_BAD_FRAME', null, /binary/],
  ['', 'ROOM_BAD_FRAME', null, /not/],
  ['{"type":', 'ROOM_BAD_FRAME', null, /JSON/],
  ['null', 'ROOM_BAD_FRAME', null, /is null/],
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
  test(`${typeof sent === 'string' ? sent || 'an empty frame' : 'a binary frame'} is refused with ${code}`, () => {
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

const badFields: [read: (fields: Record<string, unknown>) => unknown, fields: object, code: string, words: RegExp][] = [
  [readRoom, {}, 'ROOM_BAD_COMMAND', /^room is missing; it has to be a string/],
  [readRoom, { room: '' }, 'ROOM_BAD_COMMAND', /^room is ""/],
  [readRoom, { room: 5 }, 'ROOM_BAD_COMMAND', /^room is number 5/],
  [readRoom, { room: 'a\u0000' }, 'ROOM_BAD_COMMAND', /control/],
  [readRoom, { room: 'x'.repeat(101) }, 'ROOM_BAD_COMMAND', /a string of 101 characters/],
  [readRoom, { room: '@everyone' }, 'ROOM_UNKNOWN', /no room/],
  [readRoom, { room: '@person:ada' }, 'ROOM_UNKNOWN', /no room/],
  [readMessageId, { id: 'ä' }, 'ROOM_BAD_COMMAND', /^id is "ä"/],
  [readMessageId, { id: 'x'.repeat(65) }, 'ROOM_BAD_COMMAND', /^id is a string of 65/],
  [readMessageId, { id: '' }, 'ROOM_BAD_COMMAND', /^id/],
  [readData, {}, 'ROOM_BAD_COMMAND', /^data is missing/],
  [readData, { data: JSON.parse('['.repeat(30_000) + ']'.repeat(30_000)) }, 'ROOM_BAD_COMMAND', /^data is nested/],
  [readRetry, { retry: 1 }, 'ROOM_BAD_COMMAND', /^retry is number 1/],
  [readRetry, { retry: null }, 'ROOM_BAD_COMMAND', /^retry is null/],
  [readAfter, { after: 5 }, 'ROOM_BAD_COMMAND', /^after is number 5/],
  [readAfter, { after: { epoch: 'e' } }, 'ROOM_BAD_COMMAND', /^after\.offset is missing/],
  [readPosition, { epoch: 1, offset: 1 }, 'ROOM_BAD_COMMAND', /^epoch is number 1/],
  [readPosition, { epoch: 'e', offset: 1e17 }, 'ROOM_BAD_COMMAND', /^offset is number 1/],
];

for (const [read, fields, code, words] of badFields) {
  test(`${read.name} refuses ${JSON.stringify(fields).slice(0, 60)}`, () => {
    assert.throws(
      () => read(fields as Record<string, unknown>),
      (error: unknown) => error instanceof RoomError && error.code === code && words.test(error.message),
    );
  });
}

test('good fields are read', () => {
  assert.equal(readRoom({ room: 'Grüße 你好' }), 'Grüße 你好');
  assert.equal(readMessageId({ id: 'Az09_-' }), 'Az09_-');
  assert.equal(readData({ data: null }), null);
  assert.equal(readAfter({}), undefined);
  assert.equal(readAfter({ after: null }), undefined);
  assert.deepEqual(readAfter({ after: { epoch: 'e', offset: 0, more: 1 } }), { epoch: 'e', offset: 0 });
});
