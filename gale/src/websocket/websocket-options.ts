/**
 * Limits, timers and compression of a WebSocket connection, with their defaults and validation.
 */
import { assertNames, readChoices, readIntegers } from '../run/given-options.ts';

/** Limits, timers and compression of one WebSocket connection. */
export interface WebSocketOptions {
  /** Largest accepted message, in bytes, all fragments together and inflated. @defaultValue 1 MiB */
  readonly maxMessageBytes?: number;
  /** Maximum number of fragments of one message. @defaultValue 1024 */
  readonly maxFragments?: number;
  /** Which messages are accepted; another type closes with 1003. @defaultValue 'any' */
  readonly messageTypes?: 'any' | 'text' | 'binary';
  /**
   * Time between pings, in milliseconds; 0 disables them. The first comes after a random time between half the interval and the
   * whole interval. @defaultValue 25 000
   */
  readonly pingIntervalMs?: number;
  /** Maximum time until a peer sends anything after a ping, in milliseconds, at most the interval; 0 waits forever. @defaultValue 10 000 */
  readonly pongTimeoutMs?: number;
  /** Maximum time until a peer responds to a close frame and ends its side of the connection, in milliseconds. @defaultValue 5 000 */
  readonly closeTimeoutMs?: number;
  /** Maximum number of buffered bytes for a slow peer; above it, see `whenBufferFull`. @defaultValue 1 MiB */
  readonly maxBufferedBytes?: number;
  /**
   * What happens to a message that does not fit into the buffer: `close` closes the connection with 4008, so that the peer
   * reconnects and recovers. `drop` omits the message and continues, for data that is soon outdated, such as a position on a map.
   * @defaultValue 'close'
   */
  readonly whenBufferFull?: 'close' | 'drop';
  /**
   * Whether messages are compressed, both ways, for clients that offer permessage-deflate (RFC 7692), as browsers do. It costs
   * CPU time once per message, for any number of receivers. Without `contextTakeover` it costs no memory per connection,
   * because each message is compressed independently. Do not enable it if one message contains both a secret and text that an attacker
   * can choose: the compressed size reveals whether they are similar.
   * @defaultValue false
   */
  readonly compress?: boolean;
  /** Smallest message that is compressed, in bytes; only with `compress`. @defaultValue 1024 */
  readonly compressFromBytes?: number;
  /**
   * Whether a compressed message may refer to earlier ones (RFC 7692 §7.1.1), both ways; only with `compress`, and only if the
   * peer agrees. Small, similar messages become far smaller. Each connection with compressed messages then keeps up to two
   * compression windows in memory. @defaultValue false
   */
  readonly contextTakeover?: boolean;
  /**
   * Base-2 logarithm of the largest compression window, both ways if the peer agrees: 9 to 15. With `contextTakeover`, 11 to 13
   * need less memory and far less time for small messages. @defaultValue 15
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

/** Allowed values of each choice and switch; the first is the default. */
const choices = {
  messageTypes: ['any', 'text', 'binary'],
  whenBufferFull: ['close', 'drop'],
  compress: [false, true],
  contextTakeover: [false, true],
} as const;

/** Validates the options and fills in the defaults. */
function resolve(options: WebSocketOptions): ResolvedWebSocketOptions {
  return Object.freeze({
    ...readIntegers(options, ranges),
    ...readChoices(options, choices),
  });
}

/** The options if none are given. */
export const webSocketDefaults: ResolvedWebSocketOptions = resolve({});

const names = Object.keys(webSocketDefaults) as (keyof WebSocketOptions)[];

let latest: ResolvedWebSocketOptions = webSocketDefaults;

/**
 * Validates the options and fills in the defaults. Equal options in a row return the same object: many connections share it, and the
 * check is cheap.
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
