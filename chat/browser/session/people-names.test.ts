import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WirePerson } from '../../mentions/mention-wire.ts';
import { PeopleNames } from './people-names.ts';

const person = (id: string, name = id): WirePerson => ({ id, name, role: 'member' });

function createNames(describe: (ids: readonly string[]) => Promise<readonly WirePerson[]>) {
  const due: (() => void)[] = [];
  const names = new PeopleNames({ describe, later: (then) => due.push(then), random: () => 0 });
  /** Runs what is due, and waits until the replies have arrived. */
  const run = async (): Promise<void> => {
    for (const then of due.splice(0)) then();
    await new Promise(setImmediate);
  };
  return { names, run };
}

test('unknown people are asked for once, in batches', async () => {
  const asked: (readonly string[])[] = [];
  const { names, run } = createNames(async (ids) => {
    asked.push(ids);
    return ids.filter((id) => id !== 'nobody').map((id) => person(id));
  });
  assert.equal(names.find('a'), undefined);
  assert.equal(names.find('a'), undefined);
  assert.equal(names.find('nobody'), undefined);
  await run();
  assert.deepEqual(asked, [['a', 'nobody']]);
  assert.equal(names.find('a')?.name, 'a');
  assert.equal(names.find('nobody'), null);
  for (let at = 0; at < 150; at++) names.find(`p${at}`);
  await run();
  assert.deepEqual(
    asked.slice(1).map((ids) => ids.length),
    [100, 50],
  );
});

test('a changed person is asked for again, if the page knows them', async () => {
  let name = 'Before';
  let count = 0;
  const { names, run } = createNames(async (ids) => {
    count++;
    return ids.map((id) => person(id, name));
  });
  names.learn([person('a', name)]);
  name = 'After';
  names.changed('a');
  names.changed('b');
  assert.equal(names.find('a')?.name, 'Before');
  await run();
  assert.equal(names.find('a')?.name, 'After');
  assert.equal(count, 1);
});

test('a name that a person had before still means them, unless another person has it now', () => {
  const { names } = createNames(async () => []);
  names.learn([person('a', '张三')]);
  names.learn([person('a', '张三丰')]);
  assert.deepEqual([names.ids.get('张三'), names.ids.get('张三丰')], ['a', 'a']);
  names.learn([person('b', '张三')]);
  assert.equal(names.ids.get('张三'), 'b');
});

test('the former name of a deleted person still means them in a text that is being written', () => {
  const { names } = createNames(async () => []);
  names.learn([person('a', '张三')]);
  names.learn([person('a', '')]);
  assert.equal(names.ids.get('张三'), 'a');
  assert.equal(names.ids.get(''), undefined);
});

test('people without a name have names of their own in a text that is being written', () => {
  const { names } = createNames(async () => []);
  names.learn([person('a', ''), person('b', ''), person('c', 'Nobody 2')]);
  assert.deepEqual(
    ['a', 'b', 'a'].map((id) => names.standIn(id, 'Nobody')),
    ['Nobody', 'Nobody 3', 'Nobody'],
  );
  assert.deepEqual(
    ['Nobody', 'Nobody 2', 'Nobody 3'].map((name) => names.ids.get(name)),
    ['a', 'c', 'b'],
  );
});

test('ids whose command failed are asked for again after the connection is open', async () => {
  let isOpen = false;
  const { names, run } = createNames(async (ids) => {
    if (!isOpen) throw new Error('not connected');
    return ids.map((id) => person(id));
  });
  names.find('a');
  await run();
  assert.equal(names.find('a'), undefined);
  isOpen = true;
  await run();
  assert.equal(names.find('a'), undefined);
  names.retry();
  await run();
  assert.equal(names.find('a')?.name, 'a');
});

test('the newest 2,000 people are kept', () => {
  const { names } = createNames(async () => []);
  for (let at = 0; at < 30; at++) names.learn(Array.from({ length: 100 }, (_, index) => person(`${at} ${index}`)));
  assert.equal(names.store.value.size, 2000);
  assert.ok(names.store.value.has('29 99'));
  assert.ok(!names.store.value.has('0 0'));
});
