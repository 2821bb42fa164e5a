import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opcodes, serverFrame } from '../websocket/client-frame.ts';
import { FrameReader } from './frame-reader.ts';

const frames = [
  serverFrame(opcodes.text, Buffer.from('short')),
  serverFrame(opcodes.text, Buffer.alloc(300, 'long')),
  serverFrame(opcodes.ping, Buffer.alloc(0)),
];
const expected = [`1 short`, `1 ${'long'.repeat(75)}`, '9 '];

test('finds frames at any division of the bytes, also an empty ping at the end', () => {
  const bytes = Buffer.concat(frames);
  for (let size = 1; size <= bytes.length; size += 1) {
    const found: string[] = [];
    const reader = new FrameReader((input, opcode, from, to) =>
      found.push(`${opcode} ${input.toString('utf8', from, to)}`),
    );
    for (let at = 0; at < bytes.length; at += size) reader.take(bytes.subarray(at, at + size));
    assert.deepEqual(found, expected, `${size} bytes at a time`);
  }
});

test('a masked frame is an error', () => {
  const reader = new FrameReader(() => {});
  assert.throws(() => reader.take(Buffer.from([0x81, 0x85])), /begins with 8185/);
});

test('finds a frame of more than 64 KiB', () => {
  const head = Buffer.from([0x80 | opcodes.text, 127, 0, 0, 0, 0, 0, 1, 0x11, 0x70]);
  const bytes = Buffer.concat([head, Buffer.alloc(70_000, 'x'), frames[0]!]);
  const found: number[] = [];
  const reader = new FrameReader((_input, _opcode, from, to) => found.push(to - from));
  for (let at = 0; at < bytes.length; at += 4096) reader.take(bytes.subarray(at, at + 4096));
  assert.deepEqual(found, [70_000, 5]);
});
