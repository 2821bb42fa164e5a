import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes } from '../../../test/support/websocket/websocket-bytes.ts';
import { GaleError } from '../../errors.ts';
import { isCloseCode } from './close-codes.ts';
import { readClosePayload, writeClosePayload } from './close-payload.ts';

test('accepts exactly the valid codes of 0 to 65,535', () => {
  const ranges = [
    [1000, 1003],
    [1007, 1014],
    [3000, 4999],
  ] as const;
  const payload = Buffer.alloc(2);
  for (let code = 0; code <= 0xffff; code++) {
    const expected = ranges.some(([first, last]) => code >= first && code <= last);
    assert.equal(isCloseCode(code), expected, String(code));
    payload.writeUInt16BE(code);
    if (expected) assert.deepEqual(readClosePayload(payload), { code, reason: '' });
    else assert.throws(() => readClosePayload(payload), { code: 'WS_CLOSE_PAYLOAD', closeCode: 1002 });
    if (expected) assert.deepEqual(writeClosePayload(code), payload);
    else if (code !== 1005) assert.throws(() => writeClosePayload(code), { code: 'WS_CLOSE_CODE' });
  }
  assert.equal(isCloseCode(1000.5), false);
});

test('reads and writes an empty payload as 1005', () => {
  assert.deepEqual(readClosePayload(Buffer.alloc(0)), { code: 1005, reason: '' });
  assert.deepEqual(writeClosePayload(1005, 'not sent'), Buffer.alloc(0));
});

test('rejects a payload of one byte with 1002', () => {
  assert.throws(() => readClosePayload(bytes('03')), { code: 'WS_CLOSE_PAYLOAD', closeCode: 1002 });
});

test('reads a reason in UTF-8 and rejects another with 1007', () => {
  assert.deepEqual(readClosePayload(bytes('0fa0 e5868d e8a781')), { code: 4000, reason: '再见' });
  assert.throws(
    () => readClosePayload(bytes('03e8 eda080')),
    (error) => error instanceof GaleError && error.code === 'WS_UTF8' && error.closeCode === 1007,
  );
});

test('truncates a long reason after its last whole character within 123 bytes', () => {
  assert.equal(writeClosePayload(1000, 'x'.repeat(200)).length, 125);
  for (let pad = 0; pad < 4; pad++) {
    const payload = writeClosePayload(1000, 'x'.repeat(pad) + '😀'.repeat(40));
    const { reason } = readClosePayload(payload);
    assert.ok(payload.length <= 125 && payload.length > 121);
    assert.match(reason, /^x{0,3}(😀)+$/u);
  }
});
