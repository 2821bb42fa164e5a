/**
 * The way of a client to an open WebSocket: connects, encrypts if the URL says so, sends the request and reads the head of the
 * answer, all within one time limit. What the answer means is client-handshake.ts's business.
 */
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ErrorCode } from '../../errors.ts';
import { GaleError } from '../../errors.ts';
import { HandshakeResponseReader } from './handshake-response.ts';
import type { HandshakeResponse } from './handshake-response.ts';
import type { ResolvedConnectOptions } from './connect-options.ts';
import type { WebSocketUrl } from './websocket-url.ts';

/** A connection whose server has answered. */
export interface OpenedConnection {
  /** Without listeners, flowing; the taker's from now on. */
  readonly socket: Socket;
  readonly response: HandshakeResponse;
  /** Bytes that came behind the answer; often none. */
  readonly head: Buffer;
}

/** What an opening needs to know. */
export type OpeningOptions = Pick<
  ResolvedConnectOptions,
  'connectTimeoutMs' | 'maxHeadBytes' | 'signal' | 'socketPath' | 'tls'
>;

/**
 * Opens a connection, sends `request` and waits for the answer to it.
 *
 * @param take - Takes the connection over; it has to listen to the socket before it returns. If it throws, the connection is cut and
 * the promise rejects with that.
 * @returns What `take` returned. Rejects with `WS_CONNECT`, `WS_BAD_ANSWER` or the reason of an aborted signal.
 */
export function openConnection<Taken>(
  url: WebSocketUrl,
  request: string,
  options: OpeningOptions,
  take: (answered: OpenedConnection) => Taken,
): Promise<Taken> {
  if (options.signal?.aborted === true) return Promise.reject(options.signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<Taken>();
  const opening = new ClientOpening(url, request, options, (answered) => resolve(take(answered)), reject);
  opening.start();
  return promise;
}

/** One attempt. */
class ClientOpening {
  readonly #url: WebSocketUrl;
  readonly #request: string;
  readonly #options: OpeningOptions;
  readonly #take: (answered: OpenedConnection) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #reader: HandshakeResponseReader;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #awaited = 'a connection';

  constructor(
    url: WebSocketUrl,
    request: string,
    options: OpeningOptions,
    take: (answered: OpenedConnection) => void,
    reject: (reason: unknown) => void,
  ) {
    this.#url = url;
    this.#request = request;
    this.#options = options;
    this.#take = take;
    this.#reject = reject;
    this.#reader = new HandshakeResponseReader(options.maxHeadBytes);
  }

  start(): void {
    const { connectTimeoutMs, signal } = this.#options;
    try {
      this.#socket = this.#connect();
    } catch (error) {
      // node:tls looks at certificates and keys before it connects.
      this.#reject(new GaleError('OPTION_VALUE', `tls cannot be used: ${reasonOf(error)}.`, { cause: error }));
      return;
    }
    this.#socket.on('error', this.#onError);
    this.#socket.on('close', this.#onClose);
    this.#timer = setTimeout(this.#onTimeout, connectTimeoutMs);
    signal?.addEventListener('abort', this.#onAbort);
  }

  #connect(): Socket {
    const { host, port, isSecure } = this.#url;
    const { socketPath, tls } = this.#options;
    const to = socketPath === undefined ? { host, port } : { path: socketPath };
    if (!isSecure) return connectTcp(to, this.#onConnect);
    // An address is no name that a certificate is chosen by, RFC 6066 §3; it is checked nevertheless.
    const servername = isIP(host) === 0 ? host : '';
    const socket = connectTls({ servername, host, ...tls, ...to, ALPNProtocols: ['http/1.1'] }, this.#onConnect);
    socket.once('connect', () => (this.#awaited = 'TLS'));
    return socket;
  }

  /** Only now, with TLS: before it, nobody knows who would read what is secret in the request. */
  readonly #onConnect = (): void => {
    this.#awaited = 'a response';
    this.#socket!.setNoDelay();
    this.#socket!.on('data', this.#onData);
    this.#socket!.write(this.#request, 'latin1');
  };

  readonly #onData = (bytes: Buffer): void => {
    const socket = this.#socket!;
    try {
      const response = this.#reader.push(bytes);
      if (response === undefined) return;
      this.#leave();
      this.#take({ socket, response, head: this.#reader.rest });
    } catch (error) {
      this.#fail(error);
    }
  };

  readonly #onError = (error: Error): void => {
    this.#failWith('WS_CONNECT', `could not be reached: ${reasonOf(error)}`, error);
  };

  readonly #onClose = (): void => {
    this.#failWith('WS_CONNECT', `closed the connection while the client waited for ${this.#awaited}`);
  };

  readonly #onTimeout = (): void => {
    const { connectTimeoutMs } = this.#options;
    this.#failWith(
      'WS_CONNECT',
      `could not be reached within ${connectTimeoutMs} ms (connectTimeoutMs), waiting for ${this.#awaited}`,
    );
  };

  readonly #onAbort = (): void => {
    this.#fail(this.#options.signal?.reason);
  };

  #failWith(code: ErrorCode, what: string, cause?: unknown): void {
    this.#fail(new GaleError(code, `${this.#url.shown} ${what}.`, { cause }));
  }

  #fail(reason: unknown): void {
    this.#leave();
    // Closing may go wrong once more, and nobody else listens.
    this.#socket!.on('error', () => undefined);
    this.#socket!.destroy();
    this.#reject(reason);
  }

  #leave(): void {
    const socket = this.#socket!;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    socket.off('data', this.#onData);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
  }
}

/** The code that Node.js gives, which names no path and no secret; of what has none, its words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
