import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { after, before, beforeEach, describe, test, type TestContext } from 'node:test';
import { createLogger, MemoryBroker, Rooms, type Logger } from 'gale';
import type { Broker } from 'gale/rooms';
import { RedisBroker } from 'gale/redis';
import { redisCommand, redisMissing, startRedis, type RedisServer } from 'gale/testing';
import { createStore, type ChatStore } from '../store/store.ts';
import { MemoryAttempts } from '../store/memory-attempts.ts';
import type { ChatDatabase } from '../database/database.ts';
import { temporaryDatabase } from '../test/support/databases.ts';
import { RoomRows } from '../test/support/room-rows.ts';
import { someAccount, someRoom, unbounded } from '../test/support/some-data.ts';
import { EmptyRooms } from './empty-rooms.ts';
import type { ChatRoom } from './room.ts';

const log = createLogger({ level: 'silent' });
const hourMs = 3_600_000;
const unavailable = (): Promise<never> => Promise.reject(new Error('The broker is down.'));
const start = 1_700_000_000_000;

/** One server: its store, its broker, its rooms and its `EmptyRooms`. */
interface Server {
  readonly database: ChatDatabase;
  readonly rows: RoomRows;
  readonly store: ChatStore;
  readonly broker: Broker;
  readonly rooms: Rooms;
  readonly empty: EmptyRooms;
  /** Rooms whose removal was announced. */
  readonly announced: string[];
  /** Settles when at least `count` removals were announced. */
  untilAnnounced(count: number): Promise<void>;
}

interface Kind {
  readonly name: string;
  readonly skip: string | false;
  openBroker(): Promise<Broker>;
}

let redis: RedisServer | undefined;
before(async () => {
  if (!redisMissing()) redis = await startRedis();
});
beforeEach(async () => {
  if (redis) await redisCommand(redis, 'FLUSHALL');
});
after(() => redis?.stop());

const kinds: readonly Kind[] = [
  {
    name: 'one server',
    skip: false,
    openBroker: async () => new MemoryBroker({ log }),
  },
  {
    name: 'Redis',
    skip: redisMissing(),
    openBroker: () => RedisBroker.open({ url: redis?.url ?? '', log }),
  },
];

let now = start;

/** @param shared - The database of another server. */
async function serve(t: TestContext, { openBroker }: Kind, shared?: ChatDatabase): Promise<Server> {
  const database = shared ?? (await temporaryDatabase(t));
  const store = createStore(database, new MemoryAttempts());
  const broker = await openBroker();
  const rooms = new Rooms(broker, { log });
  const empty = new EmptyRooms(store.rooms, rooms, { emptyRoomMs: 24 * hourMs, log, now: () => now });
  const announced: string[] = [];
  const arrivals = new EventEmitter();
  await rooms.subscribeNotifications('nobody', (event) => {
    const { type, room } = event as { type: string; room: string };
    if (type !== 'room-removed') return;
    announced.push(room);
    arrivals.emit('removal');
  });
  t.after(async () => {
    await empty.close();
    await rooms.close();
    await broker.close();
  });
  const untilAnnounced = async (count: number): Promise<void> => {
    const late = AbortSignal.timeout(20_000);
    while (announced.length < count) await once(arrivals, 'removal', { signal: late });
  };
  return { database, rows: new RoomRows(database), store, broker, rooms, empty, announced, untilAnnounced };
}

/** Creates a room whose only member is its maker, at `hoursAgo`. */
async function make({ store }: Server, hoursAgo = 24.1): Promise<ChatRoom> {
  const maker = someAccount();
  await store.accounts.add(maker);
  const room = { ...someRoom(maker.id), madeAt: now - hoursAgo * hourMs };
  assert.equal(await store.rooms.add(room, unbounded), 'added');
  return room;
}

const say = (server: Server, room: string): Promise<unknown> =>
  server.rooms.publish(room, { id: 'one', author: { id: 'ann', name: 'Ann' }, data: { text: 'here' } });

for (const kind of kinds) {
  describe(`empty rooms, ${kind.name}`, { skip: kind.skip }, () => {
    test('removes a room without messages and other members after 24 hours, with all its data', async (t) => {
      const server = await serve(t, kind);
      const [old, young] = [await make(server), await make(server, 23.9)];
      await server.empty.sweep();
      assert.equal(await server.rows.has(old.id), false);
      assert.equal(await server.rows.isMember(old.id, old.madeBy), false);
      await assert.rejects(say(server, old.id), { code: 'ROOM_UNKNOWN' });
      await server.untilAnnounced(1);
      assert.deepEqual(server.announced, [old.id]);
      assert.equal(await server.rows.has(young.id), true);
      // Its name is free again.
      assert.equal(await server.store.rooms.add({ ...someRoom(old.madeBy), nameKey: old.nameKey }, unbounded), 'added');
    });

    test('keeps a room with a message forever, and does not check it again', async (t) => {
      const server = await serve(t, kind);
      const room = await make(server);
      await say(server, room.id);
      await server.empty.sweep();
      assert.equal(await server.rows.has(room.id), true);
      assert.equal(await server.rows.isMember(room.id, room.madeBy), true);
      assert.deepEqual(await server.store.rooms.unjoined(now, 100), []);
      assert.deepEqual(server.announced, []);
    });

    test('keeps a room that another person ever joined', async (t) => {
      const server = await serve(t, kind);
      const room = await make(server);
      const guest = someAccount();
      await server.store.accounts.add(guest);
      await server.rows.join(room.id, guest.id);
      await server.rows.leave(room.id, guest.id);
      await server.empty.sweep();
      assert.equal(await server.rows.has(room.id), true);
    });

    test('removes a room that its maker left', async (t) => {
      const server = await serve(t, kind);
      const room = await make(server);
      await server.rows.leave(room.id, room.madeBy);
      await server.empty.sweep();
      assert.equal(await server.rows.has(room.id), false);
    });

    test('keeps a room that gets a message between the check and the removal', async (t) => {
      const server = await serve(t, kind);
      const room = await make(server);
      const { heads } = server.broker;
      server.broker.heads = async (rooms) => {
        const found = await heads.call(server.broker, rooms);
        await say(server, room.id);
        return found;
      };
      await server.empty.sweep();
      assert.equal(await server.rows.has(room.id), true);
      assert.equal((await server.broker.read(room.id, 0, { count: 9, bytes: 999 })).messages.length, 1);
      assert.deepEqual(await server.store.rooms.unjoined(now, 100), []);
      assert.deepEqual(server.announced, []);
    });

    test('keeps a room that a person joins between the check and the removal, and refuses later joins', async (t) => {
      const server = await serve(t, kind);
      const [joined, hidden] = [await make(server, 30), await make(server, 29)];
      const guest = someAccount();
      await server.store.accounts.add(guest);
      const { heads, removeEmpty } = server.broker;
      server.broker.heads = async (rooms) => {
        const found = await heads.call(server.broker, rooms);
        assert.equal(await server.rows.join(joined.id, guest.id), 'joined');
        return found;
      };
      server.broker.removeEmpty = async (room) => {
        assert.equal(await server.rows.join(room, guest.id), 'unknown');
        return removeEmpty.call(server.broker, room);
      };
      await server.empty.sweep();
      assert.equal(await server.rows.has(joined.id), true);
      assert.equal(await server.rows.isMember(joined.id, guest.id), true);
      assert.equal(await server.rows.has(hidden.id), false);
      await say(server, joined.id);
    });

    test('the next run finishes the removals of a killed server', async (t) => {
      const server = await serve(t, kind);
      const [hidden, cut, written] = [await make(server), await make(server), await make(server)];
      for (const { id } of [hidden, cut, written]) assert.equal(await server.store.rooms.hide(id), true);
      assert.equal(await server.broker.removeEmpty(cut.id), true);
      await say(server, written.id);
      await server.empty.sweep();
      assert.deepEqual(await Promise.all([hidden, cut, written].map(({ id }) => server.rows.has(id))), [
        false,
        false,
        true,
      ]);
      assert.deepEqual(await server.store.rooms.unjoined(now, 100), []);
      await server.untilAnnounced(2);
    });

    test('a run checks 100 rooms, and rooms with messages do not stop the next run', async (t) => {
      const server = await serve(t, kind);
      const kept = [];
      for (let count = 0; count < 100; count++) kept.push(await make(server, 48));
      for (const { id } of kept) await say(server, id);
      const room = await make(server, 25);
      await server.empty.sweep();
      assert.deepEqual(
        (await server.store.rooms.unjoined(now, 1000)).map(({ id }) => id),
        [room.id],
      );
      await server.empty.sweep();
      assert.equal(await server.rows.has(room.id), false);
      for (const { id } of kept) assert.equal(await server.rows.has(id), true);
    });
  });
}

test(
  'several servers that sweep at the same time remove each room once, and each announces it once',
  { skip: redisMissing() },
  async (t) => {
    const kind = kinds[1] as Kind;
    const one = await serve(t, kind);
    const servers = [one, await serve(t, kind, one.database), await serve(t, kind, one.database)];
    const [gone, written] = [[], []] as [ChatRoom[], ChatRoom[]];
    for (let count = 0; count < 20; count++) (count % 2 ? gone : written).push(await make(one));
    for (const { id } of written) await say(one, id);
    await Promise.all(servers.map(({ empty }) => empty.sweep()));
    for (const { untilAnnounced } of servers) await untilAnnounced(gone.length);
    for (const { announced } of servers) {
      assert.deepEqual(announced.toSorted(), gone.map(({ id }) => id).toSorted());
    }
    for (const { id } of gone) assert.equal(await one.rows.has(id), false);
    for (const { id } of written) assert.equal(await one.rows.has(id), true);
  },
);

test('logs a failed run and a failed cleanup, and the next run removes what is left', async (t) => {
  const database = await temporaryDatabase(t);
  const store = createStore(database, new MemoryAttempts());
  const broker = new MemoryBroker({ log });
  const rooms = new Rooms(broker, { log });
  const lines: string[] = [];
  const add = (_: object, message: string): void => void lines.push(message);
  const recorded: Logger = { debug() {}, info: add, warn: add, error: add };
  const empty = new EmptyRooms(store.rooms, rooms, {
    emptyRoomMs: hourMs,
    log: recorded,
    now: () => start + 2 * hourMs,
  });
  const maker = someAccount();
  await store.accounts.add(maker);
  const room = someRoom(maker.id, start);
  await store.rooms.add(room, unbounded);
  t.mock.method(broker, 'heads', unavailable, { times: 1 });
  await empty.sweep();
  assert.deepEqual(lines.splice(0), ['Empty rooms could not be removed; the removal is retried later']);
  t.mock.method(broker, 'signal', unavailable);
  await empty.sweep();
  assert.equal(await new RoomRows(database).has(room.id), false);
  assert.deepEqual(lines, ['An empty room was removed', 'The notification of the removal of a room failed']);
  await empty.close();
  await rooms.close();
  await broker.close();
});

test('runs one at a time, and close waits for the run', async (t) => {
  const server = await serve(t, kinds[0] as Kind);
  const room = await make(server);
  const { unjoined } = server.store.rooms;
  const reads = t.mock.method(server.store.rooms, 'unjoined', unjoined);
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { removeEmpty } = server.broker;
  server.broker.removeEmpty = async (id) => {
    await released;
    return removeEmpty.call(server.broker, id);
  };
  const runs = [server.empty.sweep(), server.empty.sweep()];
  let isClosed = false;
  const closed = server.empty.close().then(() => (isClosed = true));
  await new Promise(setImmediate);
  assert.equal(reads.mock.callCount(), 1);
  assert.equal(isClosed, false);
  release();
  await Promise.all([...runs, closed]);
  assert.equal(await server.rows.has(room.id), false);
  await server.empty.sweep();
  assert.equal(reads.mock.callCount(), 2);
});

test('a timer removes rooms: each tenth of their age, not more often than each second, at least each minute', async (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  for (const [emptyRoomMs, betweenMs] of [
    [1, 1000],
    [20_000, 2000],
    [12 * hourMs, 60_000],
  ] as const) {
    const server = await serve(t, kinds[0] as Kind);
    const reads = t.mock.method(server.store.rooms, 'unjoined');
    const swept = new EmptyRooms(server.store.rooms, server.rooms, { emptyRoomMs, log, now: () => now });
    // The server sweeps too, for rooms of another age.
    const runs = (): number => reads.mock.calls.filter((call) => call.arguments[0] === now - emptyRoomMs).length;
    t.mock.timers.tick(betweenMs - 1);
    assert.equal(runs(), 0, `${emptyRoomMs} ms`);
    t.mock.timers.tick(1);
    await swept.close();
    assert.equal(runs(), 1, `${emptyRoomMs} ms`);
    t.mock.timers.tick(10 * betweenMs);
    assert.equal(runs(), 1, 'no runs after close');
  }
});

test('removes no room when emptyRoomMs is 0', async (t) => {
  const server = await serve(t, kinds[0] as Kind);
  const room = await make(server, 1000);
  const never = new EmptyRooms(server.store.rooms, server.rooms, { emptyRoomMs: 0, log, now: () => now });
  await never.sweep();
  assert.equal(await server.rows.has(room.id), true);
});
