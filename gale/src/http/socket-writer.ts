/**
 * The way out of a connection: joins heads and bodies of one or many answers so that they leave in one write,
 * and knows when the client takes them too slowly.
 */
import type { Socket } from 'node:net';
import { GaleError } from '../errors.ts';

/** Up to this size bytes are copied into the text around them, which costs less than a second part of the write. */
const smallBytes = 4 * 1024;
/** Bytes that may wait for the end of the turn before they are written all the same. */
const maxQueuedBytes = 64 * 1024;

/** Writer of one connection. Between turns it holds nothing. */
export class SocketWriter {
  readonly #socket: Socket;
  readonly #timeoutMs: number;
  /** What comes last and is text of Latin-1 characters; what comes before it. */
  #text = '';
  #parts: (string | Uint8Array)[] | undefined;
  #queuedBytes = 0;
  #isScheduled = false;
  #drained: PromiseWithResolvers<void> | undefined;
  /** Whether the socket has enough for now. */
  isFull = false;

  /**
   * @param timeoutMs - Time in which the client must take something while the socket is full; then the socket says `timeout`.
   */
  constructor(socket: Socket, timeoutMs: number) {
    this.#socket = socket;
    this.#timeoutMs = timeoutMs;
  }

  /** Queues text in which each character is one byte. */
  queueText(text: string): void {
    this.#text += text;
    this.#queuedBytes += text.length;
  }

  /** Queues bytes; large ones are kept, not copied, and must not change until they are written. */
  queueBytes(bytes: Uint8Array): void {
    if (bytes.byteLength <= smallBytes) {
      return this.queueText(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1'));
    }
    this.#parts ??= [];
    if (this.#text !== '') this.#parts.push(this.#text);
    this.#text = '';
    this.#parts.push(bytes);
    this.#queuedBytes += bytes.byteLength;
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
    const text = this.#text;
    const parts = this.#parts;
    this.clear();
    let hasRoom: boolean;
    if (parts === undefined) {
      hasRoom = socket.write(text, 'latin1');
    } else {
      socket.cork();
      for (const part of parts) {
        if (typeof part === 'string') socket.write(part, 'latin1');
        else socket.write(part);
      }
      if (text !== '') socket.write(text, 'latin1');
      socket.uncork();
      hasRoom = !socket.writableNeedDrain;
    }
    if (hasRoom || this.isFull) return;
    this.isFull = true;
    this.watch();
  }

  /** Lets the socket say `timeout` if the client takes nothing. */
  watch(): void {
    this.#socket.setTimeout(this.#timeoutMs);
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
    this.isFull = false;
    this.#socket.setTimeout(0);
    this.#drained?.resolve();
    this.#drained = undefined;
  }

  /** Takes the news that the connection has closed. */
  fail(error: GaleError): void {
    this.clear();
    this.#drained?.reject(error);
    this.#drained = undefined;
  }

  /** Forgets what is queued. */
  clear(): void {
    this.#text = '';
    this.#parts = undefined;
    this.#queuedBytes = 0;
  }
}

const settled: Promise<void> = Promise.resolve();

function flushNow(writer: SocketWriter): void {
  writer.flush();
}

function ignore(): void {}
