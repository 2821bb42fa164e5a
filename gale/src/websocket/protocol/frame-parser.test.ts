import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  bytes,
  clientFrame,
  splitAt,
  eventsOf,
  testMask,
  wideLimits,
} from '../../../test/support/websocket/websocket-bytes.ts';
import { seedOfRun } from '../../../test/support/seeded-random.ts';
import { encodeFrame, opcodes } from './frame.ts';
import type { Opcode } from './frame.ts';
import { FrameParser } from './frame-parser.ts';

/** A payload of `length` bytes; a text has characters of one to four bytes. */
function payloadOf(opcode: Opcode, length: number): Buffer {
  if (opcode === opcodes.binary) return Buffer.alloc(length, 'ab世😀');
  const text = 'ab世😀'.repeat(Math.floor(length / 9));
  return Buffer.from(text + 'x'.repeat(length - Buffer.byteLength(text)));
}

for (const role of ['server', 'client'] as const) {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20]) {
    test(`a ${role} parses ${length} bytes: whole, in fragments of boundary sizes, in reads of any size`, () => {
      const mask = role === 'server' ? testMask : undefined;
      for (const opcode of [opcodes.text, opcodes.binary] as const) {
        const payload = payloadOf(opcode, length);
        const expected = [opcode === opcodes.text ? `text ${payload.toString()}` : `binary ${payload.toString('hex')}`];
        const whole = encodeFrame(opcode, payload, { mask });
        assert.deepEqual(eventsOf([whole], wideLimits, role), expected);
        const last = whole.length - 1;
        for (const at of [1, 2, 3, 7, 10, 14, 15, 1000, last]) {
          if (at > last) continue;
          assert.deepEqual(eventsOf(splitAt(whole, at), wideLimits, role), expected, `split at ${at}`);
        }
        for (const step of [1, 1000, 65_536]) {
          if (length / step > 2000) continue;
          assert.deepEqual(eventsOf(inSteps(whole, step), wideLimits, role), expected, `reads of ${step}`);
        }
        for (const size of [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20]) {
          if (size > length) continue;
          const fragments = Buffer.concat([
            encodeFrame(opcode, payload.subarray(0, size), { mask, final: false }),
            encodeFrame(opcodes.continuation, '', { mask, final: false }),
            encodeFrame(opcodes.continuation, payload.subarray(size), { mask }),
          ]);
          assert.deepEqual(eventsOf([fragments], wideLimits, role), expected, `a fragment of ${size}`);
          assert.deepEqual(eventsOf(inSteps(fragments, 999), wideLimits, role), expected, `a fragment of ${size}`);
        }
      }
    });
  }
}

/** `whole` in reads of `step` bytes. */
function inSteps(whole: Buffer, step: number): Buffer[] {
  return Array.from({ length: Math.ceil(whole.length / step) }, (_, i) => whole.subarray(i * step, (i + 1) * step));
}

test('rejects a message over the limit at its header, whole and as the sum of fragments', () => {
  const limits = { ...wideLimits, maxMessageBytes: 1000 };
  assert.deepEqual(eventsOf([clientFrame(opcodes.binary, Buffer.alloc(1000))], limits).length, 1);
  assert.deepEqual(eventsOf([clientFrame(opcodes.binary, Buffer.alloc(1001)).subarray(0, 8)], limits), [
    'WS_MESSAGE_TOO_BIG 1009',
  ]);
  assert.deepEqual(eventsOf([bytes('82 ff 7fffffffffffffff 00000000')], limits), ['WS_MESSAGE_TOO_BIG 1009']);
  const first = clientFrame(opcodes.text, 'x'.repeat(600), { final: false });
  const fits = clientFrame(opcodes.continuation, 'x'.repeat(400));
  const over = clientFrame(opcodes.continuation, 'x'.repeat(401));
  assert.deepEqual(eventsOf([first, fits], limits), [`text ${'x'.repeat(1000)}`]);
  assert.deepEqual(eventsOf([first, over.subarray(0, 8)], limits), ['WS_MESSAGE_TOO_BIG 1009']);
  // The limit applies to each message: the next starts at 0.
  assert.equal(eventsOf([first, fits, first, fits], limits).length, 2);
});

test('rejects a message of too many fragments, even if they are empty', () => {
  const limits = { ...wideLimits, maxFragments: 3 };
  const first = clientFrame(opcodes.text, '', { final: false });
  const middle = clientFrame(opcodes.continuation, '', { final: false });
  const last = clientFrame(opcodes.continuation, '');
  assert.deepEqual(eventsOf([Buffer.concat([first, middle, last, first, middle, last])], limits), ['text ', 'text ']);
  assert.deepEqual(eventsOf([Buffer.concat([first, middle, middle, last])], limits), ['WS_TOO_MANY_FRAGMENTS 1009']);
});

test('rejects a message of the wrong type with 1003', () => {
  const text = clientFrame(opcodes.text, 'A');
  const binary = clientFrame(opcodes.binary, 'A');
  assert.deepEqual(eventsOf([text, binary], { ...wideLimits, messageTypes: 'text' }), [
    'text A',
    'WS_MESSAGE_TYPE 1003',
  ]);
  assert.deepEqual(eventsOf([binary, text], { ...wideLimits, messageTypes: 'binary' }), [
    'binary 41',
    'WS_MESSAGE_TYPE 1003',
  ]);
});

test('keeps events until next() is called, across further reads', () => {
  const protocol = new FrameParser(wideLimits);
  protocol.push(Buffer.concat([clientFrame(opcodes.text, 'one'), clientFrame(opcodes.text, 'two').subarray(0, 4)]));
  assert.deepEqual(protocol.next(), { kind: 'text', message: 'one' });
  protocol.push(Buffer.concat([clientFrame(opcodes.text, 'two').subarray(4), clientFrame(opcodes.text, 'three')]));
  protocol.push(clientFrame(opcodes.ping, ''));
  assert.deepEqual(protocol.next(), { kind: 'text', message: 'two' });
  assert.deepEqual(protocol.next(), { kind: 'text', message: 'three' });
  assert.equal(protocol.next()?.kind, 'ping');
  assert.equal(protocol.next(), undefined);
});

test('a message shares no memory with input that is still to be parsed', () => {
  const frames = [
    clientFrame(opcodes.binary, Buffer.alloc(40_000, 1)),
    clientFrame(opcodes.ping, 'ping'),
    clientFrame(opcodes.binary, Buffer.alloc(5000, 2)),
    clientFrame(opcodes.text, 'last'),
  ];
  const read = Buffer.allocUnsafeSlow(frames.reduce((sum, { length }) => sum + length, 0));
  read.set(Buffer.concat(frames));
  const protocol = new FrameParser(wideLimits);
  protocol.push(read);
  const kinds: string[] = [];
  for (let event = protocol.next(); event !== undefined; event = protocol.next()) {
    kinds.push(event.kind);
    const memory = event.kind === 'binary' ? event.message : event.kind === 'ping' ? event.data : undefined;
    if (memory?.buffer === read.buffer) structuredClone(memory, { transfer: [read.buffer] });
  }
  assert.deepEqual(kinds, ['binary', 'ping', 'binary', 'text']);
});

test('a small binary message does not keep a large read buffer alive', () => {
  const protocol = new FrameParser(wideLimits);
  const read = Buffer.concat([clientFrame(opcodes.binary, 'small'), Buffer.alloc(60_000)]);
  const memory = read.buffer;
  protocol.push(read);
  const event = protocol.next();
  assert.ok(event?.kind === 'binary');
  assert.notEqual(event.message.buffer, memory);
  assert.equal(event.message.toString(), 'small');
});

/** Masked frames of valid messages, control frames between their fragments, and the expected events. */
const validStream = fc
  .array(
    fc.record({
      text: fc.boolean(),
      pieces: fc.array(fc.string({ unit: 'grapheme', maxLength: 60 }), { minLength: 1, maxLength: 4 }),
      mask: fc.nat(0xffffffff),
      control: fc.constantFrom('none', 'ping', 'pong'),
    }),
    { maxLength: 8 },
  )
  .map((messages) => {
    const frames: Buffer[] = [];
    const events: string[] = [];
    for (const { text, pieces, mask, control } of messages) {
      const whole = Buffer.from(pieces.join(''));
      // Boundaries in bytes, so that characters are split too.
      const step = Math.ceil(whole.length / pieces.length);
      for (let i = 0; i < pieces.length; i++) {
        const opcode: Opcode = i > 0 ? opcodes.continuation : text ? opcodes.text : opcodes.binary;
        const final = i === pieces.length - 1;
        if (i > 0 && control !== 'none') {
          frames.push(encodeFrame(opcodes[control], 'c', { mask }));
          events.push(`${control} 63`);
        }
        frames.push(
          encodeFrame(opcode, whole.subarray(i * step, final ? whole.length : (i + 1) * step), { final, mask }),
        );
      }
      events.push(text ? `text ${whole.toString()}` : `binary ${whole.toString('hex')}`);
    }
    return { stream: Buffer.concat(frames), events };
  });

function piecesOf(stream: Buffer, positions: readonly number[]): Uint8Array[] {
  const places = [0, ...positions.map((at) => at % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, index) => stream.subarray(places[index], end));
}

test('parses valid frames equally for any split', (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(validStream, fc.array(fc.nat(100_000), { maxLength: 12 }), ({ stream, events }, positions) => {
      assert.deepEqual(eventsOf(piecesOf(stream, positions)), events);
    }),
    { numRuns: 500, seed },
  );
});

test('throws only named errors for changed frames and random bytes, equally for any split', (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const mutated = fc.tuple(validStream, fc.nat(100_000), fc.nat(255)).map(([{ stream }, at, byte]) => {
    const changed = Buffer.from(stream);
    if (changed.length > 0) changed[at % changed.length] = byte;
    return changed;
  });
  const anyBytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.oneof(mutated, anyBytes), fc.array(fc.nat(100_000), { maxLength: 12 }), (stream, positions) => {
      const limits = { maxMessageBytes: 300, maxFragments: 5, messageTypes: 'any' } as const;
      const whole = eventsOf([stream], limits);
      assert.deepEqual(eventsOf(piecesOf(stream, positions), limits), whole);
      assert.ok(whole.filter((line) => line.startsWith('WS_')).length <= 1);
    }),
    { numRuns: 1500, seed },
  );
});
