import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import type { PresenceBatch, RoomPeople } from './room-people.ts';
import { RoomRoster } from './room-roster.ts';
import type { Person } from '../stream.ts';

const ada: Person = { id: 'ada', name: 'Ada' };
const ben: Person = { id: 'ben', name: 'Ben' };
const cleo: Person = { id: 'cleo', name: 'Cleo' };

interface Opened {
  readonly roster: RoomRoster;
  /** What was sent: `+ada -ben 2`, or a list `[ada cleo] 2`. */
  readonly sent: string[];
  /** Lets one interval pass. */
  pass(): void;
}

function open(t: TestContext, here: () => Promise<Person[]>): Opened {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { presence } = new MemoryBroker();
  presence.list = here;
  const sent: string[] = [];
  const roster = new RoomRoster('lobby', presence, {
    presenceBatchMs: 1000,
    presenceNamesMax: 10,
    onBatch: ({ entered = [], left = [], count }: PresenceBatch) =>
      sent.push([...entered.map(({ id }) => `+${id}`), ...left.map(({ id }) => `-${id}`), count].join(' ')),
    onPeople: (list) => sent.push(lineOf(list)),
  });
  return { roster, sent, pass: () => t.mock.timers.tick(1000) };
}

function lineOf({ people, count }: RoomPeople): string {
  return people ? `[${people.map(({ id }) => id).join(' ')}] ${count}` : `${count}`;
}

test('prefers signals received during a read over the list', async (t) => {
  const { promise, resolve } = Promise.withResolvers<Person[]>();
  const { roster, sent, pass } = open(t, () => promise);
  const loading = roster.load();
  roster.apply('leave', ada);
  roster.apply('enter', cleo);
  resolve([ada, ben]);
  await loading;
  pass();
  assert.equal(lineOf(roster.show()), '[ben cleo] 2');
  assert.deepEqual(sent, [], 'people of the first list have not entered');
});

test('sends nothing for a change that is known', async (t) => {
  const { roster, sent, pass } = open(t, () => Promise.resolve([ada]));
  roster.apply('enter', ben);
  assert.equal(roster.isLoaded, false);
  await roster.load();
  roster.apply('enter', ada);
  roster.apply('leave', cleo);
  pass();
  assert.deepEqual(sent, []);
  roster.apply('enter', ben);
  roster.apply('leave', ada);
  pass();
  assert.deepEqual(sent, ['+ben -ada 1']);
});

test('sends differences that a comparison found, and keeps changes signalled meanwhile', async (t) => {
  let here = Promise.resolve([ada, ben]);
  const { roster, sent, pass } = open(t, () => here);
  await roster.load();
  const { promise, resolve } = Promise.withResolvers<Person[]>();
  here = promise;
  const comparing = roster.compare();
  roster.apply('leave', ben);
  resolve([ben, cleo]);
  await comparing;
  pass();
  assert.deepEqual(sent, ['+cleo -ben -ada 1']);
  assert.equal(lineOf(roster.show()), '[cleo] 1');
});

test('sends nothing after close', async (t) => {
  const { roster, sent, pass } = open(t, () => Promise.resolve([ada]));
  await roster.load();
  roster.apply('enter', ben);
  roster.close();
  pass();
  assert.deepEqual(sent, []);
});

test('pages the people after any id, and updates the order with each batch', async (t) => {
  const everyone = Array.from({ length: 25 }, (_, index) => ({ id: `p${index + 10}`, name: 'P' }));
  const { roster, pass } = open(t, () => Promise.resolve(everyone.toReversed()));
  await roster.load();
  const idsOf = (after?: string, limit = 10): (string | number | null)[] => {
    const { people, count, next } = roster.page(after, limit);
    return [people[0]?.id ?? '', people.at(-1)?.id ?? '', people.length, count, next];
  };
  assert.deepEqual(idsOf(), ['p10', 'p19', 10, 25, 'p19']);
  assert.deepEqual(idsOf('p19'), ['p20', 'p29', 10, 25, 'p29']);
  assert.deepEqual(idsOf('p29'), ['p30', 'p34', 5, 25, null]);
  assert.deepEqual(idsOf('p34'), ['', '', 0, 25, null]);
  assert.deepEqual(idsOf('p30x'), ['p31', 'p34', 4, 25, null]);
  assert.deepEqual(idsOf('p24', 10), ['p25', 'p34', 10, 25, null], 'a full last page has no next');
  roster.apply('leave', { id: 'p19', name: 'P' });
  roster.apply('leave', { id: 'p20', name: 'P' });
  roster.apply('enter', ada);
  assert.deepEqual(idsOf('p19'), ['p21', 'p30', 10, 24, 'p30'], 'people who left are left out at once');
  assert.deepEqual(idsOf(undefined, 1), ['p10', 'p10', 1, 24, 'p10']);
  pass();
  assert.deepEqual(idsOf(undefined, 1), ['ada', 'ada', 1, 24, 'ada']);
});

test('forgets signals received during a read that failed', async (t) => {
  let here: Promise<Person[]> = Promise.resolve([ada]);
  const { roster } = open(t, () => here);
  await roster.load();
  const failed = Promise.withResolvers<Person[]>();
  here = failed.promise;
  const comparing = assert.rejects(roster.compare(), /as the test wants it/);
  roster.apply('leave', ada);
  failed.reject(new Error('as the test wants it'));
  await comparing;
  roster.apply('enter', ada);
  here = Promise.resolve([ada]);
  await roster.compare();
  assert.equal(lineOf(roster.show()), '[ada] 1');
});

test('changes nothing in a comparison without differences', async (t) => {
  const { roster, sent, pass } = open(t, () => Promise.resolve([ada, ben]));
  await roster.load();
  const shown = roster.show();
  await roster.compare();
  assert.equal(roster.show(), shown);
  pass();
  assert.deepEqual(sent, []);
});
