import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryInUse } from '../../../../test/support/processes/memory-in-use.ts';
import { createLogger } from '../../../run/log.ts';
import { MemoryBroker } from './memory-broker.ts';
import { atMost, usual } from '../../../../test/support/rooms/broker-suite/suite-broker.ts';
import { testBroker } from '../../../../test/support/rooms/broker-suite.ts';

let now = Date.now();

testBroker(
  'the broker in memory',
  { skip: false },
  {
    open: () => Promise.resolve(new MemoryBroker({ now: () => now, log: createLogger({ level: 'silent' }) })),
    passTime: (ms) => {
      now += ms;
      return Promise.resolve();
    },
  },
);

for (const [options, code, message] of [
  [{ clock: Date.now }, 'OPTION_UNKNOWN', 'Unknown MemoryBroker option clock; the options are now, log.'],
  [{ now: 5 }, 'OPTION_VALUE', 'now must be a function; got 5.'],
  [
    { log: {} },
    'OPTION_VALUE',
    'log must be an object with the methods debug, info, warn and error; got an empty object.',
  ],
  [null, 'OPTION_VALUE', 'MemoryBroker options must be an object; got null.'],
] as const) {
  test(`rejects options: ${message}`, () => {
    assert.throws(() => new MemoryBroker(options as object), { name: 'GaleError', code, message });
  });
}

test('drops remembered ids of authors after their time', async () => {
  let time = 0;
  const broker = new MemoryBroker({ now: () => time, log: createLogger({ level: 'silent' }) });
  const publish = async (author: string): Promise<void> => {
    await broker.publish(
      'lobby',
      { id: '1', author: { id: author, name: '' }, data: null },
      { historyCount: 1, dedupeMs: 1000, dedupeCount: 256 },
    );
  };
  await publish('first');
  const before = memoryInUse();
  for (let author = 0; author < 20_000; author++) await publish(`author ${author}`);
  const remembered = memoryInUse() - before;
  time += 1001;
  await publish('last');
  const left = memoryInUse() - before;
  assert.ok(left < remembered / 4, `${remembered} bytes of 20,000 authors, ${left} left`);
  await broker.close();
});

test('goBack drops the newest messages of a room with their ids, and begins another life in all rooms', async () => {
  const broker = new MemoryBroker();
  const author = { id: 'ann', name: 'Ann' };
  const publish = (room: string, id: string) => broker.publish(room, { id, author, data: id }, usual);
  const first = await publish('lobby', 'a');
  for (const id of ['b', 'c', 'd']) await publish('lobby', id);
  await publish('attic', 'a');
  await broker.cursors.advance('lobby', 'ann', { epoch: first.epoch, offset: 4 });
  broker.goBack('lobby', 2);
  broker.goBack('nowhere', 0);
  const page = await broker.read('lobby', 0, atMost(10));
  assert.deepEqual([page.epoch, page.top, page.messages.map(({ id }) => id)], [first.epoch, 2, ['a', 'b']]);
  assert.equal((await broker.cursors.getAll('ann', ['lobby'])).get('lobby')?.offset, 2);
  assert.deepEqual((await publish('lobby', 'b')).offset, 2);
  const again = await publish('lobby', 'd');
  assert.deepEqual([again.offset, again.repeated], [3, false]);
  const { life } = await publish('attic', 'b');
  assert.equal(life, again.life);
  assert.notEqual(life, first.life);
  assert.deepEqual((await broker.heads(['attic'])).get('attic')?.lives, [
    { name: life, first: 2 },
    { name: first.life, first: 1 },
  ]);
  await broker.close();
});

test('keeps nothing of a room whose cursors were all deleted', async () => {
  const { cursors } = new MemoryBroker({ log: createLogger({ level: 'silent' }) });
  const before = memoryInUse();
  for (let room = 0; room < 20_000; room++) {
    await cursors.advance(`room ${room}`, 'ada', { epoch: 'e', offset: 1 });
    await cursors.delete(`room ${room}`, 'ada');
  }
  const left = memoryInUse() - before;
  assert.ok(left < 20_000 * 100, `${left} bytes of 20,000 rooms`);
  // Used after the measurement, so that it is not collected before.
  assert.equal((await cursors.getAll('ada', ['room 0'])).size, 0);
});
