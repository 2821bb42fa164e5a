import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryBroker } from './brokers/memory.ts';
import { RoomRoster } from './room-roster.ts';
import type { Person } from './stream.ts';

const ada: Person = { id: 'ada', name: 'Ada' };
const ben: Person = { id: 'ben', name: 'Ben' };
const cleo: Person = { id: 'cleo', name: 'Cleo' };

function roster(here: () => Promise<Person[]>): { roster: RoomRoster; told: string[] } {
  const { presence } = new MemoryBroker();
  presence.list = here;
  const told: string[] = [];
  return {
    roster: new RoomRoster('lobby', presence, (change, { id }, count) => told.push(`${change} ${id} ${count}`)),
    told,
  };
}

function idsOf(people: readonly Person[] | undefined): string[] | undefined {
  return people?.map(({ id }) => id);
}

test('what is told while the list is read wins over the list', async () => {
  const { promise, resolve } = Promise.withResolvers<Person[]>();
  const { roster: people, told } = roster(() => promise);
  const loading = people.load();
  people.apply('leave', ada);
  people.apply('enter', cleo);
  resolve([ada, ben]);
  await loading;
  assert.deepEqual(idsOf(people.people), ['ben', 'cleo']);
  assert.deepEqual(told, [], 'who is here is not told as coming');
});

test('a change that is none is not told', async () => {
  const { roster: people, told } = roster(() => Promise.resolve([ada]));
  people.apply('enter', ben);
  assert.equal(people.people, undefined);
  await people.load();
  people.apply('enter', ada);
  people.apply('leave', cleo);
  people.apply('enter', ben);
  people.apply('leave', ada);
  assert.deepEqual(told, ['enter ben 2', 'leave ada 1']);
});

test('a comparison tells what signals did not, and keeps what they told meanwhile', async () => {
  let here = Promise.resolve([ada, ben]);
  const { roster: people, told } = roster(() => here);
  await people.load();
  const { promise, resolve } = Promise.withResolvers<Person[]>();
  here = promise;
  const comparing = people.compare();
  people.apply('leave', ben);
  resolve([ben, cleo]);
  await comparing;
  assert.deepEqual(told, ['leave ben 1', 'leave ada 0', 'enter cleo 1']);
  assert.deepEqual(idsOf(people.people), ['cleo']);
});
