import assert from 'node:assert/strict';
import { test } from 'node:test';
import { opcodes, serverFrame } from './client-frame.ts';
import { DeliveryCounter } from './delivery-counter.ts';
import { dialectNamed } from './dialect.ts';
import { MessageRing } from './message-ring.ts';

const ring = new MessageRing(64, 1024, dialectNamed(undefined));
const { frameBytes } = ring;
const ping = serverFrame(opcodes.ping, Buffer.from('there?'));
/** A short text like the heartbeat of Socket.IO: it has the first byte of a message frame. */
const heartbeat = serverFrame(opcodes.text, Buffer.from('2'));

function messages(from: number, to: number): Buffer {
  return ring.expected.subarray(from * frameBytes, to * frameBytes);
}

function take(bytes: Buffer): number {
  return counter().take(bytes, bytes.length);
}

/** A counter that accepts no other frames. */
function counter(): DeliveryCounter {
  return new DeliveryCounter(ring, () => assert.fail('Received another frame.'));
}

test('counts a message when its last byte arrives, and passes on other frames, split at every byte', () => {
  const received = Buffer.concat([messages(0, 1), ping, messages(1, 3), heartbeat, ping, messages(3, 4), heartbeat]);
  for (let cut = 0; cut <= received.length; cut += 1) {
    const others: string[] = [];
    const counted = new DeliveryCounter(ring, (_opcode, payload) => others.push(payload.toString()));
    const parts = [received.subarray(0, cut), received.subarray(cut)];
    const [before = 0, after = 0] = parts.map((part) => counted.take(part, part.length));
    assert.equal(before + after, 4, `cut at ${cut}`);
    assert.deepEqual(others, ['there?', '2', 'there?', '2'], `cut at ${cut}`);
  }
});

test('counts messages that arrive byte by byte, across the end of the ring', () => {
  const counted = counter();
  let complete = 0;
  for (const byte of Buffer.concat([messages(0, ring.count), messages(0, 2)])) {
    complete += counted.take(Buffer.from([byte]), 1);
  }
  assert.equal(complete, ring.count + 2);
});

test('ignores bytes after the given length', () => {
  const received = Buffer.concat([messages(0, 1), Buffer.from('left from before')]);
  assert.equal(counter().take(received, frameBytes), 1);
});

test('rejects a message that is missing, repeated, truncated or different in any byte', () => {
  const expected = /Unexpected message|Unexpected frame|Received another frame/;
  assert.throws(() => take(Buffer.concat([messages(0, 1), messages(2, 3)])), expected);
  assert.throws(() => take(Buffer.concat([messages(0, 1), messages(0, 1)])), expected);
  assert.throws(() => take(Buffer.concat([messages(0, 1).subarray(0, frameBytes - 1), messages(1, 2)])), expected);
  for (let at = 0; at < frameBytes; at += 1) {
    const wrong = Buffer.from(messages(0, 2));
    wrong[frameBytes + at]! ^= 1;
    // With another length the frame may not be complete yet: what follows then makes it so.
    assert.throws(() => take(Buffer.concat([wrong, messages(2, 4)])), expected, `byte ${at}`);
  }
});
