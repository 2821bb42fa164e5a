/** The commands of the history and of the read positions. A room that does not exist and one that is not the person's get the same error. */
import { RoomError } from 'gale';
import type { Unvalidated } from 'gale/rooms';
import type { Chat } from '../chat.ts';
import { maxReadPositions, type HistoryCommands } from '../wire.ts';
import { readPage, type PageRequest } from './history-pages.ts';
import type { ReadPosition } from './read-positions.ts';
import { segmentsOf, segmentsOfRoom } from './room-numbers.ts';

/** A `set-read` of more positions counts as several commands. */
const positionsPerCommand = 50;

/** The name of a command of the history. */
export type HistoryCommand = keyof HistoryCommands;

/** Executes each command. @throws {@link RoomError} if it is refused. */
export const historyCommands: {
  readonly [Type in HistoryCommand]: (
    chat: Chat,
    personId: string,
    fields: Unvalidated<HistoryCommands[Type]['fields']>,
  ) => Promise<HistoryCommands[Type]['reply']>;
} = {
  'read-history': async (chat, personId, { room, before, after, around }) => {
    const request = readRequest({ before, after, around });
    const roomId = await readOwnRoom(chat, personId, room);
    const epoch = (await chat.rooms.heads([roomId])).get(roomId)?.epoch ?? '';
    const [page, all] = await Promise.all([
      readPage(chat.database, roomId, request),
      segmentsOfRoom.execute(chat.database, { roomId }),
    ]);
    return { ...page, epoch, segments: segmentsOf(all, epoch, page.top) };
  },
  seen: async (chat, personId, { room, seq }) => {
    const position = { seq: readSeq(seq, 'seq'), room: await readReportedRoom(chat, personId, room) };
    chat.readPositions.see(personId, position);
    return {};
  },
  'mark-unread': async (chat, personId, { room, seq }) => {
    const first = readSeq(seq, 'seq');
    if (first === 0) throw wrongField('seq', 'at least 1', seq);
    await chat.readPositions.set(personId, [{ room: await readOwnRoom(chat, personId, room), seq: first - 1 }]);
    return {};
  },
  'set-read': async (chat, personId, { positions }) => {
    const list = readPositions(positions);
    // Each position is an event for all windows of the person.
    const tooFast = chat.rooms.limits.takeMore(personId, Math.floor(list.length / positionsPerCommand));
    if (tooFast) throw tooFast;
    const own = await chat.directory.ownRooms(personId);
    if (list.some(({ room }) => !own.has(room))) throw unknownRoom();
    await chat.readPositions.set(personId, list);
    return {};
  },
};

/** Whether a command is one of the history. */
export function isHistoryCommand(type: string): type is HistoryCommand {
  return Object.hasOwn(historyCommands, type);
}

/** @throws {@link RoomError} `ROOM_UNKNOWN`, also if the person may not read the room. */
async function readOwnRoom({ directory }: Chat, personId: string, room: unknown): Promise<string> {
  if (typeof room !== 'string') throw wrongField('room', 'a string', room);
  if (!(await directory.isMember(room, personId))) throw unknownRoom();
  return room;
}

/** As {@link readOwnRoom}, without a read of the database if that was done a moment ago. */
async function readReportedRoom(chat: Chat, personId: string, room: unknown): Promise<string> {
  const { checks } = chat.readPositions;
  if (typeof room === 'string' && checks.has(personId, room)) return room;
  const own = await readOwnRoom(chat, personId, room);
  checks.add(personId, own);
  return own;
}

function unknownRoom(): RoomError {
  return new RoomError('ROOM_UNKNOWN', 'There is no such room, or you are not a member.');
}

function readRequest(fields: Readonly<Record<'before' | 'after' | 'around', unknown>>): PageRequest {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new RoomError('ROOM_BAD_COMMAND', 'Only one of before, after and around can be given.');
  }
  const [name, value] = given[0] ?? [];
  return name === undefined ? {} : { [name]: readSeq(value, name) };
}

function readSeq(value: unknown, field: string): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  throw wrongField(field, 'an integer of at least 0', value);
}

function readPositions(value: unknown): ReadPosition[] {
  const expected = `a list of at most ${maxReadPositions} objects with room and seq`;
  if (!Array.isArray(value) || value.length > maxReadPositions) throw wrongField('positions', expected, value);
  const list = value.map((each: unknown): ReadPosition => {
    const { room, seq }: Unvalidated<ReadPosition> = typeof each === 'object' && each !== null ? each : {};
    if (typeof room !== 'string') throw wrongField('positions', expected, value);
    return { room, seq: readSeq(seq, 'seq') };
  });
  // The last position of a room counts.
  return [...new Map(list.map((each) => [each.room, each])).values()];
}

function wrongField(field: string, expected: string, value: unknown): RoomError {
  const got = value === null ? 'null' : typeof value === 'number' ? String(value) : typeof value;
  return new RoomError('ROOM_BAD_COMMAND', `${field} must be ${expected}; got ${got}.`);
}
