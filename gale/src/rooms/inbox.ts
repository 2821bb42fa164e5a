/**
 * The offline inbox: what a room still keeps behind a position, with the exact count of what it no longer does.
 * Used for whoever was away, and with offset 0 for a room's whole history.
 */
import type { Position, RoomMessage, StreamPage } from './stream.ts';

/** What somebody missed in one room. */
export interface Missed {
  /** Everything behind the cursor that is kept, oldest first, without a hole. */
  readonly messages: readonly RoomMessage[];
  /** How many messages behind the cursor are no longer kept; they were before `messages`. */
  readonly dropped: number;
  /** Where the stream ended; a cursor moved here has seen it all. */
  readonly position: Position;
  /** Whether `messages` is everything since the cursor. */
  readonly recovered: boolean;
  /** Whether the cursor belonged to a stream that was lost; everything kept is given and counted from its start. */
  readonly reset: boolean;
}

/** Reads one page of a room's stream after an offset. */
export type ReadPage = (after: number) => Promise<StreamPage>;

/** Reads what was missed behind `cursor`, or everything where there is none. */
export async function readMissed(read: ReadPage, cursor: Position | undefined): Promise<Missed> {
  const page = await readKept(read, cursor?.offset ?? 0);
  if (cursor !== undefined && (page.epoch !== cursor.epoch || page.top < cursor.offset)) {
    const all = await readKept(read, 0);
    return { ...behind(0, all), recovered: false, reset: true };
  }
  return behind(cursor?.offset ?? 0, page);
}

/**
 * Reads everything kept behind an offset, in as many reads as it takes. If the room is trimmed
 * or loses its stream meanwhile, what was read before that is no longer kept and is left out.
 */
export async function readKept(read: ReadPage, after: number): Promise<StreamPage> {
  let page = await read(after);
  let messages = [...page.messages];
  let { bytes } = page;
  for (;;) {
    const last = messages.at(-1)?.offset ?? Math.max(after, page.first - 1);
    if (last >= page.top) {
      return { ...page, first: Math.min(page.first, messages[0]?.offset ?? page.first), messages, bytes };
    }
    const next = await read(last);
    if (next.epoch !== page.epoch || next.top < page.top) return readKept(read, 0);
    if (next.first > last + 1) {
      messages = [];
      bytes = 0;
    }
    messages.push(...next.messages);
    bytes += next.bytes;
    page = next;
  }
}

function behind(after: number, page: StreamPage): Missed {
  const dropped = Math.max(0, (page.messages[0]?.offset ?? page.top + 1) - after - 1);
  return {
    messages: page.messages,
    dropped,
    position: { epoch: page.epoch, offset: page.top },
    recovered: dropped === 0,
    reset: false,
  };
}
