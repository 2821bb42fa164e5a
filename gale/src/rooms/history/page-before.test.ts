import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { ObservedBroker } from '../../../test/support/rooms/observed-broker.ts';
import { createLogger } from '../../run/log.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import { Rooms } from '../rooms.ts';
import type { RoomsOptions } from '../rooms-options.ts';
import type { StreamPage } from '../stream.ts';

const author = { id: 'ada', name: 'Ada' };

interface World {
  readonly broker: ObservedBroker;
  readonly rooms: Rooms;
  readonly epoch: string;
}

/** Rooms whose lobby has messages of a size. */
async function world(t: TestContext, count: number, bytes = 10, options: RoomsOptions = {}): Promise<World> {
  const broker = new ObservedBroker(new MemoryBroker());
  const rooms = new Rooms(broker, { log: createLogger({ level: 'silent' }), ...options });
  t.after(async () => {
    await rooms.close();
    await broker.close();
  });
  for (let id = 1; id <= count; id++) await publish(rooms, id, bytes);
  return { broker, rooms, epoch: (await rooms.position('lobby')).epoch };
}

async function publish(rooms: Rooms, id: number, bytes = 10): Promise<void> {
  await rooms.publish('lobby', { id: `m${id}`, author, data: 'x'.repeat(bytes) });
}

const offsetsOf = ({ messages }: StreamPage): number[] => messages.map(({ offset }) => offset);

test('reads a room backwards in pages without a gap, each page oldest first', async (t) => {
  const { rooms, epoch } = await world(t, 25);
  let page = await rooms.history('lobby', { limit: 10 });
  assert.deepEqual([page.first, page.top, page.epoch], [1, 25, epoch]);
  const pages = [offsetsOf(page)];
  while (page.messages[0] && page.messages[0].offset > page.first) {
    page = await rooms.history('lobby', { limit: 10, before: { epoch, offset: page.messages[0].offset } });
    pages.push(offsetsOf(page));
  }
  assert.deepEqual(pages, [
    [16, 17, 18, 19, 20, 21, 22, 23, 24, 25],
    [6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [1, 2, 3, 4, 5],
  ]);
  assert.deepEqual(offsetsOf(await rooms.history('lobby', { before: { epoch, offset: 1 } })), []);
});

test('a room without messages has an empty page', async (t) => {
  const { rooms, epoch } = await world(t, 0);
  const { messages, top, first } = await rooms.history('lobby', {});
  assert.deepEqual([messages, top, first], [[], 0, 1]);
  await assert.rejects(rooms.history('lobby', { before: { epoch, offset: 0 } }), {
    code: 'ROOM_POSITION_GONE',
    message: /The room keeps no message; got 0\./,
  });
});

test('refuses the position of a message that was trimmed, never returns a shifted page', async (t) => {
  const { rooms, epoch } = await world(t, 15, 10, { historyCount: 10 });
  assert.deepEqual(offsetsOf(await rooms.history('lobby', { before: { epoch, offset: 9 }, limit: 5 })), [6, 7, 8]);
  assert.deepEqual(offsetsOf(await rooms.history('lobby', { before: { epoch, offset: 6 }, limit: 5 })), []);
  await assert.rejects(rooms.history('lobby', { before: { epoch, offset: 5 } }), {
    name: 'RoomError',
    code: 'ROOM_POSITION_GONE',
    retry: false,
    message:
      'before must be the position of a kept message. The room keeps messages 6 to 15; got 5. Read the history without before.',
  });
});

test('refuses a position that is ahead of the stream, or of another epoch or life', async (t) => {
  const { rooms, epoch } = await world(t, 3);
  await assert.rejects(rooms.history('lobby', { before: { epoch, offset: 4 } }), { code: 'ROOM_POSITION_GONE' });
  for (const before of [
    { epoch: 'other', offset: 2 },
    { epoch, offset: 2, life: 'lost' },
  ]) {
    await assert.rejects(rooms.history('lobby', { before }), {
      code: 'ROOM_POSITION_GONE',
      message: /messages 1 to 3; got a position of another epoch or life\./,
    });
  }
});

test('a page that is too large begins later, and each read is bounded in bytes', async (t) => {
  const { broker, rooms, epoch } = await world(t, 40, 1000);
  const seen: number[] = [];
  let before: { readonly epoch: string; readonly offset: number } | undefined;
  do {
    const page = await rooms.history('lobby', { before, bytes: 8000 });
    assert.ok(page.bytes <= 8000 && page.messages.length > 0, `${page.bytes} bytes`);
    seen.unshift(...offsetsOf(page));
    before = { epoch, offset: seen[0] ?? 0 };
  } while (before.offset > 1);
  assert.deepEqual(
    seen,
    Array.from({ length: 40 }, (_, index) => index + 1),
  );
  assert.ok(broker.largestPage <= 8000, `${broker.largestPage} bytes`);
  assert.deepEqual(offsetsOf(await rooms.history('lobby', { bytes: 1 })), [40]);
});

test('reads again if the room was trimmed or lost between its reads', async (t) => {
  const { broker, rooms, epoch } = await world(t, 10, 10, { historyCount: 10 });
  let change: (() => Promise<unknown>) | undefined = async () => {
    for (let id = 11; id <= 30; id++) await publish(rooms, id);
  };
  const { read } = broker;
  broker.read = async (room, after, limit) => {
    const now = change;
    change = undefined;
    await now?.();
    return read.call(broker, room, after, limit);
  };
  assert.deepEqual(offsetsOf(await rooms.history('lobby', { limit: 3 })), [28, 29, 30]);
  change = () => broker.renewEpoch('lobby', epoch);
  assert.deepEqual(offsetsOf(await rooms.history('lobby', { limit: 3 })), [8, 9, 10]);
});

test('refuses wrong limits', async (t) => {
  const { rooms } = await world(t, 1);
  for (const limit of [0, 1001, 1.5]) {
    await assert.rejects(rooms.history('lobby', { limit }), { code: 'OPTION_VALUE', message: /^limit must be / });
  }
  await assert.rejects(rooms.history('lobby', { count: 1 } as object), { code: 'OPTION_UNKNOWN' });
});
