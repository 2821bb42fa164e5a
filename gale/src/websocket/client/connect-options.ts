/**
 * The options of `connectWebSocket`, their defaults and validation. Error messages contain no header values, which may be secret.
 */
import type { ConnectionOptions as TlsConnectionOptions } from 'node:tls';
import { GaleError } from '../../errors.ts';
import { isFieldValueText, isTokenText } from '../../http/protocol/characters.ts';
import { assertFunctions, assertNames, maxTimerMs, readIntegers, wrongValue } from '../../run/given-options.ts';
import type { WebSocketClient } from './client.ts';
import { resolveWebSocketOptions } from '../websocket-options.ts';
import type { ResolvedWebSocketOptions, WebSocketOptions } from '../websocket-options.ts';
import type { WebSocketUrl } from './websocket-url.ts';

/** Options of `node:tls` for a client. The URL has the host and port. */
export type ClientTlsOptions = Omit<
  TlsConnectionOptions,
  'host' | 'port' | 'path' | 'socket' | 'ALPNProtocols' | 'allowHalfOpen' | 'timeout' | 'signal' | 'onread'
>;

/** Options of a WebSocket client, and its callbacks. */
export interface ConnectOptions {
  /** Subprotocols to offer, in order of preference. @defaultValue none */
  readonly protocols?: readonly string[];
  /**
   * Further headers of the request, such as Cookie and Authorization: an object, or a list of names and values. Headers of the
   * handshake are rejected. @defaultValue none
   */
  readonly headers?: Iterable<readonly [string, string]> | Readonly<Record<string, string>>;
  /** Value of the Origin header, for servers that accept only some origins. @defaultValue none */
  readonly origin?: string;
  /** Limits, timers and compression, as for a server. @defaultValue the defaults of a server */
  readonly websocket?: WebSocketOptions;
  /** Maximum time until the WebSocket is open, in milliseconds: DNS, connection, TLS and response together. @defaultValue 10 000 */
  readonly connectTimeoutMs?: number;
  /** Maximum size of the response head, in bytes. @defaultValue 16 KiB */
  readonly maxHeadBytes?: number;
  /** Cancels the connection attempt when it aborts. It has no effect after the WebSocket is open. */
  readonly signal?: AbortSignal;
  /** Options of `node:tls`, such as `ca` for a private certificate; only with `wss:`. */
  readonly tls?: ClientTlsOptions;
  /** Path of a Unix socket to connect to; the host of the URL is then only sent as Host. @defaultValue host and port of the URL */
  readonly socketPath?: string;
  /**
   * Called for each message. If it returns a promise, no further message is read until the promise settles. If it throws, the connection
   * closes with 1011. Without it, messages wait for `readMessage`.
   */
  readonly onMessage?: (message: string | Buffer, client: WebSocketClient) => unknown;
  /** Called for a ping, after the pong was queued. */
  readonly onPing?: (data: Buffer) => unknown;
  /** Called for each pong, including those for pings of the timer. */
  readonly onPong?: (data: Buffer) => unknown;
  /** Called once, as the last callback, when an open WebSocket has closed; never if it did not open. */
  readonly onClose?: (code: number, reason: string) => unknown;
  /**
   * Called with an error of a callback, and with a `ProtocolError` when the server violates the protocol. Without it, an error of a callback
   * is a process warning.
   */
  readonly onError?: (error: unknown) => void;
}

/** Validated options with the defaults filled in. */
export interface ResolvedConnectOptions {
  readonly protocols: readonly string[];
  readonly headers: readonly (readonly [string, string])[];
  readonly origin: string | undefined;
  readonly websocket: ResolvedWebSocketOptions;
  readonly connectTimeoutMs: number;
  readonly maxHeadBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly tls: ClientTlsOptions | undefined;
  readonly socketPath: string | undefined;
}

const ranges = {
  connectTimeoutMs: [10_000, 1, maxTimerMs],
  maxHeadBytes: [16 * 1024, 256, 16 * 1024 * 1024],
} as const;
const callbacks = ['onMessage', 'onPing', 'onPong', 'onClose', 'onError'] as const;
const names = ['protocols', 'headers', 'origin', 'websocket', 'signal', 'tls', 'socketPath'];
const allNames = [...names, ...Object.keys(ranges), ...callbacks];

/** Headers that belong to the handshake or a body, or that have their own option. */
const ownHeaderPattern =
  /^(host|connection|upgrade|origin|keep-alive|te|trailer|transfer-encoding|expect|content-length|sec-websocket-.*)$/i;

/** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
export function resolveConnectOptions(options: ConnectOptions): ResolvedConnectOptions {
  assertNames('connectWebSocket', options, allNames);
  const { protocols = [], headers = [], origin, signal, tls, socketPath } = options;
  assertFunctions(options, callbacks);
  if (!isListOfTokens(protocols)) throw wrongValue('protocols', 'an array of different tokens', protocols);
  if (origin !== undefined && !(typeof origin === 'string' && /^[\x21-\x7e]+$/.test(origin))) {
    throw wrongValue('origin', 'an origin such as "https://example.com"', origin);
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw wrongValue('signal', 'an AbortSignal', signal);
  if (tls !== undefined && (typeof tls !== 'object' || tls === null)) throw wrongValue('tls', 'an object', tls);
  if (socketPath !== undefined && (typeof socketPath !== 'string' || socketPath === '')) {
    throw wrongValue('socketPath', 'the path of a Unix socket', socketPath);
  }
  return {
    ...readIntegers(options, ranges),
    protocols,
    headers: readHeaders(headers),
    origin,
    websocket: resolveWebSocketOptions(options.websocket),
    signal,
    tls,
    socketPath,
  };
}

/**
 * Checks that the URL and the options do not contradict each other.
 *
 * @throws {@link GaleError} `OPTION_VALUE`.
 */
export function assertFits(url: WebSocketUrl, { tls, headers }: ResolvedConnectOptions): void {
  if (tls !== undefined && !url.isSecure) {
    throw new GaleError('OPTION_VALUE', `tls must be omitted without wss: or https:; got ${url.shown}.`);
  }
  if (url.authorization !== undefined && headers.some(([name]) => name.toLowerCase() === 'authorization')) {
    throw wrongHeaders('not have Authorization if the URL has a user; use one of them');
  }
}

function isListOfTokens(protocols: unknown): boolean {
  if (!Array.isArray(protocols) || new Set(protocols).size < protocols.length) return false;
  return protocols.every((protocol) => typeof protocol === 'string' && isTokenText(protocol));
}

function readHeaders(headers: NonNullable<ConnectOptions['headers']>): (readonly [string, string])[] {
  if (typeof headers !== 'object' || headers === null) {
    throw wrongHeaders(`be an object or a list of pairs; got ${typeName(headers)}`);
  }
  const list = Symbol.iterator in headers ? [...headers] : Object.entries(headers);
  for (const [index, pair] of list.entries()) {
    const [name, value]: readonly unknown[] = Array.isArray(pair) && pair.length === 2 ? pair : [];
    // An invalid name may be a misplaced secret value, so it is not shown.
    if (typeof name !== 'string' || !isTokenText(name)) {
      throw wrongHeaders(`be pairs of a name that is a token and a value; got another entry at position ${index + 1}`);
    }
    if (ownHeaderPattern.test(name)) {
      throw wrongHeaders(`not contain headers of the handshake; got ${name}. Use the URL or another option`);
    }
    if (typeof value !== 'string') throw wrongHeaders(`have strings as values; got ${typeName(value)} for ${name}`);
    if (!isFieldValueText(value)) {
      throw wrongHeaders(
        `have values without control characters and characters over U+00FF; got such a value for ${name}`,
      );
    }
  }
  return list;
}

/** Names the type of a value without the value, which may be secret. */
function typeName(value: unknown): string {
  return value === null ? 'null' : typeof value;
}

/** @param what - What the headers must do or be, and what they have. */
function wrongHeaders(what: string): GaleError {
  return new GaleError('OPTION_VALUE', `headers must ${what}.`);
}
