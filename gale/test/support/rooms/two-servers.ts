/** Two servers of rooms on one faulty broker, and short ways to publish and subscribe. */
import type { TestContext } from 'node:test';
import { createLogger, MemoryBroker, Rooms } from 'gale';
import type { Logger, Person } from 'gale';
import type { Position, Published, RoomsOptions, Subscription } from 'gale/rooms';
import { seededRandom, seedOfRun } from '../seeded-random.ts';
import { FaultyBroker } from './faulty-broker.ts';
import type { Faults } from './faulty-broker.ts';
import { RecordingSubscriber } from './recording-subscriber.ts';

export const ada: Person = { id: 'ada', name: 'Ada' };
export const ben: Person = { id: 'ben', name: 'Ben' };
export const log: Logger = createLogger({ level: 'silent' });

/** What a test gets. */
export interface TwoServers {
  readonly broker: FaultyBroker;
  readonly rooms: Rooms;
  /** Another server on the same broker. */
  readonly others: Rooms;
  readonly random: () => number;
}

/** Opens both; they close at the end of the test. Presence has no grace unless the options say so. */
export function openTwoServers(t: TestContext, options: RoomsOptions & { faults?: Faults } = {}): TwoServers {
  const { faults, ...rest } = options;
  const seed = seedOfRun();
  t.diagnostic(`seed ${seed}`);
  const random = seededRandom(seed);
  const broker = new FaultyBroker(new MemoryBroker(), random, faults);
  const rooms = new Rooms(broker, { log, presenceGraceMs: 0, presenceBatchMs: 1, ...rest });
  const others = new Rooms(broker, { log, presenceGraceMs: 0, presenceBatchMs: 1, ...rest });
  t.after(async () => {
    await Promise.all([rooms.close(), others.close()]);
    await broker.close();
  });
  return { broker, rooms, others, random };
}

let lastId = 0;

/** Publishes a message whose text is its id. */
export function publishText(
  rooms: Rooms,
  room: string,
  author: Person = ada,
  id: string = `m${++lastId}`,
): Promise<Published> {
  return rooms.publish(room, { id, author, data: { text: id } });
}

/** Publishes many messages at once. @returns The newest. */
export async function publishMany(rooms: Rooms, room: string, count: number): Promise<Published> {
  const all = await Promise.all(Array.from({ length: count }, () => publishText(rooms, room)));
  return all.reduce((newest, published) => (published.offset > newest.offset ? published : newest));
}

/** A subscription and what it delivered. */
export interface Followed {
  readonly subscriber: RecordingSubscriber;
  readonly subscription: Subscription;
}

/** Subscribes and starts. */
export async function follow(rooms: Rooms, room: string, after?: Position): Promise<Followed> {
  const subscriber = new RecordingSubscriber();
  const subscription = await rooms.subscribe(room, after, subscriber);
  subscription.start();
  return { subscriber, subscription };
}
