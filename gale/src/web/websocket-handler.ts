/**
 * A handler whose GET opens a WebSocket: its life goes on as `open`, `onMessage` …, `onClose`. Until `open` it is a handler
 * like any other, so `prepare` may look at cookies and the current user and refuse with any status.
 */
import { GaleError, ProtocolError } from '../errors.ts';
import { acceptWebSocket } from '../websocket/accept.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';
import { readHandshake, refusalHeaders, type Handshake } from '../websocket/protocol/handshake.ts';
import { isSameOrigin, normalOrigin } from '../websocket/protocol/origin.ts';
import type { PreparedMessage } from '../websocket/writing/prepared-message.ts';
import type { WebSocketEvents } from '../websocket/websocket-events.ts';
import { webSocketDefaults } from '../websocket/websocket-options.ts';
import type { WebSocketOptions } from '../websocket/websocket-options.ts';
import { sendMessage } from '../websocket/sending.ts';
import { RequestHandler } from './handler.ts';
import { HttpError } from './http-error.ts';

/**
 * Speaks with one client over a WebSocket. Derive from it and define what you listen to; each step may be async, and the next
 * message is not read before the last one was dealt with; what else a step returns is not looked at.
 *
 * @example
 * class Echo extends WebSocketHandler {
 *   override onMessage(message: string | Buffer) {
 *     this.writeMessage(message);
 *   }
 * }
 */
export class WebSocketHandler<User = unknown, Init = unknown>
  extends RequestHandler<User, Init>
  implements WebSocketEvents
{
  #connection: WebSocketConnection | undefined;
  #selectedSubprotocol: string | undefined;

  /** Limits and timers of this connection: the setting `websocket`; override it for others. */
  get websocketOptions(): WebSocketOptions {
    return this.settings.websocket ?? webSocketDefaults;
  }

  /** Called first, with what the path gave. What it throws closes with 1011; `onClose` is still called. */
  open(..._values: never[]): void | PromiseLike<unknown> {}

  /** Called for each message: text as a string, binary as a Buffer. What it throws closes with 1011. */
  onMessage(_message: string | Buffer): void | PromiseLike<unknown> {}

  /**
   * Called once, last, when the connection is closed; with 1001 if the server stopped, which closes every WebSocket by itself.
   * `onFinish` is not called for a WebSocket.
   */
  onClose(_code: number, _reason: string): void | PromiseLike<unknown> {}

  /** Called for a ping; it was answered already. */
  onPing(_data: Buffer): void | PromiseLike<unknown> {}

  /** Called for a pong, those that answer the timer's pings included. */
  onPong(_data: Buffer): void | PromiseLike<unknown> {}

  /**
   * Says whether a page of `origin` may connect; called if the client names one. By default only pages of this very site may, and
   * of the setting `allowedOrigins`; others are refused with 403. A browser sends cookies along from any page, so letting all in
   * lets all act for the user.
   */
  checkOrigin(origin: string): boolean {
    if (isSameOrigin(this.request, origin)) return true;
    const normal = normalOrigin(origin);
    const { allowedOrigins = [] } = this.settings;
    return normal !== undefined && allowedOrigins.some((allowed) => normalOrigin(allowed) === normal);
  }

  /** Chooses one of the subprotocols the client offers; `undefined` for none. Called once if it offers any. */
  selectSubprotocol(_offered: readonly string[]): string | undefined {
    return undefined;
  }

  /** What {@link selectSubprotocol} has chosen; `undefined` for none. */
  get selectedSubprotocol(): string | undefined {
    return this.#selectedSubprotocol;
  }

  /** The open connection. @throws {@link GaleError} `WEB_HANDLER` before `open`. */
  get connection(): WebSocketConnection {
    if (this.#connection === undefined) {
      throw new GaleError('WEB_HANDLER', 'The WebSocket is not open yet; use it from open() on.');
    }
    return this.#connection;
  }

  /** The code it was closed with; `undefined` while it is open. */
  get closeCode(): number | undefined {
    return this.#connection?.closeCode;
  }

  /** The reason it was closed for; empty while it is open. */
  get closeReason(): string {
    return this.#connection?.closeReason ?? '';
  }

  /**
   * Sends a message: text for a string, binary for bytes, any other object as JSON. Nothing that becomes of the peer is thrown, so a loop over many of them goes on.
   *
   * @returns May be awaited to write no faster than the peer reads: `true` when the operating system has taken the message,
   * `false` if it never will, because the connection ended or the peer is too far behind (`maxBufferedBytes`). Never rejects.
   * Await it while the connection is open: who asks only after its end is told `false` in any case.
   * @throws {@link TypeError} For an object that cannot become JSON.
   */
  writeMessage(message: string | Uint8Array | ArrayBuffer | PreparedMessage | object): PromiseLike<boolean> {
    return sendMessage(this.connection, message);
  }

  /** Settles when at most `mostBytes` wait to leave, or the connection closed. */
  drained(mostBytes?: number): Promise<void> {
    return this.connection.drained(mostBytes);
  }

  /** Sends a ping of at most 125 bytes. */
  ping(data?: string | Uint8Array): void {
    this.connection.ping(data);
  }

  /** Closes, behind all that was sent. */
  close(code?: number, reason?: string): void {
    this.connection.close(code, reason);
  }

  /** Answers the handshake; the verbs of a WebSocket are the methods above. */
  get(..._values: never[]): void {
    const handshake = this.#readHandshake();
    const origin = this.request.headers.get('origin');
    // A promise is no `true`: who made checkOrigin async must not let everybody in.
    if (origin !== undefined && (this.checkOrigin(origin) as unknown) !== true) {
      throw new HttpError(403, `A page of ${JSON.stringify(origin)} tried to open a WebSocket (checkOrigin)`);
    }
    const { protocols } = handshake;
    this.#selectedSubprotocol = protocols.length > 0 ? this.selectSubprotocol(protocols) : undefined;
    // The handler itself is what listens, so that an idle connection holds no closures.
    this.#connection = acceptWebSocket(this.request, handshake, this, {
      protocol: this.#selectedSubprotocol,
      headers: this.headFields(),
      options: this.websocketOptions,
    });
    this.beginUpgrade();
  }

  /** The connection's call. @internal */
  onOpen(): unknown {
    return this.open(...(this.pathArguments as never[]));
  }

  /** The connection's call: a step threw, or the peer broke a rule. @internal */
  onError(error: unknown): void {
    if (!(error instanceof ProtocolError)) return this.logException(error);
    const { path, remoteAddress } = this.request;
    this.log.info({ code: error.code, path, remoteAddress }, error.message);
  }

  #readHandshake(): Handshake {
    try {
      return readHandshake(this.request);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new HttpError(error.status, undefined, { headers: refusalHeaders(error), cause: error });
    }
  }
}
