/**
 * Opens the connection of a client: connects, with TLS for `wss:`, sends the request and reads the head of the response, all
 * within one time limit. client-handshake.ts checks the response.
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

/** A connection with the response of its server. */
export interface OpenedConnection {
  /** Flowing and without listeners. The caller owns it. */
  readonly socket: Socket;
  readonly response: HandshakeResponse;
  /** Bytes received after the response; often none. */
  readonly head: Buffer;
}

/** The options that opening uses. */
export type OpeningOptions = Pick<
  ResolvedConnectOptions,
  'connectTimeoutMs' | 'maxHeadBytes' | 'signal' | 'socketPath' | 'tls'
>;

/**
 * Opens a connection, sends `request` and waits for the response.
 *
 * @param take - Takes over the connection. It must listen to the socket before it returns. If it throws, the connection is reset
 * and the promise rejects with its error.
 * @returns The result of `take`. Rejects with `WS_CONNECT`, `WS_BAD_RESPONSE` or the reason of an aborted signal.
 */
export function openConnection<Taken>(
  url: WebSocketUrl,
  request: string,
  options: OpeningOptions,
  take: (opened: OpenedConnection) => Taken,
): Promise<Taken> {
  if (options.signal?.aborted === true) return Promise.reject(options.signal.reason);
  const { promise, resolve, reject } = Promise.withResolvers<Taken>();
  const opening = new ClientOpening(url, request, options, (opened) => resolve(take(opened)), reject);
  opening.start();
  return promise;
}

/** One attempt to open a connection. */
class ClientOpening {
  readonly #url: WebSocketUrl;
  readonly #request: string;
  readonly #options: OpeningOptions;
  readonly #take: (opened: OpenedConnection) => void;
  readonly #reject: (reason: unknown) => void;
  readonly #reader: HandshakeResponseReader;
  #socket: Socket | undefined;
  #timer: NodeJS.Timeout | undefined;
  #awaited = 'a connection';

  constructor(
    url: WebSocketUrl,
    request: string,
    options: OpeningOptions,
    take: (opened: OpenedConnection) => void,
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
      // node:tls checks certificates and keys before it connects.
      this.#reject(
        new GaleError('OPTION_VALUE', `tls must be valid options of node:tls; got an error: ${reasonOf(error)}.`, {
          cause: error,
        }),
      );
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
    // SNI has no IP addresses, RFC 6066 §3. The certificate is checked against the address anyway.
    const servername = isIP(host) === 0 ? host : '';
    const socket = connectTls({ servername, host, ...tls, ...to, ALPNProtocols: ['http/1.1'] }, this.#onConnect);
    socket.once('connect', () => (this.#awaited = 'TLS'));
    return socket;
  }

  /** With TLS this is after the check of the certificate, so that no other server reads secrets of the request. */
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
      this.#detach();
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
    this.#detach();
    // Closing may emit another error, and there are no other listeners.
    this.#socket!.on('error', () => undefined);
    this.#socket!.destroy();
    this.#reject(reason);
  }

  #detach(): void {
    const socket = this.#socket!;
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
    socket.off('data', this.#onData);
    socket.off('error', this.#onError);
    socket.off('close', this.#onClose);
  }
}

/** The error code of Node.js, which has no path and no secret; without a code the message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
}
