/**
 * The client: connects to a WebSocket and talks over it, with the same connection and the same protocol code as a server.
 * For tests, tools and services on Node.js; pages have their browser's. After Tornado's `websocket_connect`. RFC 6455 §4.1.
 */
import { randomBytes } from 'node:crypto';
import { GaleError, ProtocolError } from '../../errors.ts';
import type { HeaderList } from '../../http/protocol/header-list.ts';
import { TimerWheel } from '../../http/timing/timer-wheel.ts';
import { handshakeRequest, checkHandshakeResponse } from './client-handshake.ts';
import type { AgreedHandshake, ClientHandshake } from './client-handshake.ts';
import { openConnection } from './client-opening.ts';
import type { OpenedConnection } from './client-opening.ts';
import { closeCodes } from '../protocol/close-payload.ts';
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

/** Deadlines of all clients. Its timer runs only while there are any, and keeps no process alive. */
const clientWheel: TimerWheel = new TimerWheel();

type ClientCallbacks = Pick<ConnectOptions, 'onMessage' | 'onPing' | 'onPong' | 'onClose' | 'onError'>;

/**
 * Connects to a WebSocket. Redirects are not followed, since they may lead anywhere.
 *
 * @param url - `ws:` or `wss:`; `http:` and `https:` mean the same. A user and password in it become Basic Authorization.
 * @returns The client, open. No message is told before the promise is. It rejects with `WS_CONNECT` if the server could not be
 * reached in time, {@link WebSocketRefusedError} (`WS_REFUSED`) if it answered but with something else, `WS_BAD_ANSWER` if it broke
 * the rules of the handshake, `WS_URL`, `OPTION_VALUE` or `OPTION_UNKNOWN` for what was given wrong, and with the reason of an
 * aborted `signal`.
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
  return openConnection(address, handshakeRequest(handshake), resolved, (answered) => {
    const agreed = checkHandshakeResponse(answered.response, handshake);
    return new WebSocketClient(wheel, answered, agreed, resolved.websocket, options);
  });
}

/** One open WebSocket, the client's end. Made by {@link connectWebSocket}. */
export class WebSocketClient {
  /** The subprotocol that the server chose out of the offered; `undefined` if it chose none. */
  readonly protocol: string | undefined;
  /** Headers of the server's answer. */
  readonly headers: HeaderList;
  /**
   * Settles when the WebSocket has closed, with what `onClose` is told; never rejects. While a message waits for `readMessage`, what
   * is behind it, a close of the server's too, is not read.
   */
  readonly closed: Promise<ClosePayload>;
  readonly #connection: WebSocketConnection;
  /** Where messages wait; none where `onMessage` takes them. */
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
      // Nobody stops for a client: it has no server.
      { socket, head, wheel, attach: () => undefined },
      this.#events(callbacks, closed.resolve),
      { role: 'client', options, deflate: agreed.deflate },
    );
  }

  /** Whether messages can be sent and may come. */
  get isOpen(): boolean {
    return this.#connection.isOpen;
  }

  /** Bytes that were written and that the operating system has not taken yet. */
  get bufferedBytes(): number {
    return this.#connection.bufferedBytes;
  }

  /** The code it was closed with: the server's; our own if we closed and the server repeated it or named none; 1006 if it was lost; `undefined` while open. */
  get closeCode(): number | undefined {
    return this.#connection.closeCode;
  }

  /** The reason it was closed for; `''` while open. */
  get closeReason(): string {
    return this.#connection.closeReason;
  }

  /**
   * The next message: text as a string, binary as a Buffer of your own; `null` when the WebSocket has closed, see
   * {@link WebSocketClient.closed} for why. One message waits at most, and until it is taken nothing more is read, pings
   * included: a client that takes nothing for long is given up by its server. Several calls get messages in their order.
   *
   * @returns Rejects with `WS_READ` only, if there is an `onMessage`.
   */
  async readMessage(): Promise<string | Buffer | null> {
    if (this.#slot === undefined) {
      throw new GaleError('WS_READ', 'Messages of this client go to its onMessage; connect without it to read them.');
    }
    return this.#slot.take();
  }

  /** Message after message, until the WebSocket has closed. To break off does not close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void, void> {
    for (let message = await this.readMessage(); message !== null; message = await this.readMessage()) yield message;
  }

  /**
   * Sends a message: text for a string, binary for bytes, any other object as JSON. Over `maxBufferedBytes` it closes or drops, as
   * `whenBufferFull` says; await the result after each message to send no faster than the server reads.
   *
   * @returns Settles with `true` when the operating system has taken it, with `false` if it never will; never rejects. Await it
   * while the WebSocket is open: who asks only after its end is told `false` in any case.
   * @throws {@link TypeError} For an object that cannot become JSON, at once.
   */
  writeMessage(message: string | Uint8Array | ArrayBuffer | PreparedMessage | object): PromiseLike<boolean> {
    return sendMessage(this.#connection, message);
  }

  /** Settles when at most `mostBytes` wait to leave, or the WebSocket closed. */
  drained(mostBytes = 0): Promise<void> {
    return this.#connection.drained(mostBytes);
  }

  /** Sends a ping of at most 125 bytes. The client also sends its own, see `pingIntervalMs`. */
  ping(data: string | Uint8Array = ''): void {
    this.#connection.ping(data);
  }

  /**
   * Closes, behind all that was written. Messages that come from now on are left out; one that waits can still be read.
   *
   * @param code - 1000 to 1003, 1007 to 1014 or 3000 to 4999; 1005 names none.
   * @param reason - Cut at 123 bytes.
   * @returns {@link WebSocketClient.closed}: settles when the server has answered, at the latest after `closeTimeoutMs`.
   * @throws {@link GaleError} `WS_CLOSE_CODE` for another code, at once.
   */
  close(code: number = closeCodes.normal, reason = ''): Promise<ClosePayload> {
    this.#connection.close(code, reason);
    return this.closed;
  }

  /** Cuts the connection without a word; what has not left is lost. Closes with 1006 unless a close had begun. */
  terminate(): void {
    this.#connection.terminate();
  }

  #events(callbacks: ClientCallbacks, onClosed: (closed: ClosePayload) => void): WebSocketEvents {
    const { onMessage, onPing, onPong, onClose } = callbacks;
    const slot = this.#slot;
    return {
      // Whoever connected holds the client before anything is told.
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
        // That the server broke a rule is said by the close code, and is no fault of ours.
        if (callbacks.onError !== undefined || !(error instanceof ProtocolError)) reportError(callbacks, error);
      },
    };
  }
}
