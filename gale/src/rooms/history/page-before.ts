/**
 * Reads a room's history backwards: the messages before a position, or the newest ones.
 * A page is bounded in count and bytes and always ends immediately before the position, so pages join without a gap.
 */
import { RoomError } from '../room-error.ts';
import type { ReadLimit } from '../broker.ts';
import { isPartOf, provesLoss, topOf } from '../lives.ts';
import type { Position, StreamHead, StreamPage } from '../stream.ts';

/** The reads that a page needs. */
export interface PageReads {
  /** Reads the bounds of the stream. */
  head(): Promise<StreamHead>;
  /** Reads messages after an offset, oldest first. */
  page(after: number, limit: ReadLimit): Promise<StreamPage>;
}

/**
 * Reads the newest messages before `before`, oldest first; without it, the newest of the room. If they have more bytes than `limit` allows,
 * the page begins later: it has fewer messages, and at least one.
 *
 * @throws {@link RoomError} `ROOM_POSITION_GONE` if the message at `before` is no longer kept, or belongs to another history.
 */
export async function readPageBefore(
  reads: PageReads,
  before: Position | undefined,
  limit: ReadLimit,
): Promise<StreamPage> {
  const head = before ? undefined : await reads.head();
  const end = before?.offset ?? (head?.top ?? 0) + 1;
  for (let { count } = limit; ; count = Math.ceil(count / 2)) {
    const page = await reads.page(Math.max(0, end - 1 - count), { count, bytes: limit.bytes });
    if (before) assertKept(page, before);
    // Lost or trimmed between the two reads.
    else if (!head || page.epoch !== head.epoch || provesLoss(page, topOf(head)) || page.first > end)
      return readPageBefore(reads, before, limit);
    const messages = page.messages.filter(({ offset }) => offset < end);
    // A page that ends too early was cut by its bytes, so the next read begins later.
    if (messages.at(-1)?.offset === end - 1 || page.first === end) return { ...page, messages };
  }
}

function assertKept(head: StreamHead, before: Position): void {
  const { epoch, top, first } = head;
  if (isPartOf(head, before) && before.offset >= first) return;
  const kept = top < first ? 'The room keeps no message' : `The room keeps messages ${first} to ${top}`;
  const isElsewhere = before.epoch !== epoch || (before.offset >= first && before.offset <= top);
  const given = isElsewhere ? 'got a position of another epoch or life' : `got ${before.offset}`;
  throw new RoomError(
    'ROOM_POSITION_GONE',
    `before must be the position of a kept message. ${kept}; ${given}. Read the history without before.`,
  );
}
