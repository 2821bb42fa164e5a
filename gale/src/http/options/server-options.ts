/**
 * Limits and timers of an HTTP server, and whom it believes: names, units, defaults, ranges. All limits are on by default.
 */
import type { TlsOptions } from 'node:tls';
import { assertLog, assertNames, maxTimerMs, readChoices, readIntegers, wrongValue } from '../../run/given-options.ts';
import type { NumberRange } from '../../run/given-options.ts';
import { createLogger } from '../../run/log.ts';
import type { Logger } from '../../run/log.ts';
import type { ProxyHeaderKind } from '../proxy/forwarded.ts';
import type { TimerWheel } from '../timing/timer-wheel.ts';
import { assertCertificate } from './tls-certificate.ts';
import { TrustedProxies } from '../proxy/trusted-proxies.ts';

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
  /**
   * Time from the first byte of a request to the last of its body, in milliseconds, without the time in which the handler does not
   * read; over it 408. @defaultValue 300 000
   */
  readonly requestTimeoutMs?: number;
  /** Least rate at which a body must come while it is read, on average; below it 408. 0 is any. @defaultValue 240 */
  readonly minBodyBytesPerSecond?: number;
  /** Time after which that rate is looked at first, in milliseconds. @defaultValue 5 000 */
  readonly bodyRateGraceMs?: number;
  /** Time in which a client takes nothing of its answer, in milliseconds; over it the connection is cut. @defaultValue 60 000 */
  readonly writeTimeoutMs?: number;
  /**
   * Time in which a client that has sent its last byte is still answered, in milliseconds. Such a client may have left altogether;
   * nothing on the wire tells the two apart, so when nothing was written to it for this long it counts as gone. @defaultValue 2 000
   */
  readonly halfClosedTimeoutMs?: number;
  /**
   * Requests of one connection that may wait for their answer before the socket is not read any further; Node.js reads up to its own
   * buffer of 64 KiB. @defaultValue 16
   */
  readonly maxPipelinedRequests?: number;
  /**
   * Most connections at once; over it 503. Upgraded ones count, and those that are in the middle of a TLS handshake or have not sent
   * the header of their proxy yet; those that were told 503 and have not gone yet do not. @defaultValue 65 536
   */
  readonly maxConnections?: number;
  /**
   * Most connections of one IPv4 address or one IPv6 network of 64 bits at once, WebSockets included; over it 503, with TLS the
   * connection is closed before its handshake. 0 is any number. Addresses in `trustedProxies` and Unix sockets are not counted, and
   * connections of this machine only if this option is given. With `proxyProtocol` the address in the header counts. @defaultValue 1 024
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Speak TLS, with these options of `node:tls`: `cert` and `key`, or `pfx`, or `SNICallback`, and all others. Connections that have not
   * finished their handshake after `headTimeoutMs` are cut. @defaultValue plain HTTP
   */
  readonly tls?: TlsOptions;
  /** Every connection begins with a header of the PROXY protocol, version 1 or 2; one without is cut. @defaultValue false */
  readonly proxyProtocol?: boolean;
  /**
   * Proxies that are believed: addresses, networks (`10.0.0.0/8`), and the words `loopback`, `private` and `unix`. With any, headers
   * of PROXY are taken from them only. @defaultValue none
   */
  readonly trustedProxies?: readonly string[];
  /**
   * What the trusted proxies set: X-Forwarded-For, -Proto and -Host, or Forwarded. The other is not read, since a proxy passes on
   * what it does not know as its client sent it. @defaultValue 'x-forwarded'
   */
  readonly proxyHeaders?: ProxyHeaderKind;
  /** Wheel for all deadlines; who gives one also stops it. @defaultValue one of the server's own */
  readonly wheel?: TimerWheel;
  /** Where the server's log lines go. @defaultValue warnings and errors, to standard output */
  readonly log?: Logger;
}

/** {@link HttpServerOptions}, all numbers and the log given and checked. */
export type ResolvedServerOptions = Readonly<Record<NumberName, number>> & {
  readonly log: Logger;
  readonly wheel: TimerWheel | undefined;
  readonly tls: TlsOptions | undefined;
  readonly proxyProtocol: boolean;
  readonly trustedProxies: TrustedProxies | undefined;
  readonly proxyHeaders: ProxyHeaderKind;
  /** Whether maxConnectionsPerAddress holds for this machine too. */
  readonly limitsLoopback: boolean;
};

type NumberName = {
  [Name in keyof HttpServerOptions]-?: NonNullable<HttpServerOptions[Name]> extends number ? Name : never;
}[keyof HttpServerOptions];

/** Default, minimum and maximum of each number. */
const ranges: Readonly<Record<NumberName, NumberRange>> = Object.freeze({
  maxRequestLineBytes: [8 * 1024, 64, 16 * 1024 * 1024],
  maxHeadBytes: [64 * 1024, 256, 16 * 1024 * 1024],
  maxHeaderCount: [100, 1, 100_000],
  maxBodyBytes: [100 * 1024 * 1024, 0, Number.MAX_SAFE_INTEGER],
  headTimeoutMs: [10_000, 0, maxTimerMs],
  idleTimeoutMs: [75_000, 0, maxTimerMs],
  bodyTimeoutMs: [30_000, 0, maxTimerMs],
  requestTimeoutMs: [300_000, 0, maxTimerMs],
  minBodyBytesPerSecond: [240, 0, Number.MAX_SAFE_INTEGER],
  bodyRateGraceMs: [5_000, 0, maxTimerMs],
  writeTimeoutMs: [60_000, 0, maxTimerMs],
  halfClosedTimeoutMs: [2_000, 0, maxTimerMs],
  maxPipelinedRequests: [16, 1, 100_000],
  maxConnections: [65_536, 1, Number.MAX_SAFE_INTEGER],
  maxConnectionsPerAddress: [1_024, 0, Number.MAX_SAFE_INTEGER],
});
const otherNames: readonly string[] = ['tls', 'proxyProtocol', 'trustedProxies', 'proxyHeaders', 'wheel', 'log'];

/**
 * Puts the defaults where nothing is given.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN`, or `OPTION_VALUE` naming option, value and range.
 */
export function resolveServerOptions(options: HttpServerOptions): ResolvedServerOptions {
  assertNames('server', options, [...Object.keys(ranges), ...otherNames]);
  const numbers = readIntegers(options, ranges);
  const { log, tls, trustedProxies = [] } = options;
  assertLog(log);
  if (tls !== undefined) assertCertificate('tls', tls, ['SNICallback', 'pskCallback']);
  if (!Array.isArray(trustedProxies) || !trustedProxies.every((entry) => typeof entry === 'string')) {
    throw wrongValue('trustedProxies', 'an array of strings', trustedProxies);
  }
  return Object.freeze({
    ...numbers,
    ...readChoices(options, { proxyProtocol: [false, true], proxyHeaders: ['x-forwarded', 'forwarded'] }),
    log: log ?? createLogger(),
    wheel: options.wheel,
    tls,
    trustedProxies: trustedProxies.length === 0 ? undefined : new TrustedProxies(trustedProxies),
    // Without the option, a proxy, a test or a benchmark of this machine must not meet a limit that nobody asked for.
    limitsLoopback: options.maxConnectionsPerAddress !== undefined,
  });
}
