/**
 * Limits and timers of an HTTP server: names, units, defaults, ranges. All are on by default.
 */
import { GaleError } from '../errors.ts';
import { createLog } from '../run/log.ts';
import type { Logger } from '../run/log.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** Limits and timers of one server. A timer of 0 is off. */
export interface HttpServerOptions {
  /** Longest request line in bytes; over it 414. @defaultValue 8 KiB */
  readonly maxRequestLineBytes?: number;
  /** Largest request head in bytes, request line included; over it 431. @defaultValue 64 KiB */
  readonly maxHeadBytes?: number;
  /** Most header fields of a request; over it 431. @defaultValue 100 */
  readonly maxHeaderCount?: number;
  /** Largest request body in bytes, unless a handler sets another with `request.body.setMaxBytes`; over it 413. @defaultValue 100 MiB */
  readonly maxBodyBytes?: number;
  /** Time from the first byte of a head to its last, in milliseconds; over it 408. @defaultValue 10 000 */
  readonly headTimeoutMs?: number;
  /** Time a connection may wait for its next request, in milliseconds. @defaultValue 75 000 */
  readonly idleTimeoutMs?: number;
  /** Time between two parts of a request body, in milliseconds; over it 408. @defaultValue 30 000 */
  readonly bodyTimeoutMs?: number;
  /** Time in which a client takes nothing of its answer, in milliseconds; over it the connection is cut. @defaultValue 30 000 */
  readonly writeTimeoutMs?: number;
  /**
   * Time in which a client that has sent its last byte is still answered, in milliseconds. Such a client may have left altogether;
   * nothing on the wire tells the two apart, so when nothing was written to it for this long it counts as gone. @defaultValue 2 000
   */
  readonly halfClosedTimeoutMs?: number;
  /** Most connections at once, upgraded ones included; over it 503. @defaultValue 65 536 */
  readonly maxConnections?: number;
  /** Wheel for all deadlines; who gives one also stops it. @defaultValue one of the server's own */
  readonly wheel?: TimerWheel;
  /** Where the server's log lines go. @defaultValue warnings and errors, to standard output */
  readonly log?: Logger;
}

/** {@link HttpServerOptions}, all numbers and the log given and checked. */
export type HttpServerSettings = Required<Omit<HttpServerOptions, 'wheel'>> & Pick<HttpServerOptions, 'wheel'>;

/** Default, least and greatest value of each number. */
const ranges: Readonly<Record<Exclude<keyof HttpServerOptions, 'log' | 'wheel'>, readonly [number, number, number]>> =
  Object.freeze({
    maxRequestLineBytes: [8 * 1024, 64, 16 * 1024 * 1024],
    maxHeadBytes: [64 * 1024, 256, 16 * 1024 * 1024],
    maxHeaderCount: [100, 1, 100_000],
    maxBodyBytes: [100 * 1024 * 1024, 0, Number.MAX_SAFE_INTEGER],
    headTimeoutMs: [10_000, 0, 2 ** 31 - 1],
    idleTimeoutMs: [75_000, 0, 2 ** 31 - 1],
    bodyTimeoutMs: [30_000, 0, 2 ** 31 - 1],
    writeTimeoutMs: [30_000, 0, 2 ** 31 - 1],
    halfClosedTimeoutMs: [2_000, 0, 2 ** 31 - 1],
    maxConnections: [65_536, 1, Number.MAX_SAFE_INTEGER],
  });

/**
 * Puts the defaults where nothing is given.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN`, or `OPTION_VALUE` naming option, value and range.
 */
export function settingsFrom(options: HttpServerOptions): HttpServerSettings {
  const settings: Record<string, unknown> = { log: options.log ?? createLog(), wheel: options.wheel };
  for (const [name, [byDefault]] of Object.entries(ranges)) settings[name] = byDefault;
  for (const [name, value] of Object.entries(options)) {
    if (name === 'log' || name === 'wheel' || value === undefined) continue;
    if (!Object.hasOwn(ranges, name)) {
      const names = [...Object.keys(ranges), 'log', 'wheel'];
      throw new GaleError('OPTION_UNKNOWN', `Unknown server option ${name}; the options are ${names.join(', ')}.`);
    }
    const [, least, greatest] = ranges[name as keyof typeof ranges];
    if (!Number.isInteger(value) || value < least || value > greatest) {
      throw new GaleError('OPTION_VALUE', `${name} is a whole number from ${least} to ${greatest}, not ${value}.`);
    }
    settings[name] = value;
  }
  return Object.freeze(settings) as unknown as HttpServerSettings;
}
