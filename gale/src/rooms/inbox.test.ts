import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readKept, readMissed } from './inbox.ts';
import type { ReadPage } from './inbox.ts';
import type { Position, StreamPage } from './stream.ts';

/** A page with the messages `from` to `to` of epoch `e1`; none if `to` is less. A message has 10 bytes. */
function pageOf(from: number, to: number, head: Partial<StreamPage> = {}): StreamPage {
  const messages = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    offset: from + index,
    id: `m${from + index}`,
    author: { id: 'ada', name: 'Ada' },
    time: 0,
    data: null,
    life: 'a',
  }));
  const lives = [{ name: 'a', first: 1 }];
  return { epoch: 'e1', top: to, first: 1, lives, messages, bytes: 10 * messages.length, ...head };
}

/** Reads that return these pages one after the other, and the requested offsets. */
function scripted(...pages: readonly StreamPage[]): { read: ReadPage; asked: number[] } {
  const left = [...pages];
  const asked: number[] = [];
  return {
    asked,
    read: async (after) => {
      asked.push(after);
      return left.shift() ?? assert.fail(`a read after ${after} too many`);
    },
  };
}

function offsetsOf({ messages }: { readonly messages: StreamPage['messages'] }): number[] {
  return messages.map(({ offset }) => offset);
}

const at = (offset: number, epoch = 'e1'): Position => ({ epoch, offset, life: 'a' });

test('reads nothing for a cursor at the newest message', async () => {
  const { read, asked } = scripted(pageOf(8, 7));
  assert.deepEqual(await readMissed(read, at(7)), {
    messages: [],
    dropped: 0,
    position: at(7),
    recovered: true,
    reset: false,
  });
  assert.deepEqual(asked, [7]);
});

test('reads one message for a cursor one before the newest', async () => {
  const { read, asked } = scripted(pageOf(7, 7));
  const missed = await readMissed(read, at(6));
  assert.deepEqual([offsetsOf(missed), missed.dropped, missed.recovered, missed.reset], [[7], 0, true, false]);
  assert.deepEqual(asked, [6]);
});

test('resets a cursor one ahead of the stream', async () => {
  const { read, asked } = scripted(pageOf(8, 7), pageOf(1, 7));
  const missed = await readMissed(read, at(8));
  assert.deepEqual([offsetsOf(missed), missed.dropped], [[1, 2, 3, 4, 5, 6, 7], 0]);
  assert.deepEqual([missed.recovered, missed.reset, missed.position], [false, true, at(7)]);
  assert.deepEqual(asked, [8, 0]);
});

test('resets a cursor of another epoch, although the new stream is longer', async () => {
  const renewed = { epoch: 'e2', first: 3 };
  const { read, asked } = scripted(pageOf(3, 9, renewed), pageOf(3, 9, renewed));
  const missed = await readMissed(read, at(2));
  assert.deepEqual([offsetsOf(missed), missed.dropped], [[3, 4, 5, 6, 7, 8, 9], 2]);
  assert.deepEqual([missed.recovered, missed.reset, missed.position], [false, true, at(9, 'e2')]);
  assert.deepEqual(asked, [2, 0]);
});

test('resets a cursor of another life, although the stream is longer, and also if its message was trimmed', async () => {
  const lives = [
    { name: 'b', first: 5 },
    { name: 'a', first: 1 },
  ];
  for (const [offset, reset] of [
    [4, false],
    [5, true],
  ] as const) {
    const page = pageOf(7, 9, { lives, first: 7 });
    const missed = await readMissed(scripted(page, page).read, at(offset));
    assert.deepEqual([missed.reset, missed.dropped], [reset, reset ? 6 : 2]);
    assert.deepEqual(missed.position, { ...at(9), life: 'b' });
  }
});

test('reads everything kept without a cursor, and counts what is not kept', async () => {
  const { read } = scripted(pageOf(4, 5, { first: 4 }));
  const missed = await readMissed(read, undefined);
  assert.deepEqual([offsetsOf(missed), missed.dropped], [[4, 5], 3]);
  assert.deepEqual([missed.recovered, missed.reset], [false, false]);
});

test('counts all messages as dropped if none is kept', async () => {
  const { read, asked } = scripted(pageOf(6, 5, { first: 6 }));
  const missed = await readMissed(read, at(2));
  assert.deepEqual([missed.messages, missed.dropped, missed.position], [[], 3, at(5)]);
  assert.deepEqual(asked, [2]);
});

test('reads page after page until the newest message', async () => {
  const { read, asked } = scripted(pageOf(1, 2, { top: 5 }), pageOf(3, 4, { top: 5 }), pageOf(5, 5, { top: 5 }));
  const page = await readKept(read, 0);
  assert.deepEqual([offsetsOf(page), page.bytes, page.top, page.first], [[1, 2, 3, 4, 5], 50, 5, 1]);
  assert.deepEqual(asked, [0, 2, 4]);
});

test('keeps messages that were trimmed after they were read', async () => {
  const { read } = scripted(pageOf(1, 2, { top: 4 }), pageOf(3, 4, { first: 3 }));
  const page = await readKept(read, 0);
  assert.deepEqual([offsetsOf(page), page.bytes, page.first], [[1, 2, 3, 4], 40, 1]);
});

test('drops the messages before a hole of one message that was trimmed between two reads', async () => {
  const { read } = scripted(pageOf(1, 2, { top: 5 }), pageOf(4, 5, { first: 4 }));
  const page = await readKept(read, 0);
  assert.deepEqual([offsetsOf(page), page.bytes, page.first], [[4, 5], 20, 4]);
});

for (const [what, second] of [
  ['has another epoch', pageOf(3, 9, { epoch: 'e2' })],
  ['ends one message earlier', pageOf(3, 8)],
] as const) {
  test(`starts again if the stream ${what} at the second read`, async () => {
    const { read, asked } = scripted(pageOf(2, 2, { top: 9 }), second, {
      ...second,
      messages: pageOf(2, 4).messages,
      top: 4,
    });
    const page = await readKept(read, 1);
    assert.deepEqual([offsetsOf(page), page.epoch, page.top], [[2, 3, 4], second.epoch, 4]);
    assert.deepEqual(asked, [1, 2, 1]);
  });
}

test('never returns messages before the cursor if the stream goes backwards during the reads', async () => {
  const { read, asked } = scripted(pageOf(6, 7, { top: 9 }), pageOf(8, 8), pageOf(6, 8));
  const missed = await readMissed(read, at(5));
  assert.deepEqual(asked, [5, 7, 5]);
  assert.deepEqual([offsetsOf(missed), missed.dropped, missed.reset], [[6, 7, 8], 0, false]);
});
