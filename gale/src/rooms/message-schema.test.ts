/** The option `schema` of rooms: what is published is checked, on the server and over the wire. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { openRooms } from '../../test/support/rooms/room-server.ts';
import { eventually } from '../../test/support/eventually.ts';
import { createLogger } from '../run/log.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import type { MessageSchema } from './message-schema.ts';
import { Rooms } from './rooms.ts';

const log = createLogger({ level: 'silent' });
const author = { id: 'ada', name: 'Ada' };

interface Poll {
  readonly title: string;
  readonly options: readonly { readonly label: string }[];
}

/** One schema in the three libraries. */
const schemas: Readonly<Record<string, MessageSchema<Poll>>> = {
  zod: z.object({ title: z.string(), options: z.array(z.object({ label: z.string() })) }),
  valibot: v.object({ title: v.string(), options: v.array(v.object({ label: v.string() })) }),
  arktype: type({ title: 'string', options: type({ label: 'string' }).array() }),
};

function openTyped<Data, Input>(t: TestContext, schema: MessageSchema<Data, Input>): Rooms<Data, Input> {
  const rooms = new Rooms(new MemoryBroker(), { log, schema });
  t.after(() => rooms.close());
  return rooms;
}

for (const [library, schema] of Object.entries(schemas)) {
  test(`${library}: refuses a message that does not match, names each wrong value and stores nothing`, async (t) => {
    const rooms = openTyped(t, schema);
    const poll: Poll = { title: 'Lunch', options: [{ label: 'Soup' }] };
    await rooms.publish('lobby', { id: '1', author, data: poll });
    const wrong = { title: 1, options: [{ label: 'Soup' }, {}] } as unknown as Poll;
    await assert.rejects(rooms.publish('lobby', { id: '2', author, data: wrong }), (error: Error) => {
      const { code, message, retry } = error as Error & { code: string; retry: boolean };
      assert.deepEqual([code, retry], ['ROOM_BAD_DATA', false]);
      assert.match(message, /^The data of the message is not valid: /);
      assert.match(message, /data\.title: ./);
      assert.match(message, /data\.options\[1\]\.label: ./);
      return true;
    });
    const { messages } = await rooms.history('lobby');
    assert.deepEqual(
      messages.map(({ offset, data }) => [offset, data]),
      [[1, poll]],
    );
  });
}

test('stores the output of the schema', async (t) => {
  const rooms = openTyped(t, z.object({ text: z.string().trim(), pinned: z.boolean().default(false) }).strip());
  const data = { text: ' Hello ', more: 1 };
  await rooms.publish('lobby', { id: '1', author, data });
  assert.deepEqual((await rooms.history('lobby')).messages[0]?.data, { text: 'Hello', pinned: false });
});

test('uses the schema of each room, and schemas that are async', async (t) => {
  const rooms = openTyped<string | number, string | number>(t, (room) =>
    room === 'numbers' ? z.number() : z.string().refine(async (text) => text !== 'no', 'not allowed'),
  );
  await rooms.publish('numbers', { id: '1', author, data: 1 });
  await rooms.publish('texts', { id: '1', author, data: 'yes' });
  await assert.rejects(rooms.publish('numbers', { id: '2', author, data: 'yes' }), {
    code: 'ROOM_BAD_DATA',
    message: /^The data of the message is not valid: data: .*number/,
  });
  await assert.rejects(rooms.publish('texts', { id: '2', author, data: 'no' }), { message: /: data: not allowed$/ });
});

test('names at most three wrong values, and the number of the others', async (t) => {
  const rooms = openTyped(t, z.array(z.number()));
  const data = ['a', 'b', 'c', 'd', 'e'] as unknown as number[];
  await assert.rejects(rooms.publish('lobby', { id: '1', author, data }), {
    message: /data\[0\]: .*; data\[1\]: .*; data\[2\]: [^;]*; and 2 more$/,
  });
});

test('refuses an option that is no schema, and a schema that fails', async (t) => {
  const wrong = { schema: { text: String } } as unknown as { schema: MessageSchema };
  assert.throws(() => new Rooms(new MemoryBroker(), { log, ...wrong }), {
    code: 'OPTION_VALUE',
    message: /^schema must be a Standard Schema, such as .*; got /,
  });
  const failing = openTyped(t, () => undefined as never);
  await assert.rejects(failing.publish('lobby', { id: '1', author, data: 1 }), { code: 'WEB_SCHEMA' });
});

test('a client is refused with ROOM_BAD_DATA, its rate is not used, and the next message is stored', async (t) => {
  const schema = z.object({ text: z.string().min(1) });
  const server = await openRooms(t, { rooms: { schema, personPublishBurst: 1, personPublishesPerSecond: 0.001 } });
  const client = server.client('ada');
  const seen: unknown[] = [];
  client.on('message', ({ message }) => seen.push(message.data));
  client.subscribe('lobby');
  client.connect();
  for (const data of [{ text: '' }, { txt: 'Hello' }, 'Hello']) {
    await assert.rejects(client.publish('lobby', data).published, {
      name: 'RoomError',
      code: 'ROOM_BAD_DATA',
      retry: false,
    });
  }
  await client.publish('lobby', { text: 'Hello' }).published;
  await eventually(() => seen.length === 1);
  assert.deepEqual(seen, [{ text: 'Hello' }]);
});

test('checkData of a socket comes first, and the schema checks its result once', async (t) => {
  let checks = 0;
  const schema = z.string().transform((text) => {
    checks++;
    return { text };
  });
  const server = await openRooms(t, { rooms: { schema }, hooks: { checkData: (_room, data) => String(data) } });
  const client = server.client('ada');
  client.connect();
  await client.publish('lobby', 17).published;
  assert.deepEqual((await server.rooms.history('lobby')).messages[0]?.data, { text: '17' });
  assert.equal(checks, 1);
});
