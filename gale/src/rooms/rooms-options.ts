/**
 * The options of {@link Rooms}: how much a room keeps, what people may do, and how long leases and checks take.
 * Merged with the defaults and checked once, when the rooms are created.
 */
import { assertLog, assertNames, readChoices, readIntegers, readNumbers } from '../run/given-options.ts';
import type { Logger } from '../run/log.ts';
import { createLogger } from '../run/log.ts';

/** What the rooms keep, and its timers. Servers that share a broker should be given the same. */
export interface RoomsOptions {
  /** How many of the newest messages a room keeps; exactly. @defaultValue 100 */
  readonly historyCount?: number;
  /**
   * Most bytes of messages that are read from the broker at once, as UTF-8; a page has at least one message. Bounds the memory of
   * each read. @defaultValue 1 MiB
   */
  readonly historyPageBytes?: number;
  /** Most pages that are read from the broker at once; further reads wait. @defaultValue 8 */
  readonly maxHistoryReads?: number;
  /** How long a publish that is repeated with the same id gets the first one's answer, in milliseconds. @defaultValue 24 hours */
  readonly dedupeMs?: number;
  /**
   * How many of the newest message ids of one person in one room are remembered for `dedupeMs`, at most 40 bytes each, beside
   * those of kept messages. A retry with an id that was dropped is refused with `ROOM_PUBLISH_UNKNOWN`. From 1 to 4096. @defaultValue 256
   */
  readonly dedupeCount?: number;
  /** How long somebody counts as here after this server last said so, in milliseconds; a killed server's people leave then. @defaultValue 60 000 */
  readonly presenceLeaseMs?: number;
  /** Time between renewals of all leases, in milliseconds; at most half of the lease. @defaultValue 27 000 */
  readonly presenceRenewMs?: number;
  /**
   * How long somebody whose connection closed or unsubscribed still counts as here, in milliseconds, so that a reconnect
   * is no leave and enter. @defaultValue 10 000
   */
  readonly presenceGraceMs?: number;
  /**
   * Time from the first change of presence in a room to the event about it and all that followed, in milliseconds.
   * Subscribers get at most one presence event of a room in that time. @defaultValue 1000
   */
  readonly presenceBatchMs?: number;
  /**
   * Most people that a room's presence events name. Above that a room sends counts, and clients ask for names by page;
   * it sends names again at 90 % of this. 0 sends counts only. @defaultValue 200
   */
  readonly presenceNamesMax?: number;
  /** Time between comparisons of each room's live delivery with its stream, in milliseconds. @defaultValue 40 000 */
  readonly positionCheckMs?: number;
  /** Publishes of one person at once, in all rooms together, repeated ones included. @defaultValue 10 */
  readonly personPublishBurst?: number;
  /** Publishes of one person each second after that. @defaultValue 2 */
  readonly personPublishesPerSecond?: number;
  /** Publishes of all people together at once in one room. @defaultValue 100 */
  readonly roomPublishBurst?: number;
  /** Publishes in one room each second after that. @defaultValue 50 */
  readonly roomPublishesPerSecond?: number;
  /** Commands of one person at once, on all connections together: publishes and frames that cannot be read included. @defaultValue 60 */
  readonly commandBurst?: number;
  /** Commands of one person each second after that. @defaultValue 20 */
  readonly commandsPerSecond?: number;
  /** Open connections of one person to this process; one more is answered 429 before the upgrade. @defaultValue 20 */
  readonly maxSocketsPerPerson?: number;
  /** Rooms that one connection may be subscribed to. @defaultValue 1000 */
  readonly maxSubscriptionsPerConnection?: number;
  /** Time in which a connection must be identified and welcomed, in milliseconds; later it is answered 503, or closed with 1013. @defaultValue 10 000 */
  readonly identifyTimeoutMs?: number;
  /**
   * `off` removes all rates and counts per person and per room, and writes a warning to the log; for tests and measurements.
   * Limits in bytes, subscriptions per connection and timeouts stay. @defaultValue 'on'
   */
  readonly limits?: 'on' | 'off';
  /** Where faults are written. @defaultValue `createLogger()` */
  readonly log?: Logger;
}

/** Default, minimum and maximum of each integer. */
const integers = {
  historyCount: [100, 1, 100_000],
  historyPageBytes: [1024 * 1024, 1, 64 * 1024 * 1024],
  maxHistoryReads: [8, 1, 1000],
  dedupeMs: [24 * 60 * 60 * 1000, 0, 2_000_000_000],
  dedupeCount: [256, 1, 4096],
  presenceLeaseMs: [60_000, 10, 2_000_000_000],
  presenceRenewMs: [27_000, 5, 1_000_000_000],
  presenceGraceMs: [10_000, 0, 1_000_000_000],
  presenceBatchMs: [1000, 1, 60_000],
  presenceNamesMax: [200, 0, 1000],
  positionCheckMs: [40_000, 5, 2_000_000_000],
  personPublishBurst: [10, 1, 1_000_000],
  roomPublishBurst: [100, 1, 1_000_000],
  commandBurst: [60, 1, 1_000_000],
  maxSocketsPerPerson: [20, 1, 1_000_000],
  maxSubscriptionsPerConnection: [1000, 1, 1_000_000],
  identifyTimeoutMs: [10_000, 10, 600_000],
} as const;

/** The same of each rate, which may be a fraction: 0.1 is one in ten seconds. */
const rates = {
  personPublishesPerSecond: [2, 0.001, 1_000_000],
  roomPublishesPerSecond: [50, 0.001, 1_000_000],
  commandsPerSecond: [20, 0.001, 1_000_000],
} as const;

/** The default of every number. */
export const roomsDefaults: Readonly<Required<Omit<RoomsOptions, 'log' | 'limits'>>> = Object.freeze({
  ...readIntegers({}, integers),
  ...readNumbers({}, rates),
});

/** {@link RoomsOptions}, checked, with the defaults filled in. */
export type ResolvedRoomsOptions = Readonly<Required<RoomsOptions>>;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`, with the option, the value and the range.
 */
export function resolveRoomsOptions(options: RoomsOptions): ResolvedRoomsOptions {
  assertNames('rooms', options, [...Object.keys(roomsDefaults), 'limits', 'log']);
  assertLog(options.log);
  const numbers = readIntegers(options, integers);
  const maxRenewMs = Math.floor(numbers.presenceLeaseMs / 2);
  readIntegers(numbers, { presenceRenewMs: [integers.presenceRenewMs[0], integers.presenceRenewMs[1], maxRenewMs] });
  return Object.freeze({
    ...numbers,
    ...readNumbers(options, rates),
    ...readChoices(options, { limits: ['on', 'off'] }),
    log: options.log ?? createLogger(),
  });
}
