/**
 * The way out of a connection: joins heads and bodies of one or many answers so that they leave in one write,
 * and knows when the client takes them too slowly.
 */
import type { Socket } from 'node:net';
import type { GaleError } from '../errors.ts';
import type { Deadline, TimerWheel, WheelNote } from './timer-wheel.ts';
import { maxSlabBytes, writeTogether } from './write-slab.ts';
import type { Part } from './write-slab.ts';

/** Bytes that may wait for the end of the turn before they are written all the same. */
const maxQueuedBytes = 64 * 1024;
/** Bytes the socket is given at once; taking them within the timeout is what keeps a slow client alive. */
const sliceBytes = 64 * 1024;

/** What a writer needs of the connection it writes for. */
export interface WriterOwner {
  /** The client should first take what was written. */
  onFull(): void;
  /** The client took nothing for too long. */
  onWriteTimeout(): void;
  /** The error of a client that has left. */
  goneError(): GaleError;
}

/** Writer of one connection. Between turns it holds nothing that the client could take. */
export class SocketWriter implements Deadline {
  wheelNote: WheelNote | undefined = undefined;
  readonly #socket: Socket;
  readonly #owner: WriterOwner;
  readonly #wheel: TimerWheel;
  readonly #timeoutMs: number;
  /** What is queued in this turn: a head, what follows it, and the rest. Most answers need no more than the first two. */
  #first = '';
  #second: Part = '';
  #more: Part[] | undefined;
  #queuedBytes = 0;
  /** What was flushed and waits for the socket. */
  #backlog: Part[] | undefined;
  /** Whether the operating system took every write at once since the socket was last full. */
  #isQuick = true;
  #isScheduled = false;
  #isEnding = false;
  #drained: PromiseWithResolvers<void> | undefined;
  /** Whether the client should first take what was written. */
  isFull = false;

  /** @param timeoutMs - Time in which the client must take the next 64 KiB; 0 is for ever. */
  constructor(socket: Socket, owner: WriterOwner, wheel: TimerWheel, timeoutMs: number) {
    this.#socket = socket;
    this.#owner = owner;
    this.#wheel = wheel;
    this.#timeoutMs = timeoutMs;
  }

  /** Queues text in which each character is one byte. */
  queueText(text: string): void {
    if (this.#queuedBytes === 0) this.#first = text;
    else this.#add(text);
    this.#queuedBytes += text.length;
  }

  /** Queues bytes; they are not copied and must not change until they are written. */
  queueBytes(bytes: Uint8Array): void {
    this.#add(bytes);
    this.#queuedBytes += bytes.byteLength;
  }

  #add(part: Part): void {
    if (this.#more !== undefined) this.#more.push(part);
    else if (this.#second === '') this.#second = part;
    else this.#more = [part];
  }

  /** Writes what is queued if it is much. */
  flushIfLarge(): void {
    if (this.#queuedBytes >= maxQueuedBytes) this.flush();
  }

  /** Writes what is queued at the end of this turn. */
  flushSoon(): void {
    if (this.#isScheduled || this.#queuedBytes === 0) return;
    this.#isScheduled = true;
    process.nextTick(flushNow, this);
  }

  /** Writes what is queued. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#queuedBytes === 0) return;
    const socket = this.#socket;
    const first = this.#first;
    const second = this.#second;
    const more = this.#more;
    const bytes = this.#queuedBytes;
    this.clear();
    if (this.#isQuick && bytes <= maxSlabBytes && this.#backlog === undefined) {
      this.#isQuick = writeTogether(socket, first, second, more, bytes);
      if (this.#isQuick) return;
    } else {
      this.#backlog ??= [];
      this.#backlog.push(first, second);
      if (more !== undefined) this.#backlog.push(...more);
    }
    this.#pump();
  }

  /** Writes what is queued, then the end of the stream. */
  end(): void {
    this.#isEnding = true;
    this.flush();
    this.#pump();
  }

  /** Gives the socket all there is, whether it has room or not, and lets go of it. */
  release(): void {
    this.flush();
    for (const part of this.#backlog ?? []) {
      if (typeof part !== 'string') this.#socket.write(part);
      else if (part !== '') this.#socket.write(part, 'latin1');
    }
    this.#backlog = undefined;
    this.#wheel.clear(this);
  }

  /** Gives the socket what it has room for. */
  #pump(): void {
    const backlog = this.#backlog;
    const socket = this.#socket;
    if (backlog !== undefined && !socket.writableNeedDrain) {
      socket.cork();
      while (backlog.length > 0 && !socket.writableNeedDrain) {
        const part = backlog[0] as Part;
        const slice = part.length <= sliceBytes ? part : sliceOf(part, 0, sliceBytes);
        if (slice.length === part.length) backlog.shift();
        else backlog[0] = sliceOf(part, sliceBytes, part.length);
        if (typeof slice !== 'string') socket.write(slice);
        else if (slice !== '') socket.write(slice, 'latin1');
      }
      socket.uncork();
      if (backlog.length === 0) this.#backlog = undefined;
    }
    const wasFull = this.isFull;
    this.isFull = this.#backlog !== undefined || socket.writableNeedDrain;
    if (this.#isEnding && this.#backlog === undefined && !socket.writableEnded) socket.end();
    // From when it became full; what is written meanwhile does not prolong it.
    const isWaiting = this.isFull ? !wasFull : this.#isEnding && socket.writableLength > 0;
    if (isWaiting && this.#timeoutMs > 0) this.#wheel.set(this, this.#timeoutMs);
    if (this.isFull && !wasFull) this.#owner.onFull();
  }

  /**
   * Sees to it that what is queued leaves by the end of this turn.
   *
   * @returns Settles when there is room for more; rejects if the connection closes first. A rejection nobody handles does no harm.
   */
  flowing(): Promise<void> {
    this.flushIfLarge();
    this.flushSoon();
    if (!this.isFull) return settled;
    if (this.#drained === undefined) {
      this.#drained = Promise.withResolvers<void>();
      this.#drained.promise.catch(ignore);
    }
    return this.#drained.promise;
  }

  /** Takes the socket's `drain`. */
  onDrain(): void {
    this.#wheel.clear(this);
    this.#isQuick = true;
    this.isFull = false;
    this.#pump();
    if (this.isFull) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  onDeadline(): void {
    this.#owner.onWriteTimeout();
  }

  /** Takes the socket's `close`. */
  onClose(): void {
    this.clear();
    this.#backlog = undefined;
    this.#wheel.clear(this);
    if (this.#socket.writableFinished) this.#drained?.resolve();
    else this.#drained?.reject(this.#owner.goneError());
    this.#drained = undefined;
  }

  /** Forgets what is queued. */
  clear(): void {
    this.#first = '';
    this.#second = '';
    this.#more = undefined;
    this.#queuedBytes = 0;
  }
}

const settled: Promise<void> = Promise.resolve();

function sliceOf(part: Part, from: number, to: number): Part {
  return typeof part === 'string' ? part.slice(from, to) : part.subarray(from, to);
}

function flushNow(writer: SocketWriter): void {
  writer.flush();
}

function ignore(): void {}
