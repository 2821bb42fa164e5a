/**
 * The limits of {@link Rooms} for each person and each room, in the memory of this process.
 * A transport checks them before any work for a command. Code of the server itself is not limited.
 */
import { RoomError } from './room-error.ts';
import type { ResolvedRoomsOptions } from './rooms-options.ts';
import { TokenBuckets } from './token-bucket.ts';
import type { BucketRate } from './token-bucket.ts';

/** Longest pause of a person who keeps sending refused commands, in milliseconds. */
const longestPauseMs = 5000;

/** Limits of people and rooms. Each method returns at once and never throws. */
export class RateLimits {
  /** Most rooms that one connection can subscribe to. */
  readonly maxSubscriptionsPerConnection: number;
  /** Timeout for the identification and welcome of a connection, in milliseconds. */
  readonly identifyTimeoutMs: number;
  /** Time in which the command limit of a silent person refills, in milliseconds; at most 5000. */
  readonly floodPauseMs: number;
  readonly #isOn: boolean;
  readonly #maxSockets: number;
  readonly #sockets = new Map<string, number>();
  /** Opened connections, since each costs a welcome. */
  readonly #openings: Limit;
  readonly #commands: Limit;
  /** Refused commands, with the same burst and rate as accepted ones. */
  readonly #refusals: TokenBuckets;
  readonly #personPublishes: Limit;
  readonly #roomPublishes: Limit;

  /** @param now - A monotonic clock, in milliseconds. */
  constructor(options: ResolvedRoomsOptions, now: () => number = () => performance.now()) {
    this.#isOn = options.limits === 'on';
    this.#maxSockets = options.maxSocketsPerPerson;
    this.maxSubscriptionsPerConnection = options.maxSubscriptionsPerConnection;
    this.identifyTimeoutMs = options.identifyTimeoutMs;
    this.floodPauseMs = Math.min(longestPauseMs, Math.ceil((options.commandBurst * 1000) / options.commandsPerSecond));
    const { commandBurst, commandsPerSecond } = options;
    const commands = { burst: commandBurst, perSecond: commandsPerSecond };
    // A person may open all connections at once, whatever the burst of commands is.
    const openings = { burst: Math.max(commandBurst, options.maxSocketsPerPerson), perSecond: commandsPerSecond };
    const personPublishes = { burst: options.personPublishBurst, perSecond: options.personPublishesPerSecond };
    const roomPublishes = { burst: options.roomPublishBurst, perSecond: options.roomPublishesPerSecond };
    this.#openings = new Limit('New connections of a person', 'commandBurst, commandsPerSecond', openings, now);
    this.#commands = new Limit('Commands of a person', 'commandBurst, commandsPerSecond', commands, now);
    this.#refusals = new TokenBuckets(commands, now);
    this.#personPublishes = new Limit(
      'Publishes of a person',
      'personPublishBurst, personPublishesPerSecond',
      personPublishes,
      now,
    );
    this.#roomPublishes = new Limit(
      'Publishes in a room',
      'roomPublishBurst, roomPublishesPerSecond',
      roomPublishes,
      now,
    );
  }

  /**
   * Counts a command of a person, also an invalid one.
   *
   * @returns `undefined` if it is allowed; otherwise the refusal, `ROOM_TOO_FAST`.
   */
  takeCommand(personId: string): RoomError | undefined {
    if (!this.#isOn) return undefined;
    const waitMs = this.#commands.buckets.take(personId);
    return waitMs > 0 ? this.#commands.refusal(waitMs) : undefined;
  }

  /**
   * Counts a command as several, in addition to {@link takeCommand}. For a command of an application that costs more than others, such as a
   * search. Throw the refusal before the work.
   *
   * @param more - How many commands it counts in addition.
   * @returns `undefined` if it is allowed; otherwise the refusal, `ROOM_TOO_FAST`, and nothing was counted.
   */
  takeMore(personId: string, more: number): RoomError | undefined {
    if (!this.#isOn) return undefined;
    if (this.#commands.buckets.take(personId, more) === 0) return undefined;
    // The repeated command is counted again.
    return this.#commands.refusal(this.#commands.buckets.waitMs(personId, more + 1));
  }

  /**
   * Counts a refused command, since it has a cost too. The count is for the person, over all connections.
   *
   * @returns Whether the transport should pause reads of the connection for {@link floodPauseMs}.
   */
  takeRefusal(personId: string): boolean {
    return this.#refusals.take(personId) > 0;
  }

  /** Like {@link takePublish}, but counts nothing. For a refusal before permissions are checked. */
  checkPublish(room: string, personId: string): RoomError | undefined {
    if (!this.#isOn) return undefined;
    const personWaitMs = this.#personPublishes.buckets.waitMs(personId);
    const roomWaitMs = this.#roomPublishes.buckets.waitMs(room);
    if (personWaitMs === 0 && roomWaitMs === 0) return undefined;
    return personWaitMs >= roomWaitMs
      ? this.#personPublishes.refusal(personWaitMs)
      : this.#roomPublishes.refusal(roomWaitMs);
  }

  /**
   * Counts a publish of a person in a room. Call it after permissions were checked, so that only people with permission
   * use the limit of the room. A repeated publish with the same id counts too.
   *
   * @returns `undefined` if it is allowed; otherwise the refusal, `ROOM_TOO_FAST`, and neither limit was counted.
   */
  takePublish(room: string, personId: string): RoomError | undefined {
    const refusal = this.checkPublish(room, personId);
    if (refusal || !this.#isOn) return refusal;
    this.#personPublishes.buckets.take(personId);
    this.#roomPublishes.buckets.take(room);
    return undefined;
  }

  /** Call this for a publish of {@link takePublish} that was refused because of a consumer: it uses neither limit. */
  givePublishBack(room: string, personId: string): void {
    if (!this.#isOn) return;
    this.#personPublishes.buckets.give(personId);
    this.#roomPublishes.buckets.give(room);
  }

  /**
   * Counts an open connection of a person, until {@link giveSocketBack}. New connections have the rate of commands,
   * since each costs a welcome.
   *
   * @returns `undefined` if it is allowed; otherwise the refusal, `ROOM_TOO_MANY_SOCKETS` or `ROOM_TOO_FAST`, and it is not counted.
   */
  takeSocket(personId: string): RoomError | undefined {
    const count = this.socketsOf(personId);
    if (!this.hasSocketLeft(personId)) {
      return new RoomError(
        'ROOM_TOO_MANY_SOCKETS',
        `A person has at most ${this.#maxSockets} open connections (maxSocketsPerPerson); close one and try again.`,
        { retry: true },
      );
    }
    const waitMs = this.#isOn ? this.#openings.buckets.take(personId) : 0;
    if (waitMs > 0) return this.#openings.refusal(waitMs);
    this.#sockets.set(personId, count + 1);
    return undefined;
  }

  /** Call this once when a counted connection has ended. */
  giveSocketBack(personId: string): void {
    const left = this.socketsOf(personId) - 1;
    if (left > 0) this.#sockets.set(personId, left);
    else this.#sockets.delete(personId);
  }

  /** Whether a person can open one more connection. Counts nothing. */
  hasSocketLeft(personId: string): boolean {
    return !this.#isOn || this.socketsOf(personId) < this.#maxSockets;
  }

  /** Number of open connections of a person. */
  socketsOf(personId: string): number {
    return this.#sockets.get(personId) ?? 0;
  }
}

/** Buckets and the message of a refusal. */
class Limit {
  readonly buckets: TokenBuckets;
  readonly #sentence: string;

  /**
   * @param subject - What is limited, the first words of the refusal.
   * @param options - The names of the two options that set the rate.
   */
  constructor(subject: string, options: string, rate: BucketRate, now: () => number) {
    this.buckets = new TokenBuckets(rate, now);
    this.#sentence = `${subject} are limited to ${rate.burst} at once, then ${rate.perSecond} per second (${options})`;
  }

  refusal(retryAfterMs: number): RoomError {
    return new RoomError('ROOM_TOO_FAST', `${this.#sentence}; send the same again in ${retryAfterMs} ms.`, {
      retry: true,
      retryAfterMs,
    });
  }
}
