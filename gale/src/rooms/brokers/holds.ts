/** What brokers share for consumers that hold the history: names, refusals, and claims in one process. */
import type { Hold } from '../broker.ts';
import { RoomError } from '../room-error.ts';

/**
 * The saved position of a consumer is stored as a cursor with this name, so a new epoch moves it like the cursors of people.
 * {@link Rooms} refuses people with such ids.
 */
export function cursorOf(consumer: string): string {
  return `${consumerPrefix}${consumer}`;
}

/** How the names of {@link cursorOf} begin. */
export const consumerPrefix = '\n@consumer ';

/** Wait after a refusal, in milliseconds. */
const retryAfterMs = 1000;

/** Creates the error for a publish that would be too far ahead of a consumer. */
export function publishAhead(room: string, consumer: string, hold: Hold | undefined): RoomError {
  return new RoomError(
    'ROOM_TOO_FAST',
    `Messages that consumer ${consumer} has not saved are limited to ${hold?.maxMessages} and ${hold?.maxBytes} bytes in a room (maxUnsavedMessages, maxUnsavedBytes), and ${room} has as many; send the same again in ${retryAfterMs} ms.`,
    { retry: true, retryAfterMs },
  );
}

/** Whether an entry of a size would be too far ahead. One message is always possible. */
export function isAhead(hold: Hold, messages: number, bytes: number, more: number): boolean {
  return messages >= hold.maxMessages || (messages > 0 && bytes + more > hold.maxBytes);
}

/**
 * Whether a room has as many messages as it may, and none can be trimmed because a consumer has not saved an amendment. Without this
 * limit, a person who amends before each publish would make the room grow.
 */
export function isFull(hold: Hold, isAmended: boolean, kept: number, historyCount: number): boolean {
  return isAmended && kept >= historyCount + hold.maxMessages;
}

/** Claims of consumers by one process, for brokers that only one process can use. */
export class LocalClaims {
  readonly #now: () => number;
  readonly #claims = new Map<string, { readonly number: number; until: number }>();

  /** @param now - Milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** See `Holds.claim`. */
  claim(consumer: string, leaseMs: number): number | undefined {
    const now = this.#now();
    const before = this.#claims.get(consumer);
    if (before && before.until > now) return undefined;
    const number = Math.max(now, (before?.number ?? 0) + 1);
    this.#claims.set(consumer, { number, until: now + leaseMs });
    return number;
  }

  /** Extends a claim. @returns False if there is a newer one. */
  renew(consumer: string, number: number, leaseMs: number): boolean {
    const claim = this.#claims.get(consumer);
    if (claim?.number !== number) return false;
    claim.until = this.#now() + leaseMs;
    return true;
  }

  /** Ends a claim; its number stays used. */
  release(consumer: string, number: number): void {
    const claim = this.#claims.get(consumer);
    if (claim?.number === number) claim.until = 0;
  }

  /** Whether a claim is the newest. */
  isNewest(consumer: string, number: number): boolean {
    return this.#claims.get(consumer)?.number === number;
  }
}
