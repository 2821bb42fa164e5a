/** What TypeScript demands of a socket of rooms; checked by `tsc --noEmit`. */
import { Application } from '../../web/application.ts';
import { MemoryBroker } from '../brokers/memory/memory-broker.ts';
import { Rooms } from '../rooms.ts';
import type { Person } from '../stream.ts';
import { RoomSocket } from './room-socket.ts';
import { CheckedRoomSocket } from './websocket.ts';

interface Note {
  readonly text: string;
}

const notes: Rooms<Note> = new Rooms<Note>(new MemoryBroker());
const untyped: Rooms = new Rooms(new MemoryBroker());

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

// @ts-expect-error -- data of a client must be checked: "Non-abstract class … does not implement inherited abstract member checkData"
export class UncheckedNoteSocket extends RoomSocket<{ admin: boolean }, Note> {
  override get rooms(): Rooms<Note> {
    return notes;
  }
  override person(): undefined {
    return undefined;
  }
}

/** With `unknown` data there is nothing to check, also with another user or `init`. */
export class AnyDataSocket extends RoomSocket<{ admin: boolean }, unknown, { title: string }> {
  override get rooms(): Rooms {
    return untyped;
  }
  override person(): Person | undefined {
    return this.currentUser?.admin ? { id: this.init.title, name: 'Admin' } : undefined;
  }
}

/** A class that is generic in its data extends the class that must check. */
export abstract class GenericSocket<Data> extends CheckedRoomSocket<{ admin: boolean }, Data> {
  abstract override checkData(room: string, data: unknown): Promise<Data>;
}

/** The current user can be the person, and whatever means "nobody" can be returned. */
export class PersonSocket extends RoomSocket<Person> {
  override get rooms(): Rooms {
    return untyped;
  }
  override getCurrentUser(): Person | null {
    return null;
  }
  override person(): Person | undefined {
    return this.currentUser;
  }
}

export class NamedSocket extends RoomSocket<string> {
  override get rooms(): Rooms {
    return untyped;
  }
  override person(): Person | '' | null | undefined {
    return this.currentUser && { id: this.currentUser, name: this.currentUser };
  }
}

export abstract class NamelessSocket extends RoomSocket<string> {
  // @ts-expect-error -- a person has an id and a name
  override person(): string | null | undefined {
    return this.currentUser;
  }
}

/** Existing sockets compile without type arguments. */
export class PlainSocket extends RoomSocket {
  override get rooms(): Rooms {
    return untyped;
  }
  override person(): Person {
    return { id: 'ada', name: 'Ada' };
  }
}

export const application: Application = new Application([
  ['/notes', NoteSocket, { init: { title: 'Notes' } }],
  // @ts-expect-error -- the route must have the init that the socket declares
  ['/any', AnyDataSocket],
  ['/plain', PlainSocket],
  ['/person', PersonSocket],
]);
