/**
 * Limits, timers and compression of a WebSocket connection, their defaults, and the check of what an application sets.
 */
import { GaleError } from '../errors.ts';

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
  /** Bytes that may wait for a peer that reads slowly; with more it is closed with 4008. @defaultValue 1 MiB */
  readonly maxBufferedBytes?: number;
  /**
   * Whether messages are compressed, both ways, for clients that offer permessage-deflate (RFC 7692); browsers do. It costs
   * time for each message, once however many receive it, and no memory for each connection: every message is compressed by
   * itself. Leave it off where one message holds both a secret and what a stranger can choose: its size tells of both.
   * @defaultValue false
   */
  readonly compress?: boolean;
  /** Least message that is sent compressed, in bytes; only with `compress`. @defaultValue 1024 */
  readonly compressFromBytes?: number;
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
  compress: false,
  compressFromBytes: 1024,
});

/** Least value of each number. The largest is what a Buffer may hold or a day. */
const leastValues = {
  maxMessageBytes: 1,
  maxFragments: 1,
  pingIntervalMs: 0,
  pongTimeoutMs: 0,
  closeTimeoutMs: 1,
  maxBufferedBytes: 1,
  compressFromBytes: 0,
} as const;
const mostBytes = 2 ** 31;
const mostMs = 24 * 60 * 60 * 1000;

let latest: ResolvedWebSocketOptions = webSocketDefaults;

/**
 * Fills in the defaults. Equal options in a row give the same object, so that many connections share one.
 *
 * @throws {@link GaleError} `OPTION_VALUE` for a value outside its range, `OPTION_UNKNOWN` for a name there is not.
 */
export function resolveWebSocketOptions(options: WebSocketOptions | undefined): ResolvedWebSocketOptions {
  if (options === undefined) return webSocketDefaults;
  const resolved = { ...webSocketDefaults, ...dropUndefined(options) };
  if (isEqual(resolved, latest)) return latest;
  assertOptions(resolved);
  latest = Object.freeze(resolved);
  return latest;
}

function dropUndefined(options: WebSocketOptions): WebSocketOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function isEqual(one: ResolvedWebSocketOptions, other: ResolvedWebSocketOptions): boolean {
  const names = Object.keys(one) as (keyof WebSocketOptions)[];
  return names.every((name) => one[name] === other[name]);
}

function assertOptions(options: ResolvedWebSocketOptions): void {
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(webSocketDefaults, name)) {
      const known = Object.keys(webSocketDefaults).join(', ');
      throw new GaleError('OPTION_UNKNOWN', `WebSocket option ${name} does not exist; there are ${known}.`);
    }
  }
  for (const [name, least] of Object.entries(leastValues)) {
    const value = options[name as keyof typeof leastValues];
    const most = name.endsWith('Ms') ? mostMs : mostBytes;
    if (!Number.isInteger(value) || value < least || value > most) {
      throw new GaleError(
        'OPTION_VALUE',
        `WebSocket option ${name} is ${value}; give an integer of ${least} to ${most}.`,
      );
    }
  }
  if (typeof options.compress !== 'boolean') {
    throw new GaleError('OPTION_VALUE', `WebSocket option compress is ${options.compress}; give true or false.`);
  }
  if (!['any', 'text', 'binary'].includes(options.messageTypes)) {
    throw new GaleError(
      'OPTION_VALUE',
      `WebSocket option messageTypes is ${options.messageTypes}; give 'any', 'text' or 'binary'.`,
    );
  }
}
