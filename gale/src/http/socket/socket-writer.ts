/**
 * Writes the responses of a connection: joins heads and bodies of one or more responses into one write, reports backpressure, and detects
 * clients that read too slowly.
 */
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { GaleError } from '../../errors.ts';
import type { Deadline, TimerWheel, WheelNote } from '../timing/timer-wheel.ts';
import { maxSharedWriteBytes, sharedWriteBuffer } from './shared-write-buffer.ts';
import type { Part } from './shared-write-buffer.ts';

/** Most bytes that wait for the end of the turn. More are written immediately. */
const maxQueuedBytes = 16 * 1024;
/** Smaller waiting parts are joined into one buffer: each separate part costs about 300 bytes. */
const smallPartBytes = 4 * 1024;
/** Maximum writes in progress on one socket, after which it counts as full: each write costs about 300 bytes, however short it is. */
const maxWaitingWrites = 32;
/** Maximum bytes of one write to the socket. */
const sliceBytes = 64 * 1024;
/** Progress checks per timeout. */
const checksPerTimeout = 4;

/** What a writer needs from its connection. */
export interface WriterOwner {
  /** Backpressure begins: the client must first read what was written. */
  onFull(): void;
  /** The socket has room again, although it emits no `drain`. The owner must call {@link SocketWriter.onDrain}. */
  onDrain(): void;
  /** The client has read nothing for too long. */
  onWriteTimeout(): void;
  /** The memory of queued bytes was transferred or resized. Nothing more is written, since the client can no longer find the end of the response. */
  onBroken(error: GaleError): void;
  /** The error for a client that has gone. */
  goneError(): GaleError;
}

/** Writer of one connection. It keeps no bytes across turns that the socket has room for. */
export class SocketWriter implements Deadline {
  wheelNote: WheelNote | undefined = undefined;
  readonly #socket: Socket;
  readonly #owner: WriterOwner;
  readonly #wheel: TimerWheel;
  readonly #timeoutMs: number;
  /** Parts queued in this turn: the first, the second, and the rest. Most responses have only two. */
  #first = '';
  #second: Part = '';
  #more: Part[] | undefined;
  #queuedBytes = 0;
  /** Flushed parts that wait for the socket; never empty parts. */
  #backlog: Part[] | undefined;
  /** Whether the operating system has taken every write at once since the socket was last full. */
  #isQuick: boolean;
  /** Writes given to the socket since it was last empty. */
  #waitingWrites = 0;
  /** Whether an empty write is queued whose callback reports that the others are written. */
  #isWakeSet = false;
  #isScheduled = false;
  #isEnding = false;
  #isBroken = false;
  /** Result of {@link unsentBytes} at the last check, and when it last changed. */
  #unsentBytes = 0;
  #movedAtMs = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  /** Whether there is backpressure: the client must first read what was written. */
  isFull = false;

  /** @param timeoutMs - How long the client may read nothing at all; 0 means no limit. */
  constructor(socket: Socket, owner: WriterOwner, wheel: TimerWheel, timeoutMs: number) {
    this.#socket = socket;
    this.#owner = owner;
    this.#wheel = wheel;
    this.#timeoutMs = timeoutMs;
    this.#isQuick = this.#canBeQuick;
  }

  /** Encrypted bytes are never taken at once. */
  get #canBeQuick(): boolean {
    return !(this.#socket instanceof TLSSocket);
  }

  /** Queues text in which each character is one byte. */
  queueText(text: string): void {
    if (this.#queuedBytes === 0) this.#first = text;
    else this.#add(text);
    this.#queuedBytes += text.length;
  }

  /**
   * Queues bytes, which are not copied and must not change until they are written. If their length changes, the connection is reset: see
   * {@link WriterOwner.onBroken}.
   */
  queueBytes(bytes: Uint8Array): void {
    this.#add(bytes);
    this.#queuedBytes += bytes.length;
  }

  #add(part: Part): void {
    if (this.#more !== undefined) this.#more.push(part);
    else if (this.#second === '') this.#second = part;
    else this.#more = [part];
  }

  /** Whether the operating system has not yet taken all queued and written bytes. */
  get hasUnsent(): boolean {
    return this.#queuedBytes > 0 || this.#backlog !== undefined || this.#socket.writableLength > 0;
  }

  /** Writes the queue if it is large. */
  flushIfLarge(): void {
    if (this.#queuedBytes >= maxQueuedBytes) this.flush();
  }

  /** Writes the queue at the end of this turn. */
  flushSoon(): void {
    if (this.#isScheduled || this.#queuedBytes === 0) return;
    this.#isScheduled = true;
    process.nextTick(flushNow, this);
  }

  /** Writes the queue. */
  flush(): void {
    this.#isScheduled = false;
    if (this.#queuedBytes === 0) return;
    const socket = this.#socket;
    const first = this.#first;
    const second = this.#second;
    const more = this.#more;
    const bytes = this.#queuedBytes;
    this.clear();
    let actualBytes = first.length + second.length;
    if (more !== undefined) for (const part of more) actualBytes += part.length;
    // Memory was transferred or resized: the client would read the next response as part of this one.
    if (actualBytes !== bytes) return this.#break(`${actualBytes} of ${bytes} queued bytes are left`);
    if (this.#isQuick && bytes <= maxSharedWriteBytes && this.#backlog === undefined) {
      this.#isQuick = sharedWriteBuffer.write(socket, first, second, more, bytes);
      if (this.#isQuick) return;
    } else {
      this.#backlog ??= [];
      addToBacklog(this.#backlog, more === undefined ? [first, second] : [first, second, ...more]);
    }
    this.#pump();
  }

  /** Writes the queue, then the end of the stream. */
  end(): void {
    this.#isEnding = true;
    this.flush();
    this.#pump();
  }

  /** Writes everything to the socket, with or without room, and stops using it. */
  release(): void {
    this.flush();
    for (const part of this.#backlog ?? []) this.#write(part, true);
    this.#backlog = undefined;
    this.#wheel.clear(this);
  }

  /** Writes to the socket what it has room for. */
  #pump(): void {
    if (this.#isBroken) return;
    const socket = this.#socket;
    if (this.#backlog !== undefined && this.#socketHasRoom) {
      const isComplete = this.#fill(this.#backlog);
      if (!isComplete) return this.#break('a waiting part has lost its memory');
      if (this.#backlog.length === 0) this.#backlog = undefined;
    }
    const wasFull = this.isFull;
    // A socket may need a drain although the system took all bytes at once.
    this.isFull = this.#backlog !== undefined || (socket.writableLength > 0 && !this.#socketHasRoom);
    if (this.isFull && !socket.writableNeedDrain && !socket.writableEnded) this.#wakeLater();
    if (this.#isEnding && this.#backlog === undefined && !socket.writableEnded) socket.end();
    // The timeout starts when the socket becomes full; later writes do not extend it.
    if (this.isFull ? !wasFull : this.#isEnding && socket.writableLength > 0) this.#watch();
    if (this.isFull && !wasFull) this.#owner.onFull();
  }

  /** Whether more may be written to the socket. */
  get #socketHasRoom(): boolean {
    const socket = this.#socket;
    if (socket.writableLength === 0) this.#waitingWrites = 0;
    return !socket.writableNeedDrain && this.#waitingWrites < maxWaitingWrites;
  }

  /** A socket below its high water mark emits no `drain`. The callback of an empty write reports that all earlier writes are done. */
  #wakeLater(): void {
    if (this.#isWakeSet) return;
    this.#isWakeSet = true;
    this.#socket.write(nothing, (error) => {
      this.#isWakeSet = false;
      if (error == null) this.#owner.onDrain();
    });
  }

  /**
   * Moves parts from the backlog to the socket while there is room.
   *
   * @returns False if a part has lost its memory; it and the following parts stay in the backlog.
   */
  #fill(backlog: Part[]): boolean {
    const socket = this.#socket;
    // A write waits inside a busy socket, where a changed length would go unnoticed; so it is copied.
    const mustCopy = socket.writableLength > 0;
    let isComplete = true;
    socket.cork();
    while (backlog.length > 0 && this.#socketHasRoom) {
      const part = backlog[0] as Part;
      isComplete = part.length > 0;
      if (!isComplete) break;
      if (part.length <= sliceBytes) {
        backlog.shift();
        this.#write(part, mustCopy);
      } else {
        backlog[0] = sliceOf(part, sliceBytes, part.length);
        this.#write(sliceOf(part, 0, sliceBytes), mustCopy);
      }
    }
    socket.uncork();
    return isComplete;
  }

  #write(part: Part, mustCopy: boolean): void {
    this.#waitingWrites++;
    if (typeof part === 'string') this.#socket.write(part, 'latin1');
    else this.#socket.write(mustCopy ? Buffer.from(part) : part);
  }

  /** Stops writing. */
  #break(how: string): void {
    this.clear();
    this.#backlog = undefined;
    this.#wheel.clear(this);
    this.#isBroken = true;
    // Waiting for room then ends when the connection closes.
    this.isFull = true;
    this.#isQuick = false;
    this.#owner.onBroken(
      new GaleError(
        'HTTP_RESPONSE_BODY',
        `The bytes of a body changed their length before they were sent: ${how}. The connection was reset; do not change this memory until it is sent.`,
      ),
    );
  }

  /**
   * Writes the queue by the end of this turn.
   *
   * @returns Settles when there is room for more; rejects if the connection closes first. An unhandled rejection has no effect.
   */
  whenWritable(): Promise<void> {
    this.flushIfLarge();
    this.flushSoon();
    if (!this.isFull) return settled;
    if (this.#drained === undefined) {
      this.#drained = Promise.withResolvers<void>();
      this.#drained.promise.catch(ignore);
    }
    return this.#drained.promise;
  }

  /** Handles `drain` of the socket. */
  onDrain(): void {
    if (this.#isBroken) return;
    this.#wheel.clear(this);
    this.#isQuick = this.#canBeQuick;
    this.isFull = false;
    this.#pump();
    if (this.isFull) return;
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Starts the progress checks. */
  #watch(): void {
    if (this.#timeoutMs === 0) return;
    this.#unsentBytes = unsentBytes(this.#socket);
    this.#movedAtMs = this.#wheel.now();
    this.#wheel.set(this, this.#timeoutMs / checksPerTimeout);
  }

  /** Checks for progress. Every byte that the operating system takes counts: it takes more only after the client has read some. */
  onDeadline(): void {
    const untaken = unsentBytes(this.#socket);
    if (untaken === 0) return;
    const nowMs = this.#wheel.now();
    if (untaken !== this.#unsentBytes) {
      this.#unsentBytes = untaken;
      this.#movedAtMs = nowMs;
    }
    const leftMs = this.#movedAtMs + this.#timeoutMs - nowMs;
    if (leftMs <= 0) return this.#owner.onWriteTimeout();
    this.#wheel.set(this, Math.min(leftMs, this.#timeoutMs / checksPerTimeout));
  }

  /** Handles `close` of the socket. */
  onClose(): void {
    this.clear();
    this.#backlog = undefined;
    this.#wheel.clear(this);
    if (this.#socket.writableFinished) this.#drained?.resolve();
    else this.#drained?.reject(this.#owner.goneError());
    this.#drained = undefined;
  }

  /** Empties the queue. */
  clear(): void {
    this.#first = '';
    this.#second = '';
    this.#more = undefined;
    this.#queuedBytes = 0;
  }
}

const settled: Promise<void> = Promise.resolve();
const nothing: Buffer = Buffer.alloc(0);

/** Adds parts to the backlog: small ones are joined, large ones are not copied. */
function addToBacklog(backlog: Part[], parts: readonly Part[]): void {
  for (let from = 0; from < parts.length;) {
    const part = parts[from] as Part;
    let to = from + 1;
    if (part.length < smallPartBytes) {
      let bytes = part.length;
      for (; to < parts.length && (parts[to] as Part).length < smallPartBytes; to++)
        bytes += (parts[to] as Part).length;
      if (bytes > 0) backlog.push(joined(parts, from, to, bytes));
    } else {
      // A separate view of fixed length: its length is 0 once its memory is gone.
      backlog.push(typeof part === 'string' ? part : part.subarray(0, part.length));
    }
    from = to;
  }
}

function joined(parts: readonly Part[], from: number, to: number, bytes: number): Buffer {
  // Not from a pool: the view would keep the whole pool in memory.
  const whole = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (let index = from; index < to; index++) {
    const part = parts[index] as Part;
    if (typeof part === 'string') whole.write(part, at, 'latin1');
    else whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function sliceOf(part: Part, from: number, to: number): Part {
  return typeof part === 'string' ? part.slice(from, to) : part.subarray(from, to);
}

/**
 * A number that changes whenever the operating system takes bytes from a socket, and is 0 once it has taken all. `writableLength` alone counts
 * a write until its last byte is taken. The queue of the handle shrinks with each part; Node.js checks it before it emits `timeout`, but has
 * no public API for it.
 */
export function unsentBytes(socket: Writable): number {
  const { writableLength } = socket;
  const handle: unknown = Reflect.get(socket, '_handle');
  const queue: unknown = typeof handle === 'object' && handle !== null ? Reflect.get(handle, 'writeQueueSize') : 0;
  return typeof queue === 'number' && writableLength > 0 ? writableLength + queue : writableLength;
}

function flushNow(writer: SocketWriter): void {
  writer.flush();
}

function ignore(): void {}
