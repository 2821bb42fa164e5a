/**
 * Frames with many receivers. Each is encoded and framed once on this server, and shared by all receivers.
 */
import { prepareMessage } from '../../websocket/writing/prepared-message.ts';
import type { PreparedMessage } from '../../websocket/writing/prepared-message.ts';
import type { PresenceBatch, RoomPeople } from '../presence/room-people.ts';
import type { Person, RoomMessage } from '../stream.ts';
import type { RoomEvent } from '../wire.ts';

interface Framed {
  readonly message: RoomMessage;
  readonly room: string;
  readonly epoch: string;
  readonly frame: PreparedMessage;
}

const framed = new WeakMap<RoomMessage, Framed>();
/** The last one: a live message goes to all subscribers of a room in a row, and a comparison costs far less than a look-up. */
let last: Framed | undefined;

/** The frame of a stored message, cached as long as the message object exists. */
export function messageFrame(room: string, epoch: string, message: RoomMessage): PreparedMessage {
  if (last?.message === message && last.room === room && last.epoch === epoch) return last.frame;
  const known = framed.get(message);
  last = known && known.room === room && known.epoch === epoch ? known : frameMessage(room, epoch, message);
  return last.frame;
}

function frameMessage(room: string, epoch: string, message: RoomMessage): Framed {
  const made = { message, room, epoch, frame: prepare({ type: 'message', room, epoch, ...toFields(message) }) };
  framed.set(message, made);
  return made;
}

const framedAmendments = new WeakMap<RoomMessage, Framed>();

/** The frame of an amended message, cached as long as the message object exists. */
export function amendFrame(room: string, epoch: string, message: RoomMessage): PreparedMessage {
  const known = framedAmendments.get(message);
  if (known && known.room === room && known.epoch === epoch) return known.frame;
  const frame = prepare({ type: 'amend', room, epoch, ...toFields(message) });
  framedAmendments.set(message, { message, room, epoch, frame });
  return frame;
}

/** The fields of a message on the wire. */
export function toFields({ offset, life, id, author, time, data, version, amended }: RoomMessage): RoomMessage {
  const fields = { offset, life, id, author: toPublic(author), time, data };
  return version === undefined || amended === undefined ? fields : { ...fields, version, amended };
}

const framedPresence = new WeakMap<PresenceBatch | RoomPeople, PreparedMessage>();

/** The frame of a batch of presence, cached as long as the batch exists. */
export function presenceFrame(batch: PresenceBatch): PreparedMessage {
  return framePresence(batch, () => {
    const { room, count, entered, left } = batch;
    return { type: 'presence', room, count, entered: entered?.map(toPublic), left: left?.map(toPublic) };
  });
}

/** The frame of a list of people, cached as long as the list exists. */
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

/** Only the public fields of a person; the application's object may have more. */
export function toPublic({ id, name }: Person): Person {
  return { id, name };
}
