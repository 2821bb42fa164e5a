import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentMessages } from './recent-messages.ts';
import type { RoomMessage } from './stream.ts';

function messageOf(offset: number, bytes: number): RoomMessage & { data: { text: string } } {
  const author = { id: 'ada', name: 'Ada' };
  return { id: `m${offset}`, offset, time: 0, author, data: { text: 'x'.repeat(bytes) }, life: 'a' };
}

function offsetsIn(messages: readonly RoomMessage[] | undefined): number[] | undefined {
  return messages?.map(({ offset }) => offset);
}

test('keeps at most 256 messages and 1 MiB while they are held', () => {
  const recent = new RecentMessages();
  recent.add(messageOf(1, 10));
  assert.equal(recent.after(0), undefined, 'nobody holds them');
  const release = recent.hold();
  for (let offset = 2; offset <= 300; offset++) recent.add(messageOf(offset, 10));
  assert.equal(recent.after(43), undefined);
  assert.equal(recent.after(44)?.length, 256);
  for (let offset = 301; offset <= 303; offset++) recent.add(messageOf(offset, 400_000));
  assert.deepEqual(offsetsIn(recent.after(301)), [302, 303]);
  release();
  assert.equal(recent.after(302), undefined);
});

test('drops the size of all messages with them: one of exactly 1 MiB fits afterwards', () => {
  const recent = new RecentMessages();
  recent.hold();
  recent.add(messageOf(1, 1_000_000));
  recent.clear();
  // 68 bytes are counted for the object, its key and the string.
  recent.add(messageOf(2, 2 ** 20 - 68));
  assert.deepEqual(offsetsIn(recent.after(1)), [2]);
  recent.clear();
  recent.add(messageOf(3, 2 ** 20 - 67));
  assert.equal(recent.after(2), undefined);
});

test('counts the original size of a message that a subscriber changed', () => {
  const recent = new RecentMessages();
  recent.hold();
  const changed = messageOf(1, 1_000_000);
  recent.add(changed);
  changed.data.text = '';
  recent.add(messageOf(2, 200_000));
  recent.add(messageOf(3, 200_000));
  assert.deepEqual(offsetsIn(recent.after(1)), [2, 3]);
});

test('an amendment replaces a kept message, and amendments after a version are all kept or none', () => {
  const recent = new RecentMessages();
  const amended = (offset: number, version: number): RoomMessage => ({ ...messageOf(offset, 1), version, amended: 1 });
  recent.amend(amended(1, 1));
  assert.equal(recent.amendmentsAfter(0), undefined, 'nobody holds them');
  recent.hold();
  recent.add(messageOf(1, 10));
  recent.add(messageOf(2, 10));
  for (let version = 2; version <= 20; version++) recent.amend(amended(version % 2 ? 1 : 9, version));
  assert.deepEqual(
    recent.after(0)?.map(({ version }) => version),
    [19, undefined],
  );
  assert.deepEqual(
    recent
      .amendmentsAfter(18)
      ?.map(({ version }) => version)
      .slice(-2),
    [19, 20],
  );
  assert.equal(recent.amendmentsAfter(3), undefined);
  recent.skipAmendments();
  assert.equal(recent.amendmentsAfter(19), undefined);
});
