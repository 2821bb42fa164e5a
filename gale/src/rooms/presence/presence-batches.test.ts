import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { PresenceBatches } from './presence-batches.ts';
import type { RoomPeople } from './room-people.ts';

interface Opened {
  /** What was sent: `+ada -ben 2`, a count `2`, or a list `[ada ben] 2`. */
  readonly sent: string[];
  enter(...ids: string[]): void;
  leave(...ids: string[]): void;
  /** What a new subscriber gets. */
  show(): string;
  pass(ms?: number): void;
  /** What was sent since the last call. */
  take(): string[];
}

function open(t: TestContext, options: { namesMax?: number; here?: string[] } = {}): Opened {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { namesMax = 10, here = [] } = options;
  const people = new Map(here.map((id) => [id, { id, name: id }]));
  const sent: string[] = [];
  const batches = new PresenceBatches('lobby', people, {
    batchMs: 1000,
    namesMax,
    onBatch: ({ room, count, entered, left }) => {
      assert.equal(room, 'lobby');
      assert.equal(entered === undefined, left === undefined);
      const names = [...(entered ?? []).map(({ id }) => `+${id}`), ...(left ?? []).map(({ id }) => `-${id}`)];
      assert.ok(!entered || names.length > 0, 'a batch with names has some');
      sent.push([...names, count].join(' '));
    },
    onPeople: (list) => sent.push(list.people ? lineOf(list) : `a list without names ${list.count}`),
    onInterval: () => {},
  });
  batches.begin();
  return {
    sent,
    enter(...ids) {
      for (const id of ids) {
        const person = { id, name: id };
        people.set(id, person);
        batches.note(person, true);
      }
    },
    leave(...ids) {
      for (const id of ids) {
        people.delete(id);
        batches.note({ id, name: id }, false);
      }
    },
    show: () => lineOf(batches.show()),
    pass: (ms = 1000) => t.mock.timers.tick(ms),
    take: () => sent.splice(0),
  };
}

const ignore = (): void => {};

function lineOf({ people, count }: RoomPeople): string {
  return people ? `[${people.map(({ id }) => id).join(' ')}] ${count}` : String(count);
}

function names(from: number, to: number): string[] {
  return Array.from({ length: to - from + 1 }, (_, index) => `p${from + index}`);
}

test('sends all changes of an interval as one batch, an interval after the first', (t) => {
  const room = open(t, { here: ['ada'] });
  room.enter('ben');
  room.pass(999);
  room.enter('cleo');
  room.leave('ada');
  assert.deepEqual(room.take(), []);
  room.pass(1);
  assert.deepEqual(room.take(), ['+ben +cleo -ada 2']);
  room.pass(10_000);
  assert.deepEqual(room.take(), [], 'nothing is sent where nothing changes');
  room.leave('ben');
  room.pass();
  assert.deepEqual(room.take(), ['-ben 1']);
});

test('sends net changes only', (t) => {
  const room = open(t, { here: ['ada'] });
  for (let round = 0; round < 100; round++) {
    room.enter('ben');
    room.leave('ben');
    room.leave('ada');
    room.enter('ada');
  }
  room.pass();
  assert.deepEqual(room.take(), []);
  for (let round = 0; round < 100; round++) {
    room.leave('ada');
    room.enter('ben');
    room.enter('ada');
    room.leave('ben');
  }
  room.enter('ben');
  room.pass();
  assert.deepEqual(room.take(), ['+ben 2']);
});

test('corrects the list of a subscriber that started inside the interval', (t) => {
  const room = open(t, { here: ['ada'] });
  room.enter('ben');
  room.leave('ada');
  assert.equal(room.show(), '[ben] 1');
  room.leave('ben');
  room.enter('ada');
  room.enter('cleo');
  room.leave('cleo');
  room.pass();
  // Nothing changed for the other subscribers, so they skip this.
  assert.deepEqual(room.take(), ['+ada -ben 1']);
  room.enter('ben');
  room.leave('ben');
  room.pass();
  assert.deepEqual(room.take(), [], 'what was shown is forgotten after the batch');
});

test('returns the same list until a person enters or leaves', (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const people = new Map([['ada', { id: 'ada', name: 'Ada' }]]);
  const batches = new PresenceBatches('lobby', people, {
    batchMs: 1000,
    namesMax: 10,
    onBatch: ignore,
    onPeople: ignore,
    onInterval: ignore,
  });
  batches.begin();
  const shown = batches.show();
  assert.equal(batches.show(), shown);
  people.set('ben', { id: 'ben', name: 'Ben' });
  batches.note({ id: 'ben', name: 'Ben' }, true);
  assert.notEqual(batches.show(), shown);
  batches.close();
});

test('sends counts in a room above the limit, if they changed', (t) => {
  const room = open(t, { here: names(1, 9) });
  room.enter('p10');
  room.pass();
  assert.deepEqual(room.take(), ['+p10 10'], 'a full room still has names');
  room.enter('p11');
  assert.equal(room.show(), '11');
  room.enter('p12');
  room.pass();
  assert.deepEqual(room.take(), ['12']);
  room.enter('p13');
  room.leave('p1');
  room.pass();
  assert.deepEqual(room.take(), [], 'the count is the same');
  room.enter(...names(14, 500));
  room.pass();
  assert.deepEqual(room.take(), ['499']);
});

test('sends counts in a room that is large from the start', (t) => {
  const room = open(t, { here: names(1, 11) });
  assert.equal(room.show(), '11');
  room.leave('p1');
  room.pass();
  assert.deepEqual(room.take(), ['10']);
});

test('sends all names again when a room shrinks to 90 % of the limit', (t) => {
  const room = open(t, { here: names(1, 12) });
  room.leave('p1', 'p2');
  room.pass();
  assert.deepEqual(room.take(), ['10']);
  assert.equal(room.show(), '10');
  room.leave('p3');
  assert.equal(room.show(), '9');
  room.pass();
  assert.deepEqual(room.take(), [`[${names(4, 12).join(' ')}] 9`]);
  assert.equal(room.show(), `[${names(4, 12).join(' ')}] 9`);
  room.leave('p4');
  room.enter('ada');
  room.pass();
  assert.deepEqual(room.take(), ['+ada -p4 9']);
});

test('sends the count after a room exceeded the limit inside an interval', (t) => {
  const room = open(t, { here: names(1, 10) });
  room.enter('ada', 'ben');
  room.leave('p1', 'p2');
  room.pass();
  assert.deepEqual(room.take(), ['10'], 'a count without names means that names are no longer updated');
  room.leave(...names(3, 10));
  room.pass();
  assert.deepEqual(room.take(), ['[ada ben] 2']);
});

test('corrects a count that was shown inside an interval', (t) => {
  const room = open(t, { here: names(1, 20) });
  room.enter('ada');
  assert.equal(room.show(), '21');
  room.leave('ada');
  room.pass();
  assert.deepEqual(room.take(), ['20']);
});

test('sends a list instead of more changes than the limit', (t) => {
  const room = open(t, { here: names(1, 6) });
  room.show();
  for (const id of names(1, 6)) room.leave(id);
  room.enter(...names(7, 12));
  room.pass();
  assert.deepEqual(room.take(), [`[${names(7, 12).join(' ')}] 6`]);
});

test('sends no names with a limit of 0', (t) => {
  const room = open(t, { namesMax: 0 });
  assert.equal(room.show(), '0');
  room.enter('ada');
  room.pass();
  room.leave('ada');
  room.pass();
  assert.deepEqual(room.take(), ['1', '0']);
});

test('sends a batch of as many changes as the limit', (t) => {
  const room = open(t, { here: names(1, 5) });
  room.leave(...names(1, 5));
  room.enter(...names(6, 10));
  room.pass();
  assert.deepEqual(room.take(), ['+p6 +p7 +p8 +p9 +p10 -p1 -p2 -p3 -p4 -p5 5']);
});

test('sends a count instead of a list after a room exceeded the limit', (t) => {
  const room = open(t, { here: names(1, 6) });
  for (const id of names(1, 6)) room.leave(id);
  room.enter(...names(7, 12));
  room.enter(...names(13, 17));
  room.pass();
  assert.deepEqual(room.take(), ['11']);
});
