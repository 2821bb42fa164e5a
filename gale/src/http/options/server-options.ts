/**
 * Options of an HTTP server: limits, timers and trusted proxies, with units, defaults and ranges. All limits are on by default.
 */
import type { TlsOptions } from 'node:tls';
import { assertLog, assertNames, maxTimerMs, readChoices, readIntegers, wrongValue } from '../../run/given-options.ts';
import type { NumberRange } from '../../run/given-options.ts';
import { createLogger } from '../../run/log.ts';
import type { Logger } from '../../run/log.ts';
import type { ProxyHeaderKind } from '../proxy/forwarded.ts';
import { TimerWheel } from '../timing/timer-wheel.ts';
import { assertCertificate } from './tls-certificate.ts';
import { TrustedProxies } from '../proxy/trusted-proxies.ts';

/** Limits and timers of one server. A timer of 0 is off. */
export interface HttpServerOptions {
  /** Maximum length of a request line in bytes; above it 414. @defaultValue 8 KiB */
  readonly maxRequestLineBytes?: number;
  /** Maximum size of a request head in bytes, request line included; above it 431. @defaultValue 64 KiB */
  readonly maxHeadBytes?: number;
  /** Maximum number of header fields of a request; above it 431. @defaultValue 100 */
  readonly maxHeaderCount?: number;
  /** Maximum size of a request body in bytes; above it 413. A handler can change it with `request.body.setMaxBytes`. @defaultValue 100 MiB */
  readonly maxBodyBytes?: number;
  /**
   * Maximum memory for the bodies of all requests of the server together, in bytes: as they arrive and as they are decoded, until the request
   * ends. Above it, a client whose unfinished bodies take more than those of the new request gets 503, else the new request. A body that is
   * read as a whole and is larger than this gets 413. @defaultValue 128 MiB
   */
  readonly maxBodyMemoryBytes?: number;
  /**
   * Maximum size of a response head in bytes, without Content-Length, Date and Connection; above it the response is 500 with the reason in the
   * log. Most clients and proxies refuse heads over 8 to 64 KiB. @defaultValue 64 KiB
   */
  readonly maxResponseHeadBytes?: number;
  /** Maximum time from the first byte of a head to its last, in milliseconds; above it 408. @defaultValue 10 000 */
  readonly headTimeoutMs?: number;
  /** Maximum time that a connection waits for its next request, in milliseconds. @defaultValue 75 000 */
  readonly idleTimeoutMs?: number;
  /** Maximum time between two parts of a request body, in milliseconds; above it 408. @defaultValue 30 000 */
  readonly bodyTimeoutMs?: number;
  /**
   * Maximum time from the first byte of a request to the last of its body, in milliseconds; above it 408. Time in which the handler does not
   * read is not counted. @defaultValue 300 000
   */
  readonly requestTimeoutMs?: number;
  /** Minimum average rate of a body while it is read; below it 408. 0 turns it off. @defaultValue 240 */
  readonly minBodyBytesPerSecond?: number;
  /** Time before the first check of that rate, in milliseconds. @defaultValue 5 000 */
  readonly bodyRateGraceMs?: number;
  /** Maximum time in which a client reads nothing of its response, in milliseconds; above it the connection is reset. @defaultValue 60 000 */
  readonly writeTimeoutMs?: number;
  /**
   * Maximum time for a response to a half-closed client, in milliseconds. TCP cannot distinguish such a client from one that
   * has disconnected completely, so its connection is closed if nothing was written to it for this long; `request.signal` aborts after 250 ms,
   * but not while a response with a Content-Length is sent. @defaultValue 2 000
   */
  readonly halfClosedTimeoutMs?: number;
  /**
   * Maximum number of requests of one connection that wait for their response. Above it the socket is paused; Node.js reads ahead up to the
   * size of its own buffer. @defaultValue 16
   */
  readonly maxPipelinedRequests?: number;
  /**
   * Maximum number of open connections; above it 503. It includes upgraded connections, TLS handshakes and connections without their PROXY
   * header yet. Connections refused with 503 are not counted. @defaultValue 65 536
   */
  readonly maxConnections?: number;
  /**
   * Maximum number of open connections of one IPv4 address or one IPv6 network of 64 bits, WebSockets included; above it 503, or with TLS the
   * connection is closed before its handshake. 0 turns it off. Addresses in `trustedProxies` and Unix sockets are not counted, loopback
   * connections only if this option is given. With `proxyProtocol` the address in the header counts. @defaultValue 1 024
   */
  readonly maxConnectionsPerAddress?: number;
  /**
   * Uses TLS, with these options of `node:tls`: `cert` and `key`, or `pfx`, or `SNICallback`, and all others. Connections that have not
   * finished their handshake after `headTimeoutMs` are destroyed. @defaultValue plain HTTP
   */
  readonly tls?: TlsOptions;
  /** Every connection must begin with a header of the PROXY protocol, version 1 or 2; others are destroyed. @defaultValue false */
  readonly proxyProtocol?: boolean;
  /**
   * Trusted proxies: addresses, networks (`10.0.0.0/8`), and the words `loopback`, `private` and `unix`. If it is not empty, PROXY headers
   * are accepted from them only. @defaultValue none
   */
  readonly trustedProxies?: readonly string[];
  /**
   * The headers that the trusted proxies set: X-Forwarded-For, -Proto and -Host, or Forwarded. The other kind is ignored, because a
   * proxy forwards unknown headers unchanged from its client. @defaultValue 'x-forwarded'
   */
  readonly proxyHeaders?: ProxyHeaderKind;
  /** Timer wheel to share between servers. The caller stops it. @defaultValue a separate wheel */
  readonly wheel?: TimerWheel;
  /** Receives the log lines. @defaultValue warnings and errors, to standard output */
  readonly log?: Logger;
}

/** Validated {@link HttpServerOptions} with the defaults filled in. */
export type ResolvedServerOptions = Readonly<Record<NumberName, number>> & {
  readonly log: Logger;
  readonly wheel: TimerWheel | undefined;
  readonly tls: TlsOptions | undefined;
  readonly proxyProtocol: boolean;
  readonly trustedProxies: TrustedProxies | undefined;
  readonly proxyHeaders: ProxyHeaderKind;
  /** Whether maxConnectionsPerAddress includes loopback connections. */
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
  maxBodyMemoryBytes: [128 * 1024 * 1024, 64 * 1024, Number.MAX_SAFE_INTEGER],
  maxResponseHeadBytes: [64 * 1024, 1024, 16 * 1024 * 1024],
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
 * Validates the options and adds the defaults.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN`, or `OPTION_VALUE` naming option, value and range.
 */
export function resolveServerOptions(options: HttpServerOptions): ResolvedServerOptions {
  assertNames('server', options, [...Object.keys(ranges), ...otherNames]);
  const numbers = readIntegers(options, ranges);
  const { log, tls, trustedProxies = [], wheel } = options;
  assertLog(log);
  if (wheel !== undefined && !(wheel instanceof TimerWheel)) throw wrongValue('wheel', 'a TimerWheel', wheel);
  if (tls !== undefined) assertCertificate('tls', tls, ['SNICallback', 'pskCallback']);
  if (!Array.isArray(trustedProxies) || !trustedProxies.every((entry) => typeof entry === 'string')) {
    throw wrongValue('trustedProxies', 'an array of strings', trustedProxies);
  }
  return Object.freeze({
    ...numbers,
    ...readChoices(options, { proxyProtocol: [false, true], proxyHeaders: ['x-forwarded', 'forwarded'] }),
    log: log ?? createLogger(),
    wheel,
    tls,
    trustedProxies: trustedProxies.length === 0 ? undefined : new TrustedProxies(trustedProxies),
    // Without the option, a local proxy, test or benchmark must not reach a limit.
    limitsLoopback: options.maxConnectionsPerAddress !== undefined,
  });
}
