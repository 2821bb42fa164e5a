import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RoomError } from '../room-error.ts';
import {
  BadFrame,
  parseCommand,
  readAfter,
  readData,
  readMessageId,
  readPeoplePage,
  readPosition,
  readRetry,
  readRoom,
} from './command.ts';

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

const badFields: [read: (fields: Record<string, unknown>) => unknown, fields: object, code: string, words: RegExp][] = [
  [readRoom, {}, 'ROOM_BAD_COMMAND', /^room must be a string of 1 to 100 characters .*; got undefined\.$/],
  [readRoom, { room: '' }, 'ROOM_BAD_COMMAND', /^room .* got ""\.$/],
  [readRoom, { room: 5 }, 'ROOM_BAD_COMMAND', /^room .* got 5\.$/],
  [readRoom, { room: 'a\u0000' }, 'ROOM_BAD_COMMAND', /control/],
  [readRoom, { room: 'x'.repeat(101) }, 'ROOM_BAD_COMMAND', /got "x+…" of 101 characters\.$/],
  [readRoom, { room: '@everyone' }, 'ROOM_UNKNOWN', /^Unknown room @everyone/],
  [readRoom, { room: '@person:ada' }, 'ROOM_UNKNOWN', /^Unknown room @person:ada/],
  [readMessageId, { id: 'ä' }, 'ROOM_BAD_COMMAND', /^id must be 1 to 64 .* got "ä"\.$/],
  [readMessageId, { id: 'x'.repeat(65) }, 'ROOM_BAD_COMMAND', /^id .* got "x{65}"\.$/],
  [readMessageId, { id: '' }, 'ROOM_BAD_COMMAND', /^id/],
  [readData, {}, 'ROOM_BAD_COMMAND', /^data .* got undefined/],
  [readData, { data: nested(65) }, 'ROOM_BAD_COMMAND', /^data must have at most 64 nested levels/],
  [readData, { data: nested(30_000) }, 'ROOM_BAD_COMMAND', /^data must have at most 64 nested levels/],
  [readRetry, { retry: 1 }, 'ROOM_BAD_COMMAND', /^retry .* got 1\.$/],
  [readRetry, { retry: null }, 'ROOM_BAD_COMMAND', /^retry .* got null/],
  [readAfter, { after: 5 }, 'ROOM_BAD_COMMAND', /^after .* got 5/],
  [readAfter, { after: { epoch: 'e' } }, 'ROOM_BAD_COMMAND', /^after\.offset .* got undefined/],
  [readPosition, { epoch: 1, offset: 1 }, 'ROOM_BAD_COMMAND', /^epoch .* got 1\.$/],
  [readPosition, { epoch: 'x'.repeat(101), offset: 1 }, 'ROOM_BAD_COMMAND', /^epoch .* got "x+…" of 101 characters/],
  [readPosition, { epoch: 'e', offset: -1 }, 'ROOM_BAD_COMMAND', /^offset .* got -1/],
  [readPeoplePage, { limit: 0 }, 'ROOM_BAD_COMMAND', /^limit must be an integer from 1 to 200; got 0/],
  [readPeoplePage, { limit: 201 }, 'ROOM_BAD_COMMAND', /^limit .* got 201/],
  [readPeoplePage, { limit: 1.5 }, 'ROOM_BAD_COMMAND', /^limit .* got 1\.5/],
  [readPeoplePage, { after: 7 }, 'ROOM_BAD_COMMAND', /^after .* got 7/],
  [readPosition, { epoch: 'e', offset: 1e17 }, 'ROOM_BAD_COMMAND', /^offset .* got 100000000000000000/],
];

for (const [read, fields, code, words] of badFields) {
  test(`${read.name} refuses ${JSON.stringify(fields).slice(0, 60)}`, () => {
    assert.throws(
      () => read(fields as Record<string, unknown>),
      (error: unknown) => error instanceof RoomError && error.code === code && words.test(error.message),
    );
  });
}

test('accepts the largest values', () => {
  assert.equal(readRoom({ room: 'x'.repeat(100) }).length, 100);
  assert.equal(readMessageId({ id: 'x'.repeat(64) }).length, 64);
  assert.equal(readData({ data: 1 }), 1);
  const data = nested(64);
  assert.equal(readData({ data }), data);
  assert.equal(readPosition({ epoch: 'x'.repeat(100), offset: 0 }).epoch.length, 100);
  assert.deepEqual(readPeoplePage({ limit: 200, after: 'ada' }), { limit: 200, after: 'ada' });
  assert.deepEqual(readPeoplePage({ limit: 1 }), { limit: 1, after: undefined });
});

test('reads omitted fields as their defaults', () => {
  assert.equal(readRetry({}), false);
  assert.equal(readRetry({ retry: true }), true);
  assert.deepEqual(readPeoplePage({ after: null }), { limit: 200, after: undefined });
});

test('reads valid fields', () => {
  assert.equal(readRoom({ room: 'Grüße 你好' }), 'Grüße 你好');
  assert.equal(readMessageId({ id: 'Az09_-' }), 'Az09_-');
  assert.equal(readData({ data: null }), null);
  assert.equal(readAfter({}), undefined);
  assert.equal(readAfter({ after: null }), undefined);
  assert.deepEqual(readAfter({ after: { epoch: 'e', offset: 0, more: 1 } }), { epoch: 'e', offset: 0 });
});

/** An array in an array, `levels` of them. */
function nested(levels: number): unknown {
  return JSON.parse('['.repeat(levels) + ']'.repeat(levels));
}
