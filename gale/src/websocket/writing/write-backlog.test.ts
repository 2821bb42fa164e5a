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

test('a batch ends with the frame that reaches 64 KiB', () => {
  const backlog = new WriteBacklog();
  const half = Buffer.alloc(32 * 1024);
  const oneLess = Buffer.alloc(32 * 1024 - 1);
  for (const frames of [half, half, oneLess, half, half]) backlog.push(frames);
  assert.deepEqual(
    [backlog.take(), backlog.take(), backlog.take()].map((batch) => batch.length),
    // 64 KiB exactly; one byte less needs a third frame.
    [2, 3, 0],
  );
});

test('copies frames under 512 bytes after the first 16, and no others', () => {
  const backlog = new WriteBacklog();
  const small = Array.from({ length: 18 }, () => Buffer.alloc(511));
  for (const frames of small) backlog.push(frames);
  const large = Buffer.alloc(512);
  backlog.push(large);
  const taken = takeAll(backlog);
  assert.deepEqual(
    taken.map((buffer) => buffer.length),
    [...Array.from({ length: 16 }, () => 511), 2 * 511, 512],
  );
  assert.ok(small.slice(0, 16).every((frames, index) => taken[index] === frames));
  assert.equal(taken.at(-1), large);
});

test('joins small frames up to exactly 4 KiB', () => {
  const backlog = new WriteBacklog();
  for (let count = 0; count < 16; count++) backlog.push(Buffer.alloc(1));
  for (let count = 0; count < 17; count++) backlog.push(Buffer.alloc(256));
  assert.deepEqual(
    takeAll(backlog)
      .slice(16)
      .map((buffer) => buffer.length),
    [4096, 256],
  );
});

test('control frames precede the data, the pong first, and each kind waits once', () => {
  const backlog = new WriteBacklog();
  backlog.push(Buffer.from('data'));
  for (const number of [1, 2]) {
    backlog.putPing(Buffer.from(`ping ${number}`));
    backlog.putPong(Buffer.from(`pong ${number}`));
  }
  assert.equal(backlog.bytes, 4);
  assert.deepEqual(backlog.take().map(String), ['pong 2', 'ping 2', 'data']);
  assert.deepEqual(backlog.take(), []);
  backlog.putPing(Buffer.from('ping'));
  backlog.putPong(Buffer.from('pong'));
  backlog.drop();
  assert.deepEqual(backlog.take(), []);
});
