/**
 * Limits, timers and compression of a WebSocket connection, their defaults, and the check of what an application sets.
 */
import { assertNames, readChoices, readIntegers } from '../run/given-options.ts';

/** Limits, timers and compression of one WebSocket connection. */
export interface WebSocketOptions {
  /** Largest message accepted, in bytes, all fragments together and inflated. @defaultValue 1 MiB */
  readonly maxMessageBytes?: number;
  /** Most fragments of one message. @defaultValue 1024 */
  readonly maxFragments?: number;
  /** Which messages are accepted; another kind closes with 1003. @defaultValue 'any' */
  readonly messageTypes?: 'any' | 'text' | 'binary';
  /** Time between pings, in milliseconds; 0 turns them off. The first comes after half to all of it. @defaultValue 25 000 */
  readonly pingIntervalMs?: number;
  /** Time a peer has to say anything after a ping, in milliseconds, at most the interval; 0 waits forever. @defaultValue 10 000 */
  readonly pongTimeoutMs?: number;
  /** Time a peer has to answer a close frame and to close its end, in milliseconds. @defaultValue 5 000 */
  readonly closeTimeoutMs?: number;
  /** Bytes that may wait for a peer that reads slowly; with more, see `whenBufferFull`. @defaultValue 1 MiB */
  readonly maxBufferedBytes?: number;
  /**
   * What becomes of a message for which there is no more room: `close` closes the connection with 4008, so that the peer comes
   * back and recovers; `drop` leaves out that message and goes on, for what is soon outdated, such as a position on a map.
   * @defaultValue 'close'
   */
  readonly whenBufferFull?: 'close' | 'drop';
  /**
   * Whether messages are compressed, both ways, for clients that offer permessage-deflate (RFC 7692); browsers do. It costs
   * time for each message, once however many receive it, and without `contextTakeover` no memory for each connection: every message
   * is compressed by itself. Leave it off where one message holds both a secret and what a stranger can choose: its size tells of both.
   * @defaultValue false
   */
  readonly compress?: boolean;
  /** Least message that is sent compressed, in bytes; only with `compress`. @defaultValue 1024 */
  readonly compressFromBytes?: number;
  /**
   * Whether a message may be compressed by what went before it (RFC 7692 §7.1.1), both ways; only with `compress`, and only
   * where the peer agrees. Small messages that resemble each other shrink far more; each connection that has sent or received a
   * compressed message then holds up to two windows of memory. @defaultValue false
   */
  readonly contextTakeover?: boolean;
  /**
   * Base-2 logarithm of the largest window to compress with, both ways where the peer agrees: 9 to 15. With `contextTakeover` 11 to 13
   * are the better bargain: less memory, and far less time for small messages. @defaultValue 15
   */
  readonly maxWindowBits?: number;
}

/** All options, with the defaults filled in. */
export type ResolvedWebSocketOptions = Readonly<Required<WebSocketOptions>>;

const maxBytes = 2 ** 31;
const maxMs = 24 * 60 * 60 * 1000;

/** Default, minimum and maximum of each number. The largest is the limit of a Buffer, or a day. */
const ranges = {
  maxMessageBytes: [1024 * 1024, 1, maxBytes],
  maxFragments: [1024, 1, maxBytes],
  pingIntervalMs: [25_000, 0, maxMs],
  pongTimeoutMs: [10_000, 0, maxMs],
  closeTimeoutMs: [5_000, 1, maxMs],
  maxBufferedBytes: [1024 * 1024, 1, maxBytes],
  compressFromBytes: [1024, 0, maxBytes],
  maxWindowBits: [15, 9, 15],
} as const;

/** Default of each word and switch, and its other values. */
const choices = {
  messageTypes: ['any', 'text', 'binary'],
  whenBufferFull: ['close', 'drop'],
  compress: [false, true],
  contextTakeover: [false, true],
} as const;

/** Checks everything and fills in the defaults. */
function resolve(options: WebSocketOptions): ResolvedWebSocketOptions {
  return Object.freeze({
    ...readIntegers(options, ranges),
    ...readChoices(options, choices),
  });
}

/** The options of an application that sets none. */
export const webSocketDefaults: ResolvedWebSocketOptions = resolve({});

const names = Object.keys(webSocketDefaults) as (keyof WebSocketOptions)[];

let latest: ResolvedWebSocketOptions = webSocketDefaults;

/**
 * Fills in the defaults. Equal options in a row give the same object: many connections share it, and the check is cheap.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for a value outside its range, `OPTION_UNKNOWN` for an unknown name.
 */
export function resolveWebSocketOptions(options: WebSocketOptions | undefined): ResolvedWebSocketOptions {
  if (options === undefined) return webSocketDefaults;
  if (options === latest) return latest;
  assertNames('WebSocket', options, names);
  if (!isLatest(options)) latest = resolve(options);
  return latest;
}

function isLatest(options: WebSocketOptions): boolean {
  return names.every(
    (name) => (options[name] === undefined ? webSocketDefaults[name] : options[name]) === latest[name],
  );
}
