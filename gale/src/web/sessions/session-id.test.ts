import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { createSessionId, hashSessionId, isSessionId } from './session-id.ts';

test('an id has 128 random bits in 22 characters', () => {
  const ids = new Set(Array.from({ length: 1000 }, createSessionId));
  assert.equal(ids.size, 1000);
  for (const id of ids) {
    assert.ok(isSessionId(id) && id.length === 22, id);
    assert.equal(Buffer.from(id, 'base64url').byteLength, 16);
  }
});

test('the hash of an id is its SHA-256, also after thousands of others', () => {
  const ids = Array.from({ length: 3500 }, createSessionId);
  for (const id of [...ids, ...ids.toReversed()]) {
    assert.equal(hashSessionId(id), createHash('sha256').update(id).digest('hex'));
  }
});

test('other texts are no ids', () => {
  const id = createSessionId();
  for (const text of ['', id.slice(1), `${id} `, `${id}\n`, `${id}%`, `é${id}`, 'a'.repeat(65), 'a'.repeat(100_000)]) {
    assert.equal(isSessionId(text), false, text.slice(0, 70));
  }
});
