/**
 * Retries of a publish that are refused, because it is unknown whether the message was stored.
 */
import { GaleError } from '../../errors.ts';
import type { PublishOptions } from '../broker.ts';
import { isPartOf } from '../lives.ts';
import type { StreamTop } from '../lives.ts';
import type { SentId } from './sent-ids.ts';

/**
 * Whether a message with an unknown id may have been stored before its id was dropped because of `dedupeCount`.
 *
 * @param dropped - The newest id that was dropped.
 */
export function mayBeDropped(dropped: SentId, stream: StreamTop, now: number, options: PublishOptions): boolean {
  const { dedupeMs, after } = options;
  if (dropped.time <= now - dedupeMs) return false;
  // Amendments do not matter here.
  return !(after && isPartOf(stream, { ...after, version: 0 }) && dropped.offset <= after.offset);
}

/** Creates the error for such a retry. */
export function publishUnknown(room: string, id: string): GaleError {
  return new GaleError(
    'ROOM_PUBLISH_UNKNOWN',
    `Message ${id} in ${room} is unknown, and ids of its author were dropped; it may have been stored, so it was not stored again.`,
  );
}
