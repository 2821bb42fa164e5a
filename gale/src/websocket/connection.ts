/**
 * One open WebSocket, either end, on a socket that is its own from now on: owns the socket and the close handshake.
 * Frames are read by protocol.ts and written by frame-writer.ts, the deadline is heartbeat.ts's; what a message means is its user's
 * business. RFC 6455 §5.5 (control frames) and §7 (closing).
 */
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { ProtocolError } from '../errors.ts';
import type { UpgradedConnection, UpgradeTaker } from '../http/request.ts';
import { listenTo } from '../http/socket/socket-listeners.ts';
import type { SocketOwner } from '../http/socket/socket-listeners.ts';
import { isThenable } from '../http/thenable.ts';
import { closeCodes, writeClosePayload } from './protocol/close-payload.ts';
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

/** What a connection has to know besides its socket. */
export interface ConnectionSetup {
  /** Which end this is: a client masks its frames, and leaves it to the server to end the socket. @defaultValue 'server' */
  readonly role?: EndpointRole;
  /** Limits, timers and compression. */
  readonly options?: WebSocketOptions;
  /** What the two ends agreed on in the handshake; without it nothing is compressed. */
  readonly deflate?: DeflateAgreement | undefined;
  /** Head of the 101 answer, to leave before the first frame; none if it was sent already. */
  readonly responseHead?: string;
}

/**
 * Pings and pongs that a peer may send without a message between them and between two pings of ours. After these it is not read for
 * a while: frames of 6 bytes cost much more time than they take to send, and each ping takes a pong.
 */
const maxControlFrames = 64;
/** How long a peer with more control frames is not read, in milliseconds. */
const controlPauseMs = 1000;

const pingFrame = new PreparedMessage(encodeFrame(opcodes.ping, ''));

/** An open WebSocket connection, until it closes. */
export class WebSocketConnection implements HeartbeatOwner, SocketOwner, UpgradeTaker {
  readonly #socket: Socket;
  readonly #events: WebSocketEvents;
  readonly #options: ResolvedWebSocketOptions;
  readonly #role: EndpointRole;
  readonly #parser: FrameParser;
  readonly #writer: FrameWriter;
  /** There if compression was agreed on. */
  readonly #inflater: MessageInflater | undefined;
  readonly #heartbeat: Heartbeat;
  /** `closing` once a close frame was sent or the end is certain, `closed` once `onClose` was called. */
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Whether a handler's promise has not settled, or a message is being inflated. */
  #busy = false;
  /** Whether the peer has ended its side and everything it sent was read off the socket. */
  #peerEnded = false;
  /** What {@link progress} was when the last ping was due. */
  #progressAtPing: number | undefined = undefined;
  /** Pings and pongs since the last message, our last ping, or the last pause. */
  #controlFrames = 0;
  #closeCode: number | undefined = undefined;
  #closeReason = '';

  /** @param upgraded - From now on this connection's. */
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
    // Behind it, so that of a server that has begun to stop nothing is heard before onOpen.
    upgraded.attach(this);
  }

  /** Whether messages can be sent and may come. */
  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Bytes that were sent and that the operating system has not taken yet; those not yet compressed as they are. */
  get bufferedBytes(): number {
    return this.#writer.bufferedBytes;
  }

  /** The code it was closed with, as `onClose` is told; `undefined` while open. */
  get closeCode(): number | undefined {
    return this.#closeCode;
  }

  /** The reason it was closed for; `''` while open. */
  get closeReason(): string {
    return this.#closeReason;
  }

  /**
   * Sends a message; it leaves with all else of this turn of the event loop. Never throws for the sake of the peer: once closed it
   * does nothing, and where more than `maxBufferedBytes` would wait for a peer that is behind, the connection closes with
   * 4008, or with `whenBufferFull: 'drop'` the message is left out.
   *
   * @returns Whether the message is on its way; see {@link WebSocketConnection.sent} for when it has left.
   */
  send(message: string | Uint8Array | PreparedMessage): boolean {
    if (this.#state !== 'open' || this.#peerEnded) return false;
    if (this.#writer.queue(message instanceof PreparedMessage ? message : prepareForOne(message))) return true;
    if (this.#options.whenBufferFull === 'close') this.#closeSlow();
    return false;
  }

  /**
   * When all that was sent so far has left. To await it after each message is to send no faster than the peer reads.
   *
   * @returns Settles with `true` when the operating system has taken it, with `false` if the connection ended before; never rejects.
   */
  sent(): PromiseLike<boolean> {
    return this.#writer.sent();
  }

  /** Settles when at most `mostBytes` are buffered, or the connection closed. */
  drained(mostBytes = 0): Promise<void> {
    return this.#writer.drained(mostBytes);
  }

  /**
   * Sends a ping, ahead of all data if the peer is behind.
   *
   * @param data - At most 125 bytes, which the pong repeats; what is over is cut off.
   */
  ping(data: string | Uint8Array = ''): void {
    if (this.#state === 'open') this.#writer.queuePing(controlFrame(opcodes.ping, Buffer.from(data)));
  }

  /**
   * Closes, behind all that was sent. `onMessage` is not called any more; `onClose` is, when the peer has answered or
   * `closeTimeoutMs` have passed. Does nothing the second time.
   *
   * @param code - 1000 to 1003, 1007 to 1014 or 3000 to 4999; 1005 names none.
   * @param reason - Cut at 123 bytes.
   * @throws {@link GaleError} `WS_CLOSE_CODE` for another code.
   */
  close(code: number = closeCodes.normal, reason = ''): void {
    const payload = writeClosePayload(code, reason);
    if (this.#state !== 'open') return;
    this.#startClosing(code, reason, payload);
    // The answer may stand behind messages that a busy handler kept from being read.
    if (this.#busy) process.nextTick(dispatchReceived, this);
  }

  /** Cuts the connection without a word. `onClose` is called with 1006 unless a close had begun. */
  terminate(): void {
    if (this.#state === 'open') this.#state = 'closing';
    // Nothing more is told, a close frame that has come already neither.
    this.#parser.end();
    this.#writer.stop();
    this.#socket.destroy();
    // A socket that has closed before does not say so again.
    if (this.#peerEnded) process.nextTick(dispatchReceived, this);
  }

  /** The server's call: it stops, and so does everyone on it. @internal */
  onServerClosing(): void {
    this.close(closeCodes.goingAway, 'the server stops');
  }

  /** Takes the first bytes and begins to tell. @internal */
  start(head: Buffer): void {
    this.#parser.push(head);
    if (this.#state === 'open') this.#callHandler(() => this.#events.onOpen?.(this));
    this.dispatchReceived();
  }

  /** The socket's `data`. @internal */
  onData(bytes: Buffer): void {
    this.#heartbeat.noteActivity();
    this.#parser.push(bytes);
    if (this.#busy && this.#state === 'open') this.#socket.pause();
    else this.dispatchReceived();
  }

  /** The socket's `end`. @internal */
  onInputEnd(): void {
    this.#peerEnded = true;
    // The socket ends our side by itself now; nothing can be said any more.
    this.#writer.stop();
    this.#heartbeat.awaitEnd();
    // While it closes nobody is told of what came, so nothing is waited for.
    if (!this.#busy || this.#state !== 'open') this.dispatchReceived();
  }

  /** The socket's `error`; `close` follows. @internal */
  onSocketError(error: Error): void {
    this.#onConnectionLost(`the connection broke: ${error.message}`);
  }

  /** The socket's `close`. @internal */
  onSocketClose(): void {
    this.#writer.stop();
    // After an orderly end what came before it is still told, however long the handler takes.
    if (!(this.#peerEnded && this.#busy)) this.#onConnectionLost('the connection was cut');
    this.#heartbeat.stop();
  }

  /** The heartbeat's question. @internal */
  get isSilenceExpected(): boolean {
    if (this.#socket.isPaused() || this.#writer.hasMoved) return true;
    // Of one large message, part after part is taken long before the socket has room again.
    return this.#progressAtPing !== undefined && this.#writer.progress !== this.#progressAtPing;
  }

  /** The heartbeat's question. @internal */
  get progress(): number | undefined {
    return this.#writer.progress;
  }

  /** The heartbeat's call. @internal */
  onPingDue(): void {
    this.#controlFrames = 0;
    this.#writer.hasMoved = false;
    this.#progressAtPing = this.#writer.progress;
    this.#writer.queuePing(pingFrame);
  }

  /** The heartbeat's call. @internal */
  onSilence(why: string): void {
    this.#socket.destroy();
    this.#onConnectionLost(why);
  }

  /** The heartbeat's call. @internal */
  onEndOverdue(): void {
    this.#socket.destroy();
  }

  /** Tells all that was received, until a handler is busy or there is no more. @internal */
  dispatchReceived(): void {
    while (!this.#busy || this.#state !== 'open') {
      const event = this.#next();
      if (event === undefined) {
        if (this.#peerEnded) this.#onConnectionLost('the peer ended the connection without closing it');
        else if (this.#socket.isPaused()) this.#resumeReading();
        return;
      }
      this.#dispatch(event);
    }
  }

  #resumeReading(): void {
    // What was held up comes only now: until the next ping nobody can say that the peer was silent.
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
    // What onMessage throws is dealt with there: only a text that is not UTF-8 throws here.
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
      this.#startClosing(code, reason, writeClosePayload(code, reason));
    } else if (this.#state === 'closing' && code !== closeCodes.none && (code !== this.#closeCode || reason !== '')) {
      // Most peers repeat our code without our reason.
      this.#closeCode = code;
      this.#closeReason = reason;
    }
    // The server ends first, so that the wait of TCP for what is late is not the client's: RFC 6455 §7.1.1.
    if (this.#role === 'server') this.#endSocket();
    else this.#heartbeat.awaitEnd();
    this.#finish(this.#closeCode ?? code, this.#closeReason);
  }

  /** The peer broke a rule: says which, and reads no further. RFC 6455 §7.1.7. */
  #fail(error: unknown): void {
    this.#parser.end();
    // Of a peer that was closed as too slow, nothing is told behind onClose.
    if (this.#state !== 'closed') reportError(this.#events, error);
    const code = error instanceof ProtocolError ? error.closeCode : closeCodes.failed;
    const reason = error instanceof ProtocolError ? error.message : '';
    if (this.#state === 'open') this.#startClosing(code, reason, writeClosePayload(code, reason));
    this.#endSocket();
    this.#finish(this.#closeCode ?? code, this.#closeReason);
  }

  /** The peer reads too slowly: what waits for it is dropped, it is told so, and nobody waits for it. */
  #closeSlow(): void {
    const reason = 'too slow; reconnect and recover';
    this.#writer.drop();
    this.#startClosing(closeCodes.tooSlow, reason, writeClosePayload(closeCodes.tooSlow, reason));
    // Not at once: whoever sends to many must not be called back in the middle of it.
    process.nextTick(finishSlow, this);
  }

  /** Ends {@link #closeSlow}. @internal */
  finishSlow(): void {
    this.#finish(closeCodes.tooSlow, this.#closeReason);
    if (this.#socket.isPaused()) this.#socket.resume();
  }

  #startClosing(code: number, reason: string, payload: Buffer): void {
    this.#state = 'closing';
    this.#closeCode = code;
    this.#closeReason = reason;
    this.#writer.queueLast(controlFrame(opcodes.close, payload));
    this.#heartbeat.awaitEnd();
  }

  /** Ends our side, and gives the peer time to end its own: cut now, what we said might never arrive. RFC 6455 §7.1.1. */
  #endSocket(): void {
    this.#writer.end();
    // Not at the end of the turn: over TLS the peer's end may come in this very turn, and nothing leaves behind it.
    this.#writer.onTurnEnd();
    this.#heartbeat.awaitEnd();
  }

  #onConnectionLost(why: string): void {
    const known = this.#closeCode !== undefined;
    this.#finish(this.#closeCode ?? closeCodes.abnormal, known ? this.#closeReason : why);
  }

  /** Tells the user, once. */
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
