/** Presence of whole servers: all subscribers agree in the end although signals get lost, and the cost in events and bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { seededRandom, seedOfRun } from '../../../test/support/seeded-random.ts';
import { createLogger } from '../../run/log.ts';
import { redisMissing, startRedis } from '../../testing/redis-server.ts';
import type { Broker } from '../broker.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import { RedisBroker } from '../brokers/redis/redis-broker.ts';
import { Rooms } from '../rooms.ts';
import type { PresenceBatch, RoomPeople } from './room-people.ts';
import type { RoomsOptions } from '../rooms-options.ts';
import type { Subscriber } from '../subscription.ts';
import { peopleFrame, presenceFrame } from '../transports/room-frames.ts';

const log = createLogger({ level: 'silent' });

/** The people of a room as a client knows them, by the rules of docs/wire.md. */
class View implements Subscriber {
  count = -1;
  names: Set<string> | undefined;
  events = 0;
  bytes = 0;

  deliver(): void {}
  dropped(): void {}
  reset(): void {}

  people(list: RoomPeople): void {
    this.#note(peopleFrame(list).frame);
    this.count = list.count;
    this.names = list.people && new Set(list.people.map(({ id }) => id));
  }

  presence(batch: PresenceBatch): void {
    this.#note(presenceFrame(batch).frame);
    this.count = batch.count;
    if (!batch.entered || !batch.left) this.names = undefined;
    for (const { id } of batch.entered ?? []) this.names?.add(id);
    for (const { id } of batch.left ?? []) this.names?.delete(id);
  }

  #note(frame: Buffer): void {
    this.events++;
    this.bytes += frame.length;
  }
}

async function watch(rooms: Rooms): Promise<View> {
  const view = new View();
  (await rooms.subscribe('lobby', undefined, view)).start();
  return view;
}

function open(t: TestContext, broker: Broker, options: RoomsOptions): Rooms {
  const rooms = new Rooms(broker, { log, presenceGraceMs: 0, presenceBatchMs: 1, limits: 'off', ...options });
  t.after(() => rooms.close());
  return rooms;
}

/** Waits until each view equals the broker's list, with or without names. Meanwhile the servers compare their lists. */
async function agreed(
  broker: Broker,
  servers: readonly Rooms[],
  views: readonly View[],
  wantsNames?: boolean,
): Promise<void> {
  const here = (await broker.presence.list('lobby')).map(({ id }) => id).toSorted();
  const isRight = ({ count, names }: View): boolean =>
    count === here.length &&
    (wantsNames === undefined || wantsNames === (names !== undefined)) &&
    (!names || [...names].toSorted().join() === here.join());
  await eventually(
    async () => {
      // More than once: a signal in transit during a comparison may arrive after one that was lost.
      await Promise.all(servers.map((rooms) => rooms.checkPositions()));
      return views.every(isRight);
    },
    () => {
      const wrong = views.find((view) => !isRight(view));
      return `${here.length} are here: ${here.join()}; known are ${wrong?.count}: ${[...(wrong?.names ?? [])].toSorted().join()}`;
    },
  );
}

/** Lets people enter and leave at random on two servers that lose signals, and compares all views in the end. */
async function shuffle(t: TestContext, brokers: readonly [Broker, Broker]): Promise<void> {
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  let isLossy = true;
  for (const broker of new Set(brokers)) {
    const signal = broker.signal.bind(broker);
    broker.signal = async (room, data) => {
      if (!isLossy || random() > 0.1) await signal(room, data);
    };
  }
  const servers = brokers.map((broker) => open(t, broker, { presenceNamesMax: 8 }));
  const views = [await watch(servers[0]!), await watch(servers[1]!)];
  for (let step = 0; step < 400; step++) {
    const rooms = servers[pick(2)]!;
    const id = `p${pick(16)}`;
    // First the room fills, then it empties.
    if (random() < (step < 200 ? 0.6 : 0.3)) await rooms.enter('lobby', { id, name: id }, `${pick(2)} of ${id}`);
    else await rooms.leave('lobby', `${pick(2)} of ${id}`, { now: true });
    if (random() < 0.05) views.push(await watch(rooms));
    if (random() < 0.2) await new Promise((resolve) => setTimeout(resolve, pick(3)));
    if (step % 100 !== 99) continue;
    isLossy = false;
    await agreed(brokers[0], servers, views);
    isLossy = true;
  }
}

test('all subscribers agree with the broker, although signals get lost', async (t) => {
  const broker = new MemoryBroker();
  await shuffle(t, [broker, broker]);
});

test('servers on one Redis agree, although signals get lost', { skip: redisMissing() }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const brokers = [
    await RedisBroker.open({ url: redis.url, log }),
    await RedisBroker.open({ url: redis.url, log }),
  ] as const;
  t.after(() => Promise.all(brokers.map((broker) => broker.close())));
  await shuffle(t, brokers);
});

test('servers agree on counts above the limit, and on names below it', { skip: redisMissing() }, async (t) => {
  const redis = await startRedis();
  t.after(() => redis.stop());
  const [one, other] = [
    await RedisBroker.open({ url: redis.url, log }),
    await RedisBroker.open({ url: redis.url, log }),
  ];
  t.after(() => Promise.all([one.close(), other.close()]));
  const servers = [open(t, one, { presenceNamesMax: 50 }), open(t, other, { presenceNamesMax: 50 })] as const;
  const views = [await watch(servers[0]), await watch(servers[1])];
  const people = Array.from({ length: 120 }, (_, index) => ({ id: `p${index + 100}`, name: 'P' }));
  await Promise.all(people.map((person, index) => servers[index % 2 === 0 ? 0 : 1].enter('lobby', person, person.id)));
  await agreed(one, servers, views, false);
  const pages = await Promise.all(servers.map((rooms) => rooms.peoplePage('lobby', 'p149', 10)));
  assert.deepEqual(pages[0], pages[1]);
  assert.deepEqual([pages[0]?.people[0]?.id, pages[0]?.next], ['p150', 'p159']);
  await Promise.all(
    people.slice(40).map(({ id }, index) => servers[index % 2 === 0 ? 0 : 1].leave('lobby', id, { now: true })),
  );
  await agreed(one, servers, views, true);
});

/** Lets `count` people join one after the other, a tenth of them in each interval. @returns The cost of all. */
async function join(t: TestContext, count: number): Promise<{ events: number; bytes: number; calls: number }> {
  const broker = new MemoryBroker();
  let calls = 0;
  let listed = 0;
  const { presence } = broker;
  for (const name of ['enter', 'leave', 'sweep', 'renew'] as const) {
    const run = presence[name].bind(presence) as (...values: unknown[]) => Promise<never>;
    Object.assign(presence, { [name]: (...values: unknown[]) => (calls++, run(...values)) });
  }
  const list = presence.list.bind(presence);
  presence.list = (room) => (listed++, list(room));
  const rooms = open(t, broker, { presenceBatchMs: 1000, presenceNamesMax: 50 });
  const views: View[] = [];
  for (let index = 0; index < count; index++) {
    await rooms.enter('lobby', { id: `p${index}`, name: `Person ${index}` }, `c${index}`);
    views.push(await watch(rooms));
    if (index % (count / 10) === count / 10 - 1) {
      await eventually(() => views.every((view) => view.events > 0));
      t.mock.timers.tick(1000);
    }
  }
  assert.ok(views.every((view) => view.count === count));
  assert.equal(listed, 1, 'the people are read from the broker once, not for each subscriber');
  const sum = (of: (view: View) => number): number => views.reduce((all, view) => all + of(view), 0);
  return { events: sum((view) => view.events), bytes: sum((view) => view.bytes), calls };
}

test('events and bytes grow linearly while people join', async (t) => {
  // `eventually` waits by a timer of its own.
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const few = await join(t, 500);
  const many = await join(t, 2000);
  assert.ok(many.events <= 4.1 * few.events, `${few.events} and ${many.events} events`);
  assert.ok(many.bytes <= 4.1 * few.bytes, `${few.bytes} and ${many.bytes} bytes`);
  assert.equal(few.calls, 500);
  assert.equal(many.calls, 2000);
});
