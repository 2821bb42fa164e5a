/**
 * One open WebSocket, on the server or the client. It owns the socket and the close handshake.
 * frame-parser.ts reads frames, frame-writer.ts writes them, heartbeat.ts has the deadline.
 * RFC 6455 §5.5 (control frames) and §7 (closing).
 */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ProtocolError } from '../errors.ts';
import { assertInteger } from '../run/given-options.ts';
import type { UpgradedConnection, UpgradeHandler } from '../http/request.ts';
import { listenTo } from '../http/socket/socket-listeners.ts';
import type { SocketOwner } from '../http/socket/socket-listeners.ts';
import { isThenable } from '../http/thenable.ts';
import { closeCodes } from './protocol/close-codes.ts';
import { writeClosePayload } from './protocol/close-payload.ts';
import type { DeflateAgreement } from './compression/deflate-offer.ts';
import { DeflatingWriter } from './writing/deflating-writer.ts';
import { encodeFrame, maxControlBytes, opcodes } from './protocol/frame.ts';
import type { Opcode } from './protocol/frame.ts';
import { FrameWriter } from './writing/frame-writer.ts';
import { Heartbeat } from './heartbeat.ts';
import type { HeartbeatOwner } from './heartbeat.ts';
import { MessageInflater } from './compression/message-inflater.ts';
import { PreparedMessage, prepareForOne } from './writing/prepared-message.ts';
import { FrameParser } from './protocol/frame-parser.ts';
import type { ParsedEvent, EndpointRole } from './protocol/frame-parser.ts';
import { decodeText } from './protocol/utf8.ts';
import { reportError } from './websocket-events.ts';
import type { WebSocketEvents } from './websocket-events.ts';
import { resolveWebSocketOptions } from './websocket-options.ts';
import type { ResolvedWebSocketOptions, WebSocketOptions } from './websocket-options.ts';

/** Settings of a connection besides its socket. */
export interface ConnectionSetup {
  /** Which end this is: a client masks its frames and lets the server end the socket. @defaultValue 'server' */
  readonly role?: EndpointRole;
  /** Limits, timers and compression. */
  readonly options?: WebSocketOptions;
  /** The agreed compression; nothing is compressed without it. */
  readonly deflate?: DeflateAgreement | undefined;
  /** Head of the 101 response, to send before the first frame; none if it was sent already. */
  readonly responseHead?: string;
}

/**
 * Pings and pongs that a peer may send without a message between them, and between two pings of ours. After these the socket is
 * paused: a frame of 6 bytes costs us much more time than its sender, and each ping needs a pong.
 */
const maxControlFrames = 64;
/** Pause after too many control frames, in milliseconds. */
const controlPauseMs = 1000;

const pingFrame = new PreparedMessage(encodeFrame(opcodes.ping, ''));

/** An open WebSocket connection, until it closes. */
export class WebSocketConnection implements HeartbeatOwner, SocketOwner, UpgradeHandler {
  readonly #socket: Socket;
  readonly #events: WebSocketEvents;
  readonly #options: ResolvedWebSocketOptions;
  readonly #role: EndpointRole;
  readonly #parser: FrameParser;
  readonly #writer: FrameWriter;
  /** With compression only. */
  readonly #inflater: MessageInflater | undefined;
  readonly #heartbeat: Heartbeat;
  /** `closing` once a close frame was sent or the end is certain, `closed` once `onClose` was called. */
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Whether the promise of a handler is pending, or a message is being inflated. */
  #busy = false;
  /** Whether the peer has ended its side and the socket has no more data. */
  #peerEnded = false;
  /** Value of {@link progress} when the last ping was due. */
  #progressAtPing: number | undefined = undefined;
  /** Pings and pongs since the last message, our last ping, or the last pause. */
  #controlFrames = 0;
  #closeCode: number | undefined = undefined;
  #closeReason = '';

  /** @param upgraded - Owned by this connection from now on. */
  constructor(upgraded: UpgradedConnection, events: WebSocketEvents, setup: ConnectionSetup = {}) {
    const { role = 'server', deflate, responseHead } = setup;
    const { socket, wheel } = upgraded;
    const options = resolveWebSocketOptions(setup.options);
    const { maxBufferedBytes, compressFromBytes } = options;
    const masks = role === 'client';
    this.#socket = socket;
    this.#events = events;
    this.#options = options;
    this.#role = role;
    this.#parser = new FrameParser(options, role, deflate !== undefined);
    this.#writer =
      deflate === undefined
        ? new FrameWriter(socket, maxBufferedBytes, masks)
        : new DeflatingWriter(socket, maxBufferedBytes, masks, { ...deflate, fromBytes: compressFromBytes });
    this.#inflater = deflate && new MessageInflater(deflate, options.maxMessageBytes);
    if (responseHead !== undefined) this.#writer.queueHead(Buffer.from(responseHead, 'latin1'));
    this.#heartbeat = new Heartbeat(this, wheel, options);
    listenTo(socket, this);
    process.nextTick(start, this, upgraded.head);
    // After that line, so that a server in shutdown closes the connection only after onOpen.
    upgraded.attach(this);
  }

  /** Whether messages can be sent and received. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Sent bytes that the operating system has not taken; messages before compression count uncompressed. */
  get bufferedAmount(): number {
    return this.#writer.bufferedBytes;
  }

  /** The close code, as in `onClose`; `undefined` while open. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** The close reason as it was sent, at most 123 bytes of UTF-8; for 1006 the cause. `''` while open. */
  get closeReason(): string {
    return this.#closeReason;
  }

  /**
   * Sends a message. It is written together with all others of this turn of the event loop. It does nothing once closed. If more
   * than `maxBufferedBytes` would be pending, the connection closes with 4008; with `whenBufferFull: 'drop'` it omits the message.
   *
   * @returns Whether the message was queued; see {@link WebSocketConnection.sent} for when it was taken.
   */
  send(message: string | Uint8Array | PreparedMessage): boolean {
    if (this.#state !== 'open' || this.#peerEnded) return false;
    if (this.#writer.queue(message instanceof PreparedMessage ? message : prepareForOne(message))) return true;
    if (this.#options.whenBufferFull === 'close') this.#closeSlow();
    return false;
  }

  /**
   * The result of everything sent so far. Await it after each message to send no faster than the peer reads.
   *
   * @returns Settles with `true` when the operating system has taken it, with `false` if the connection ended first; never rejects.
   */
  sent(): PromiseLike<boolean> {
    return this.#writer.sent();
  }

  /** Settles when at most `maxBytes` are buffered, or the connection has closed. @throws {@link GaleError} `OPTION_VALUE`. */
  drained(maxBytes = 0): Promise<void> {
    assertInteger('maxBytes', maxBytes, 0, Number.MAX_SAFE_INTEGER);
    return this.#writer.drained(maxBytes);
  }

  /**
   * Sends a ping, ahead of pending data of a slow peer.
   *
   * @param data - At most 125 bytes, which the pong repeats; the rest is truncated.
   */
  ping(data: string | Uint8Array = ''): void {
    if (this.#state === 'open') this.#writer.queuePing(controlFrame(opcodes.ping, Buffer.from(data)));
  }

  /**
   * Closes after everything sent so far. `onMessage` is not called again. `onClose` is called when the peer has responded or after
   * `closeTimeoutMs`. A second call does nothing.
   *
   * @param code - 1000 to 1003, 1007 to 1014 or 3000 to 4999; 1005 sends none.
   * @param reason - Truncated after the last character within 123 bytes; `onClose` and `closeReason` have it like that too.
   * @throws {@link GaleError} `WS_CLOSE_CODE` for another code.
   */
  close(code: number = closeCodes.normal, reason = ''): void {
    const payload = writeClosePayload(code, reason);
    if (this.#state !== 'open') return;
    this.#startClosing(code, payload);
    // The close frame of the peer may follow messages that wait for a busy handler.
    if (this.#busy) process.nextTick(dispatchReceived, this);
  }

  /** Resets the connection without a close frame. `onClose` is called with 1006 unless a close had begun. */
  terminate(): void {
    if (this.#state === 'open') this.#state = 'closing';
    // Nothing more is delivered, not even a close frame that was already received.
    this.#parser.end();
    this.#writer.stop();
    this.#socket.destroy();
    // A socket that has already closed emits no second event.
    if (this.#peerEnded) process.nextTick(dispatchReceived, this);
  }

  /** Called by the server at its shutdown. @internal */
  onServerClosing(): void {
    try {
      this.#events.onServerClosing?.();
    } catch (error) {
      reportError(this.#events, error);
    }
    this.close(closeCodes.goingAway, 'the server stops');
  }

  /** Takes the first bytes, calls `onOpen` and delivers messages. @internal */
  start(head: Buffer): void {
    this.#parser.push(head);
    if (this.#state === 'open') this.#callHandler(() => this.#events.onOpen?.(this));
    this.dispatchReceived();
  }

  /** `data` of the socket. @internal */
  onData(bytes: Buffer): void {
    this.#heartbeat.noteActivity();
    this.#parser.push(bytes);
    if (this.#busy && this.#state === 'open') this.#socket.pause();
    else this.dispatchReceived();
  }

  /** `end` of the socket. @internal */
  onInputEnd(): void {
    this.#peerEnded = true;
    // The socket now ends our side by itself, so nothing can be sent.
    this.#writer.stop();
    this.#heartbeat.awaitEnd();
    // A closing connection delivers no messages, so it does not wait for the handler.
    if (!this.#busy || this.#state !== 'open') this.dispatchReceived();
  }

  /** `error` of the socket; `close` follows. @internal */
  onSocketError(error: Error): void {
    this.#onConnectionLost(`the connection failed: ${error.message}`);
  }

  /** `close` of the socket. @internal */
  onSocketClose(): void {
    this.#writer.stop();
    // After an orderly end, messages received before it are still delivered, even to a slow handler.
    if (!(this.#peerEnded && this.#busy)) this.#onConnectionLost('the connection was reset');
    this.#heartbeat.stop();
  }

  /** For the heartbeat. @internal */
  get isSilenceExpected(): boolean {
    if (this.#socket.isPaused() || this.#writer.hasMoved) return true;
    // Parts of one large message are taken long before the socket is empty.
    return this.#progressAtPing !== undefined && this.#writer.progress !== this.#progressAtPing;
  }

  /** For the heartbeat. @internal */
  get progress(): number | undefined {
    return this.#writer.progress;
  }

  /** Called by the heartbeat. @internal */
  onPingDue(): void {
    this.#controlFrames = 0;
    this.#writer.hasMoved = false;
    this.#progressAtPing = this.#writer.progress;
    this.#writer.queuePing(pingFrame);
  }

  /** Called by the heartbeat. @internal */
  onSilence(cause: string): void {
    this.#socket.destroy();
    this.#onConnectionLost(cause);
  }

  /** Called by the heartbeat. @internal */
  onEndOverdue(): void {
    this.#socket.destroy();
  }

  /** Delivers everything received, until a handler is busy or there is no more. @internal */
  dispatchReceived(): void {
    while (!this.#busy || this.#state !== 'open') {
      const event = this.#next();
      if (event === undefined) {
        if (this.#peerEnded) this.#onConnectionLost('the peer ended the connection without a close frame');
        else if (this.#socket.isPaused()) this.#resumeReading();
        return;
      }
      this.#dispatch(event);
    }
  }

  #resumeReading(): void {
    // Bytes of the pause arrive only now, so the peer was not silent since the last ping.
    this.#heartbeat.noteActivity();
    this.#socket.resume();
  }

  #next(): ParsedEvent | undefined {
    try {
      return this.#parser.next();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #dispatch(event: ParsedEvent): void {
    if (event.kind === 'close') {
      this.#onCloseFrame(event.code, event.reason);
    } else if (this.#state === 'open') {
      if (event.kind === 'ping' || event.kind === 'pong') {
        this.#dispatchControl(event.kind, event.data);
        return;
      }
      this.#controlFrames = 0;
      if (event.kind === 'compressed') this.#inflate(event.isText, event.data);
      else this.#callOnMessage(event.message);
    }
  }

  #dispatchControl(kind: 'ping' | 'pong', data: Buffer): void {
    if (kind === 'ping') {
      this.#writer.queuePong(controlFrame(opcodes.pong, data));
      this.#callHandler(() => this.#events.onPing?.(data));
    } else {
      this.#callHandler(() => this.#events.onPong?.(data));
    }
    if (++this.#controlFrames < maxControlFrames || this.#busy) return;
    this.#controlFrames = 0;
    void this.#waitFor(delay(controlPauseMs, undefined, { ref: false }));
  }

  #inflate(isText: boolean, data: Buffer): void {
    try {
      const inflated = this.#inflater!.inflate(data);
      if (inflated instanceof Promise) void this.#inflateLater(isText, inflated);
      else this.#dispatchInflated(isText, inflated);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #inflateLater(isText: boolean, inflating: Promise<Buffer>): Promise<void> {
    this.#busy = true;
    try {
      const inflated = await inflating;
      this.#busy = false;
      if (this.#state === 'open') this.#dispatchInflated(isText, inflated);
    } catch (error) {
      this.#busy = false;
      if (this.#state === 'open') this.#fail(error);
    }
    this.dispatchReceived();
  }

  #dispatchInflated(isText: boolean, inflated: Buffer): void {
    // #callOnMessage handles errors of onMessage; only invalid UTF-8 throws here.
    this.#callOnMessage(isText ? decodeText(inflated) : inflated);
  }

  #callOnMessage(message: string | Buffer): void {
    try {
      const result = this.#events.onMessage(message);
      if (isThenable(result)) void this.#waitFor(result);
    } catch (error) {
      this.#onHandlerError(error);
    }
  }

  #callHandler(handler: () => unknown): void {
    try {
      const result = handler();
      if (isThenable(result)) void this.#waitFor(result);
    } catch (error) {
      this.#onHandlerError(error);
    }
  }

  async #waitFor(result: PromiseLike<unknown>): Promise<void> {
    this.#busy = true;
    try {
      await result;
    } catch (error) {
      this.#onHandlerError(error);
    }
    this.#busy = false;
    this.dispatchReceived();
  }

  #onHandlerError(error: unknown): void {
    reportError(this.#events, error);
    if (this.#state === 'open') this.close(closeCodes.failed);
  }

  #onCloseFrame(code: number, reason: string): void {
    if (this.#state === 'open') {
      this.#startClosing(code, writeClosePayload(code, reason));
    } else if (this.#state === 'closing' && code !== closeCodes.none && (code !== this.#closeCode || reason !== '')) {
      // Most peers repeat our code without our reason.
      this.#closeCode = code;
      this.#closeReason = reason;
    }
    // The server ends first, so that TIME_WAIT is at the server: RFC 6455 §7.1.1.
    if (this.#role === 'server') this.#endSocket();
    else this.#heartbeat.awaitEnd();
    this.#finish(this.#closeCode ?? code, this.#closeReason);
  }

  /** Closes after a broken rule of the peer and reads no more. RFC 6455 §7.1.7. */
  #fail(error: unknown): void {
    this.#parser.end();
    // A peer closed as too slow may break a rule later; nothing is reported after onClose.
    if (this.#state !== 'closed') reportError(this.#events, error);
    const code = error instanceof ProtocolError ? error.closeCode : closeCodes.failed;
    const reason = error instanceof ProtocolError ? error.message : '';
    if (this.#state === 'open') this.#startClosing(code, writeClosePayload(code, reason));
    this.#endSocket();
    this.#finish(this.#closeCode ?? code, this.#closeReason);
  }

  /** Closes a peer that reads too slowly: drops its pending messages and sends a close frame, without waiting for it. */
  #closeSlow(): void {
    this.#writer.drop();
    this.#startClosing(closeCodes.tooSlow, writeClosePayload(closeCodes.tooSlow, 'too slow; reconnect and recover'));
    // Not at once: onClose must not run in the middle of a broadcast.
    process.nextTick(finishSlow, this);
  }

  /** Ends {@link #closeSlow}. @internal */
  finishSlow(): void {
    this.#finish(closeCodes.tooSlow, this.#closeReason);
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  #startClosing(code: number, payload: Buffer): void {
    this.#state = 'closing';
    this.#closeCode = code;
    // As the peer receives it: a long reason is truncated, and code 1005 has none.
    this.#closeReason = payload.toString('utf8', 2);
    this.#writer.queueLast(controlFrame(opcodes.close, payload));
    this.#heartbeat.awaitEnd();
  }

  /** Ends our side and waits for the peer to end its own: a reset could discard sent data. RFC 6455 §7.1.1. */
  #endSocket(): void {
    this.#writer.end();
    // Not at the end of the turn: over TLS the end of the peer may come in this turn, and nothing can be sent after it.
    this.#writer.onTurnEnd();
    this.#heartbeat.awaitEnd();
  }

  #onConnectionLost(cause: string): void {
    const known = this.#closeCode !== undefined;
    this.#finish(this.#closeCode ?? closeCodes.abnormal, known ? this.#closeReason : cause);
  }

  /** Calls `onClose`, once. */
  #finish(code: number, reason: string): void {
    if (this.#state === 'closed') return;
    this.#state = 'closed';
    this.#closeCode = code;
    this.#closeReason = reason;
    try {
      const result = this.#events.onClose(code, reason);
      if (isThenable(result)) result.then(undefined, (error: unknown) => reportError(this.#events, error));
    } catch (error) {
      reportError(this.#events, error);
    }
  }
}

function controlFrame(opcode: Opcode, payload: Buffer): PreparedMessage {
  return new PreparedMessage(encodeFrame(opcode, payload.subarray(0, maxControlBytes)));
}

function start(connection: WebSocketConnection, head: Buffer): void {
  connection.start(head);
}

function dispatchReceived(connection: WebSocketConnection): void {
  connection.dispatchReceived();
}

function finishSlow(connection: WebSocketConnection): void {
  connection.finishSlow();
}
