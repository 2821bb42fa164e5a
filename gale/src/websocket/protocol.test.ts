import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bytes, bytewise, clientFrame, cut, eventsOf, wideLimits } from '../../test/websocket-bytes.ts';
import { seedOfRun } from '../../test/seeded-random.ts';
import { encodeFrame, opcodes } from './frame.ts';
import type { Opcode } from './frame.ts';
import { WebSocketProtocol } from './protocol.ts';

/** Frames masked with 00000000 can be read as they stand; those with 37fa213d prove the mask. */
const fixtures: { name: string; hex: string; events: string[] }[] = [
  { name: 'a text', hex: '81 85 37fa213d 7f9f4d5158', events: ['text Hello'] },
  { name: 'an empty text', hex: '81 80 37fa213d', events: ['text '] },
  { name: 'an empty binary', hex: '82 80 37fa213d', events: ['binary '] },
  { name: 'a binary', hex: '82 83 00000000 00ff80', events: ['binary 00ff80'] },
  { name: 'Chinese and an emoji', hex: '81 8a 00000000 e4b896 e7958c f09f9880', events: ['text 世界😀'] },
  { name: 'a byte order mark, which is text too', hex: '81 84 00000000 efbbbf41', events: ['text \uFEFFA'] },
  { name: 'U+FFFD, sent as such', hex: '81 83 00000000 efbfbd', events: ['text \uFFFD'] },
  { name: 'two texts', hex: '81 81 00000000 41 81 81 00000000 42', events: ['text A', 'text B'] },
  { name: 'two fragments', hex: '01 83 00000000 48656c 80 82 00000000 6c6f', events: ['text Hello'] },
  {
    name: 'fragments with masks of their own',
    hex: '01 83 37fa213d 7f9f4d 00 81 ffffffff 93 80 81 00000000 6f',
    events: ['text Hello'],
  },
  { name: 'empty fragments', hex: '02 80 00000000 00 80 00000000 80 80 00000000', events: ['binary '] },
  {
    name: 'a character cut by a frame border',
    hex: '01 82 00000000 f09f 00 81 00000000 98 80 81 00000000 80',
    events: ['text 😀'],
  },
  {
    name: 'control frames inside a fragmented message',
    hex: '01 81 00000000 41 89 81 00000000 31 00 81 00000000 42 8a 80 00000000 80 81 00000000 43',
    events: ['ping 31', 'pong', 'text ABC'],
  },
  { name: 'a ping', hex: '89 80 37fa213d', events: ['ping'] },
  { name: 'a ping with data', hex: '89 85 37fa213d 7f9f4d5158', events: ['ping 48656c6c6f'] },
  { name: 'a pong nobody asked for', hex: '8a 81 00000000 2a', events: ['pong 2a'] },
  { name: 'a close without a code', hex: '88 80 00000000', events: ['close 1005'] },
  { name: 'a close', hex: '88 82 00000000 03e8', events: ['close 1000'] },
  { name: 'a close with a reason', hex: '88 85 00000000 0fa0 627965', events: ['close 4000 bye'] },
  { name: 'nothing behind a close', hex: '88 82 00000000 03e8 81 81 00000000 41 ff ff', events: ['close 1000'] },
  { name: 'a close of one byte', hex: '88 81 00000000 03', events: ['WS_CLOSE_PAYLOAD 1002'] },
  { name: 'a close with 1005', hex: '88 82 00000000 03ed', events: ['WS_CLOSE_PAYLOAD 1002'] },
  { name: 'a close with 1006', hex: '88 82 00000000 03ee', events: ['WS_CLOSE_PAYLOAD 1002'] },
  { name: 'a close with 999', hex: '88 82 00000000 03e7', events: ['WS_CLOSE_PAYLOAD 1002'] },
  { name: 'a close whose reason is no UTF-8', hex: '88 83 00000000 03e8 ff', events: ['WS_UTF8 1007'] },
  { name: 'an unmasked frame', hex: '81 05 48656c6c6f', events: ['WS_MASK 1002'] },
  { name: 'an unmasked ping', hex: '89 00', events: ['WS_MASK 1002'] },
  { name: 'RSV1', hex: 'c1 80 00000000', events: ['WS_RESERVED_BITS 1002'] },
  {
    name: 'a reserved opcode behind a text',
    hex: '81 81 00000000 41 83 80 00000000',
    events: ['text A', 'WS_OPCODE 1002'],
  },
  { name: 'a continuation of nothing', hex: '80 81 00000000 41', events: ['WS_FRAGMENT 1002'] },
  {
    name: 'a continuation behind a whole message',
    hex: '81 80 00000000 00 80 00000000',
    events: ['text ', 'WS_FRAGMENT 1002'],
  },
  { name: 'a message inside another', hex: '01 81 00000000 41 81 81 00000000 42', events: ['WS_FRAGMENT 1002'] },
  { name: 'a fragmented ping', hex: '09 80 00000000', events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a ping of 126 bytes', hex: '89 fe 007e 00000000', events: ['WS_CONTROL_FRAME 1002'] },
  { name: 'a length that is too long', hex: '81 fe 0001 00000000 41', events: ['WS_LENGTH 1002'] },
  { name: 'a surrogate', hex: '81 83 00000000 eda080', events: ['WS_UTF8 1007'] },
  { name: 'a text that breaks off', hex: '81 83 00000000 41e4b8', events: ['WS_UTF8 1007'] },
  { name: 'fragments that break off', hex: '01 81 00000000 e4 80 81 00000000 b8', events: ['WS_UTF8 1007'] },
];

for (const { name, hex, events } of fixtures) {
  test(`read whole, cut at every byte and byte by byte: ${name}`, () => {
    const whole = bytes(hex);
    assert.deepEqual(eventsOf([whole]), events);
    for (let at = 0; at <= whole.length; at++) assert.deepEqual(eventsOf(cut(whole, at)), events, `cut at ${at}`);
    assert.deepEqual(eventsOf(bytewise(whole)), events);
  });
}

test('a client reads unmasked frames and refuses masked ones', () => {
  assert.deepEqual(eventsOf(bytewise(bytes('81 05 48656c6c6f')), wideLimits, 'client'), ['text Hello']);
  assert.deepEqual(eventsOf([bytes('81 85 37fa213d 7f9f4d5158')], wideLimits, 'client'), ['WS_MASK 1002']);
});

test('payloads of all border lengths are read, in one part, in three, and in reads of 1,000 bytes', () => {
  for (const length of [0, 1, 125, 126, 127, 65_535, 65_536, 2 ** 20]) {
    const payload = Buffer.alloc(length, 'ab世😀');
    for (const opcode of [opcodes.text, opcodes.binary] as const) {
      const text = opcode === opcodes.text ? payload.toString().replaceAll('\uFFFD', '') : '';
      const frame = clientFrame(opcode, opcode === opcodes.text ? text : payload);
      const expected = [opcode === opcodes.text ? `text ${text}` : `binary ${payload.toString('hex')}`];
      assert.deepEqual(eventsOf([frame]), expected, `${length}`);
      assert.deepEqual(eventsOf([frame.subarray(0, 7), frame.subarray(7, 1000), frame.subarray(1000)]), expected);
      const reads = Array.from({ length: Math.ceil(frame.length / 1000) }, (_, i) =>
        frame.subarray(i * 1000, i * 1000 + 1000),
      );
      assert.deepEqual(eventsOf(reads), expected);
    }
  }
});

test('invalid UTF-8 is told by the first byte that shows it, though the message has not ended', () => {
  const text = bytes('ceba e1bdb9 cf83 eda080 656469746564');
  const frame = clientFrame(opcodes.text, text);
  const headerBytes = frame.length - text.length;
  const protocol = new WebSocketProtocol(wideLimits);
  for (let length = 1; length <= headerBytes + 8; length++) {
    protocol.push(Buffer.from(frame.subarray(length - 1, length)));
    assert.equal(protocol.next(), undefined);
  }
  protocol.push(Buffer.from(frame.subarray(headerBytes + 8, headerBytes + 9)));
  assert.throws(() => protocol.next(), { code: 'WS_UTF8', closeCode: 1007 });
  assert.ok(protocol.ended);
});

test('a message over the limit is refused by its header, alone and added up over fragments', () => {
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
  // The limit is of one message: the next begins at 0 again.
  assert.equal(eventsOf([first, fits, first, fits], limits).length, 2);
});

test('a message of too many fragments is refused, whatever they hold', () => {
  const limits = { ...wideLimits, maxFragments: 3 };
  const first = clientFrame(opcodes.text, '', { final: false });
  const middle = clientFrame(opcodes.continuation, '', { final: false });
  const last = clientFrame(opcodes.continuation, '');
  assert.deepEqual(eventsOf([Buffer.concat([first, middle, last, first, middle, last])], limits), ['text ', 'text ']);
  assert.deepEqual(eventsOf([Buffer.concat([first, middle, middle, last])], limits), ['WS_TOO_MANY_FRAGMENTS 1009']);
});

test('where only text is taken a binary message is refused with 1003, and the other way round', () => {
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

test('events wait until they are asked for, across further reads', () => {
  const protocol = new WebSocketProtocol(wideLimits);
  protocol.push(Buffer.concat([clientFrame(opcodes.text, 'one'), clientFrame(opcodes.text, 'two').subarray(0, 4)]));
  assert.deepEqual(protocol.next(), { kind: 'text', message: 'one' });
  protocol.push(Buffer.concat([clientFrame(opcodes.text, 'two').subarray(4), clientFrame(opcodes.text, 'three')]));
  protocol.push(clientFrame(opcodes.ping, ''));
  assert.deepEqual(protocol.next(), { kind: 'text', message: 'two' });
  assert.deepEqual(protocol.next(), { kind: 'text', message: 'three' });
  assert.equal(protocol.next()?.kind, 'ping');
  assert.equal(protocol.next(), undefined);
});

test('a small binary message does not keep the large read alive that it came in', () => {
  const protocol = new WebSocketProtocol(wideLimits);
  const read = Buffer.concat([clientFrame(opcodes.binary, 'small'), Buffer.alloc(60_000)]);
  const memory = read.buffer;
  protocol.push(read);
  const event = protocol.next();
  assert.ok(event?.kind === 'binary');
  assert.notEqual(event.message.buffer, memory);
  assert.equal(event.message.toString(), 'small');
});

/** Masked frames of valid messages, control frames between their fragments, and what should be read. */
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
      // Borders in bytes, so that characters are cut too.
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

function piecesOf(stream: Buffer, cuts: readonly number[]): Uint8Array[] {
  const places = [0, ...cuts.map((at) => at % (stream.length + 1)).sort((a, b) => a - b), stream.length];
  return places.slice(1).map((end, index) => stream.subarray(places[index], end));
}

test('valid frames are read the same in any cuts', (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  fc.assert(
    fc.property(validStream, fc.array(fc.nat(100_000), { maxLength: 12 }), ({ stream, events }, cuts) => {
      assert.deepEqual(eventsOf(piecesOf(stream, cuts)), events);
    }),
    { numRuns: 500, seed },
  );
});

test('valid frames with one byte changed, and any bytes at all, only ever end in a named error, the same in any cuts', (t) => {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const mutated = fc.tuple(validStream, fc.nat(100_000), fc.nat(255)).map(([{ stream }, at, byte]) => {
    const changed = Buffer.from(stream);
    if (changed.length > 0) changed[at % changed.length] = byte;
    return changed;
  });
  const anyBytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(fc.oneof(mutated, anyBytes), fc.array(fc.nat(100_000), { maxLength: 12 }), (stream, cuts) => {
      const limits = { maxMessageBytes: 300, maxFragments: 5, messageTypes: 'any' } as const;
      const whole = eventsOf([stream], limits);
      assert.deepEqual(eventsOf(piecesOf(stream, cuts), limits), whole);
      assert.ok(whole.filter((line) => line.startsWith('WS_')).length <= 1);
    }),
    { numRuns: 1500, seed },
  );
});

test('a million frames leave no memory behind in the protocol', () => {
  const protocol = new WebSocketProtocol(wideLimits);
  const frame = clientFrame(opcodes.text, 'Hello');
  const batch = Buffer.concat(Array.from({ length: 10_000 }, () => frame));
  const plain = Buffer.from(batch);
  let count = 0;
  let before = 0;
  for (let round = 0; round < 100; round++) {
    plain.copy(batch);
    protocol.push(batch);
    for (let event = protocol.next(); event !== undefined; event = protocol.next()) count++;
    if (round === 50) before = process.memoryUsage().heapUsed;
  }
  assert.equal(count, 1_000_000);
  const grownBytes = process.memoryUsage().heapUsed - before;
  assert.ok(grownBytes < 64 * 2 ** 20, `heap grew by ${grownBytes} bytes`);
});
