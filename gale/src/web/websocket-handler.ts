/**
 * A handler whose GET opens a WebSocket. After the usual steps it continues with `open`, `onMessage` … and `onClose`. Before
 * `open`, `prepare` can check cookies and the current user, and refuse with any status.
 */
import { GaleError, ProtocolError } from '../errors.ts';
import { isThenable } from '../http/thenable.ts';
import { acceptWebSocket } from '../websocket/accept.ts';
import type { WebSocketConnection } from '../websocket/connection.ts';
import { readHandshake, refusalHeaders, type Handshake } from '../websocket/protocol/handshake.ts';
import { isSameOrigin } from '../websocket/protocol/origin.ts';
import type { PreparedMessage } from '../websocket/writing/prepared-message.ts';
import type { WebSocketEvents } from '../websocket/websocket-events.ts';
import { webSocketDefaults } from '../websocket/websocket-options.ts';
import type { WebSocketOptions } from '../websocket/websocket-options.ts';
import { sendMessage } from '../websocket/sending.ts';
import { isAllowedOrigin } from './cross-site.ts';
import { RequestHandler } from './handler.ts';
import { stateOf } from './head-builder.ts';
import { SiteRefusal } from './client-fault.ts';
import { HttpError } from './http-error.ts';

/**
 * One WebSocket connection of a client. Extend it and define the events you need. Each can be async: the next message is
 * read after the promise resolves. The resolved value is ignored.
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

  /** Limits and timers of this connection. Override it to replace the setting `websocket`. */
  get websocketOptions(): WebSocketOptions {
    return this.settings.websocket ?? webSocketDefaults;
  }

  /** Called first, with the arguments of the path. An error closes with 1011; `onClose` is still called. */
  open(..._values: never[]): void | PromiseLike<unknown> {}

  /** Called for each message: text as a string, binary as a Buffer. An error closes with 1011. */
  onMessage(_message: string | Buffer): void | PromiseLike<unknown> {}

  /**
   * Called once, when the connection is closed. Code 1001 means that the server stopped, which closes all WebSockets.
   * `onFinish` is not called for a WebSocket.
   */
  onClose(_code: number, _reason: string): void | PromiseLike<unknown> {}

  /** Called for a ping. The pong was sent already. */
  onPing(_data: Buffer): void | PromiseLike<unknown> {}

  /** Called for a pong, also for those of the heartbeat. */
  onPong(_data: Buffer): void | PromiseLike<unknown> {}

  /**
   * Whether a page of `origin` may connect; false is 403. Called if the request has an Origin. By default only this site and
   * the setting `allowedOrigins` are accepted. Browsers send cookies from any page, so a page of an accepted origin can act
   * for the user.
   */
  checkOrigin(origin: string): boolean {
    return isSameOrigin(this.request, origin) || isAllowedOrigin(origin, this.settings.allowedOrigins);
  }

  /** Override to select a subprotocol; `undefined` selects none. Called once if the client offers any. */
  selectSubprotocol(_offered: readonly string[]): string | undefined {
    return undefined;
  }

  /** The selected subprotocol; `undefined` for none. */
  get selectedSubprotocol(): string | undefined {
    return this.#selectedSubprotocol;
  }

  /** The open connection. @throws {@link GaleError} `WEB_HANDLER` before `open`. */
  get connection(): WebSocketConnection {
    if (this.#connection === undefined) {
      throw new GaleError('WEB_HANDLER', 'The WebSocket is not open yet; use it in or after open().');
    }
    return this.#connection;
  }

  /** Close code; `undefined` while the connection is open. */
  get closeCode(): number | undefined {
    return this.#connection?.closeCode;
  }

  /** Close reason as it was sent, at most 123 bytes of UTF-8; for 1006 the cause. Empty while the connection is open. */
  get closeReason(): string {
    return this.#connection?.closeReason ?? '';
  }

  /**
   * Sends a message: text for a string, binary for bytes, JSON for any other object. A closed connection does not throw, so a
   * loop over many connections continues.
   *
   * @returns Await it for backpressure. Resolves to `true` when the operating system has taken the message, to `false` if the
   *   connection ended or the peer reads too slowly (`maxBufferedBytes`). Never rejects. After the connection ended, the
   *   result is always `false`.
   * @throws {@link GaleError} `JSON_VALUE` for an object that JSON would lose, such as a promise or a Map; the message says what to
   *   send instead.
   */
  writeMessage(message: string | Uint8Array | ArrayBuffer | PreparedMessage | object): PromiseLike<boolean> {
    return sendMessage(this.connection, message);
  }

  /** Resolves when at most `maxBytes` are buffered, or the connection is closed. */
  drained(maxBytes?: number): Promise<void> {
    return this.connection.drained(maxBytes);
  }

  /** Sends a ping of at most 125 bytes. */
  ping(data?: string | Uint8Array): void {
    this.connection.ping(data);
  }

  /** Closes the connection after all sent messages. A reason over 123 bytes of UTF-8 is truncated. */
  close(code?: number, reason?: string): void {
    this.connection.close(code, reason);
  }

  /** Accepts the handshake. Override `open` and `onMessage` instead. */
  get(..._values: never[]): void {
    const handshake = this.#readHandshake();
    const origin = this.request.headers.get('origin');
    // A promise is not `true`: an async checkOrigin must not accept all origins.
    if (origin !== undefined && (this.checkOrigin(origin) as unknown) !== true) {
      throw new SiteRefusal(
        'websocket origin',
        `A page of ${JSON.stringify(origin)} tried to open a WebSocket (checkOrigin)`,
        'A page of this origin may not open a WebSocket here.',
      );
    }
    const { protocols } = handshake;
    this.#selectedSubprotocol = protocols.length > 0 ? this.selectSubprotocol(protocols) : undefined;
    this.upgradeBy(() => this.#accept(handshake));
  }

  #accept(handshake: Handshake): void {
    // The handler itself is the listener, so an idle connection needs no closures.
    this.#connection = acceptWebSocket(this.request, handshake, this, {
      protocol: this.#selectedSubprotocol,
      headers: this.headFields(),
      options: this.websocketOptions,
    });
    this.beginUpgrade();
  }

  /** Called by the connection. @internal */
  onOpen(): unknown {
    const opened: unknown = this.open(...(this.pathArguments as never[]));
    if (!isThenable(opened)) stateOf(this).forgetHandshake();
    return isThenable(opened) ? this.#forgetAfter(opened) : opened;
  }

  async #forgetAfter(opened: PromiseLike<unknown>): Promise<void> {
    await opened;
    stateOf(this).forgetHandshake();
  }

  /** Called by the connection: `closing` aborts. @internal */
  onServerClosing(): void {
    this.request.announceClosing();
  }

  /** Called by the connection when an event handler threw or the peer violated the protocol. @internal */
  onError(error: unknown): void {
    if (!(error instanceof ProtocolError)) return this.logException(error);
    const { path, remoteAddress } = this.request;
    const fields = { code: error.code, reason: error.message, path, remoteAddress };
    this.log.info(fields, 'WebSocket closed after a protocol error');
  }

  #readHandshake(): Handshake {
    try {
      return readHandshake(this.request);
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
      throw new HttpError(error.status, undefined, {
        headers: refusalHeaders(error),
        problem: { detail: error.message },
        cause: error,
      });
    }
  }
}
