/**
 * The options of {@link Rooms}: history, presence, rate limits and timers.
 * They are checked and merged with the defaults once, when the rooms are created.
 */
import { assertLog, assertNames, readChoices, readIntegers, readNumbers, wrongValue } from '../run/given-options.ts';
import type { Logger } from '../run/log.ts';
import { createLogger } from '../run/log.ts';
import { assertMessageSchema, type MessageSchema } from './message-schema.ts';

/** History, limits and timers of the rooms. Servers that share a broker should have the same options. */
export interface RoomsOptions {
  /** Exact number of newest messages that a room keeps. @defaultValue 100 */
  readonly historyCount?: number;
  /**
   * Most bytes of messages in one read of the broker, in UTF-8. A page has at least one message, whatever its size.
   * Bounds the memory of each read. @defaultValue 1 MiB
   */
  readonly historyPageBytes?: number;
  /** Most concurrent reads of pages from the broker; further reads wait. @defaultValue 8 */
  readonly maxHistoryReads?: number;
  /** Time in which a repeated publish with the same id gets the response of the first one, in milliseconds. @defaultValue 24 hours */
  readonly dedupeMs?: number;
  /**
   * Number of newest message ids of one person in one room that are remembered for `dedupeMs`, in addition to those of
   * kept messages. An id takes at most 40 bytes. A retry with a dropped id is refused with `ROOM_PUBLISH_UNKNOWN`. From 1 to 4096. @defaultValue 256
   */
  readonly dedupeCount?: number;
  /**
   * Names of consumers that read all rooms with `rooms.consumer(name)`, such as an archive; the same on all servers. A room keeps each message
   * until all of them have saved it. At most 8, of letters, digits, `_` and `-`. @defaultValue none
   */
  readonly consumers?: readonly string[];
  /** Most messages in a room that a consumer has not saved. Further publishes are refused with `ROOM_TOO_FAST`. @defaultValue 1000 */
  readonly maxUnsavedMessages?: number;
  /** Most bytes of these messages, in UTF-8. @defaultValue 16 MiB */
  readonly maxUnsavedBytes?: number;
  /** How long a consumer stays with a server that does not respond, in milliseconds. Then another server gets it. @defaultValue 15 000 */
  readonly consumerLeaseMs?: number;
  /** Lifetime of a presence lease after its last renewal, in milliseconds. The people of a killed server leave when it ends. @defaultValue 60 000 */
  readonly presenceLeaseMs?: number;
  /** Time between renewals of all leases, in milliseconds; at most half of `presenceLeaseMs`; by default 45 % of it. @defaultValue 27 000 */
  readonly presenceRenewMs?: number;
  /**
   * Grace: how long a person stays present after their connection closed or unsubscribed, in milliseconds.
   * A reconnect during the grace causes no leave and no enter. @defaultValue 10 000
   */
  readonly presenceGraceMs?: number;
  /**
   * Time from the first presence change in a room to the event with this and all later changes, in milliseconds.
   * Subscribers get at most one presence event of a room in that time. @defaultValue 1000
   */
  readonly presenceBatchMs?: number;
  /**
   * Most people in a room whose presence events have names. A larger room sends counts, and clients request names by page.
   * It sends names again at 90 % of this number. 0 sends counts only. @defaultValue 200
   */
  readonly presenceNamesMax?: number;
  /** Time between comparisons of each room's live delivery with its stream, in milliseconds. @defaultValue 40 000 */
  readonly positionCheckMs?: number;
  /** Publishes of one person at once, in all rooms together. Repeated publishes count too. @defaultValue 10 */
  readonly personPublishBurst?: number;
  /** Publishes of one person each second after that. @defaultValue 2 */
  readonly personPublishesPerSecond?: number;
  /** Publishes of all people together at once in one room. @defaultValue 100 */
  readonly roomPublishBurst?: number;
  /** Publishes in one room each second after that. @defaultValue 50 */
  readonly roomPublishesPerSecond?: number;
  /** Commands of one person at once, on all connections together. Publishes and invalid frames count too. @defaultValue 60 */
  readonly commandBurst?: number;
  /** Commands of one person each second after that. @defaultValue 20 */
  readonly commandsPerSecond?: number;
  /** Open connections of one person to this process. A further one gets 429 before the upgrade. @defaultValue 20 */
  readonly maxSocketsPerPerson?: number;
  /** Rooms that one connection can subscribe to. @defaultValue 1000 */
  readonly maxSubscriptionsPerConnection?: number;
  /** Timeout for the identification and welcome of a connection, in milliseconds. After it, the connection gets 503 or is closed with 1013. @defaultValue 10 000 */
  readonly identifyTimeoutMs?: number;
  /**
   * `off` keeps no read positions, for an application that has its own: a publish and a subscription cost less. There are no cursors
   * then, `read` of the wire is refused, and `missed` has all kept messages. @defaultValue 'on'
   */
  readonly cursors?: 'on' | 'off';
  /**
   * `off` removes all rates and counts per person and per room, and logs a warning; for tests and measurements.
   * Limits in bytes, subscriptions per connection and timeouts stay. @defaultValue 'on'
   */
  readonly limits?: 'on' | 'off';
  /** Log for faults. @defaultValue `createLogger()` */
  readonly log?: Logger;
}

/** {@link RoomsOptions} with the schema of the messages. */
export interface TypedRoomsOptions<Data = unknown, Input = Data> extends RoomsOptions {
  /**
   * Standard Schema of messages, or a function that returns the schema of a room. A message that does not match is refused with
   * `ROOM_BAD_DATA`; the output of the schema is stored. @defaultValue none: any JSON value
   */
  readonly schema?: MessageSchema<Data, Input> | undefined;
}

/** Default, minimum and maximum of each integer. */
const integers = {
  historyCount: [100, 1, 100_000],
  historyPageBytes: [1024 * 1024, 1, 64 * 1024 * 1024],
  maxHistoryReads: [8, 1, 1000],
  dedupeMs: [24 * 60 * 60 * 1000, 0, 2_000_000_000],
  dedupeCount: [256, 1, 4096],
  maxUnsavedMessages: [1000, 1, 100_000],
  maxUnsavedBytes: [16 * 1024 * 1024, 1, 1024 * 1024 * 1024],
  consumerLeaseMs: [15_000, 10, 2_000_000_000],
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

/** Default, minimum and maximum of each rate. A rate may be a fraction: 0.1 is one in ten seconds. */
const rates = {
  personPublishesPerSecond: [2, 0.001, 1_000_000],
  roomPublishesPerSecond: [50, 0.001, 1_000_000],
  commandsPerSecond: [20, 0.001, 1_000_000],
} as const;

/** The default of every number. */
export const roomsDefaults: Readonly<Required<Omit<RoomsOptions, 'log' | 'limits' | 'cursors' | 'consumers'>>> =
  Object.freeze({
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
export function resolveRoomsOptions(options: TypedRoomsOptions): ResolvedRoomsOptions {
  assertNames('rooms', options, [...Object.keys(roomsDefaults), 'consumers', 'schema', 'cursors', 'limits', 'log']);
  assertLog(options.log);
  assertMessageSchema(options.schema);
  const { consumers = [] } = options;
  assertConsumers(consumers);
  const numbers = readIntegers(options, integers);
  const maxRenewMs = Math.floor(numbers.presenceLeaseMs / 2);
  const minRenewMs = integers.presenceRenewMs[1];
  // Two attempts fit into a lease, and a lease alone sets the default of its renewal.
  const defaultMs = Math.max(minRenewMs, Math.floor(numbers.presenceLeaseMs * 0.45));
  const { presenceRenewMs } = readIntegers(options, { presenceRenewMs: [defaultMs, minRenewMs, maxRenewMs] });
  return Object.freeze({
    ...numbers,
    consumers: Object.freeze([...consumers]),
    presenceRenewMs,
    ...readNumbers(options, rates),
    ...readChoices(options, { cursors: ['on', 'off'], limits: ['on', 'off'] }),
    log: options.log ?? createLogger(),
  });
}

/** Most consumers, since each costs a little for each publish. */
const maxConsumers = 8;

function assertConsumers(consumers: unknown): void {
  const isList =
    Array.isArray(consumers) && consumers.length <= maxConsumers && new Set(consumers).size === consumers.length;
  if (isList && consumers.every((name) => typeof name === 'string' && /^[\w-]{1,64}$/.test(name))) return;
  throw wrongValue(
    'consumers',
    `an array of at most ${maxConsumers} different names of 1 to 64 letters, digits, _ and -`,
    consumers,
  );
}
