/**
 * What limits one connection of one person: the time until it is identified and welcomed, its place among the person's connections,
 * its commands, and how it is slowed down if it sends on while it is refused. The rates themselves are those of `Rooms`.
 */
import { setTimeout as passed } from 'node:timers/promises';
import type { RateLimits } from '../rate-limits.ts';
import type { RoomError } from '../room-error.ts';

/** The limits of one connection, from its request to its end. */
export class ConnectionLimits {
  readonly #limits: RateLimits;
  #timer: NodeJS.Timeout | undefined;
  /** The person whose connections this is counted among. */
  #countedFor: string | undefined;
  /** The last command was refused, and so were too many of this person. */
  #isFlood = false;

  /** @param onOverdue - Called if {@link welcomed} is not within `identifyTimeoutMs`. */
  constructor(limits: RateLimits, onOverdue: () => void) {
    this.#limits = limits;
    this.#timer = setTimeout(onOverdue, limits.identifyTimeoutMs).unref();
  }

  /** Counts this connection, once it is known whose it is. @returns The refusal, or `undefined`. */
  takeSocket(personId: string): RoomError | undefined {
    const refusal = this.#limits.takeSocket(personId);
    if (!refusal) this.#countedFor = personId;
    return refusal;
  }

  /** The connection was identified and welcomed: it may stay. */
  welcomed(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Counts a command. @returns The refusal, or `undefined`. */
  takeCommand(personId: string): RoomError | undefined {
    const refusal = this.#limits.takeCommand(personId);
    this.#isFlood = refusal !== undefined && this.#limits.takeRefusal(personId);
    return refusal;
  }

  /**
   * Refusing costs the server something too, so the connections of a person who does not wait are not read for a while.
   *
   * @returns Settles when the next command may be read; `undefined` if it may be read at once.
   */
  pause(): Promise<void> | undefined {
    return this.#isFlood ? passed(this.#limits.floodPauseMs, undefined, { ref: false }) : undefined;
  }

  /** The connection was refused or has ended; may be called again. */
  end(): void {
    this.welcomed();
    if (this.#countedFor !== undefined) this.#limits.giveSocketBack(this.#countedFor);
    this.#countedFor = undefined;
  }
}
