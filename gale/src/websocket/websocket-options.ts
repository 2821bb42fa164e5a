/**
 * Limits, timers and compression of a WebSocket connection, their defaults, and the check of what an application sets.
 */
import { GaleError } from '../errors.ts';
import { wrongValue } from '../run/given-options.ts';

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

/** What holds where an application says nothing. */
export const webSocketDefaults: ResolvedWebSocketOptions = Object.freeze({
  maxMessageBytes: 1024 * 1024,
  maxFragments: 1024,
  messageTypes: 'any',
  pingIntervalMs: 25_000,
  pongTimeoutMs: 10_000,
  closeTimeoutMs: 5_000,
  maxBufferedBytes: 1024 * 1024,
  whenBufferFull: 'close',
  compress: false,
  compressFromBytes: 1024,
  contextTakeover: false,
  maxWindowBits: 15,
});

const mostBytes = 2 ** 31;
const mostMs = 24 * 60 * 60 * 1000;

/** Least and largest value of each number. The largest is what a Buffer may hold or a day. */
const ranges = {
  maxMessageBytes: [1, mostBytes],
  maxFragments: [1, mostBytes],
  pingIntervalMs: [0, mostMs],
  pongTimeoutMs: [0, mostMs],
  closeTimeoutMs: [1, mostMs],
  maxBufferedBytes: [1, mostBytes],
  compressFromBytes: [0, mostBytes],
  maxWindowBits: [9, 15],
} as const;

/** What each word and switch may be. */
const choices = {
  messageTypes: ['any', 'text', 'binary'],
  whenBufferFull: ['close', 'drop'],
  compress: [true, false],
  contextTakeover: [true, false],
} as const;

const names = Object.keys(webSocketDefaults) as (keyof WebSocketOptions)[];

let latest: ResolvedWebSocketOptions = webSocketDefaults;

/**
 * Fills in the defaults. Equal options in a row give the same object, so that many connections share one, and that costs them
 * nothing to find out.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for a value outside its range, `OPTION_UNKNOWN` for a name there is not.
 */
export function resolveWebSocketOptions(options: WebSocketOptions | undefined): ResolvedWebSocketOptions {
  if (options === undefined) return webSocketDefaults;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw wrongValue('WebSocket options', 'an object', options);
  }
  if (isLatest(options)) return latest;
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  const resolved: ResolvedWebSocketOptions = { ...webSocketDefaults, ...Object.fromEntries(given) };
  assertOptions(resolved);
  latest = Object.freeze(resolved);
  return latest;
}

function isLatest(options: WebSocketOptions): boolean {
  if (options === latest) return true;
  for (const name in options) if (!Object.hasOwn(webSocketDefaults, name)) return false;
  return names.every(
    (name) => (options[name] === undefined ? webSocketDefaults[name] : options[name]) === latest[name],
  );
}

function assertOptions(options: ResolvedWebSocketOptions): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(webSocketDefaults, name)) {
      const known = Object.keys(webSocketDefaults).join(', ');
      throw new GaleError('OPTION_UNKNOWN', `WebSocket option ${name} does not exist; there are ${known}.`);
    }
  }
  for (const [name, [least, most]] of Object.entries(ranges)) {
    const value: unknown = options[name as keyof typeof ranges];
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) continue;
    const shown = typeof value === 'string' ? JSON.stringify(value) : String(value);
    throw new GaleError(
      'OPTION_VALUE',
      `WebSocket option ${name} is ${shown}; give an integer of ${least} to ${most}.`,
    );
  }
  for (const [name, known] of Object.entries(choices)) {
    const value = options[name as keyof typeof choices];
    if ((known as readonly unknown[]).includes(value)) continue;
    throw new GaleError('OPTION_VALUE', `WebSocket option ${name} is ${value}; give ${known.join(' or ')}.`);
  }
}
