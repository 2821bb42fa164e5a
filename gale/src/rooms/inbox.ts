/**
 * The offline inbox: the messages a room still keeps after a position, and the exact count of those it no longer keeps.
 * Read for people who were offline, and from offset 0 for the whole history of a room.
 */
import { isPartOf, provesLoss, topOf } from './lives.ts';
import type { Position, RoomMessage, StreamPage } from './stream.ts';

/** The messages that a person missed in one room. */
export interface Missed<Data = unknown> {
  /** All kept messages after the cursor, oldest first, without a gap. */
  readonly messages: readonly RoomMessage<Data>[];
  /** How many messages after the cursor are no longer kept. They came before `messages`. */
  readonly dropped: number;
  /** The end of the stream. Move the cursor here after the messages were shown. */
  readonly position: Position;
  /** Whether `messages` holds everything since the cursor. */
  readonly recovered: boolean;
  /** Whether the cursor was not part of the stream. Then `messages` and `dropped` count from the start of the epoch. */
  readonly reset: boolean;
}

/** Reads one page of a room's stream after an offset. */
export type ReadPage<Data = unknown> = (after: number) => Promise<StreamPage<Data>>;

/** Reads the messages after `cursor`, or all kept messages without a cursor. */
export async function readMissed<Data>(read: ReadPage<Data>, cursor: Position | undefined): Promise<Missed<Data>> {
  const page = await readKept(read, cursor?.offset ?? 0);
  if (cursor !== undefined && !isPartOf(page, cursor)) {
    const all = await readKept(read, 0);
    return { ...toMissed(0, all), recovered: false, reset: true };
  }
  return toMissed(cursor?.offset ?? 0, page);
}

/**
 * Reads all kept messages after an offset, page by page. Starts again if the stream is lost between two reads.
 * If the room is trimmed past the last page, the result holds only the messages after the gap.
 */
export async function readKept<Data>(read: ReadPage<Data>, after: number): Promise<StreamPage<Data>> {
  let page = await read(after);
  let messages = [...page.messages];
  let { bytes } = page;
  for (;;) {
    const last = messages.at(-1)?.offset ?? Math.max(after, page.first - 1);
    if (last >= page.top) {
      return { ...page, first: Math.min(page.first, messages[0]?.offset ?? page.first), messages, bytes };
    }
    const next = await read(last);
    if (next.epoch !== page.epoch || provesLoss(next, topOf(page))) return readKept(read, after);
    if (next.first > last + 1) {
      messages = [];
      bytes = 0;
    }
    messages.push(...next.messages);
    bytes += next.bytes;
    page = next;
  }
}

function toMissed<Data>(after: number, page: StreamPage<Data>): Missed<Data> {
  const dropped = (page.messages[0]?.offset ?? page.top + 1) - after - 1;
  return {
    messages: page.messages,
    dropped,
    position: topOf(page),
    recovered: dropped === 0,
    reset: false,
  };
}
