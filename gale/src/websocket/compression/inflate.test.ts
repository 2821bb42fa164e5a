import assert from 'node:assert/strict';
import { test } from 'node:test';
import { constants, deflateRawSync } from 'node:zlib';
import * as fc from 'fast-check';
import {
  bytes,
  bytewise,
  clientFrame,
  splitAt,
  eventsOf,
  wideLimits,
} from '../../../test/support/websocket/websocket-bytes.ts';
import { seedOfRun } from '../../../test/support/seeded-random.ts';
import { ProtocolError } from '../../errors.ts';
import { deflateMessage, windowBitsFor } from './deflate.ts';
import { opcodes } from '../protocol/frame.ts';
import { inflateMessage } from './inflate.ts';

const mebibyte = 2 ** 20;

/** The inflated message, or the code and close code of the error. */
async function outcome(deflated: Buffer, maxBytes = mebibyte): Promise<string> {
  try {
    return (await inflateMessage(deflated, maxBytes)).toString();
  } catch (error) {
    assert.ok(error instanceof ProtocolError);
    return `${error.code} ${error.closeCode}`;
  }
}

/** Events of the parser with compression. */
function agreed(hex: string): string[] {
  return eventsOf([bytes(hex)], wideLimits, 'server', true);
}

/** A deflate stream with a last block. */
function stream(text: string, dictionary?: Buffer): Buffer {
  return deflateRawSync(text, { ...(dictionary && { dictionary }) });
}

/**
 * Examples of RFC 7692 §7.2.3 for "Hello", without the one that needs the previous message. With the 00 00 ff ff that the RFC appends,
 * some truncated examples are valid messages too: `wholeAt` has their lengths and texts.
 */
const hellos: { name: string; hex: string; wholeAt: Record<number, string> }[] = [
  { name: 'one block', hex: 'f248cdc9c90700', wholeAt: {} },
  { name: 'a block without compression', hex: '000500faff48656c6c6f00', wholeAt: { 1: '', 6: 'H\0\0\uFFFD\uFFFD' } },
  // The zeros after it end a last block wherever it is truncated.
  {
    name: 'a last block, and padding',
    hex: 'f348cdc9c9070000',
    wholeAt: { 1: 'H', 2: 'H`', 3: 'Heh', 4: 'Helh', 5: 'Hellh', 6: 'Hello', 7: 'Hello' },
  },
  { name: 'two blocks', hex: 'f248050000 00ffff cac9c90700', wholeAt: { 4: 'He' } },
];

for (const { name, hex, wholeAt } of hellos) {
  test(`inflates Hello from ${name} and rejects it truncated`, async () => {
    const whole = bytes(hex);
    assert.equal(await outcome(whole), 'Hello');
    for (let length = 0; length < whole.length; length++) {
      const part = await outcome(whole.subarray(0, length));
      assert.equal(part, wholeAt[length] ?? 'WS_DEFLATE 1007', `${length} of ${whole.length} bytes`);
    }
  });
}

test('reads the frames of RFC 7692 §7.2.3 for every split', () => {
  const whole = clientFrame(opcodes.text, bytes('f248cdc9c90700'), { reserved: 4 });
  assert.deepEqual(whole.subarray(0, 2), bytes('c1 87'));
  const first = clientFrame(opcodes.text, bytes('f248cd'), { reserved: 4, final: false });
  assert.deepEqual(first.subarray(0, 2), bytes('41 83'));
  const rest = clientFrame(opcodes.continuation, bytes('c9c90700'));
  const frames = Buffer.concat([whole, first, clientFrame(opcodes.ping, ''), rest, clientFrame(opcodes.text, 'plain')]);
  const line = 'compressed text f248cdc9c90700';
  const expected = [line, 'ping', line, 'text plain'];
  for (let at = 0; at <= frames.length; at++) {
    assert.deepEqual(eventsOf(splitAt(frames, at), wideLimits, 'server', true), expected, `split at ${at}`);
  }
  assert.deepEqual(eventsOf(bytewise(frames), wideLimits, 'server', true), expected);
});

test('accepts RSV1 only in the first frame of a message and only with compression', () => {
  assert.deepEqual(agreed('c1 81 00000000 00'), ['compressed text 00']);
  assert.deepEqual(agreed('c2 81 00000000 00'), ['compressed binary 00']);
  for (const first of ['c0', 'c8', 'c9', 'ca', 'd1', 'e1', 'f1', 'a1', '91', '71']) {
    assert.deepEqual(agreed(first), ['WS_RESERVED_BITS 1002'], first);
    assert.deepEqual(agreed(`41 80 00000000 ${first}`), ['WS_RESERVED_BITS 1002'], first);
  }
  for (const first of ['c0', 'c1', 'c2', '41', '42', 'c9']) {
    assert.deepEqual(eventsOf([bytes(first)]), ['WS_RESERVED_BITS 1002'], first);
  }
});

test('rejects a compressed message at its header when it must exceed the limit', () => {
  const limits = { ...wideLimits, maxMessageBytes: 8000 };
  const read = (length: number): string[] =>
    eventsOf([clientFrame(opcodes.binary, Buffer.alloc(length), { reserved: 4 })], limits, 'server', true);
  assert.match(read(10_024)[0]!, /^compressed binary /);
  assert.deepEqual(read(10_025), ['WS_MESSAGE_TOO_BIG 1009']);
  const first = clientFrame(opcodes.binary, Buffer.alloc(10_000), { reserved: 4, final: false });
  const more = clientFrame(opcodes.continuation, Buffer.alloc(25));
  assert.deepEqual(eventsOf([first, more], limits, 'server', true), ['WS_MESSAGE_TOO_BIG 1009']);
});

test('accepts a message that inflates to exactly the limit, synchronously and in the thread pool', async () => {
  for (const length of [1, 5, 1000, 65_535, 65_536, 65_537, mebibyte, 3 * mebibyte]) {
    for (const filling of ['a', 'random']) {
      const message = Buffer.alloc(length, 'a');
      if (filling === 'random') crypto.getRandomValues(message.subarray(0, 65_536));
      const deflated = await deflateMessage(message, 15);
      assert.ok(message.equals(await inflateMessage(deflated, length)), `${length} ${filling}`);
      await assert.rejects(async () => inflateMessage(deflated, length - 1), {
        code: 'WS_MESSAGE_TOO_BIG',
        closeCode: 1009,
      });
    }
  }
  assert.equal((await inflateMessage(bytes('00'), 1)).length, 0);
});

test('stops a zip bomb before it is inflated', async () => {
  const fuse = deflateRawSync(Buffer.alloc(2 * mebibyte), { finishFlush: constants.Z_SYNC_FLUSH });
  // No deflate data can begin with these bytes.
  const bomb = Buffer.concat([fuse, bytes('ffffffff')]);
  assert.equal(await outcome(bomb, 4 * mebibyte), 'WS_DEFLATE 1007');
  for (const maxBytes of [1000, 65_536, mebibyte]) {
    assert.equal(await outcome(bomb, maxBytes), 'WS_MESSAGE_TOO_BIG 1009', `${maxBytes}`);
  }
});

test('reads a message of several deflate streams that refer to each other', async () => {
  const first = 'All that is gold does not glitter. ';
  const second = stream(first, Buffer.from(first));
  assert.ok(second.length < 10, 'the second does refer to the first');
  assert.equal(await outcome(Buffer.concat([stream(first), second, bytes('00')])), first + first);
  assert.equal(
    await outcome(Buffer.concat([stream(first), second, bytes('00')]), 2 * first.length - 1),
    'WS_MESSAGE_TOO_BIG 1009',
  );
  // Inflating all of them would block for long.
  assert.equal(await outcome(Buffer.concat(Array.from({ length: 5000 }, () => bytes('0300')))), 'WS_DEFLATE 1007');
});

test('accepts a message of 16 deflate streams and rejects one of 17', async () => {
  const most = Buffer.concat(Array.from({ length: 16 }, () => stream('a')));
  assert.equal(await outcome(most), 'a'.repeat(16));
  assert.equal(await outcome(Buffer.concat([most, stream('a')])), 'WS_DEFLATE 1007');
});

test('inflates a message of more than two streams in the thread pool', async () => {
  const empty = bytes('0300');
  assert.ok(inflateMessage(Buffer.concat([empty, bytes('00')]), mebibyte) instanceof Buffer);
  const later = inflateMessage(Buffer.concat([empty, empty, bytes('00')]), mebibyte);
  assert.ok(later instanceof Promise);
  assert.equal((await later).length, 0);
});

test('a small message does not keep a large buffer alive', () => {
  const message = inflateMessage(bytes('f248cdc9c90700'), mebibyte);
  assert.ok(message instanceof Buffer);
  // Small buffers share the pool of Node.js.
  assert.ok(message.buffer.byteLength === 5 || message.buffer === Buffer.from('other').buffer);
});

test('the window is as small as the payload allows and within the limit of the receiver', () => {
  assert.equal(windowBitsFor(0, 15), 9);
  assert.equal(windowBitsFor(250, 15), 9);
  assert.equal(windowBitsFor(251, 15), 10);
  assert.equal(windowBitsFor(1024, 15), 11);
  assert.equal(windowBitsFor(1024, 10), 10);
  assert.equal(windowBitsFor(mebibyte, 15), 15);
  assert.equal(windowBitsFor(mebibyte, 9), 9);
});

test('compresses "Hello" as in RFC 7692 §7.2.3.1', () => {
  assert.deepEqual(deflateMessage(Buffer.from('Hello'), 15), bytes('f248cdc9c90700'));
});

/** Bytes that compress well, a little or not at all. */
const payloads = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc.string({ unit: 'grapheme', maxLength: 800 }).map((text) => Buffer.from(text)),
  fc
    .tuple(fc.uint8Array({ minLength: 1, maxLength: 700 }), fc.nat(300))
    .map(([piece, times]) => Buffer.concat(Array.from({ length: times }, () => piece))),
);

test('any bytes are equal after compression with every window, in the thread pool too', async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  await fc.assert(
    fc.asyncProperty(payloads, fc.integer({ min: 9, max: 15 }), async (payload, windowBits) => {
      const deflated = await deflateMessage(Buffer.from(payload), windowBits);
      const inflated = await inflateMessage(deflated, Math.max(payload.length, 1));
      assert.ok(inflated.equals(payload));
    }),
    { numRuns: 400, seed },
  );
});

test('inflates any bytes, valid or changed, or throws a named error', async (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const changed = fc.tuple(payloads, fc.nat(100_000), fc.nat(255)).map(([payload, at, byte]) => {
    const deflated = deflateRawSync(payload, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
    deflated[at % deflated.length] = byte;
    return deflated;
  });
  const anyBytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
  await fc.assert(
    fc.asyncProperty(fc.oneof(changed, anyBytes), async (deflated) => {
      try {
        assert.ok((await inflateMessage(deflated, 5000)).length <= 5000);
      } catch (error) {
        assert.ok(error instanceof ProtocolError, String(error));
        assert.match(error.code, /^WS_(DEFLATE|MESSAGE_TOO_BIG)$/);
      }
    }),
    { numRuns: 1000, seed },
  );
});
