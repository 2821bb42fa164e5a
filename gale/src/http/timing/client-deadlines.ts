/**
 * How long a connection waits for its client, one wait at a time: for the next request, for a head, for a body, for the rest of a
 * client that has said its last. It judges by the server's wheel; what follows from a verdict is the connection's to decide.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../../errors.ts';
import type { Deadline, TimerWheel, WheelNote } from './timer-wheel.ts';

/** Time in which a client that was sent its last answer has to close its side too, in milliseconds. */
const lingerTimeoutMs = 2_000;
/**
 * Time after which a socket that is not read is looked at first, in milliseconds. The next times are twice as long, up to the longest; after
 * as many looks as a client that has left can have sent for, they grow without end, for one that goes on sending.
 */
const firstProbeMs = 1_000;
const longProbeMs = 30_000;
const boundedProbes = 64;

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
  /** The socket has not been read for a while. Only reading on tells whether the client is still there. */
  onProbeDue(): void;
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
  #heldAt = unset;
  #probeMs = 0;
  #probeCount = 0;
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
    const { headTimeoutMs, requestTimeoutMs } = this.#settings;
    this.#set(Math.min(headTimeoutMs || Infinity, requestTimeoutMs || Infinity));
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

  /** The socket is not read for now: the clock stands still, and the client is looked after now and then. */
  pause(): void {
    if (this.#heldAt !== unset) return;
    this.#heldAt = this.#wheel.now();
    this.#probeMs = firstProbeMs;
    this.#probeCount = 0;
    this.#wheel.set(this, firstProbeMs);
  }

  /** The socket is read again. */
  resume(): void {
    if (this.#heldAt === unset) return;
    const now = this.#wheel.now();
    const heldMs = now - this.#heldAt;
    this.#heldAt = unset;
    if (this.#waiting !== 'body') return;
    this.#requestAt += heldMs;
    this.#bodyAt += heldMs;
    this.#movedAt += heldMs;
    this.#set(this.#bodyDue() - now);
  }

  /** The client has sent its last byte and is still being answered. */
  awaitHalfClosed(): void {
    this.#waiting = 'half-closed';
    this.#heldAt = unset;
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
    this.#heldAt = unset;
    this.#wheel.clear(this);
  }

  onDeadline(): void {
    if (this.#heldAt !== unset) return this.#probe();
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

  /** Seldom, so that what has to be read for it stays little however long the handler takes. */
  #probe(): void {
    this.#probeCount++;
    this.#probeMs *= 2;
    if (this.#probeCount <= boundedProbes) this.#probeMs = Math.min(this.#probeMs, longProbeMs);
    this.#wheel.set(this, this.#probeMs);
    this.#watcher.onProbeDue();
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
