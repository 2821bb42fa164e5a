/** The options of {@link RoomsClient}: names, units, defaults and ranges. */
import { assertFunctions, assertNames, readIntegers, wrongValue } from '../../run/given-options.ts';
import { wireLimits } from '../wire.ts';
import type { OutboxEntry } from './outbox.ts';

/** Where a client connects to, its limits and its timers. */
export interface RoomsClientOptions {
  /** The socket's address, `ws:` or `wss:`. */
  readonly url: string;
  /** Opens a WebSocket. @defaultValue `(url) => new WebSocket(url)` */
  readonly webSocket?: (url: string) => WebSocket;
  /** Ceiling of the first wait before a reconnect, in milliseconds; doubles each time. @defaultValue 500 */
  readonly minBackoffMs?: number;
  /** Ceiling of all later waits, in milliseconds. @defaultValue 20 000 */
  readonly maxBackoffMs?: number;
  /** After how long a silence the client asks whether the server is there, in milliseconds. @defaultValue 25 000 */
  readonly heartbeatMs?: number;
  /** How long the line may be silent while an answer or the first frame of a connection is waited for, in milliseconds. @defaultValue 10 000 */
  readonly replyTimeoutMs?: number;
  /** Largest frame the server takes, in bytes; a message that would not fit is refused here. @defaultValue 64 KiB */
  readonly maxFrameBytes?: number;
  /** Commands, publishes apart, that may wait to be sent; one more is refused here with `ROOM_TOO_FAST`. @defaultValue 2000 */
  readonly maxWaitingCommands?: number;
  /** Keeps what was not sent yet over a reload of the page; `save` is called with all of it after each change. */
  readonly outbox?: { load(): OutboxEntry[]; save(entries: readonly OutboxEntry[]): void };
  /**
   * Asked when a connection could not be opened, since a browser does not tell a page that it was answered 401.
   * `false` ends the client as if the server had said that the session ended; a rejection counts as `true`.
   */
  readonly isSignedIn?: () => Promise<boolean>;
  /** @defaultValue `Math.random` */
  readonly random?: () => number;
  /** Milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
}

/** {@link RoomsClientOptions}, checked, with the defaults filled in. */
export type ResolvedRoomsClientOptions = RoomsClientOptions &
  Readonly<Required<Omit<RoomsClientOptions, 'url' | 'outbox' | 'isSignedIn'>>>;

const maxMs = 2 ** 31 - 1;

/** Default, minimum and maximum of each number. */
const ranges = {
  minBackoffMs: [500, 1, maxMs],
  maxBackoffMs: [20_000, 1, maxMs],
  heartbeatMs: [25_000, 1, maxMs],
  replyTimeoutMs: [10_000, 1, maxMs],
  maxFrameBytes: [wireLimits.frameBytes, 1, 2 ** 31],
  maxWaitingCommands: [2000, 1, 1_000_000],
} as const;

const functions = ['webSocket', 'isSignedIn', 'random', 'now'] as const;

/**
 * Checks options and fills in the defaults.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`, with the option, the value and the range.
 */
export function resolveRoomsClientOptions(options: RoomsClientOptions): ResolvedRoomsClientOptions {
  assertNames('RoomsClient', options, ['url', 'outbox', ...Object.keys(ranges), ...functions]);
  const { url, outbox } = options;
  if (typeof url !== 'string' || !/^wss?:\/\//i.test(url)) throw wrongValue('url', 'a ws: or wss: URL', url);
  if (outbox !== undefined && (typeof outbox?.load !== 'function' || typeof outbox.save !== 'function')) {
    throw wrongValue('outbox', 'an object with the methods load and save', outbox);
  }
  assertFunctions(options, functions);
  const numbers = readIntegers(options, ranges);
  const { minBackoffMs } = readIntegers(numbers, { minBackoffMs: [500, 1, numbers.maxBackoffMs] });
  return {
    ...options,
    ...numbers,
    minBackoffMs,
    webSocket: options.webSocket ?? ((address) => new WebSocket(address)),
    random: options.random ?? (() => Math.random()),
    now: options.now ?? (() => Date.now()),
  };
}
