/**
 * The limits of one connection: the time until it is identified and welcomed, the number of the person's connections,
 * the rate of commands, and a pause for a client that ignores refusals. The rates are those of `Rooms`.
 */
import { setTimeout as passed } from 'node:timers/promises';
import type { RateLimits } from '../rate-limits.ts';
import type { RoomError } from '../room-error.ts';

/** The limits of one connection, from its request until it closes. */
export class ConnectionLimits {
  readonly #limits: RateLimits;
  #timer: NodeJS.Timeout | undefined;
  /** The person for whom this connection is counted. */
  #countedFor: string | undefined;
  /** The last command was refused, and the person has too many refused commands. */
  #isFlood = false;

  /** @param onTimeout - Called if {@link welcomed} was not called within `identifyTimeoutMs`. */
  constructor(limits: RateLimits, onTimeout: () => void) {
    this.#limits = limits;
    this.#timer = setTimeout(onTimeout, limits.identifyTimeoutMs).unref();
  }

  /** Counts this connection for a person. @returns The refusal, or `undefined`. */
  takeSocket(personId: string): RoomError | undefined {
    const refusal = this.#limits.takeSocket(personId);
    if (!refusal) this.#countedFor = personId;
    return refusal;
  }

  /** Stops the timeout: the connection was identified and welcomed. */
  welcomed(): void {
    clearTimeout(this.#timer);
    // It would keep its memory as long as the connection.
    this.#timer = undefined;
  }

  /** Counts a command. @returns The refusal, or `undefined`. */
  takeCommand(personId: string): RoomError | undefined {
    const refusal = this.#limits.takeCommand(personId);
    this.#isFlood = refusal !== undefined && this.#limits.takeRefusal(personId);
    return refusal;
  }

  /**
   * Pauses reading for a person who does not wait after refusals, since a refusal costs the server work too.
   *
   * @returns Resolves when the next command can be read; `undefined` if there is no pause.
   */
  pause(): Promise<void> | undefined {
    return this.#isFlood ? passed(this.#limits.floodPauseMs, undefined, { ref: false }) : undefined;
  }

  /** Stops counting: the connection was refused or has closed. Idempotent. */
  end(): void {
    this.welcomed();
    if (this.#countedFor !== undefined) this.#limits.giveSocketBack(this.#countedFor);
    this.#countedFor = undefined;
  }
}
