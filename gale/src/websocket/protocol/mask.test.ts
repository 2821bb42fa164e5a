import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, testMask } from '../../../test/support/websocket/websocket-bytes.ts';
import { applyMask } from './mask.ts';

/** The definition of RFC 6455 §5.3, byte by byte. */
function maskedByDefinition(payload: Uint8Array, mask: number, phase: number): Buffer {
  const key = Buffer.alloc(4);
  key.writeUInt32BE(mask);
  return Buffer.from(payload.map((byte, index) => byte ^ key[(index + phase) % 4]!));
}

test('unmasks the example of RFC 6455 §5.7', () => {
  const payload = bytes('7f9f4d5158');
  applyMask(payload, testMask);
  assert.equal(payload.toString(), 'Hello');
});

test('masks every length up to 300, phase and alignment by the definition and changes nothing else', () => {
  const memory = Buffer.alloc(320);
  for (let length = 0; length <= 300; length++) {
    for (let phase = 0; phase < 4; phase++) {
      for (let offset = 0; offset < 4; offset++) {
        for (let i = 0; i < memory.length; i++) memory[i] = (i * 7 + length) & 0xff;
        const before = Buffer.from(memory);
        const payload = memory.subarray(offset, offset + length);
        const expected = maskedByDefinition(payload, 0x80ff017e, phase);
        applyMask(payload, 0x80ff017e, phase);
        assert.ok(payload.equals(expected), `length ${length}, phase ${phase}, offset ${offset}`);
        assert.ok(memory.subarray(0, offset).equals(before.subarray(0, offset)));
        assert.ok(memory.subarray(offset + length).equals(before.subarray(offset + length)));
      }
    }
  }
});

test('masking a mebibyte twice restores it', () => {
  const payload = Buffer.alloc(2 ** 20, 'some text');
  applyMask(payload, 0xdeadbeef, 5);
  assert.notEqual(payload.toString('latin1', 0, 9), 'some text');
  applyMask(payload, 0xdeadbeef, 1);
  assert.ok(payload.equals(Buffer.alloc(2 ** 20, 'some text')));
});
