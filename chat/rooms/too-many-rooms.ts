/** The refusal of a new room or direct conversation, because the person made the most of an hour. */
import type { Step } from '../database/database.ts';
import type { RoomKind } from '../database/tables.ts';
import { ChatError } from '../errors.ts';

const hourMs = 3_600_000;

/** What was made too often. */
export interface MadeRooms {
  readonly personId: string;
  readonly kinds: readonly RoomKind[];
  /** The most in an hour. */
  readonly most: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** @returns The error, with the time until the oldest of these rooms is an hour old. */
export async function tooManyRooms(tables: Step, { personId, kinds, most, now }: MadeRooms): Promise<ChatError> {
  const rows = await tables
    .selectFrom('room')
    .select('madeAt')
    .where('madeBy', '=', personId)
    .where('madeAt', '>', now - hourMs)
    .where('kind', 'in', kinds)
    .orderBy('madeAt', 'desc')
    .limit(most)
    .execute();
  const retryAfterMs = (rows.at(-1)?.madeAt ?? now) + hourMs - now;
  const what = kinds.includes('direct') ? 'new direct conversations' : 'rooms';
  return new ChatError(
    'CHAT_ROOMS_TOO_FAST',
    `You made ${most} ${what} in an hour; the next is possible in ${Math.ceil(retryAfterMs / 60_000)} min.`,
    { retryAfterMs },
  );
}
