import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { memoryInUse } from '../../../test/support/processes/memory-in-use.ts';
import type { StreamPage } from '../stream.ts';
import { SharedPages } from './shared-pages.ts';

/** Bytes counted for a page in addition to its messages. */
const perPage = 4096;

/** A page with the messages `from` to `to`. */
function pageOf(from: number, to: number, bytes = 100, epoch = 'e1'): StreamPage {
  const messages = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    offset: from + index,
    id: `m${from + index}`,
    author: { id: 'ada', name: 'Ada' },
    time: 0,
    data: null,
    life: 'a',
  }));
  return { epoch, top: to, first: 1, lives: [{ name: 'a', first: 1 }], messages, bytes };
}

const at = (offset: number, epoch = 'e1'): { epoch: string; offset: number } => ({ epoch, offset });

/** Pages with a clock that the test moves. */
function open(t: TestContext, maxBytes: number): { pages: SharedPages; pass(ms: number): void } {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let now = 5000;
  t.mock.method(performance, 'now', () => now);
  return {
    pages: new SharedPages(maxBytes),
    pass(ms) {
      now += ms;
      t.mock.timers.tick(ms);
    },
  };
}

test('finds a page by each position whose next message it has, in its room and epoch', (t) => {
  const { pages } = open(t, 100_000);
  const page = pageOf(3, 5);
  pages.add('a', page);
  assert.deepEqual(
    [1, 2, 3, 4, 5].map((offset) => pages.find('a', at(offset)) === page),
    [false, true, true, true, false],
  );
  assert.equal(pages.find('a', at(3, 'e2')), undefined);
  assert.equal(pages.find('b', at(3)), undefined);
});

test('a page over the limit is not kept, and drops no other page', (t) => {
  const { pages } = open(t, 2 * (perPage + 100));
  pages.add('a', pageOf(1, 1));
  pages.add('b', pageOf(1, 1, perPage + 201));
  assert.ok(pages.find('a', at(0)));
  assert.equal(pages.find('b', at(0)), undefined);
  pages.add('c', pageOf(1, 1, perPage + 200));
  assert.ok(pages.find('c', at(0)), 'a page of exactly the limit is kept');
});

test('keeps the other pages of a room when its oldest page is dropped', (t) => {
  const { pages } = open(t, 2 * (perPage + 100));
  for (const offset of [1, 2, 3]) pages.add('a', pageOf(offset, offset));
  assert.deepEqual(
    [0, 1, 2].map((offset) => pages.find('a', at(offset))?.top),
    [undefined, 2, 3],
  );
});

test('keeps nothing of a room without pages', () => {
  const pages = new SharedPages(perPage + 100);
  const page = pageOf(1, 1);
  const before = memoryInUse();
  for (let room = 0; room < 50_000; room++) pages.add(`room ${room}`, page);
  const bytes = memoryInUse() - before;
  assert.ok(bytes < 50_000 * 50, `${bytes} bytes of 50,000 rooms`);
  pages.clear();
});

test('keeps as many pages as fit, and drops the oldest first', (t) => {
  const { pages } = open(t, 2 * (perPage + 100));
  pages.add('a', pageOf(1, 1));
  pages.add('b', pageOf(1, 1));
  assert.ok(pages.find('a', at(0)) && pages.find('b', at(0)));
  pages.add('c', pageOf(1, 1));
  assert.deepEqual(
    ['a', 'b', 'c'].map((room) => pages.find(room, at(0)) !== undefined),
    [false, true, true],
  );
});

test('keeps a page of the largest size, and no larger one', (t) => {
  const { pages } = open(t, perPage + 100);
  pages.add('a', pageOf(1, 1, 101));
  assert.equal(pages.find('a', at(0)), undefined);
  pages.add('a', pageOf(1, 1, 100));
  assert.ok(pages.find('a', at(0)));
  pages.add('b', pageOf(1, 0, 0));
  assert.ok(pages.find('a', at(0)), 'an empty page takes no place');
});

test('drops a page after a second', (t) => {
  const { pages, pass } = open(t, 100_000);
  pages.add('a', pageOf(1, 1));
  pass(600);
  pages.add('b', pageOf(1, 1));
  pass(399);
  assert.ok(pages.find('a', at(0)));
  pass(1);
  assert.equal(pages.find('a', at(0)), undefined);
  assert.ok(pages.find('b', at(0)));
  pass(600);
  assert.equal(pages.find('b', at(0)), undefined);
  pages.add('a', pageOf(1, 1));
  pass(1000);
  assert.equal(pages.find('a', at(0)), undefined, 'the timer runs again');
});

test('forgets the pages of one room, whose bytes are free then', (t) => {
  const { pages } = open(t, 3 * (perPage + 100));
  pages.add('a', pageOf(1, 1));
  pages.add('a', pageOf(2, 2));
  pages.add('b', pageOf(1, 1));
  pages.forget('a');
  assert.equal(pages.find('a', at(0)), undefined);
  assert.equal(pages.find('a', at(1)), undefined);
  pages.add('c', pageOf(1, 1));
  pages.add('d', pageOf(1, 1));
  assert.ok(pages.find('b', at(0)) && pages.find('c', at(0)) && pages.find('d', at(0)));
});

test('holds nothing after it was cleared, and can be used again', (t) => {
  const { pages, pass } = open(t, perPage + 100);
  pages.add('a', pageOf(1, 1));
  pages.clear();
  assert.equal(pages.find('a', at(0)), undefined);
  pages.add('b', pageOf(1, 1));
  assert.ok(pages.find('b', at(0)));
  pass(1000);
  assert.equal(pages.find('b', at(0)), undefined);
});
