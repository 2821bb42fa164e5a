/** The type of message data, from the server's rooms to the client's events; checked by `tsc --noEmit`. */
import { RoomsClient } from './client/rooms-client.ts';
import type { OutboxEntry } from './client/outbox.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { Rooms } from './rooms.ts';
import type { Person } from './stream.ts';
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
