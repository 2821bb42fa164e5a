import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runInNewContext } from 'node:vm';
import { viewBytes } from './view-bytes.ts';

const hex = (value: object): string | undefined => {
  const bytes = viewBytes(value, 'WEB_BODY');
  return bytes && Buffer.from(bytes).toString('hex');
};

test('returns exactly the bytes in view of every kind of view', () => {
  const { buffer } = Uint8Array.from({ length: 32 }, (_, index) => index);
  const kinds = [
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Int32Array,
    Uint32Array,
    Float32Array,
    Float64Array,
    BigInt64Array,
    BigUint64Array,
  ];
  for (const Kind of kinds) {
    const view = new Kind(buffer, 8, 1);
    assert.equal(hex(view), Buffer.from(buffer, 8, Kind.BYTES_PER_ELEMENT).toString('hex'), Kind.name);
  }
  assert.equal(hex(new DataView(buffer, 3, 4)), '03040506');
  assert.equal(hex(Buffer.from(buffer, 30)), '1e1f');
  assert.equal(hex(buffer)?.length, 64);
  assert.equal(hex(runInNewContext('Uint8Array.of(1, 2).buffer') as object), '0102');
  assert.equal(hex(runInNewContext('new DataView(Uint8Array.of(1, 2).buffer, 1)') as object), '02');
});

test('returns the same memory, but a copy of shared memory', () => {
  const bytes = Uint8Array.of(1, 2);
  assert.equal(viewBytes(bytes, 'WEB_BODY'), bytes);
  const shared = new SharedArrayBuffer(4);
  const view = new Uint8Array(shared, 1, 2).fill(7);
  for (const [value, expected] of [
    [view, '0707'],
    [shared, '00070700'],
  ] as const) {
    const copy = viewBytes(value, 'WEB_BODY');
    view.fill(9);
    assert.equal(copy && Buffer.from(copy).toString('hex'), expected);
    view.fill(7);
  }
});

test('returns undefined for a value that is not bytes', () => {
  for (const value of [{}, [], { byteLength: 3 }, new Map(), Promise.resolve(), { __proto__: null }, () => 1]) {
    assert.equal(viewBytes(value, 'WEB_BODY'), undefined);
  }
});

test('refuses memory that was transferred, and accepts an empty view', () => {
  assert.equal(hex(new Uint8Array(0)), '');
  assert.equal(hex(new ArrayBuffer(0)), '');
  const bytes = new Uint8Array(4);
  structuredClone(bytes.buffer, { transfer: [bytes.buffer] });
  for (const value of [bytes, bytes.buffer]) {
    assert.throws(() => viewBytes(value, 'WEB_BODY'), { code: 'WEB_BODY', message: /transferred to another owner/ });
  }
});
