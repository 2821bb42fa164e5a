import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HistoryMessage } from '../../wire.ts';
import { startView } from './reading.ts';
import type { RoomState } from './room-state.ts';
import { applyMessage } from './stream.ts';
import { ada, attentive, loadedRoom, me, message, noon } from './support.ts';
import {
  addNewer,
  addOlder,
  hasOlder,
  isShown,
  maxShown,
  showNewest,
  shownMessages,
  showPart,
} from './timeline-window.ts';

/** A page of the history. */
function page(from: number, to: number): { messages: HistoryMessage[]; first: number } {
  const messages = Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    return { seq, id: `m${seq}`, author: ada, time: noon, data: { text: `text ${seq}` } };
  });
  return { messages, first: 1 };
}

/** The shown messages, as `first-last`; fails if there is a hole or a repeated one. */
function range(room: RoomState): string {
  const seqs = shownMessages(room).map(({ seq }) => seq ?? 0);
  assert.deepEqual(
    seqs,
    seqs.map((_, index) => (seqs[0] ?? 0) + index),
  );
  return `${seqs[0]}-${seqs.at(-1)}`;
}

/** Adds messages 1,001 to 1,040. */
function addMessages(room: RoomState): RoomState {
  let next = room;
  for (let offset = 1001; offset <= 1040; offset++) {
    next = applyMessage(next, 'e1', message(offset), attentive);
    assert.ok(shownMessages(next).length < 320);
  }
  return next;
}

/** An open room of 1,000 messages, of which the page has the newest 100. */
const open = (): RoomState => startView(loadedRoom(1000, 1000, 100), me.id);

test('back to the first message and forward again, without a hole, and with at most 300 shown', () => {
  let room = open();
  const seen = new Set<number>();
  for (let guard = 0; hasOlder(room) && guard < 50; guard++) {
    const before = shownMessages(room)[0]!.seq!;
    room = addOlder(room, page(Math.max(1, before - 50), before - 1));
    assert.ok(shownMessages(room).length <= maxShown);
    range(room);
    for (const { seq } of shownMessages(room)) seen.add(seq!);
  }
  assert.equal(range(room), '1-300');
  assert.equal(seen.size, 1000);
  for (let guard = 0; room.isDetached && guard < 50; guard++) {
    const last = shownMessages(room).at(-1)!.seq!;
    room = addNewer(room, page(last + 1, last + 50));
    assert.ok(shownMessages(room).length <= maxShown);
  }
  assert.equal(range(room), '701-1000');
  assert.equal(room.isDetached, false);
});

test('a part that reaches the newest messages is joined with them, another one is not', () => {
  const far = showPart(open(), page(400, 449));
  assert.deepEqual([range(far), far.isDetached, isShown(far, 420), isShown(far, 950)], ['400-449', true, true, false]);
  const near = showPart(open(), page(870, 919));
  assert.deepEqual([range(near), near.isDetached], ['870-1000', false]);
  const next = showPart(open(), page(851, 900));
  assert.deepEqual([range(next), next.isDetached], ['851-1000', false]);
  assert.equal(range(showNewest(far)), '901-1000');
});

test('new messages are not added to another part of the history', () => {
  const far = showPart(open(), page(400, 449));
  const room = applyMessage(far, 'e1', message(1001), attentive);
  assert.equal(range(room), '400-449');
  assert.equal(room.topSeq, 1001);
  assert.equal(range(showNewest(room)), '901-1001');
});

test('new messages drop the oldest ones at the end, and the newest ones elsewhere', () => {
  let room = open();
  for (const from of [851, 801, 751, 701]) room = addOlder(room, page(from, from + 49));
  const elsewhere = { ...room, view: { ...room.view!, isAtEnd: false } };
  assert.match(range(addMessages(room)), /-1040$/);
  assert.match(range(addMessages(elsewhere)), /^701-1000$/);
});

test('a page that overlaps with what is shown adds nothing twice', () => {
  assert.equal(range(addOlder(open(), page(880, 929))), '880-1000');
  const far = showPart(open(), page(400, 449));
  assert.equal(range(addNewer(far, page(440, 489))), '400-489');
});

test('the first page of a room says where its history begins', () => {
  const room = loadedRoom(10, 10, 5);
  assert.equal(hasOlder(room), true);
  assert.equal(hasOlder(addOlder(room, { messages: [], first: 6 })), false);
});
