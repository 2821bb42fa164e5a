import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PendingBytes } from './pending-bytes.ts';

test('grows in proportion to its size, so that few appended bytes are copied', () => {
  const pending = new PendingBytes();
  const memories = new Set<ArrayBufferLike>();
  for (let count = 0; count < 400_000 && memories.size < 30; count++)
    memories.add(pending.append(Buffer.of(count)).buffer);
  assert.equal(pending.length, 400_000);
  assert.ok(memories.size < 30, `${memories.size} memories`);
});

test('keeps at most a quarter of its bytes or 16 KiB as spare memory', () => {
  for (const length of [1, 1_000, 16 * 1024, 100_000, 1_000_000]) {
    const pending = new PendingBytes();
    const spareBytes = pending.append(Buffer.alloc(length)).buffer.byteLength - length;
    assert.ok(spareBytes <= Math.max(16 * 1024, length / 4), `${spareBytes} for ${length}`);
  }
});

test('copies bytes of others, so that their memory can be overwritten', () => {
  const pending = new PendingBytes();
  const bytes = Buffer.alloc(100_000, 'x');
  pending.keep(bytes, 99_990);
  bytes.fill('y');
  assert.equal(pending.bytes.toString(), 'x'.repeat(10));
  assert.equal(pending.bytes.buffer.byteLength, 10);
});

test('copies the rest of its own bytes if it is small, so that it does not keep all of them', () => {
  const pending = new PendingBytes();
  pending.keep(pending.append(Buffer.alloc(100_000, 'x')), 10);
  const { buffer } = pending.bytes;
  pending.keep(pending.bytes, 10);
  assert.equal(pending.bytes.buffer, buffer);
  pending.keep(pending.bytes, 99_970);
  assert.equal(pending.bytes.toString(), 'x'.repeat(10));
  assert.equal(pending.bytes.buffer.byteLength, 10);
});
