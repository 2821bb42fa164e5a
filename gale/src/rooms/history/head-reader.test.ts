import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import { HeadReader } from './head-reader.ts';

/** A reader over a broker whose reads are counted and may be held. */
function open(): { heads: HeadReader; broker: MemoryBroker; reads: (readonly string[])[] } {
  const broker = new MemoryBroker();
  const reads: (readonly string[])[] = [];
  const read = broker.heads.bind(broker);
  broker.heads = (rooms) => {
    reads.push(rooms);
    return read(rooms);
  };
  return { heads: new HeadReader(broker), broker, reads };
}

test('reads at most 1000 rooms at once', async () => {
  const { heads, reads } = open();
  const rooms = Array.from({ length: 1001 }, (_, index) => `room ${index}`);
  await Promise.all(rooms.map((room) => heads.read(room)));
  assert.deepEqual(
    reads.map(({ length }) => length),
    [1000, 1],
  );
});

test('a call during a read is served by the next read, which begins after the call', async () => {
  const { heads, broker, reads } = open();
  const { heads: read } = broker;
  const goOn = Promise.withResolvers<void>();
  broker.heads = async (rooms) => {
    const found = await read(rooms);
    await goOn.promise;
    return found;
  };
  const first = heads.read('a');
  await Promise.resolve();
  await broker.publish(
    'a',
    { id: '1', author: { id: 'ada', name: 'Ada' }, data: 1 },
    { historyCount: 1, dedupeMs: 0, dedupeCount: 1 },
  );
  const second = Promise.all([heads.read('a'), heads.read('a')]);
  goOn.resolve();
  assert.equal((await first).top, 0);
  assert.deepEqual(
    (await second).map(({ top }) => top),
    [1, 1],
  );
  assert.deepEqual(reads, [['a'], ['a']]);
  let isRead = false;
  void heads.read('a').then(() => (isRead = true));
  await eventually(() => isRead);
  assert.equal(reads.length, 3);
});

test('a room that the broker does not return is an error of that room only', async () => {
  const { heads, broker } = open();
  const { heads: read } = broker;
  broker.heads = async (rooms) => {
    const found = await read(rooms);
    found.delete('lost');
    return found;
  };
  const [lost, other] = await Promise.allSettled([heads.read('lost'), heads.read('other')]);
  assert.equal(
    lost.status === 'rejected' && lost.reason.message,
    'The broker memory returned no head of the room lost.',
  );
  assert.equal(other.status === 'fulfilled' && other.value.top, 0);
});
