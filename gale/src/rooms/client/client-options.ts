/** The options of {@link RoomsClient}: names, units, defaults and ranges. */
import {
  assertFunctions,
  assertMethods,
  assertNames,
  maxTimerMs,
  readIntegers,
  wrongValue,
} from '../../run/given-options.ts';
import { wireLimits } from '../wire.ts';
import type { OutboxEntry } from './outbox.ts';

/** Where a client connects to, its limits and its timers. */
export interface RoomsClientOptions {
  /** URL of the WebSocket, `ws:` or `wss:`. */
  readonly url: string;
  /** Opens a WebSocket. @defaultValue `(url) => new WebSocket(url)` */
  readonly webSocket?: (url: string) => WebSocket;
  /**
   * Longest of the first eight delays before a reconnect, in milliseconds; the shortest is half of it. Later delays are random,
   * from 0 to a ceiling that doubles after each failed attempt. @defaultValue 500
   */
  readonly minBackoffMs?: number;
  /** Largest ceiling of the later delays, in milliseconds. @defaultValue 20 000 */
  readonly maxBackoffMs?: number;
  /** Time without a frame after which the client sends a `ping`, in milliseconds. @defaultValue 25 000 */
  readonly heartbeatMs?: number;
  /** Time without a frame after which a connection is dead, while a response or the welcome is pending; in milliseconds. @defaultValue 10 000 */
  readonly replyTimeoutMs?: number;
  /** Largest frame that the server accepts, in bytes. The client refuses a larger message itself. @defaultValue 64 KiB */
  readonly maxFrameBytes?: number;
  /** Most commands, except publishes, that wait to be sent. The client refuses more with `ROOM_TOO_FAST`. @defaultValue 2000 */
  readonly maxWaitingCommands?: number;
  /** Keeps unsent messages when the page is reloaded. `save` is called with all of them after each change. */
  readonly outbox?: { load(): OutboxEntry[]; save(entries: readonly OutboxEntry[]): void };
  /**
   * Called after a connection could not be opened, since a browser does not report a 401 to the page.
   * If it resolves with `false`, the client closes and emits `ended`; a rejection counts as `true`.
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

/** Default, minimum and maximum of each number. */
const ranges = {
  minBackoffMs: [500, 1, maxTimerMs],
  maxBackoffMs: [20_000, 1, maxTimerMs],
  heartbeatMs: [25_000, 1, maxTimerMs],
  replyTimeoutMs: [10_000, 1, maxTimerMs],
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
  if (typeof url !== 'string' || !/^wss?:\/\//i.test(url) || !URL.canParse(url)) {
    throw wrongValue('url', 'a URL with the scheme ws: or wss: and a host', url);
  }
  if (outbox !== undefined) {
    assertMethods('outbox', outbox, ['load', 'save'], 'an object with the methods load and save');
  }
  assertFunctions(options, functions);
  const numbers = readIntegers(options, ranges);
  const { maxBackoffMs } = numbers;
  const [defaultMs, minMs] = ranges.minBackoffMs;
  // A small ceiling alone lowers the default of the first wait.
  const { minBackoffMs } = readIntegers(options, {
    minBackoffMs: [Math.min(defaultMs, maxBackoffMs), minMs, maxBackoffMs],
  });
  return {
    ...options,
    ...numbers,
    minBackoffMs,
    webSocket: options.webSocket ?? ((address) => new WebSocket(address)),
    random: options.random ?? (() => Math.random()),
    now: options.now ?? (() => Date.now()),
  };
}
