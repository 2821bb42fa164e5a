/** The type of message data, from the server's rooms to the client's events; checked by `tsc --noEmit`. */
import { type } from 'arktype';
import * as v from 'valibot';
import { z } from 'zod';
import { RoomsClient } from './client/rooms-client.ts';
import type { OutboxEntry } from './client/outbox.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import type { MessageData, MessageInput } from './message-schema.ts';
import { Rooms } from './rooms.ts';
import type { Person } from './stream.ts';
import { RoomSocket } from './transports/room-socket.ts';
import type { ServerFrame } from './wire.ts';

interface Note {
  readonly text: string;
}

const author: Person = { id: 'ada', name: 'Ada' };
export const notes: Rooms<Note> = new Rooms<Note>(new MemoryBroker());
const untyped: Rooms = new Rooms(new MemoryBroker());

export async function readNotes(): Promise<string[]> {
  await notes.publish('lobby', { id: '1', author, data: { text: 'Hello' } });
  // @ts-expect-error -- data of another type
  await notes.publish('lobby', { id: '2', author, data: { txt: 'Hello' } });
  await untyped.publish('lobby', { id: '2', author, data: [1, 2, 3] });
  const texts: string[] = [];
  await notes.subscribe('lobby', undefined, {
    deliver: ({ data }) => void texts.push(data.text),
    dropped() {},
    reset() {},
  });
  // @ts-expect-error -- data is unknown unless a type is given
  for (const { data } of (await untyped.history('lobby')).messages) texts.push(data.text);
  const { messages } = await notes.history('lobby');
  const missed = await notes.missed('lobby', 'ada');
  return [...texts, ...[...messages, ...missed.messages].map(({ data }) => data.text)];
}

const client = new RoomsClient<Note>({ url: 'ws://localhost/socket' });
export const ofAnyData: RoomsClient = client;
const shown: string[] = [];
client.on('message', ({ room, message }) => shown.push(room, message.data.text));
// @ts-expect-error -- data of another type
client.publish('lobby', { txt: 'Hello' });
client.publish('lobby', { text: 'Hello' });
// An earlier version of the page may have written the outbox.
client.on('refused', ({ entry }: { readonly entry: OutboxEntry }) => shown.push(entry.id));
// @ts-expect-error -- data of the outbox is unknown
client.on('published', ({ entry }) => shown.push(entry.data.text));

/** Events of the protocol have their fields, and no others. */
client.on('welcome', ({ person }) => shown.push(person.name));
// @ts-expect-error -- misspelt
client.on('welcome', ({ persn }) => shown.push(String(persn)));
client.on('read', ({ room, epoch, offset }) => shown.push(room, epoch, offset.toFixed()));
client.on('signal', ({ room, data }) => shown.push(room, String(data)));
// @ts-expect-error -- data of a signal is unknown
client.on('signal', ({ data }) => shown.push(data));

/** Frames of the application are narrowed by it. */
interface CountFrame {
  readonly type: 'count';
  readonly count: number;
}

function isCountFrame(frame: ServerFrame): frame is CountFrame {
  return frame.type === 'count';
}

client.on('event', (frame) => {
  // @ts-expect-error -- not known yet
  shown.push(String(frame.count));
  if ('count' in frame && typeof frame.count === 'number') shown.push(frame.count.toFixed());
  if (!isCountFrame(frame)) return;
  shown.push(frame.count.toFixed());
  // @ts-expect-error -- misspelt
  shown.push(String(frame.cuont));
});

/** Commands of the protocol have a typed reply; commands of the application do not. */
export async function callServer(): Promise<readonly string[]> {
  const { people } = await client.call('people', { room: 'lobby', limit: 10 });
  // @ts-expect-error -- a cursor needs an epoch
  await client.call('read', { room: 'lobby', offset: 1 });
  const { cursor } = await client.call('read', { room: 'lobby', epoch: 'a', offset: 1 });
  const reply = await client.call('rename-room', { room: 'lobby' });
  // @ts-expect-error -- not known here
  const name: string = reply['name'];
  // @ts-expect-error -- a reply of the protocol has no field of this name
  void (await client.call('people', { room: 'lobby' })).cuont;
  return [name, cursor?.epoch ?? '', ...people.map((person) => person.name)];
}

/** A schema types both ends: its input is what `publish` accepts, its output is what is stored. */
type Same<Left, Right> = (<T>() => T extends Left ? 1 : 2) extends <T>() => T extends Right ? 1 : 2 ? true : false;
const isSame = <_ extends true>(): void => {};

export async function withSchemas(): Promise<unknown> {
  const line = z.object({ text: z.string(), pinned: z.boolean().default(false) });
  const lines = new Rooms(new MemoryBroker(), { schema: line });
  isSame<
    Same<typeof lines, Rooms<{ text: string; pinned: boolean }, { text: string; pinned?: boolean | undefined }>>
  >();
  await lines.publish('lobby', { id: '1', author, data: { text: 'Hello' } });
  // @ts-expect-error -- not what the schema accepts
  await lines.publish('lobby', { id: '1', author, data: { text: 1 } });
  const { messages } = await lines.history('lobby', { limit: 10 });
  isSame<Same<(typeof messages)[number]['data'], { text: string; pinned: boolean }>>();

  const valibot = new Rooms(new MemoryBroker(), { schema: v.object({ text: v.string() }) });
  isSame<Same<typeof valibot, Rooms<{ text: string }>>>();
  const arktype = new Rooms(new MemoryBroker(), { schema: type({ text: 'string' }) });
  isSame<Same<typeof arktype, Rooms<{ text: string }>>>();
  const byRoom = new Rooms(new MemoryBroker(), { schema: (room) => (room === 'a' ? line : line.required()) });
  isSame<Same<typeof byRoom, typeof lines>>();
  void new Rooms<string | number>(new MemoryBroker(), { schema: (room) => (room === 'a' ? z.string() : z.number()) });
  // @ts-expect-error -- a schema of another type
  void new Rooms<string | number>(new MemoryBroker(), { schema: (room) => (room === 'a' ? z.string() : z.boolean()) });

  // @ts-expect-error -- not a schema
  void new Rooms(new MemoryBroker(), { schema: { text: String } });
  // @ts-expect-error -- a schema of another type
  void new Rooms<Note>(new MemoryBroker(), { schema: z.object({ title: z.string() }) });

  const typed = new RoomsClient<MessageData<typeof line>, MessageInput<typeof line>>({ url: 'ws://localhost/socket' });
  typed.publish('lobby', { text: 'Hello' });
  // @ts-expect-error -- not what the schema accepts
  typed.publish('lobby', { pinned: true });
  typed.on('message', ({ message }) => isSame<Same<typeof message.data, { text: string; pinned: boolean }>>());
  const page = await typed.history('lobby', { before: { epoch: 'a', offset: 3 }, limit: 10 });
  isSame<Same<(typeof page.messages)[number]['data'], { text: string; pinned: boolean }>>();

  /** Rooms with a schema check the data themselves, so a socket needs no `checkData`. */
  return class LineSocket extends RoomSocket {
    override get rooms(): typeof lines {
      return lines;
    }
    override person(): Person {
      return author;
    }
  };
}
