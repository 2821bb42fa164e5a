/**
 * One open WebSocket on a socket that the HTTP server handed over: owns the socket, the pings and the close handshake.
 * Frames are read by protocol.ts and written by frame-writer.ts; what a message means is its user's business.
 * RFC 6455 §5.5 (control frames) and §7 (closing).
 */
import type { Socket } from 'node:net';
import type { HttpRequest, UpgradedConnection, UpgradeTaker } from '../http/request.ts';
import type { Deadline, TimerWheel, WheelNote } from '../http/timer-wheel.ts';
import { ProtocolError } from '../errors.ts';
import { closeCodes, writeClosePayload } from './close-payload.ts';
import { agreeOnDeflate } from './deflate-offer.ts';
import { DeflatingWriter } from './deflating-writer.ts';
import { encodeFrame, maxControlBytes, opcodes } from './frame.ts';
import type { Opcode } from './frame.ts';
import { FrameWriter } from './frame-writer.ts';
import { handshakeAnswer } from './handshake.ts';
import type { Handshake, HandshakeChoice } from './handshake.ts';
import { inflateMessage } from './inflate.ts';
import { prepareMessage, PreparedMessage } from './prepared-message.ts';
import { WebSocketProtocol } from './protocol.ts';
import type { ProtocolEvent } from './protocol.ts';
import { decodeText } from './utf8.ts';
import { resolveWebSocketOptions } from './websocket-options.ts';
import type { ResolvedWebSocketOptions, WebSocketOptions } from './websocket-options.ts';

export type { WebSocketOptions } from './websocket-options.ts';

/**
 * What a connection tells its user. All but `onClose` and `onError` are told one at a time and in order: while a promise
 * that one of them returned has not settled, nothing else is read, and a peer that goes on sending has to wait.
 * What they throw goes to `onError` and closes with 1011.
 */
export interface WebSocketEvents {
  /** Called first, once. */
  onOpen?(connection: WebSocketConnection): void | Promise<void>;
  /** A string for a text message, a Buffer that is the receiver's own for a binary one. Never called after `close()`. */
  onMessage(message: string | Buffer): void | Promise<void>;
  /** The peer's ping; it was answered already. */
  onPing?(data: Buffer): void | Promise<void>;
  /** The peer's pong, an answer to the pings of the timer included. */
  onPong?(data: Buffer): void | Promise<void>;
  /**
   * Called last, exactly once.
   *
   * @param code - What the peer's close frame said, 1005 if it said nothing; our own code if we closed, 1001 if the server
   * stopped; 1006 if the connection was lost.
   * @param reason - What the close frame said; for 1006 why we think so.
   */
  onClose(code: number, reason: string): void | Promise<void>;
  /** What a handler threw, and a `ProtocolError` when the peer broke a rule. Without it a warning of the process tells. */
  onError?(error: unknown): void;
}

/** What `acceptWebSocket` may be told. */
export interface AcceptOptions extends Omit<HandshakeChoice, 'extensions'> {
  /** Limits, timers and compression. */
  readonly options?: WebSocketOptions | undefined;
}

/** What the next deadline of a connection means. */
type Awaited = 'nothing' | 'time to ping' | 'pong' | 'end';

/** Where a socket keeps its connection, so that its listeners need no closure for each. */
const connectionOf = Symbol('gale.websocket');
type OwnedSocket = Socket & { [connectionOf]?: WebSocketConnection };

const pingFrame = new PreparedMessage(encodeFrame(opcodes.ping, ''));

/** An open WebSocket connection, until it closes. */
export class WebSocketConnection implements Deadline, UpgradeTaker {
  readonly #socket: Socket;
  readonly #wheel: TimerWheel;
  readonly #events: WebSocketEvents;
  readonly #options: ResolvedWebSocketOptions;
  readonly #protocol: WebSocketProtocol;
  readonly #writer: FrameWriter;
  /** `closing` once a close frame was sent or the end is certain, `closed` once `onClose` was called. */
  #state: 'open' | 'closing' | 'closed' = 'open';
  /** Whether a handler's promise has not settled, or a message is being inflated. */
  #busy = false;
  /** Whether anything came since the last ping. */
  #heard = false;
  /** Whether the peer has ended its side and everything it sent was read off the socket. */
  #peerEnded = false;
  #awaited: Awaited = 'nothing';
  #closeCode: number | undefined = undefined;
  #closeReason = '';
  /** The wheel's own. @internal */
  wheelNote: WheelNote | undefined = undefined;

  /**
   * @param upgraded - From now on this connection's.
   * @param answer - Head of the 101 answer, to leave before the first frame; none if it was sent already.
   * @param windowBits - Largest window to compress with, 9 to 15, if compression was agreed on in that answer.
   */
  constructor(
    upgraded: UpgradedConnection,
    events: WebSocketEvents,
    options?: WebSocketOptions,
    answer?: string,
    windowBits?: number,
  ) {
    this.#socket = upgraded.socket;
    this.#wheel = upgraded.wheel;
    this.#events = events;
    this.#options = resolveWebSocketOptions(options);
    this.#protocol = new WebSocketProtocol(this.#options, 'server', windowBits !== undefined);
    const { maxBufferedBytes, compressFromBytes } = this.#options;
    this.#writer =
      windowBits === undefined
        ? new FrameWriter(upgraded.socket, maxBufferedBytes)
        : new DeflatingWriter(upgraded.socket, maxBufferedBytes, { windowBits, fromBytes: compressFromBytes });
    if (answer !== undefined) this.#writer.queueLast(new PreparedMessage(Buffer.from(answer, 'latin1')));
    listen(upgraded.socket, this);
    upgraded.attach(this);
    // In step with thousands of others that came back at the same time, each ping would be a storm.
    this.#pingAfter(this.#options.pingIntervalMs * (0.5 + Math.random() / 2));
    process.nextTick(begin, this, upgraded.head);
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
   * Sends a message; it leaves with all else of this turn of the event loop. Does nothing once closed, and never throws.
   * If the peer is so far behind that more than `maxBufferedBytes` would wait, the connection closes with 4008.
   */
  send(message: string | Uint8Array | PreparedMessage): void {
    if (this.#state !== 'open') return;
    if (!this.#writer.queue(message instanceof PreparedMessage ? message : prepareMessage(message))) this.#closeSlow();
  }

  /** Settles when at most `belowBytes` are buffered, or the connection closed. Await it to send no faster than the peer reads. */
  drained(belowBytes = 0): Promise<void> {
    return this.#writer.drained(belowBytes);
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
   * @param code - 1000 to 1003, 1007 to 1014 or 3000 to 4999.
   * @param reason - Cut at 123 bytes.
   * @throws {@link GaleError} `WS_CLOSE_CODE` for another code.
   */
  close(code: number = closeCodes.normal, reason = ''): void {
    const payload = writeClosePayload(code, reason);
    if (this.#state !== 'open') return;
    this.#startClosing(code, reason, payload);
    // The answer may stand behind messages that a busy handler kept from being read.
    if (this.#busy) process.nextTick(readOn, this);
  }

  /** Cuts the connection without a word. `onClose` is called with 1006 unless a close had begun. */
  terminate(): void {
    if (this.#state === 'open') this.#state = 'closing';
    this.#writer.stop();
    this.#socket.destroy();
  }

  /** The server's call: it stops, and so does everyone on it. @internal */
  onServerClosing(): void {
    this.close(closeCodes.goingAway, 'the server stops');
  }

  /** Takes the first bytes and begins to tell. @internal */
  begin(head: Buffer): void {
    this.#protocol.push(head);
    if (this.#state === 'open') this.#call(() => this.#events.onOpen?.(this));
    this.readOn();
  }

  /** The socket's `data`. @internal */
  onData(bytes: Buffer): void {
    this.#heard = true;
    this.#protocol.push(bytes);
    if (this.#busy && this.#state === 'open') this.#socket.pause();
    else this.readOn();
  }

  /** The socket's `end`. @internal */
  onEnd(): void {
    this.#peerEnded = true;
    // The socket ends our side by itself now; nothing can be said any more.
    this.#writer.stop();
    this.#await('end', this.#options.closeTimeoutMs);
    if (!this.#busy) this.#lose('the peer ended the connection without closing it');
  }

  /** The socket's `error`; `close` follows. @internal */
  onSocketError(error: Error): void {
    this.#lose(`the connection broke: ${error.message}`);
  }

  /** The socket's `close`. @internal */
  onSocketClose(): void {
    this.#writer.stop();
    // After an orderly end what came before it is still told, however long the handler takes.
    if (!(this.#peerEnded && this.#busy)) this.#lose('the connection was cut');
    this.#wheel.clear(this);
  }

  /** The wheel's call. @internal */
  onDeadline(): void {
    if (this.#awaited === 'end') {
      this.#socket.destroy();
    } else if (this.#awaited === 'time to ping') {
      this.#heard = false;
      this.#writer.queuePing(pingFrame);
      if (this.#options.pongTimeoutMs === 0) this.#pingAfter(this.#options.pingIntervalMs);
      else this.#await('pong', Math.min(this.#options.pongTimeoutMs, this.#options.pingIntervalMs));
    } else if (this.#heard || this.#busy) {
      // While a handler is busy nothing may be read, so nothing can be heard.
      this.#pingAfter(Math.max(this.#options.pingIntervalMs - this.#options.pongTimeoutMs, 0));
    } else {
      this.#socket.destroy();
      this.#lose(`nothing came for ${this.#options.pongTimeoutMs} ms after a ping`);
    }
  }

  /** Tells all that was received, until a handler is busy or there is no more. @internal */
  readOn(): void {
    while (!this.#busy || this.#state !== 'open') {
      const event = this.#next();
      if (event === undefined) {
        if (this.#peerEnded) this.#lose('the peer ended the connection without closing it');
        else if (this.#socket.isPaused()) this.#socket.resume();
        return;
      }
      this.#tell(event);
    }
  }

  #next(): ProtocolEvent | undefined {
    try {
      return this.#protocol.next();
    } catch (error) {
      this.#fail(error);
      return undefined;
    }
  }

  #tell(event: ProtocolEvent): void {
    if (event.kind === 'close') {
      this.#onCloseFrame(event.code, event.reason);
    } else if (this.#state === 'open') {
      if (event.kind === 'text' || event.kind === 'binary') {
        this.#callOnMessage(event.message);
      } else if (event.kind === 'compressed') {
        this.#inflate(event.isText, event.data);
      } else if (event.kind === 'ping') {
        this.#writer.queuePong(controlFrame(opcodes.pong, event.data));
        this.#call(() => this.#events.onPing?.(event.data));
      } else {
        this.#call(() => this.#events.onPong?.(event.data));
      }
    }
  }

  #inflate(isText: boolean, data: Buffer): void {
    try {
      const inflated = inflateMessage(data, this.#options.maxMessageBytes);
      if (inflated instanceof Promise) void this.#inflateLater(isText, inflated);
      else this.#tellInflated(isText, inflated);
    } catch (error) {
      this.#fail(error);
    }
  }

  async #inflateLater(isText: boolean, inflating: Promise<Buffer>): Promise<void> {
    this.#busy = true;
    try {
      const inflated = await inflating;
      this.#busy = false;
      if (this.#state === 'open') this.#tellInflated(isText, inflated);
    } catch (error) {
      this.#busy = false;
      if (this.#state === 'open') this.#fail(error);
    }
    this.readOn();
  }

  #tellInflated(isText: boolean, inflated: Buffer): void {
    // What onMessage throws is dealt with there: only a text that is not UTF-8 throws here.
    this.#callOnMessage(isText ? decodeText(inflated) : inflated);
  }

  #callOnMessage(message: string | Buffer): void {
    try {
      const result = this.#events.onMessage(message);
      if (result !== undefined) void this.#wait(result);
    } catch (error) {
      this.#onHandlerError(error);
    }
  }

  #call(handler: () => void | Promise<void>): void {
    try {
      const result = handler();
      if (result !== undefined) void this.#wait(result);
    } catch (error) {
      this.#onHandlerError(error);
    }
  }

  async #wait(result: Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await result;
    } catch (error) {
      this.#onHandlerError(error);
    }
    this.#busy = false;
    this.readOn();
  }

  #onHandlerError(error: unknown): void {
    this.#report(error);
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
    this.#endSocket();
    this.#finish(this.#closeCode ?? code, this.#closeReason);
  }

  /** The peer broke a rule: says which, and reads no further. RFC 6455 §7.1.7. */
  #fail(error: unknown): void {
    this.#protocol.end();
    this.#report(error);
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
    this.#await('end', this.#options.closeTimeoutMs);
  }

  /** Ends our side, and gives the peer time to end its own: cut now, what we said might never arrive. RFC 6455 §7.1.1. */
  #endSocket(): void {
    this.#writer.end();
    this.#await('end', this.#options.closeTimeoutMs);
  }

  #lose(why: string): void {
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
      if (result !== undefined) result.catch((error: unknown) => this.#report(error));
    } catch (error) {
      this.#report(error);
    }
  }

  #report(error: unknown): void {
    try {
      if (this.#events.onError === undefined) process.emitWarning(warningFor(error));
      else this.#events.onError(error);
    } catch (thrown) {
      process.emitWarning(warningFor(thrown));
    }
  }

  #pingAfter(ms: number): void {
    if (this.#options.pingIntervalMs > 0) this.#await('time to ping', ms);
  }

  #await(awaited: Awaited, ms: number): void {
    this.#awaited = awaited;
    this.#wheel.set(this, ms);
  }
}

/**
 * Answers a checked handshake with 101 and makes its connection a WebSocket.
 *
 * @throws {@link GaleError} `WS_ANSWER`, or what {@link HttpRequest.upgrade} throws; nothing was answered then.
 */
export function acceptWebSocket(
  request: HttpRequest,
  handshake: Handshake,
  events: WebSocketEvents,
  accept: AcceptOptions = {},
): WebSocketConnection {
  const options = resolveWebSocketOptions(accept.options);
  const agreement = options.compress ? agreeOnDeflate(handshake.extensions) : undefined;
  const answer = handshakeAnswer(handshake, { ...accept, extensions: agreement?.answer });
  return new WebSocketConnection(request.upgrade(), events, options, answer, agreement?.windowBits);
}

/** Sends one message to many; it is framed once, and those with nothing else to send share every byte. */
export function broadcast(
  connections: Iterable<WebSocketConnection>,
  message: string | Uint8Array | PreparedMessage,
): void {
  const prepared = message instanceof PreparedMessage ? message : prepareMessage(message);
  for (const connection of connections) connection.send(prepared);
}

function controlFrame(opcode: Opcode, payload: Buffer): PreparedMessage {
  return new PreparedMessage(encodeFrame(opcode, payload.subarray(0, maxControlBytes)));
}

function warningFor(error: unknown): string {
  return `A WebSocket handler failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
}

function listen(socket: OwnedSocket, connection: WebSocketConnection): void {
  socket[connectionOf] = connection;
  socket.on('data', onData);
  socket.on('end', onEnd);
  socket.on('error', onError);
  socket.on('close', onClose);
}

function onData(this: OwnedSocket, bytes: Buffer): void {
  this[connectionOf]?.onData(bytes);
}

function onEnd(this: OwnedSocket): void {
  this[connectionOf]?.onEnd();
}

function onError(this: OwnedSocket, error: Error): void {
  this[connectionOf]?.onSocketError(error);
}

function onClose(this: OwnedSocket): void {
  this[connectionOf]?.onSocketClose();
}

function begin(connection: WebSocketConnection, head: Buffer): void {
  connection.begin(head);
}

function readOn(connection: WebSocketConnection): void {
  connection.readOn();
}

function finishSlow(connection: WebSocketConnection): void {
  connection.finishSlow();
}
