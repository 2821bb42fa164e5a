import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WriteBacklog } from './write-backlog.ts';

/** Takes everything. */
function takeAll(backlog: WriteBacklog): Buffer[] {
  const all: Buffer[] = [];
  for (let batch = backlog.take(); batch.length > 0; batch = backlog.take()) all.push(...batch);
  return all;
}

test('returns small and large frames in order, joins small ones and does not copy large ones', () => {
  const backlog = new WriteBacklog();
  const frames = Array.from({ length: 3000 }, (_, index) =>
    Buffer.alloc(index % 1000 === 999 ? 600 : 1 + (index % 50), index),
  );
  for (const frame of frames) backlog.push(frame);
  const expected = Buffer.concat(frames);
  assert.equal(backlog.bytes, expected.length);
  const taken = takeAll(backlog);
  assert.ok(Buffer.concat(taken).equals(expected));
  assert.ok(taken.length < 60, `${taken.length} buffers for 3,000 frames`);
  for (const index of [999, 1999, 2999])
    assert.ok(taken.includes(frames[index] as Buffer), `frame ${index} is the same object`);
  assert.equal(backlog.bytes, 0);
});

test('returns frames after drop(), not those before it', () => {
  const backlog = new WriteBacklog();
  for (let count = 0; count < 100; count++) backlog.push(Buffer.from('old'));
  backlog.drop();
  assert.equal(backlog.bytes, 0);
  for (let count = 0; count < 20; count++) backlog.push(Buffer.from('new'));
  assert.equal(Buffer.concat(takeAll(backlog)).toString(), 'new'.repeat(20));
});

test('returns frames pushed during take() after the earlier ones', () => {
  const backlog = new WriteBacklog();
  let text = '';
  const taken: Buffer[] = [];
  for (let round = 0; round < 300; round++) {
    for (let count = 0; count < 50; count++) {
      text += `${round}.${count} `;
      backlog.push(Buffer.from(`${round}.${count} `));
    }
    if (round % 7 === 0) taken.push(...backlog.take());
  }
  assert.equal(Buffer.concat([...taken, ...takeAll(backlog)]).toString(), text);
});
