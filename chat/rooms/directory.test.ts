import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createLogger, MemoryBroker, Rooms, type Person } from 'gale';
import type { ChatStore } from '../store/store.ts';
import type { ChatDatabase } from '../database/database.ts';
import { createStore } from '../store/store.ts';
import { temporaryDatabase } from '../test/support/databases.ts';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import { Directory } from './directory.ts';
import { RoomLimits } from './room-limits.ts';

const log = createLogger({ level: 'silent' });
const ann: Person = { id: 'ann', name: 'Ann' };
const bob: Person = { id: 'bob', name: 'Bob' };
const unknown = { name: 'RoomError', code: 'ROOM_UNKNOWN' };

interface Opened {
  readonly directory: Directory;
  readonly database: ChatDatabase;
  readonly store: ChatStore;
  readonly rooms: Rooms;
  /** Types of the notifications of Bob. */
  readonly notified: string[];
}

async function open(t: TestContext): Promise<Opened> {
  const database = await temporaryDatabase(t);
  const store = createStore(database, new MemoryAttempts());
  for (const { id, name } of [ann, bob]) {
    await store.accounts.add({ id, name, nameKey: id, passwordHash: '$', createdAt: 1 });
  }
  const broker = new MemoryBroker({ log });
  const rooms = new Rooms(broker, { log });
  const notified: string[] = [];
  await rooms.subscribeNotifications(bob.id, (event) => void notified.push((event as { type: string }).type));
  t.after(async () => {
    await rooms.close();
    await broker.close();
  });
  return {
    directory: new Directory(store.rooms, rooms, { database, limits: new RoomLimits(new MemoryAttempts()), log }),
    database,
    store,
    rooms,
    notified,
  };
}

const make = async ({ directory }: Opened): Promise<string> =>
  (await directory.make(ann, { name: 'Tea' }, '192.0.2.1')).id;

test('an id that is too long is unknown, without a read of the database', async (t) => {
  const { directory, database } = await open(t);
  const reads = t.mock.method(database.tables, 'selectFrom');
  const long = 'x'.repeat(101);
  assert.equal(await directory.isMember(long, bob.id), false);
  await assert.rejects(directory.assertMember(long, bob.id), unknown);
  await assert.rejects(directory.join(bob, long), unknown);
  await assert.rejects(directory.leave(bob, long), unknown);
  await assert.rejects(directory.describe(long, bob.id), unknown);
  assert.equal(reads.mock.callCount(), 0);
  await assert.rejects(directory.join(bob, 'x'.repeat(100)), unknown);
  assert.ok(reads.mock.callCount() > 0);
});

test('the windows of a person are notified of every call to leave, since an earlier notification may have failed', async (t) => {
  const opened = await open(t);
  const { directory, notified } = opened;
  const id = await make(opened);
  await directory.join(bob, id);
  await directory.join(bob, id);
  await directory.leave(bob, id);
  await directory.leave(bob, id);
  assert.deepEqual(notified, ['joined', 'left', 'left']);
});

test('a room that gets its first message is listed with it, and only for its members', async (t) => {
  const opened = await open(t);
  const { directory, rooms } = opened;
  const id = await make(opened);
  await rooms.publish(id, { id: 'one', author: ann, data: { text: 'hello' } });
  const { epoch } = await rooms.position(id);
  const numbers = { segments: [{ firstOffset: 1, delta: 0 }], topSeq: 1, readSeq: 0 };
  const tea = await directory.list(ann.id).then((list) => list[1]);
  // The history does not have the message yet.
  const lastAt = tea?.lastAt;
  assert.ok(Math.abs(Date.now() - lastAt!) < 60_000);
  const about = { id, kind: 'public', name: 'Tea', lastAt, pinyin: 'tea', pinyinInitials: 't' };
  assert.deepEqual(tea, { ...about, role: 'owner', member: true, epoch, top: 1, ...numbers });
  assert.deepEqual(
    (await directory.list(bob.id)).map((room) => room.id),
    ['lobby'],
  );
  const outside = { ...about, member: false, epoch: '', top: 0, segments: [], topSeq: 0, readSeq: 0 };
  assert.deepEqual(await directory.describe(id, bob.id), outside);
});
