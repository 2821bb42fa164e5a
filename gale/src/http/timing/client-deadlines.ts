/**
 * How long a connection waits for its client, one wait at a time: for the next request, for a head, for a body, for the rest of a
 * client that has said its last. It judges by the server's wheel; what follows from a verdict is the connection's to decide.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../../errors.ts';
import type { Deadline, TimerWheel, WheelNote } from './timer-wheel.ts';

/** Time in which a client that was sent its last answer has to close its side too, in milliseconds. */
const lingerTimeoutMs = 2_000;
/** Stands for no time; a clock may begin at 0. */
const unset = -1;

/** What a connection is told about its client. */
export interface ClientWatcher {
  /** No further request came in time. */
  onIdle(): void;
  /** The request being received comes too slowly; the error says in which way. */
  onSlowRequest(error: GaleError): void;
  /** The client has sent its last byte and seems to be gone, or does not close although everything was said. */
  onAbandoned(): void;
}

/** The times and the rate that a client must keep; options of the server. 0 turns one off. */
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
  /** When the first byte of the request came that is being received; unset if its head came whole. Times are the wheel's. */
  #requestAt = unset;
  /** When the body began to be waited for, when its last byte came, and how many came in all. */
  #bodyAt = 0;
  #movedAt = 0;
  #bodyBytes = 0;
  /** Since when the socket is not read, because the handler is busy; unset while it is read. */
  #pausedAt = unset;
  /** What the socket had written when a half-closed client was last looked at. */
  #writtenBytes = 0;

  constructor(watcher: ClientWatcher, socket: Socket, settings: DeadlineSettings, wheel: TimerWheel) {
    this.#watcher = watcher;
    this.#socket = socket;
    this.#settings = settings;
    this.#wheel = wheel;
  }

  /** The next request may take its time to begin. */
  awaitRequest(idleTimeoutMs: number): void {
    this.#waiting = 'request';
    this.#set(idleTimeoutMs || Infinity);
  }

  /** A head has begun and has to end within `headTimeoutMs`. Said again, it does not begin again. */
  awaitHead(): void {
    if (this.#waiting === 'head') return;
    this.#waiting = 'head';
    this.#requestAt = this.#wheel.now();
    this.#set(this.#headDue() - this.#requestAt);
  }

  /** A head is complete, or a body given up: the client owes nothing. What the wheel still holds will find that nothing is waited for. */
  awaitNothing(): void {
    this.#waiting = 'nothing';
  }

  /** The last byte of a request has come. */
  endRequest(): void {
    this.#waiting = 'nothing';
    this.#requestAt = unset;
    this.#bodyBytes = 0;
  }

  /** A body has to go on. Said again, it does not begin again. */
  awaitBody(): void {
    if (this.#waiting === 'body') return;
    const now = this.#wheel.now();
    this.#waiting = 'body';
    if (this.#requestAt === unset) this.#requestAt = now;
    this.#bodyAt = now;
    this.#movedAt = now;
    this.#set(this.#bodyDue() - now);
  }

  /** Bytes of the body came. */
  onBodyBytes(byteCount: number): void {
    this.#bodyBytes += byteCount;
    if (this.#waiting === 'body') this.#movedAt = this.#wheel.now();
  }

  /** Stops the clocks: the socket is not read, because the handler is busy. */
  pause(): void {
    if (this.#pausedAt !== unset) return;
    this.#pausedAt = this.#wheel.now();
    this.#wheel.clear(this);
  }

  /** Starts the clocks again: the socket is read. */
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

  /** The client has sent its last byte and is still being answered. */
  awaitHalfClosed(): void {
    this.#waiting = 'half-closed';
    this.#pausedAt = unset;
    this.#writtenBytes = this.#socket.bytesWritten;
    this.#set(this.#settings.halfClosedTimeoutMs || Infinity);
  }

  /** The client was sent the last answer and should close. */
  awaitEnd(): void {
    this.#waiting = 'linger';
    this.#set(lingerTimeoutMs);
  }

  /** Waits for nothing any more. */
  clear(): void {
    this.#waiting = 'nothing';
    this.#pausedAt = unset;
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
        return this.#judgeBody();
      case 'half-closed': {
        const isMoving = this.#socket.bytesWritten !== this.#writtenBytes || this.#socket.writableLength > 0;
        return isMoving ? this.awaitHalfClosed() : this.#watcher.onAbandoned();
      }
      case 'linger':
        // While the answer is still on its way, the writer watches it.
        return this.#socket.writableFinished ? this.#watcher.onAbandoned() : this.awaitEnd();
    }
  }

  #judgeBody(): void {
    const now = this.#wheel.now();
    const { bodyTimeoutMs, requestTimeoutMs, minBodyBytesPerSecond } = this.#settings;
    if (this.#bodyDue() > now) this.#set(this.#bodyDue() - now);
    else if (this.#silenceDue() <= now) this.#watcher.onSlowRequest(silentBody(bodyTimeoutMs));
    else if (this.#requestDue() <= now) this.#watcher.onSlowRequest(slowRequest(requestTimeoutMs));
    else this.#watcher.onSlowRequest(slowBody(this.#bodyBytes, now - this.#bodyAt, minBodyBytesPerSecond));
  }

  /** When the body is late if nothing more of it comes. */
  #bodyDue(): number {
    const { minBodyBytesPerSecond, bodyRateGraceMs } = this.#settings;
    // The time for which what has come so far is enough.
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
  return new GaleError('HTTP_REQUEST_TIMEOUT', `The request head took over ${ms} ms; send it faster.`);
}

function slowRequest(ms: number): GaleError {
  return new GaleError('HTTP_REQUEST_TIMEOUT', `The request took over ${ms} ms from its first byte; send it faster.`);
}

function silentBody(ms: number): GaleError {
  return new GaleError('HTTP_REQUEST_TIMEOUT', `No part of the request body came for ${ms} ms; send it faster.`);
}

function slowBody(bytes: number, ms: number, rate: number): GaleError {
  return new GaleError(
    'HTTP_REQUEST_TIMEOUT',
    `${bytes} bytes of the request body came in ${Math.round(ms)} ms, which is below ${rate} bytes per second; send it faster.`,
  );
}
