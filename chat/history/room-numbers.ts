/** The numbers of the rooms of one person: the segments of the stream, the newest message, and the read position. */
import type { Position } from 'gale/rooms';
import { CompiledStatement } from '../database/compiled-statement.ts';
import { lobbyId, type WireSegment } from '../wire.ts';
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

/** Before its first message, a room has no segment: its first message will be number 1. */
const firstSegments: readonly WireSegment[] = [{ firstOffset: 1, delta: 0 }];

/** A segment as the table has it. */
export interface RoomSegment extends WireSegment {
  readonly roomId: string;
  readonly epoch: string;
}

/** The segments of a room, ascending. */
export const segmentsOfRoom: CompiledStatement<{ readonly roomId: string }, RoomSegment> = new CompiledStatement(
  (tables, { roomId }) =>
    tables
      .selectFrom('segment')
      .select(['roomId', 'epoch', 'firstOffset', 'delta'])
      .where('roomId', '=', roomId)
      .orderBy('firstOffset'),
);

/** The segments of the rooms of a person, ascending in each; of the lobby too for a guest. */
export const segmentsOfPerson: CompiledStatement<{ readonly personId: string }, RoomSegment> = new CompiledStatement(
  (tables, { personId }) =>
    tables
      .selectFrom('segment')
      .select(['roomId', 'epoch', 'firstOffset', 'delta'])
      .where(({ or, eb }) =>
        or([
          eb('roomId', '=', lobbyId),
          eb('roomId', 'in', tables.selectFrom('member').select('roomId').where('personId', '=', personId)),
        ]),
      )
      .orderBy('firstOffset'),
);

/**
 * The numbers of a room.
 *
 * @param stored - What the table has: the newest message, and the read position.
 * @param all - The segments of the room, of any epoch.
 * @param newest - The end of its stream.
 */
export function numberRoom(
  { topSeq, readSeq }: Pick<RoomNumbers, 'topSeq' | 'readSeq'>,
  all: readonly RoomSegment[],
  newest: Position,
): RoomNumbers {
  const segments = segmentsOf(all, newest.epoch, topSeq);
  const top = Math.max(topSeq, seqAt(segments, newest.offset) ?? 0);
  return { segments, topSeq: top, readSeq: Math.min(top, readSeq) };
}

/** The segments of one epoch, without their room. @param topSeq - The newest message of the room. */
export function segmentsOf(all: readonly RoomSegment[], epoch: string, topSeq: number): readonly WireSegment[] {
  const segments = all.filter((segment) => segment.epoch === epoch);
  if (segments.length === 0 && topSeq === 0) return firstSegments;
  return segments.map(({ firstOffset, delta }) => ({ firstOffset, delta }));
}
