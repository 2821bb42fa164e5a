import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameSequence } from './frame-sequence.ts';
import { prepareMessage } from './prepared-message.ts';

const [a, b, c] = [prepareMessage('a'), prepareMessage('b'), prepareMessage('c')] as const;

test('the same messages in the same order are the same sequence, joined once', () => {
  const root = new FrameSequence();
  const one = root.followedBy(a).followedBy(b);
  const other = root.followedBy(a).followedBy(b);
  assert.equal(one, other);
  assert.equal(one.joined(), other.joined());
  assert.equal(one.bytes, 6);
  assert.deepEqual(one.joined(), Buffer.concat([a.frame, b.frame]));
});

test('two sequences with different frames or another order are not equal', () => {
  const root = new FrameSequence();
  const ab = root.followedBy(a).followedBy(b);
  assert.notEqual(root.followedBy(b).followedBy(a), ab);
  assert.deepEqual(root.followedBy(b).followedBy(a).joined(), Buffer.concat([b.frame, a.frame]));
  assert.deepEqual(root.followedBy(b).followedBy(c).joined(), Buffer.concat([b.frame, c.frame]));
  assert.deepEqual(ab.joined(), Buffer.concat([a.frame, b.frame]));
});

test('a message that was sent twice is in the sequence twice', () => {
  const root = new FrameSequence();
  assert.deepEqual(root.followedBy(a).followedBy(a).joined(), Buffer.concat([a.frame, a.frame]));
});

test('equal texts prepared twice are two messages', () => {
  const root = new FrameSequence();
  assert.notEqual(root.followedBy(prepareMessage('a')), root.followedBy(prepareMessage('a')));
});

test('a sequence of one frame is that frame, not a copy', () => {
  assert.equal(new FrameSequence().followedBy(a).joined(), a.frame);
});

test('the empty sequence has no bytes', () => {
  assert.equal(new FrameSequence().bytes, 0);
  assert.equal(new FrameSequence().joined().length, 0);
});

test('members of several rooms share sequences while the rooms send in turn', () => {
  const root = new FrameSequence();
  const messages = [a, b, c];
  const first = messages.map((message) => root.followedBy(message));
  // Each room's next member comes after the other rooms' members.
  for (let member = 0; member < 5; member++) {
    messages.forEach((message, room) => assert.equal(root.followedBy(message), first[room]));
  }
});

test('release() removes references to its tree, not to a newer one', () => {
  const old = new FrameSequence();
  old.followedBy(a).followedBy(b);
  const fresh = new FrameSequence();
  const kept = fresh.followedBy(b);
  old.release();
  assert.equal(a.sequence, undefined);
  assert.equal(b.sequence, kept);
  fresh.release();
  assert.equal(b.sequence, undefined);
});
