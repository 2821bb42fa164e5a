import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, maskedByDefinition, testMask } from '../../../test/support/websocket/websocket-bytes.ts';
import { ProtocolError } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';
import { encodeFrame, headerBytesFor, opcodes, readFrameHeader } from './frame.ts';

const headers = [
  { hex: '81 05', payloadBytes: 5, mask: undefined },
  { hex: '81 85 37fa213d', payloadBytes: 5, mask: testMask },
  { hex: '81 00', payloadBytes: 0, mask: undefined },
  { hex: '81 7d', payloadBytes: 125, mask: undefined },
  { hex: '81 7e 007e', payloadBytes: 126, mask: undefined },
  { hex: '81 fe ffff ffffffff', payloadBytes: 65_535, mask: 0xffffffff },
  { hex: '81 7f 0000000000010000', payloadBytes: 65_536, mask: undefined },
  { hex: '81 ff 0000000000100000 00000000', payloadBytes: 1_048_576, mask: 0 },
  { hex: '81 7f 7fffffffffffffff', payloadBytes: 2 ** 63, mask: undefined },
];

for (const { hex, payloadBytes, mask } of headers) {
  test(`the header ${hex} is undefined until its last byte arrives`, () => {
    const header = bytes(hex);
    for (let length = 0; length < header.length; length++) {
      assert.equal(readFrameHeader(header.subarray(0, length)), undefined, `${length} bytes`);
    }
    const expected = { final: true, reserved: 0, opcode: opcodes.text, mask, payloadBytes, headerBytes: header.length };
    assert.deepEqual(readFrameHeader(header), expected);
    assert.deepEqual(readFrameHeader(Buffer.concat([bytes('ff'), header, bytes('ff')]), 1), expected);
  });
}

const broken: { hex: string; shownBy: number; code: ErrorCode; why: string }[] = [
  { hex: 'c1 00', shownBy: 1, code: 'WS_RESERVED_BITS', why: 'RSV1' },
  { hex: 'a1 00', shownBy: 1, code: 'WS_RESERVED_BITS', why: 'RSV2' },
  { hex: '91 00', shownBy: 1, code: 'WS_RESERVED_BITS', why: 'RSV3' },
  { hex: 'f9 00', shownBy: 1, code: 'WS_RESERVED_BITS', why: 'all three on a ping' },
  { hex: '83 00', shownBy: 1, code: 'WS_OPCODE', why: 'opcode 3' },
  { hex: '87 00', shownBy: 1, code: 'WS_OPCODE', why: 'opcode 7' },
  { hex: '8b 00', shownBy: 1, code: 'WS_OPCODE', why: 'opcode 11' },
  { hex: '8f 00', shownBy: 1, code: 'WS_OPCODE', why: 'opcode 15' },
  { hex: '08 00', shownBy: 1, code: 'WS_CONTROL_FRAME', why: 'a fragmented close' },
  { hex: '09 00', shownBy: 1, code: 'WS_CONTROL_FRAME', why: 'a fragmented ping' },
  { hex: '0a 00', shownBy: 1, code: 'WS_CONTROL_FRAME', why: 'a fragmented pong' },
  { hex: '89 7e 007e', shownBy: 2, code: 'WS_CONTROL_FRAME', why: 'a ping of 126 bytes' },
  { hex: '88 7f 0000000000010000', shownBy: 2, code: 'WS_CONTROL_FRAME', why: 'a close of 65,536 bytes' },
  { hex: '81 7e 0000', shownBy: 4, code: 'WS_LENGTH', why: '0 in three bytes' },
  { hex: '81 7e 007d', shownBy: 4, code: 'WS_LENGTH', why: '125 in three bytes' },
  { hex: '82 7f 0000000000000000', shownBy: 10, code: 'WS_LENGTH', why: '0 in nine bytes' },
  { hex: '82 7f 000000000000ffff', shownBy: 10, code: 'WS_LENGTH', why: '65,535 in nine bytes' },
  { hex: '82 7f 8000000000000000', shownBy: 10, code: 'WS_LENGTH', why: 'the highest bit' },
  { hex: '82 7f ffffffffffffffff', shownBy: 10, code: 'WS_LENGTH', why: 'all bits' },
];

for (const { hex, shownBy, code, why } of broken) {
  test(`rejects ${why} with ${code} at byte ${shownBy}`, () => {
    const header = bytes(hex);
    for (let length = 0; length <= header.length; length++) {
      const read = (): unknown => readFrameHeader(header.subarray(0, length));
      if (length < shownBy) assert.equal(read(), undefined);
      else
        assert.throws(
          read,
          (error) => error instanceof ProtocolError && error.code === code && error.closeCode === 1002,
        );
    }
  });
}

test('reads a reserved bit of an extension and rejects the others', () => {
  assert.equal(readFrameHeader(bytes('c1 00'), 0, 0b100)?.reserved, 0b100);
  assert.throws(() => readFrameHeader(bytes('e1 00'), 0, 0b100), { code: 'WS_RESERVED_BITS' });
});

const encoded = [
  { length: 0, hex: '82 00' },
  { length: 1, hex: '82 01' },
  { length: 125, hex: '82 7d' },
  { length: 126, hex: '82 7e 007e' },
  { length: 127, hex: '82 7e 007f' },
  { length: 65_535, hex: '82 7e ffff' },
  { length: 65_536, hex: '82 7f 0000000000010000' },
  { length: 1_048_576, hex: '82 7f 0000000000100000' },
];

for (const { length, hex } of encoded) {
  test(`encodes a payload of ${length} bytes with the header ${hex}, whole, masked and as a fragment`, () => {
    const payload = Buffer.alloc(length, 'abcdefg');
    const frame = encodeFrame(opcodes.binary, payload);
    const header = bytes(hex);
    assert.deepEqual(frame.subarray(0, header.length), header);
    assert.deepEqual(frame.subarray(header.length), payload);
    assert.equal(headerBytesFor(length), header.length);
    const masked = encodeFrame(opcodes.binary, payload, { mask: testMask });
    assert.ok(masked.equals(maskedByDefinition(frame, testMask)));
    const text = payload.toString();
    for (const opcode of [opcodes.text, opcodes.binary, opcodes.continuation] as const) {
      for (const final of [true, false]) {
        const first = (final ? 0x80 : 0) | opcode;
        const expected = Buffer.concat([Buffer.from([first]), frame.subarray(1)]);
        assert.ok(encodeFrame(opcode, text, { final }).equals(expected));
        assert.ok(
          encodeFrame(opcode, payload, { final, mask: testMask }).equals(maskedByDefinition(expected, testMask)),
        );
      }
    }
    const read = readFrameHeader(masked);
    assert.deepEqual([read?.payloadBytes, read?.mask, read?.headerBytes], [length, testMask, header.length + 4]);
  });
}

test('encodes the examples of RFC 6455 §5.7', () => {
  assert.deepEqual(encodeFrame(opcodes.text, 'Hello'), bytes('81 05 48656c6c6f'));
  assert.deepEqual(encodeFrame(opcodes.text, 'Hello', { mask: testMask }), bytes('81 85 37fa213d 7f9f4d5158'));
  assert.deepEqual(encodeFrame(opcodes.text, 'Hel', { final: false }), bytes('01 03 48656c'));
  assert.deepEqual(encodeFrame(opcodes.continuation, 'lo'), bytes('80 02 6c6f'));
  assert.deepEqual(encodeFrame(opcodes.ping, 'Hello'), bytes('89 05 48656c6c6f'));
  assert.deepEqual(encodeFrame(opcodes.text, '', { reserved: 0b100 }), bytes('c1 00'));
});

test('encodes a string as UTF-8 and a lone surrogate as U+FFFD', () => {
  assert.deepEqual(encodeFrame(opcodes.text, '世😀'), bytes('81 07 e4b896 f09f9880'));
  assert.deepEqual(encodeFrame(opcodes.text, 'a\uD83D'), bytes('81 04 61 efbfbd'));
});
