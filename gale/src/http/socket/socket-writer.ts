/**
 * The way out of a connection: joins heads and bodies of one or many answers so that they leave in one write,
 * and knows when the client takes them too slowly.
 */
import type { Socket } from 'node:net';
import type { Writable } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { GaleError } from '../../errors.ts';
import type { Deadline, TimerWheel, WheelNote } from '../timing/timer-wheel.ts';
import { maxSharedWriteBytes, sharedWriteBuffer } from './shared-write-buffer.ts';
import type { Part } from './shared-write-buffer.ts';

/** Bytes that may wait for the end of the turn before they are written all the same. */
const maxQueuedBytes = 16 * 1024;
/** Parts below this many bytes that wait for the client are copied together: each by itself takes some 300 bytes more. */
const smallPartBytes = 4 * 1024;
/** Writes that a socket is given while it still writes, before the client should first take some: however short, each takes some 300 bytes. */
const maxWaitingWrites = 32;
/** Bytes the socket is given at once. */
const sliceBytes = 64 * 1024;
/** How often within the timeout is looked whether the client took something. */
const checksPerTimeout = 4;

/** What a writer needs of the connection it writes for. */
export interface WriterOwner {
  /** The client should first take what was written. */
  onFull(): void;
  /** The socket has room again although it emits no `drain`; {@link SocketWriter.onDrain} is what to call. */
  onDrain(): void;
  /** The client took nothing for too long. */
  onWriteTimeout(): void;
  /** Bytes that were queued are not there any more. Nothing more is written: the client can no longer tell where an answer ends. */
  onBroken(error: GaleError): void;
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
  /** What was flushed and waits for the socket; no part is empty when it comes here. */
  #backlog: Part[] | undefined;
  /** Whether the operating system took every write at once since the socket was last full. */
  #isQuick: boolean;
  /** Writes that the socket was given since it last held nothing. */
  #waitingWrites = 0;
  /** Whether an empty write says when the socket has written the others. */
  #isWakeSet = false;
  #isScheduled = false;
  #isEnding = false;
  #isBroken = false;
  /** What {@link unsentBytes} said at the last look, and when it last said something else. */
  #unsentBytes = 0;
  #movedAtMs = 0;
  #drained: PromiseWithResolvers<void> | undefined;
  /** Whether the client should first take what was written. */
  isFull = false;

  /** @param timeoutMs - How long the client may take nothing at all; 0 is for ever. */
  constructor(socket: Socket, owner: WriterOwner, wheel: TimerWheel, timeoutMs: number) {
    this.#socket = socket;
    this.#owner = owner;
    this.#wheel = wheel;
    this.#timeoutMs = timeoutMs;
    this.#isQuick = this.#canBeQuick;
  }

  /** What is to be encrypted is never taken at once. */
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
   * Queues bytes; they are not copied and must not change until they are written. Ones that changed their length meanwhile break the
   * connection: see {@link WriterOwner.onBroken}.
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

  /** Whether anything was queued or written that the operating system has not taken yet. */
  get hasUnsent(): boolean {
    return this.#queuedBytes > 0 || this.#backlog !== undefined || this.#socket.writableLength > 0;
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
    let there = first.length + second.length;
    if (more !== undefined) for (const part of more) there += part.length;
    // Memory that was transferred or resized: what follows would be read as part of the answer that became shorter.
    if (there !== bytes) return this.#break(`of ${bytes} bytes queued ${there} are there`);
    if (this.#isQuick && bytes <= maxSharedWriteBytes && this.#backlog === undefined) {
      this.#isQuick = sharedWriteBuffer.write(socket, first, second, more, bytes);
      if (this.#isQuick) return;
    } else {
      this.#backlog ??= [];
      addToBacklog(this.#backlog, more === undefined ? [first, second] : [first, second, ...more]);
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
    for (const part of this.#backlog ?? []) this.#write(part, true);
    this.#backlog = undefined;
    this.#wheel.clear(this);
  }

  /** Gives the socket what it has room for. */
  #pump(): void {
    if (this.#isBroken) return;
    const socket = this.#socket;
    if (this.#backlog !== undefined && this.#socketHasRoom) {
      const isComplete = this.#fill(this.#backlog);
      if (!isComplete) return this.#break('a part that waited for the client is gone');
      if (this.#backlog.length === 0) this.#backlog = undefined;
    }
    const wasFull = this.isFull;
    // A socket whose system took all at once may still want a drain.
    this.isFull = this.#backlog !== undefined || (socket.writableLength > 0 && !this.#socketHasRoom);
    if (this.isFull && !socket.writableNeedDrain && !socket.writableEnded) this.#wakeLater();
    if (this.#isEnding && this.#backlog === undefined && !socket.writableEnded) socket.end();
    // From when it became full; what is written meanwhile does not prolong it.
    if (this.isFull ? !wasFull : this.#isEnding && socket.writableLength > 0) this.#watch();
    if (this.isFull && !wasFull) this.#owner.onFull();
  }

  /** Whether the socket may be given more. */
  get #socketHasRoom(): boolean {
    const socket = this.#socket;
    if (socket.writableLength === 0) this.#waitingWrites = 0;
    return !socket.writableNeedDrain && this.#waitingWrites < maxWaitingWrites;
  }

  /** A socket with little in it emits no `drain`; an empty write comes to its end behind the others. */
  #wakeLater(): void {
    if (this.#isWakeSet) return;
    this.#isWakeSet = true;
    this.#socket.write(nothing, (error) => {
      this.#isWakeSet = false;
      if (error == null) this.#owner.onDrain();
    });
  }

  /**
   * Moves from the backlog to the socket what there is room for.
   *
   * @returns False if a part has lost its memory; it and what follows stay where they are.
   */
  #fill(backlog: Part[]): boolean {
    const socket = this.#socket;
    // What a socket is given while it still writes waits in it as it is: there nobody could see a length change.
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

  /** Writes nothing any more. */
  #break(how: string): void {
    this.clear();
    this.#backlog = undefined;
    this.#wheel.clear(this);
    this.#isBroken = true;
    // So that whoever waits for room, or comes to do so, is told when the connection closes.
    this.isFull = true;
    this.#isQuick = false;
    this.#owner.onBroken(
      new GaleError(
        'HTTP_RESPONSE_BODY',
        `Bytes of a body changed their length before they were sent: ${how}; the connection was cut. Leave their memory alone until they are sent.`,
      ),
    );
  }

  /**
   * Sees to it that what is queued leaves by the end of this turn.
   *
   * @returns Settles when there is room for more; rejects if the connection closes first. A rejection nobody handles does no harm.
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

  /** Takes the socket's `drain`. */
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

  /** Begins to look, time and again, whether the client takes something. */
  #watch(): void {
    if (this.#timeoutMs === 0) return;
    this.#unsentBytes = unsentBytes(this.#socket);
    this.#movedAtMs = this.#wheel.now();
    this.#wheel.set(this, this.#timeoutMs / checksPerTimeout);
  }

  /** Looks. Whatever the operating system took counts: it takes more only after the client took some of what it holds. */
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
const nothing: Buffer = Buffer.alloc(0);

/** Adds what will wait: small parts are copied together, large ones are not copied. */
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
      // A view of its own, of a length that is fixed: once its memory is gone it has none.
      backlog.push(typeof part === 'string' ? part : part.subarray(0, part.length));
    }
    from = to;
  }
}

function joined(parts: readonly Part[], from: number, to: number, bytes: number): Buffer {
  // Not of a pool, all of which it would keep.
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
 * A number that changes whenever the operating system takes something of what a socket was given, and is 0 once it took all.
 * `writableLength` alone counts a write until its last byte is taken; the handle's queue, which Node.js itself looks at before it emits
 * `timeout` but has no public name for, becomes shorter with each part.
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
