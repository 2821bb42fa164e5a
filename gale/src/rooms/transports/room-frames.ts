/**
 * The frames that many receivers get: each encoded to JSON and framed once on this server, whoever asks next.
 */
import { prepareMessage } from '../../websocket/prepared-message.ts';
import type { PreparedMessage } from '../../websocket/prepared-message.ts';
import type { PresenceChange } from '../lanes.ts';
import type { Person, RoomMessage } from '../stream.ts';

/** People named in a `people` frame; all are counted. */
const namedPeople = 200;

interface Framed {
  readonly room: string;
  readonly epoch: string;
  readonly frame: PreparedMessage;
}

const framed = new WeakMap<RoomMessage, Framed>();

/** The frame of a stored message. Kept as long as the message object is. */
export function messageFrame(room: string, epoch: string, message: RoomMessage): PreparedMessage {
  const known = framed.get(message);
  if (known && known.room === room && known.epoch === epoch) return known.frame;
  const { offset, id, author, time, data } = message;
  const frame = prepareMessage(
    JSON.stringify({ type: 'message', room, epoch, offset, id, author: toPublic(author), time, data }),
  );
  framed.set(message, { room, epoch, frame });
  return frame;
}

let lastPresence: { room: string; change: PresenceChange; person: Person; count: number; frame: PreparedMessage };

/** The frame for somebody who came or went; the last one is kept, for the next receiver of the same. */
export function presenceFrame(room: string, change: PresenceChange, person: Person, count: number): PreparedMessage {
  if (
    lastPresence?.person !== person ||
    lastPresence.change !== change ||
    lastPresence.room !== room ||
    lastPresence.count !== count
  ) {
    const frame = prepareMessage(JSON.stringify({ type: change, room, person: toPublic(person), count }));
    lastPresence = { room, change, person, count, frame };
  }
  return lastPresence.frame;
}

/** The frame that says who is here. */
export function peopleFrame(room: string, people: readonly Person[]): string {
  return JSON.stringify({
    type: 'people',
    room,
    count: people.length,
    people: people.slice(0, namedPeople).map(toPublic),
  });
}

/** What others may know of a person, whatever an application's object holds beside it. */
export function toPublic({ id, name }: Person): Person {
  return { id, name };
}
