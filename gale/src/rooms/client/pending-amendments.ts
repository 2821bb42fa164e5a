/**
 * Amendments without a final response. Each is sent again after a lost connection or an error with `retry`, with the same version, so that
 * a repeat changes nothing that came later. They are in memory: a page that is closed forgets them.
 */
import { fullJitter } from '../../run/backoff.ts';
import type { RoomError } from '../room-error.ts';
import type { AmendReply, CommandFields } from '../wire.ts';
import { lostCode } from './connection.ts';
import type { Waiter } from './connection.ts';

/** What amendments need from the client. */
export interface PendingAmendmentsOptions {
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly random: () => number;
  readonly isClosed: () => boolean;
  /** Sends it; retries after `ROOM_TOO_FAST` by itself. */
  readonly send: (fields: CommandFields<'amend'>, waiter: Waiter<AmendReply>) => void;
}

interface Pending extends PromiseWithResolvers<AmendReply> {
  readonly fields: CommandFields<'amend'>;
  attempts: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  /** The error of the last attempt, while it waits for the next connection. */
  lost: RoomError | undefined;
}

/** The pending amendments of a client. */
export class PendingAmendments {
  readonly #options: PendingAmendmentsOptions;
  readonly #pending = new Set<Pending>();

  constructor(options: PendingAmendmentsOptions) {
    this.#options = options;
  }

  /** Sends an amendment. Rejects with the error of the server, or that of the connection when the client is closed. */
  send(fields: CommandFields<'amend'>): Promise<AmendReply> {
    const pending: Pending = {
      fields,
      ...Promise.withResolvers<AmendReply>(),
      attempts: 0,
      timer: undefined,
      lost: undefined,
    };
    this.#pending.add(pending);
    this.#attempt(pending);
    return pending.promise;
  }

  /** Sends what waits for a connection. */
  resume(): void {
    for (const pending of this.#pending) {
      if (!pending.lost) continue;
      pending.lost = undefined;
      this.#attempt(pending);
    }
  }

  /** The client is closed: all amendments that wait are rejected. */
  stop(): void {
    for (const pending of this.#pending) {
      clearTimeout(pending.timer);
      if (pending.lost) this.#end(pending, () => pending.reject(pending.lost));
    }
  }

  #attempt(pending: Pending): void {
    this.#options.send(pending.fields, {
      onReply: ({ epoch, offset, life, version, time }) =>
        this.#end(pending, () => pending.resolve({ epoch, offset, life, version, time })),
      onError: (error) => {
        if (!error.retry || this.#options.isClosed()) this.#end(pending, () => pending.reject(error));
        else if (error.code === lostCode) pending.lost = error;
        else this.#retryLater(pending, error);
      },
    });
  }

  #retryLater(pending: Pending, error: RoomError): void {
    const { minBackoffMs, maxBackoffMs, random } = this.#options;
    pending.lost = error;
    pending.timer = setTimeout(
      () => {
        if (!pending.lost) return;
        pending.lost = undefined;
        this.#attempt(pending);
      },
      fullJitter(pending.attempts++, minBackoffMs, maxBackoffMs, random),
    );
  }

  #end(pending: Pending, settle: () => void): void {
    clearTimeout(pending.timer);
    this.#pending.delete(pending);
    settle();
  }
}
