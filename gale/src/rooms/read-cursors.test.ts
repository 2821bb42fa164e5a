import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../test/support/eventually.ts';
import { RecordedLog } from '../../test/support/recorded-log.ts';
import { ada, ben, follow, openTwoServers, publishMany, publishText } from '../../test/support/rooms/two-servers.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { MemoryCursors } from './brokers/memory/memory-cursors.ts';
import { ReadCursors } from './read-cursors.ts';
import { Rooms } from './rooms.ts';
import type { Position } from './stream.ts';

test('moves the cursor to an own message if everything before it was read', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const first = await publishText(rooms, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 1);
  await publishText(rooms, 'lobby', ben);
  await publishText(rooms, 'lobby', ada);
  assert.equal((await rooms.cursor('lobby', 'ada'))?.offset, 1, 'the message of Ben is unread');
  await rooms.advanceCursor('lobby', 'ada', { epoch: first.epoch, offset: 3 });
  await publishText(others, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 4);
  await publishText(rooms, 'lobby', ada);
  await eventually(async () => (await rooms.cursor('lobby', 'ada'))?.offset === 5);
  assert.equal(await rooms.cursor('lobby', 'ben'), undefined);
});

test('moves a cursor forwards only, at most to the newest message, and notifies the person', async (t) => {
  const { rooms, others } = openTwoServers(t);
  const { epoch, life } = await publishMany(rooms, 'lobby', 5);
  const notified: unknown[] = [];
  await others.subscribeNotifications('ben', (event) => notified.push(event));
  const at = (offset: number): Position => ({ epoch, offset, life });
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', at(3)), at(3));
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', at(2)), at(3));
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', at(99)), at(5));
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', { epoch: 'lost', offset: 9 }), at(5));
  await eventually(() => notified.length === 2);
  assert.deepEqual(notified, [
    { type: 'read', room: 'lobby', epoch, offset: 3, life },
    { type: 'read', room: 'lobby', epoch, offset: 5, life },
  ]);
  await rooms.forgetCursor('lobby', 'ben');
  assert.equal(await rooms.cursor('lobby', 'ben'), undefined);
  assert.deepEqual(await rooms.cursors('ben', ['lobby', 'attic']), new Map());
});

test('moves a cursor to a message that live delivery has not brought to this server yet', async (t) => {
  const { rooms, others, broker } = openTwoServers(t);
  await follow(rooms, 'lobby');
  broker.isDeaf = true;
  const { epoch, life } = await publishMany(others, 'lobby', 2);
  const read = { epoch, offset: 1, life };
  assert.deepEqual(await rooms.advanceCursor('lobby', 'ben', read), read);
});

test('rooms without cursors read and write none, and refuse to move one', async () => {
  const broker = new MemoryBroker();
  const rooms = new Rooms(broker, { cursors: 'off' });
  const position = await publishText(rooms, 'lobby', ada);
  const refused = { code: 'ROOM_UNKNOWN_COMMAND' };
  await assert.rejects(rooms.advanceCursor('lobby', 'ada', position), refused);
  await assert.rejects(rooms.forgetCursor('lobby', 'ada'), refused);
  assert.equal(await rooms.cursor('lobby', 'ada'), undefined);
  assert.deepEqual(await rooms.cursors('ada', ['lobby']), new Map());
  assert.equal((await rooms.missed('lobby', 'ada')).messages.length, 1);
  await rooms.close();
  assert.deepEqual(await broker.cursors.getAll('ada', ['lobby']), new Map());
  await broker.close();
});

interface Counted {
  readonly cursors: ReadCursors;
  readonly log: RecordedLog;
  readonly stored: MemoryCursors;
  /** Calls of the broker: `get ada a b`, `advance ada a 3`. */
  readonly calls: string[];
}

function countCalls(): Counted {
  const stored = new MemoryCursors(() => ({ epoch: 'e1', top: 9, lives: [] }));
  const calls: string[] = [];
  const { getAll, advance } = stored;
  stored.getAll = (person, rooms) => (
    calls.push(`get ${person} ${rooms.join(' ')}`),
    getAll.call(stored, person, rooms)
  );
  stored.advance = (room, person, at) => (
    calls.push(`advance ${person} ${room} ${at.offset}`),
    advance.call(stored, room, person, at)
  );
  const log = new RecordedLog();
  return { cursors: new ReadCursors(stored, log), log, stored, calls };
}

const at = (offset: number, epoch = 'e1'): Position => ({ epoch, offset });

test('follows an own message without a read of the broker while the cursor is known to be right before it', async () => {
  const { cursors, calls } = countCalls();
  await cursors.advance('a', 'ada', at(4));
  cursors.followOwn('a', 'ada', at(5));
  await cursors.settled();
  cursors.followOwn('a', 'ada', at(6));
  await cursors.settled();
  assert.deepEqual(calls, ['advance ada a 4', 'advance ada a 5', 'advance ada a 6']);
});

test('reads the cursor of a person who is not known, and follows their first message', async () => {
  const { cursors, calls } = countCalls();
  cursors.followOwn('a', 'ada', at(1));
  await cursors.settled();
  assert.deepEqual(calls, ['get ada a', 'advance ada a 1']);
});

test('reads the cursor again if it is known to be further back, since another server may have moved it', async () => {
  const { cursors, stored, calls } = countCalls();
  await cursors.advance('a', 'ada', at(4));
  await stored.advance('a', 'ada', at(8));
  calls.length = 0;
  cursors.followOwn('a', 'ada', at(9));
  await cursors.settled();
  assert.deepEqual(calls, ['get ada a', 'advance ada a 9']);
  cursors.followOwn('a', 'ada', at(11));
  await cursors.settled();
  assert.deepEqual(await cursors.get('a', 'ada'), at(9), 'message 10 is unread');
});

test('does not follow from a cursor of another epoch', async () => {
  const { cursors, stored } = countCalls();
  await stored.advance('a', 'ada', at(4, 'e0'));
  cursors.followOwn('a', 'ada', at(5));
  await cursors.settled();
  assert.deepEqual(await cursors.get('a', 'ada'), at(4, 'e0'));
});

test('says whether a cursor moved, by its offset or its epoch', async () => {
  const { cursors } = countCalls();
  const moves: boolean[] = [];
  for (const position of [at(4, 'e0'), at(4, 'e0'), at(4), at(3), at(5)]) {
    moves.push((await cursors.advance('a', 'ada', position)).moved);
  }
  assert.deepEqual(moves, [true, false, true, false, true]);
});

test('reads a cursor again after it was deleted', async () => {
  const { cursors, calls } = countCalls();
  await cursors.advance('a', 'ada', at(4));
  await cursors.delete('a', 'ada');
  cursors.followOwn('a', 'ada', at(5));
  await cursors.settled();
  assert.equal(await cursors.get('a', 'ada'), undefined);
  assert.deepEqual(calls.slice(0, 2), ['advance ada a 4', 'get ada a']);
});

test('remembers the 20,000 cursors that were used last', async () => {
  const { cursors, calls } = countCalls();
  for (let person = 0; person < 20_000; person++) await cursors.advance('a', `p${person}`, at(1));
  await cursors.advance('a', 'p0', at(1));
  await cursors.advance('a', 'one more', at(1));
  calls.length = 0;
  for (const person of ['p0', 'p2', 'p1']) cursors.followOwn('a', person, at(2));
  await cursors.settled();
  assert.deepEqual(
    calls.filter((call) => call.startsWith('get')),
    ['get p1 a'],
  );
});

for (const failing of ['getAll', 'advance'] as const)
  test(`logs a cursor that could not follow because ${failing} failed, and settles`, async () => {
    const { cursors, stored, log } = countCalls();
    Object.assign(stored, { [failing]: () => Promise.reject(new Error('as the test wants it')) });
    cursors.followOwn('a', 'ada', at(1));
    await cursors.settled();
    assert.deepEqual(log.messages, ['Could not move a cursor to an own message']);
  });
