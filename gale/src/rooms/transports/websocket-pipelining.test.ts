/** Publishes of one connection that do not wait for each other, over real WebSockets, with a broker that responds when a test wants it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventually } from '../../../test/support/eventually.ts';
import { openRooms, type RawConnection } from '../../../test/support/rooms/room-server.ts';
import { GaleError } from '../../errors.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import type { Entry, Published } from '../stream.ts';
import type { PublishOptions } from '../broker.ts';
import { RoomError } from '../room-error.ts';
import { maxPublishes } from './publish-line.ts';

/** Stores at once, and responds when the test says so. */
class SlowBroker extends MemoryBroker {
  /** Ids in the order in which they came. */
  readonly ids: string[] = [];
  readonly #gates = new Map<string, PromiseWithResolvers<void>>();

  override async publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    this.ids.push(entry.id);
    const gate = Promise.withResolvers<void>();
    this.#gates.set(entry.id, gate);
    const published = await super.publish(room, entry, options);
    await gate.promise;
    return published;
  }

  /** Responds to a publish. */
  respond(id: string): void {
    this.#gates.get(id)?.resolve();
  }

  /** Responds that the result is unknown. */
  fail(id: string): void {
    this.#gates.get(id)?.reject(new GaleError('ROOM_UNAVAILABLE', 'as the test wants it'));
  }
}

const off = { limits: 'off' } as const;

function publish(connection: RawConnection, ref: number, id: string): void {
  connection.send(JSON.stringify({ type: 'publish', ref, room: 'lobby', id, data: id }));
}

function refsOf({ frames }: RawConnection): unknown[] {
  return frames.filter((frame) => 'ref' in frame).map(({ ref }) => ref);
}

test('publishes are stored in their order while earlier ones are under way, and their replies keep it', async (t) => {
  const broker = new SlowBroker();
  const server = await openRooms(t, { broker, rooms: off });
  const ada = await server.connect('ada');
  const ids = ['a', 'b', 'c', 'd'];
  for (const [ref, id] of ids.entries()) publish(ada, ref, id);
  await eventually(() => broker.ids.length === 4);
  assert.deepEqual(broker.ids, ids);
  for (const id of ['d', 'c', 'b']) broker.respond(id);
  const { messages } = await server.rooms.history('lobby');
  assert.deepEqual(
    messages.map(({ id }) => id),
    ids,
  );
  assert.deepEqual(refsOf(ada), []);
  broker.respond('a');
  await eventually(() => refsOf(ada).length === 4);
  assert.deepEqual(refsOf(ada), [0, 1, 2, 3]);
});

test('every other command waits for the publishes before it, and publishes after it wait for it', async (t) => {
  const broker = new SlowBroker();
  const commanded: string[][] = [];
  const command = Promise.withResolvers<object>();
  const onCommand = async (): Promise<object> => {
    commanded.push([...broker.ids]);
    return command.promise;
  };
  const server = await openRooms(t, { broker, rooms: off, hooks: { onCommand } });
  const ada = await server.connect('ada');
  publish(ada, 1, 'a');
  publish(ada, 2, 'b');
  ada.send('{"type":"own","ref":3}');
  publish(ada, 4, 'c');
  await eventually(() => broker.ids.length === 2);
  broker.respond('b');
  assert.deepEqual(commanded, []);
  broker.respond('a');
  await eventually(() => commanded.length === 1 && refsOf(ada).length === 2);
  assert.deepEqual([commanded, refsOf(ada)], [[['a', 'b']], [1, 2]]);
  command.resolve({});
  await eventually(() => broker.ids.length === 3);
  broker.respond('c');
  await eventually(() => refsOf(ada).length === 4);
  assert.deepEqual(refsOf(ada), [1, 2, 3, 4]);
});

function refuseBad(_room: string, data: unknown): unknown {
  if (data === 'bad') throw new RoomError('APP_BAD', 'Not that.');
  return data;
}

test('a refused publish keeps its place among the replies, and does not stop the others', async (t) => {
  const broker = new SlowBroker();
  const server = await openRooms(t, { broker, rooms: off, hooks: { checkData: refuseBad } });
  const ada = await server.connect('ada');
  publish(ada, 1, 'a');
  publish(ada, 2, 'bad');
  ada.send('{"type":"publish","ref":3,"room":"lobby","id":"x y","data":1}');
  publish(ada, 4, 'd');
  publish(ada, 5, 'e');
  await eventually(() => broker.ids.length === 3);
  broker.respond('e');
  broker.fail('d');
  broker.respond('a');
  await eventually(() => refsOf(ada).length === 5);
  assert.deepEqual(
    ada.frames.filter((frame) => 'ref' in frame).map(({ ref, code }) => [ref, code]),
    [
      [1, undefined],
      [2, 'APP_BAD'],
      [3, 'ROOM_BAD_COMMAND'],
      [4, 'ROOM_UNAVAILABLE'],
      [5, undefined],
    ],
  );
});

test('no more than the bound is read from a connection without replies', async (t) => {
  const broker = new SlowBroker();
  const server = await openRooms(t, { broker, rooms: off });
  const ada = await server.connect('ada');
  const count = maxPublishes * 2;
  for (let ref = 0; ref < count; ref++) publish(ada, ref, `m${ref}`);
  const ben = await server.connect('ben');
  await eventually(() => broker.ids.length === maxPublishes);
  // A round trip of another connection: the server has read what it wants to read.
  await ben.ask('ping');
  assert.equal(broker.ids.length, maxPublishes);
  for (let ref = 0; ref < count; ref++) {
    await eventually(() => broker.ids.length > ref);
    broker.respond(`m${ref}`);
  }
  await eventually(() => refsOf(ada).length === count);
  assert.deepEqual(
    broker.ids,
    Array.from({ length: count }, (_, ref) => `m${ref}`),
  );
});

test('a command that waited for a publish is not executed after the server closed the connection', async (t) => {
  const broker = new SlowBroker();
  const executed: string[] = [];
  const onCommand = async (type: string): Promise<object> => {
    executed.push(type);
    return {};
  };
  const server = await openRooms(t, { broker, rooms: off, hooks: { onCommand } });
  const ada = await server.connect('ada');
  publish(ada, 1, 'a');
  ada.send('{"type":"own","ref":2}');
  await eventually(() => broker.ids.length === 1);
  for (const connection of server.rooms.connections) connection.closeForRestart();
  broker.respond('a');
  await eventually(() => server.closeCodes.length === 1);
  const ben = await server.connect('ben');
  await ben.ask('ping');
  assert.deepEqual(executed, []);
});
