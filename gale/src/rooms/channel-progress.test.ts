import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ChannelProgress } from './channel-progress.ts';
import type { RoomMessage, StreamHead } from './stream.ts';

const head: StreamHead = { epoch: 'e', top: 5, first: 1, lives: [{ name: 'a', first: 1 }] };

function message(offset: number, life = 'a', id = `m${offset}`): RoomMessage {
  return { offset, id, author: { id: 'ada', name: 'Ada' }, time: 0, data: null, life };
}

test('only the next message of the same epoch and life is delivered without a read', () => {
  const progress = new ChannelProgress(head, 5);
  progress.deliver(message(6));
  assert.equal(progress.judge('e', message(7)), 'next');
  assert.equal(progress.judge('e', message(6)), 'old');
  assert.equal(progress.judge('e', message(1)), 'old');
  for (const [epoch, doubtful] of [
    ['e', message(8)],
    ['e', message(7, 'b')],
    ['e', message(6, 'b')],
    ['e', message(6, 'a', 'another')],
    ['f', message(7)],
  ] as const) {
    assert.equal(progress.judge(epoch, doubtful), 'doubtful', JSON.stringify([epoch, doubtful]));
  }
});

test('the first message of a room is the next one in any life', () => {
  const progress = new ChannelProgress({ epoch: 'e', top: 0, first: 1, lives: [] }, 0);
  assert.equal(progress.judge('e', message(1, 'b')), 'next');
});

test('the newest position is the delivered or the stored one, with its life', () => {
  const progress = new ChannelProgress(head, 5);
  assert.deepEqual(progress.newest, { epoch: 'e', offset: 5, life: 'a' });
  progress.see({ epoch: 'e', offset: 7, life: 'b' });
  progress.see({ epoch: 'e', offset: 6, life: 'a' });
  assert.deepEqual(progress.newest, { epoch: 'e', offset: 7, life: 'b' });
  assert.deepEqual(progress.delivered, { epoch: 'e', offset: 5, life: 'a' });
  const newer = [{ name: 'b', first: 7 }, ...head.lives];
  progress.read({ epoch: 'e', top: 7, first: 1, lives: newer });
  assert.deepEqual(progress.known, { epoch: 'e', top: 7, lives: newer });
  const lives = [
    { name: 'c', first: 9 },
    { name: 'b', first: 7 },
    { name: 'a', first: 1 },
  ];
  progress.read({ epoch: 'e', top: 9, first: 1, lives });
  // Bounds of an earlier read.
  progress.read(head);
  assert.deepEqual(progress.known, { epoch: 'e', top: 9, lives });
  progress.skipTrimmed({ ...head, top: 9, first: 8, lives });
  assert.deepEqual(progress.delivered, { epoch: 'e', offset: 7, life: 'b' });
});

test('a read proves a loss by what was delivered or stored before it, not by what came meanwhile', () => {
  const progress = new ChannelProgress(head, 5);
  progress.deliver(message(6));
  const earlier = progress.remember();
  progress.deliver(message(7));
  progress.see({ epoch: 'e', offset: 9, life: 'a' });
  assert.equal(earlier({ ...head, top: 6 }), false);
  assert.equal(earlier({ ...head, top: 5 }), true);
  assert.equal(earlier({ ...head, top: 9, lives: [{ name: 'b', first: 6 }, ...head.lives] }), true);
  assert.equal(earlier({ ...head, top: 6, messages: [message(5), message(6)] }), false);
  assert.equal(earlier({ ...head, top: 6, messages: [message(5), message(6, 'a', 'another')] }), true);
  const later = progress.remember();
  assert.equal(later({ ...head, top: 9 }), false);
  assert.equal(later({ ...head, top: 8 }), true);
  // The stored message is there, and the delivered one is another.
  assert.equal(later({ ...head, top: 9, messages: [message(7, 'a', 'another')] }), true);
});

const amended = (offset: number, version: number): RoomMessage => ({ ...message(offset), version, amended: 1 });

test('only the next amendment of a delivered message is delivered without a read', () => {
  const progress = new ChannelProgress({ ...head, version: 3 }, 5);
  assert.equal(progress.version, 3);
  assert.equal(progress.judgeAmendment('e', amended(5, 4)), 'next');
  assert.equal(progress.judgeAmendment('e', amended(5, 3)), 'old');
  assert.equal(progress.judgeAmendment('e', amended(5, 5)), 'doubtful');
  assert.equal(progress.judgeAmendment('f', amended(5, 4)), 'doubtful');
  // Live delivery may still bring this message in its old state.
  assert.equal(progress.judgeAmendment('e', amended(6, 4)), 'doubtful');
  progress.amendTo(4);
  assert.deepEqual([progress.version, progress.isBehindVersions], [4, false]);
  progress.see({ epoch: 'e', offset: 1, version: 6 });
  assert.deepEqual([progress.isBehindVersions, progress.newest.version, progress.known.version], [true, 6, 6]);
  assert.equal(progress.remember()({ ...head, version: 5 }), true, 'the store lost version 6');
  assert.equal(progress.remember()({ ...head, version: 6 }), false);
});

test('no amendment counts as delivered before the messages are', () => {
  const progress = new ChannelProgress({ ...head, version: 3 }, 0);
  assert.deepEqual([progress.version, progress.isBehindVersions], [0, true]);
});
