import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SentIds } from './sent-ids.ts';

test('takes at most 40 bytes for an id, and drops the oldest ids', () => {
  const ids = new SentIds();
  for (let count = 1; count <= 1000; count++) {
    ids.add(count, { offset: count, time: count }, 256);
    assert.ok(ids.bytes <= 40 * Math.max(4, Math.min(count, 256)), `${ids.bytes} bytes for ${count} ids`);
    assert.deepEqual(ids.dropped, count <= 256 ? undefined : { offset: count - 256, time: count - 256 });
    assert.deepEqual(ids.find(Math.max(1, count - 255), 0), {
      offset: Math.max(1, count - 255),
      time: Math.max(1, count - 255),
    });
    assert.equal(ids.find(count - 256, 0), undefined);
  }
  assert.equal(ids.find(900, 900), undefined, 'its time is over');
});
