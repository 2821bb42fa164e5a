/** The numbers of the rooms of one person: the segments of the stream, the newest message, and the read position. */
import type { StreamHead } from 'gale/rooms';
import type { ChatDatabase } from '../database/database.ts';
import type { WireSegment } from '../wire.ts';
import type { ReadPositions } from './read-positions.ts';
import { seqAt } from './segments.ts';

/** Numbers of one room. */
export interface RoomNumbers {
  /** Of the current epoch of the stream, ascending. Empty for a moment after the stream got a new epoch. */
  readonly segments: readonly WireSegment[];
  /** The newest message, also if the table has not got it yet. */
  readonly topSeq: number;
  /** The newest message that the person has read. */
  readonly readSeq: number;
}

/** For a person who is not a member. */
export const noNumbers: RoomNumbers = { segments: [], topSeq: 0, readSeq: 0 };

/** Rooms in one statement. */
const roomsAtOnce = 500;

/** Before its first message, a room has no segment: its first message will be number 1. */
const firstSegments: readonly WireSegment[] = [{ firstOffset: 1, delta: 0 }];

/** Reads the numbers of rooms with these heads. @param positions - Has the read positions that are not in the table yet. */
export async function readRoomNumbers(
  { tables }: ChatDatabase,
  personId: string,
  heads: ReadonlyMap<string, StreamHead>,
  positions: Pick<ReadPositions, 'current'>,
): Promise<Map<string, RoomNumbers>> {
  const found = new Map<string, RoomNumbers>();
  const ids = [...heads.keys()];
  for (let at = 0; at < ids.length; at += roomsAtOnce) {
    const some = ids.slice(at, at + roomsAtOnce);
    const [rows, segments] = await Promise.all([
      tables
        .selectFrom('room')
        .leftJoin('member', (join) => join.onRef('member.roomId', '=', 'room.id').on('member.personId', '=', personId))
        .select(['room.id', 'room.topSeq', 'member.readSeq'])
        .where('room.id', 'in', some)
        .execute(),
      tables
        .selectFrom('segment')
        .select(['roomId', 'epoch', 'firstOffset', 'delta'])
        .where('roomId', 'in', some)
        .orderBy('firstOffset')
        .execute(),
    ]);
    const byRoom = new Map<string, WireSegment[]>();
    for (const { roomId, epoch, firstOffset, delta } of segments) {
      if (heads.get(roomId)?.epoch !== epoch) continue;
      const known = byRoom.get(roomId);
      if (known) known.push({ firstOffset, delta });
      else byRoom.set(roomId, [{ firstOffset, delta }]);
    }
    for (const { id, topSeq, readSeq } of rows) {
      const head = heads.get(id);
      const isNew = topSeq === 0 && (head?.first ?? 1) <= 1;
      const known = byRoom.get(id) ?? (isNew ? firstSegments : []);
      const top = Math.max(topSeq, (head && seqAt(known, head.top)) ?? 0);
      const read = positions.current(personId, id, readSeq ?? 0);
      found.set(id, { segments: known, topSeq: top, readSeq: Math.min(top, read) });
    }
  }
  return found;
}
