/** The type of message data, from the server's rooms to the client's events; checked by `tsc --noEmit`. */
import { RoomsClient } from './client/rooms-client.ts';
import type { OutboxEntry } from './client/outbox.ts';
import { MemoryBroker } from './brokers/memory/memory-broker.ts';
import { Rooms } from './rooms.ts';
import type { Person } from './stream.ts';
import { RoomSocket } from './transports/websocket.ts';

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

/** `checkData` returns the type that the rooms store. */
export class NoteSocket extends RoomSocket<{ admin: boolean }, Note, { title: string }> {
  override get rooms(): Rooms<Note> {
    return notes;
  }
  override person(): Person | undefined {
    return this.currentUser?.admin ? { id: this.init.title, name: 'Admin' } : undefined;
  }
  override checkData(_room: string, data: unknown): Note {
    return { text: String(data) };
  }
}

export abstract class WrongSocket extends RoomSocket<unknown, Note> {
  // @ts-expect-error -- not what the rooms store
  override checkData(_room: string, data: unknown): { txt: string } {
    return { txt: String(data) };
  }
}

/** Existing sockets compile without type arguments. */
export class PlainSocket extends RoomSocket {
  override get rooms(): Rooms {
    return untyped;
  }
  override person(): Person {
    return author;
  }
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

/** Commands of the protocol have a typed reply; commands of the application do not. */
export async function callServer(): Promise<readonly string[]> {
  const { people } = await client.call('people', { room: 'lobby', limit: 10 });
  // @ts-expect-error -- a cursor needs an epoch
  await client.call('read', { room: 'lobby', offset: 1 });
  const { cursor } = await client.call('read', { room: 'lobby', epoch: 'a', offset: 1 });
  const reply = await client.call('rename-room', { room: 'lobby' });
  // @ts-expect-error -- not known here
  const name: string = reply['name'];
  return [name, cursor?.epoch ?? '', ...people.map((person) => person.name)];
}
