/**
 * The deadlines of a client, one at a time: for the next request, a head, a body, or the end of a half-closed connection. It only reports a
 * missed deadline; the connection decides what follows.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../../errors.ts';
import type { Deadline, TimerWheel, WheelNote } from './timer-wheel.ts';

/** Time that a client has to close its side after the last response, in milliseconds. */
const lingerTimeoutMs = 2_000;
/**
 * Time that a response may take after its client has ended its side, before the client counts as gone, in milliseconds. Enough for most
 * responses to clients that end their side after each request (`nc -N`).
 */
const halfClosedGraceMs = 250;
/** No time; a clock may begin at 0. */
const unset = -1;

/** Receives what the deadlines report. */
export interface ClientWatcher {
  /** No further request arrived in time. */
  onIdle(): void;
  /** The current request arrives too slowly; the error says in which way. */
  onSlowRequest(error: GaleError): void;
  /** The client has ended its side for a moment, and its response is not complete. It may have gone, or still read. */
  onHalfClosed(): void;
  /** A half-closed client does not read its response, or a client does not close after the last response. */
  onAbandoned(): void;
}

/** Timeouts and the rate that a client must meet; options of the server. 0 turns one off. */
export interface DeadlineSettings {
  readonly headTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly minBodyBytesPerSecond: number;
  readonly bodyRateGraceMs: number;
  readonly halfClosedTimeoutMs: number;
}

type Waiting = 'nothing' | 'request' | 'head' | 'body' | 'half-closed' | 'linger';

/** The deadlines of one connection. */
export class ClientDeadlines implements Deadline {
  wheelNote: WheelNote | undefined = undefined;
  readonly #watcher: ClientWatcher;
  readonly #socket: Socket;
  readonly #settings: DeadlineSettings;
  readonly #wheel: TimerWheel;
  #waiting: Waiting = 'nothing';
  /** When the first byte of the current request arrived; unset if its head arrived whole. All times are those of the wheel. */
  #requestAt = unset;
  /** When waiting for the body began, when its last byte arrived, and how many bytes have arrived. */
  #bodyAt = 0;
  #movedAt = 0;
  #bodyBytes = 0;
  /** When reading paused because the handler is busy; unset while the socket is read. */
  #pausedAt = unset;
  /** Bytes that the socket had written at the last check of a half-closed client. */
  #writtenBytes = 0;
  /** The grace of a half-closed client. Few clients have one, and the ticks of the wheel would be too coarse. */
  #graceTimer: NodeJS.Timeout | undefined;

  constructor(watcher: ClientWatcher, socket: Socket, settings: DeadlineSettings, wheel: TimerWheel) {
    this.#watcher = watcher;
    this.#socket = socket;
    this.#settings = settings;
    this.#wheel = wheel;
  }

  /** The next request must begin within `idleTimeoutMs`. */
  awaitRequest(idleTimeoutMs: number): void {
    this.#waiting = 'request';
    this.#set(idleTimeoutMs || Infinity);
  }

  /** A head has begun and must end within `headTimeoutMs`. Repeated calls do not restart the time. */
  awaitHead(): void {
    if (this.#waiting === 'head') return;
    this.#waiting = 'head';
    this.#requestAt = this.#wheel.now();
    this.#set(this.#headDue() - this.#requestAt);
  }

  /** Nothing is expected from the client: a head is complete, or a body is no longer wanted. A deadline left in the wheel has no effect. */
  awaitNothing(): void {
    this.#waiting = 'nothing';
  }

  /** The last byte of a request has arrived. */
  endRequest(): void {
    this.#waiting = 'nothing';
    this.#requestAt = unset;
    this.#bodyBytes = 0;
  }

  /** A body must continue. Repeated calls do not restart the time. */
  awaitBody(): void {
    if (this.#waiting === 'body') return;
    const now = this.#wheel.now();
    this.#waiting = 'body';
    if (this.#requestAt === unset) this.#requestAt = now;
    this.#bodyAt = now;
    this.#movedAt = now;
    this.#set(this.#bodyDue() - now);
  }

  /** Bytes of the body have arrived. */
  onBodyBytes(byteCount: number): void {
    this.#bodyBytes += byteCount;
    if (this.#waiting === 'body') this.#movedAt = this.#wheel.now();
  }

  /** Stops the clocks while the socket is not read because the handler is busy. */
  pause(): void {
    if (this.#pausedAt !== unset) return;
    this.#pausedAt = this.#wheel.now();
    this.#wheel.clear(this);
  }

  /** Starts the clocks again when the socket is read. */
  resume(): void {
    if (this.#pausedAt === unset) return;
    const now = this.#wheel.now();
    const pausedMs = now - this.#pausedAt;
    this.#pausedAt = unset;
    if (this.#waiting !== 'head' && this.#waiting !== 'body') return;
    this.#requestAt += pausedMs;
    this.#bodyAt += pausedMs;
    this.#movedAt += pausedMs;
    this.#set((this.#waiting === 'head' ? this.#headDue() : this.#bodyDue()) - now);
  }

  /** The client has sent its last byte and may still wait for a response. */
  awaitHalfClosed(): void {
    clearTimeout(this.#graceTimer);
    this.#graceTimer = setTimeout(() => this.#watcher.onHalfClosed(), halfClosedGraceMs);
    this.#waiting = 'half-closed';
    this.#pausedAt = unset;
    this.#writtenBytes = this.#socket.bytesWritten;
    this.#set(this.#settings.halfClosedTimeoutMs || Infinity);
  }

  /** The client has received the last response and should close. */
  awaitEnd(): void {
    clearTimeout(this.#graceTimer);
    this.#waiting = 'linger';
    this.#set(lingerTimeoutMs);
  }

  /** Ends all waiting. */
  clear(): void {
    this.#waiting = 'nothing';
    this.#pausedAt = unset;
    clearTimeout(this.#graceTimer);
    this.#wheel.clear(this);
  }

  onDeadline(): void {
    switch (this.#waiting) {
      case 'nothing':
        return;
      case 'request':
        return this.#watcher.onIdle();
      case 'head': {
        const { headTimeoutMs, requestTimeoutMs } = this.#settings;
        const isHead = headTimeoutMs > 0 && (requestTimeoutMs === 0 || headTimeoutMs <= requestTimeoutMs);
        return this.#watcher.onSlowRequest(isHead ? slowHead(headTimeoutMs) : slowRequest(requestTimeoutMs));
      }
      case 'body':
        return this.#checkBody();
      case 'half-closed': {
        const isMoving = this.#socket.bytesWritten !== this.#writtenBytes || this.#socket.writableLength > 0;
        return isMoving ? this.awaitHalfClosed() : this.#watcher.onAbandoned();
      }
      case 'linger':
        // While the response is being sent, the writer has its own timeout.
        return this.#socket.writableFinished ? this.#watcher.onAbandoned() : this.awaitEnd();
    }
  }

  #checkBody(): void {
    const now = this.#wheel.now();
    const { bodyTimeoutMs, requestTimeoutMs, minBodyBytesPerSecond } = this.#settings;
    if (this.#bodyDue() > now) this.#set(this.#bodyDue() - now);
    else if (this.#silenceDue() <= now) this.#watcher.onSlowRequest(silentBody(bodyTimeoutMs));
    else if (this.#requestDue() <= now) this.#watcher.onSlowRequest(slowRequest(requestTimeoutMs));
    else this.#watcher.onSlowRequest(slowBody(this.#bodyBytes, now - this.#bodyAt, minBodyBytesPerSecond));
  }

  /** When the body is late if no more bytes arrive. */
  #bodyDue(): number {
    const { minBodyBytesPerSecond, bodyRateGraceMs } = this.#settings;
    // The time that the received bytes may take at the minimum rate.
    const enoughMs = (this.#bodyBytes * 1_000) / minBodyBytesPerSecond;
    const rateDue = minBodyBytesPerSecond > 0 ? this.#bodyAt + Math.max(bodyRateGraceMs, enoughMs) : Infinity;
    return Math.min(this.#silenceDue(), this.#requestDue(), rateDue);
  }

  #headDue(): number {
    return Math.min(this.#requestAt + (this.#settings.headTimeoutMs || Infinity), this.#requestDue());
  }

  #silenceDue(): number {
    return this.#movedAt + (this.#settings.bodyTimeoutMs || Infinity);
  }

  #requestDue(): number {
    return this.#requestAt + (this.#settings.requestTimeoutMs || Infinity);
  }

  #set(ms: number): void {
    if (ms < Infinity) this.#wheel.set(this, Math.max(ms, 0));
    else this.#wheel.clear(this);
  }
}

function slowHead(ms: number): GaleError {
  return new GaleError('HTTP_REQUEST_TIMEOUT', `The request head took more than ${ms} ms; send it faster.`);
}

function slowRequest(ms: number): GaleError {
  return new GaleError(
    'HTTP_REQUEST_TIMEOUT',
    `The request took more than ${ms} ms from its first byte; send it faster.`,
  );
}

function silentBody(ms: number): GaleError {
  return new GaleError('HTTP_REQUEST_TIMEOUT', `No part of the request body arrived for ${ms} ms; send it faster.`);
}

function slowBody(bytes: number, ms: number, rate: number): GaleError {
  return new GaleError(
    'HTTP_REQUEST_TIMEOUT',
    `${bytes} bytes of the request body arrived in ${Math.round(ms)} ms, which is below ${rate} bytes per second; send it faster.`,
  );
}
