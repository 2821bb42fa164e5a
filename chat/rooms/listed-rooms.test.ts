import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ListedRooms } from './listed-rooms.ts';
import type { ChatRoom } from './room.ts';

const room = (id: string): ChatRoom => ({ id, name: id, nameKey: id, madeBy: 'ann', madeAt: 1 });

/** A store whose version the test sets, and whose reads of the list it settles. */
function fakeStore(): {
  listed: ListedRooms<string>;
  reads: PromiseWithResolvers<ChatRoom[]>[];
  setVersion(version: string): void;
} {
  let version = '1';
  const reads: PromiseWithResolvers<ChatRoom[]>[] = [];
  const store = {
    version: () => Promise.resolve(version),
    list: () => {
      reads.push(Promise.withResolvers<ChatRoom[]>());
      return reads.at(-1)!.promise;
    },
  };
  return {
    listed: new ListedRooms(store, ({ id }) => `shown ${id}`),
    reads,
    setVersion: (next) => void (version = next),
  };
}

/** Lets calls that wait for the version begin their reads. */
const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

test('reads the list once for each version, also for concurrent calls', async () => {
  const { listed, reads, setVersion } = fakeStore();
  const calls = [listed.get(), listed.get()];
  await turn();
  assert.equal(reads.length, 1);
  reads[0]?.resolve([room('tea')]);
  for (const call of calls) assert.deepEqual(await call, [{ room: room('tea'), toOthers: 'shown tea' }]);
  await listed.get();
  assert.equal(reads.length, 1);
  setVersion('2');
  const changed = listed.get();
  await turn();
  assert.equal(reads.length, 2);
  reads[1]?.resolve([]);
  assert.deepEqual(await changed, []);
});

test('a call after a change does not get the list of a read that began before it', async () => {
  const { listed, reads, setVersion } = fakeStore();
  const before = listed.get();
  await turn();
  setVersion('2');
  const after = listed.get();
  await turn();
  assert.equal(reads.length, 2);
  reads[1]?.resolve([room('new')]);
  assert.equal((await after)[0]?.toOthers, 'shown new');
  reads[0]?.resolve([]);
  assert.deepEqual(await before, []);
  // The late result is of an old version.
  const again = listed.get();
  await turn();
  reads[2]?.resolve([room('new')]);
  assert.equal((await again)[0]?.toOthers, 'shown new');
});

test('a failed read is reported to all of its calls and repeated by the next', async () => {
  const { listed, reads } = fakeStore();
  const calls = [listed.get(), listed.get()];
  await turn();
  reads[0]?.reject(new Error('down'));
  for (const call of calls) await assert.rejects(call, /down/);
  const next = listed.get();
  await turn();
  reads[1]?.resolve([room('tea')]);
  assert.equal((await next).length, 1);
});
