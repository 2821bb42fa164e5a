/**
 * The frames that many receivers get: each encoded to JSON and framed once on this server, whoever asks next.
 */
import { prepareMessage } from '../../websocket/writing/prepared-message.ts';
import type { PreparedMessage } from '../../websocket/writing/prepared-message.ts';
import type { PresenceBatch, RoomPeople } from '../presence/room-people.ts';
import type { Person, RoomMessage } from '../stream.ts';
import type { RoomEvent } from '../wire.ts';

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
  const frame = prepare({ type: 'message', room, epoch, offset, id, author: toPublic(author), time, data });
  framed.set(message, { room, epoch, frame });
  return frame;
}

const framedPresence = new WeakMap<PresenceBatch | RoomPeople, PreparedMessage>();

/** The frame of a batch. The same batch is framed once for all receivers. */
export function presenceFrame(batch: PresenceBatch): PreparedMessage {
  return framePresence(batch, () => {
    const { room, count, entered, left } = batch;
    return { type: 'presence', room, count, entered: entered?.map(toPublic), left: left?.map(toPublic) };
  });
}

/** The frame that says who is in a room. The same list is framed once for all receivers. */
export function peopleFrame(list: RoomPeople): PreparedMessage {
  return framePresence(list, () => {
    const { room, count, people } = list;
    return { type: 'people', room, count, people: people?.map(toPublic) };
  });
}

function framePresence(key: PresenceBatch | RoomPeople, toEvent: () => RoomEvent): PreparedMessage {
  let frame = framedPresence.get(key);
  if (!frame) framedPresence.set(key, (frame = prepare(toEvent())));
  return frame;
}

function prepare(event: RoomEvent): PreparedMessage {
  return prepareMessage(JSON.stringify(event));
}

/** What others may know of a person, whatever an application's object holds beside it. */
export function toPublic({ id, name }: Person): Person {
  return { id, name };
}
