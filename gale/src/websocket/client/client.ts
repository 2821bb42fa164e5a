/**
 * The WebSocket client, with the same connection and protocol code as the server. It is for tests, tools and services on Node.js;
 * pages use the client of the browser. It follows `websocket_connect` of Tornado. RFC 6455 §4.1.
 */
import { randomBytes } from 'node:crypto';
import { GaleError, ProtocolError } from '../../errors.ts';
import type { HeaderList } from '../../http/protocol/header-list.ts';
import { TimerWheel } from '../../http/timing/timer-wheel.ts';
import { handshakeRequest, checkHandshakeResponse } from './client-handshake.ts';
import type { AgreedHandshake, ClientHandshake } from './client-handshake.ts';
import { openConnection } from './client-opening.ts';
import type { OpenedConnection } from './client-opening.ts';
import { closeCodes } from '../protocol/close-codes.ts';
import type { ClosePayload } from '../protocol/close-payload.ts';
import { assertFits, resolveConnectOptions } from './connect-options.ts';
import type { ConnectOptions } from './connect-options.ts';
import { WebSocketConnection } from '../connection.ts';
import { MessageSlot } from './message-slot.ts';
import type { PreparedMessage } from '../writing/prepared-message.ts';
import { reportError } from '../websocket-events.ts';
import type { WebSocketEvents } from '../websocket-events.ts';
import type { ResolvedWebSocketOptions } from '../websocket-options.ts';
import { readWebSocketUrl } from './websocket-url.ts';
import { sendMessage } from '../sending.ts';

/** Deadlines of all clients. Its timer runs only while there are deadlines and does not keep the process alive. */
const clientWheel: TimerWheel = new TimerWheel();

type ClientCallbacks = Pick<ConnectOptions, 'onMessage' | 'onPing' | 'onPong' | 'onClose' | 'onError'>;

/**
 * Connects to a WebSocket. It does not follow redirects, because they may lead anywhere.
 *
 * @param url - `ws:` or `wss:`; `http:` and `https:` mean the same. A user and password in it become Basic Authorization.
 * @returns The open client. It delivers no message before the promise settles. The promise rejects with:
 * - `WS_CONNECT` if the server could not be reached in time
 * - {@link WebSocketRefusedError} (`WS_REFUSED`) if the response has another status than 101
 * - `WS_BAD_RESPONSE` if the response is invalid
 * - `WS_URL`, `OPTION_VALUE` or `OPTION_UNKNOWN` for an invalid argument
 * - the reason of an aborted `signal`
 */
export function connectWebSocket(url: string | URL, options: ConnectOptions = {}): Promise<WebSocketClient> {
  return connectWebSocketOn(clientWheel, url, options);
}

/** The same with deadlines on another wheel. @internal */
export async function connectWebSocketOn(
  wheel: TimerWheel,
  url: string | URL,
  options: ConnectOptions = {},
): Promise<WebSocketClient> {
  const resolved = resolveConnectOptions(options);
  const address = readWebSocketUrl(url);
  assertFits(address, resolved);
  const handshake: ClientHandshake = {
    url: address,
    key: randomBytes(16).toString('base64'),
    protocols: resolved.protocols,
    deflate: resolved.websocket,
    origin: resolved.origin,
    headers: resolved.headers,
  };
  return openConnection(address, handshakeRequest(handshake), resolved, (opened) => {
    const agreed = checkHandshakeResponse(opened.response, handshake);
    return new WebSocketClient(wheel, opened, agreed, resolved.websocket, options);
  });
}

/** The client end of an open WebSocket, created by {@link connectWebSocket}. */
export class WebSocketClient {
  /** The offered subprotocol that the server chose; `undefined` for none. */
  readonly protocol: string | undefined;
  /** Headers of the handshake response. */
  readonly headers: HeaderList;
  /**
   * Settles when the WebSocket has closed, with the arguments of `onClose`; never rejects. While a message waits for `readMessage`,
   * nothing after it is read, not even a close of the server.
   */
  readonly closed: Promise<ClosePayload>;
  readonly #connection: WebSocketConnection;
  /** Holds a message for `readMessage`; `undefined` with `onMessage`. */
  readonly #slot: MessageSlot | undefined;

  /** @internal */
  constructor(
    wheel: TimerWheel,
    { socket, head, response }: OpenedConnection,
    agreed: AgreedHandshake,
    options: ResolvedWebSocketOptions,
    callbacks: ClientCallbacks,
  ) {
    const closed = Promise.withResolvers<ClosePayload>();
    this.protocol = agreed.protocol;
    this.headers = response.headers;
    this.closed = closed.promise;
    this.#slot = callbacks.onMessage === undefined ? new MessageSlot() : undefined;
    this.#connection = new WebSocketConnection(
      // A client has no server that could stop.
      { socket, head, wheel, attach: () => undefined },
      this.#events(callbacks, closed.resolve),
      { role: 'client', options, deflate: agreed.deflate },
    );
  }

  /** Whether messages can be sent and received. */
  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Written bytes that the operating system has not taken. */
  get bufferedAmount(): number {
    return this.#connection.bufferedAmount;
  }

  /**
   * The close code of the server; our own if we closed and the server repeated it or sent none; 1006 if the connection was lost;
   * `undefined` while open.
   */
  get closeCode(): number | undefined {
    return this.#connection.closeCode;
  }

  /** The close reason; `''` while open. */
  get closeReason(): string {
    return this.#connection.closeReason;
  }

  /**
   * Reads the next message: text as a string, binary as a Buffer that the caller owns; `null` after the WebSocket has closed, see
   * {@link WebSocketClient.closed}. At most one message waits. Until it is read, nothing more is read, not even pings: a server
   * resets a client that reads nothing for long. Several calls receive messages in order.
   *
   * @returns Rejects only with `WS_READ`, if there is an `onMessage`.
   */
  async readMessage(): Promise<string | Buffer | null> {
    if (this.#slot === undefined) {
      throw new GaleError(
        'WS_READ',
        'This client delivers messages to onMessage; connect without onMessage to read them.',
      );
    }
    return this.#slot.take();
  }

  /** Iterates over messages until the WebSocket has closed. Leaving the loop does not close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void, void> {
    for (let message = await this.readMessage(); message !== null; message = await this.readMessage()) yield message;
  }

  /**
   * Sends a message: a string as text, bytes as binary, any other object as JSON. Above `maxBufferedBytes` it closes or drops, see
   * `whenBufferFull`. Await the result after each message to send no faster than the server reads.
   *
   * @returns Settles with `true` when the operating system has taken the message, with `false` if it never will; never rejects.
   * Await it while the WebSocket is open: after the end it is always `false`.
   * @throws {@link GaleError} `JSON_VALUE` for an object that JSON would lose, such as a promise or a Map; at once.
   */
  writeMessage(message: string | Uint8Array | ArrayBuffer | PreparedMessage | object): PromiseLike<boolean> {
    return sendMessage(this.#connection, message);
  }

  /** Settles when at most `maxBytes` are buffered, or the WebSocket has closed. */
  drained(maxBytes = 0): Promise<void> {
    return this.#connection.drained(maxBytes);
  }

  /** Sends a ping of at most 125 bytes. The client also sends pings by itself, see `pingIntervalMs`. */
  ping(data: string | Uint8Array = ''): void {
    this.#connection.ping(data);
  }

  /**
   * Closes after everything written so far. Messages received from now on are discarded; one that waits can still be read.
   *
   * @param code - 1000 to 1003, 1007 to 1014 or 3000 to 4999; 1005 sends none.
   * @param reason - Truncated to 123 bytes.
   * @returns {@link WebSocketClient.closed}: settles when the server has responded, at the latest after `closeTimeoutMs`.
   * @throws {@link GaleError} `WS_CLOSE_CODE` at once, for another code.
   */
  close(code: number = closeCodes.normal, reason = ''): Promise<ClosePayload> {
    this.#connection.close(code, reason);
    return this.closed;
  }

  /** Resets the connection without a close frame; unsent data is lost. The code is 1006 unless a close had begun. */
  terminate(): void {
    this.#connection.terminate();
  }

  #events(callbacks: ClientCallbacks, onClosed: (closed: ClosePayload) => void): WebSocketEvents {
    const { onMessage, onPing, onPong, onClose } = callbacks;
    const slot = this.#slot;
    return {
      // The caller has the client before the first callback.
      onOpen: () => new Promise((resolve) => void setImmediate(resolve)),
      onMessage: (message) => (slot === undefined ? onMessage?.(message, this) : slot.put(message)),
      onPing: (data) => onPing?.(data),
      onPong: (data) => onPong?.(data),
      onClose(code, reason) {
        onClosed({ code, reason });
        slot?.end();
        return onClose?.(code, reason);
      },
      onError(error) {
        // A broken rule of the server is not our error; the close code shows it.
        if (callbacks.onError !== undefined || !(error instanceof ProtocolError)) reportError(callbacks, error);
      },
    };
  }
}
