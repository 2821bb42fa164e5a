/**
 * The body of a request, read once: whole, or in parts with backpressure. An unread body is not buffered.
 */
import { GaleError } from '../errors.ts';
import { assertInteger } from '../run/given-options.ts';
import type { BodyMemory, MemoryUser } from './body-memory.ts';
import { copyOf } from './socket/shared-read-buffer.ts';

/** What a body needs from its connection. */
export interface BodySource {
  /** The body is read: send `100 Continue` if the client waits for it, and read the socket. */
  resumeBody(): void;
  /** Enough bytes wait: pause the socket. */
  pauseBody(): void;
  /** The rest of the body is rejected; the connection cannot be used for another request. */
  rejectBody(): void;
  /** Counts the memory of all bodies; undefined if there is no body. */
  readonly bodyMemory: BodyMemory | undefined;
}

/** Maximum bytes that wait for a slow reader before the socket is paused. */
const maxWaitingBytes = 64 * 1024;
/** Smaller waiting parts are joined: a separate part of one byte costs a hundred times its size. */
const smallPartBytes = 4 * 1024;
const firstJoinedBytes = 512;
const maxJoinedBytes = 16 * 1024;

/** The body of one request. */
export class RequestBody implements MemoryUser {
  /** Bytes that Content-Length declares; 0 if there is no body, undefined if it is chunked. */
  readonly declaredBytes: number | undefined;
  readonly #source: BodySource;
  readonly #client: { readonly remoteAddress: string } | undefined;
  #maxBytes: number;
  /** What set the limit, for the log. */
  #limitOption = 'maxBodyBytes';
  #receivedBytes = 0;
  #waiting: Buffer[] = [];
  /** Memory with joined small parts, and its length. They come after `#waiting`. */
  #joined: Buffer | undefined;
  #joinedLength = 0;
  #waitingBytes = 0;
  /** Counted memory, and the part of it that readers keep. */
  #memoryBytes = 0;
  #keptBytes = 0;
  #isReleased = false;
  #state: 'waiting' | 'collecting' | 'iterating' | 'discarding' = 'waiting';
  #ended: boolean;
  #error: GaleError | undefined;
  #wake: (() => void) | undefined;

  /** Created by connections of the server only. @internal */
  constructor(
    source: BodySource,
    declaredBytes: number | undefined,
    maxBytes: number,
    client?: { readonly remoteAddress: string },
  ) {
    this.#source = source;
    this.#client = client;
    this.declaredBytes = declaredBytes;
    this.#maxBytes = maxBytes;
    this.#ended = declaredBytes === 0;
  }

  /** Changes the largest size that is accepted for this request, in bytes. Call it before the body is read; bytes that have arrived already count. */
  setMaxBytes(maxBytes: number): void {
    assertInteger('maxBytes', maxBytes, 0, Number.MAX_SAFE_INTEGER);
    this.#maxBytes = maxBytes;
    this.#limitOption = 'setMaxBytes';
  }

  /**
   * Sets the limit of an option for the kind of body that is about to be read.
   *
   * @param option - Its name, for the log.
   * @internal
   */
  useLimit(maxBytes: number, option: string): void {
    this.#maxBytes = maxBytes;
    this.#limitOption = option;
  }

  /** Lowers the limit, unless the handler has set its own with {@link RequestBody.setMaxBytes}. @internal */
  lowerLimit(maxBytes: number, option: string): void {
    if (this.#limitOption !== 'setMaxBytes' && maxBytes < this.#maxBytes) this.useLimit(maxBytes, option);
  }

  /** The error for a body of this size, decoded or not. @internal */
  overLimit(bytes: number): GaleError {
    return tooLarge(bytes, this.#limitOption, this.#maxBytes);
  }

  /** The largest size that is accepted for this request, in bytes. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /**
   * Reads the whole body.
   *
   * @returns The bytes; the caller owns them.
   * @throws {@link GaleError} `HTTP_BODY_TOO_LARGE`; `HTTP_BODY_MEMORY`; `HTTP_CHUNK` and similar codes for a protocol error; `HTTP_REQUEST_TIMEOUT`; `HTTP_CLIENT_GONE`; `HTTP_BODY_TAKEN`.
   */
  async bytes(): Promise<Buffer> {
    this.#begin('collecting');
    if (!this.#ended && this.#error === undefined) this.#source.resumeBody();
    while (!this.#ended && this.#error === undefined) await this.#more();
    if (this.#error !== undefined) throw this.#error;
    const waiting = this.#takeWaiting();
    return waiting.length === 1 ? (waiting[0] as Buffer) : Buffer.concat(waiting);
  }

  /**
   * Reads the body in parts as they arrive. While the reader is busy, at most 64 KiB or one read of the socket wait.
   * Leaving the loop early discards the rest. Throws the same errors as {@link RequestBody.bytes}.
   */
  async *[Symbol.asyncIterator](): AsyncIterator<Buffer> {
    this.#begin('iterating');
    try {
      for (;;) {
        for (const part of this.#takeWaiting()) {
          yield part;
          this.#give(part.length);
        }
        if (this.#waiting.length > 0) continue;
        if (this.#error !== undefined) throw this.#error;
        if (this.#ended) return;
        this.#source.resumeBody();
        await this.#more();
      }
    } finally {
      this.#discard();
    }
  }

  /** Whether the last byte has arrived. @internal */
  get isComplete(): boolean {
    return this.#ended;
  }

  /** Bytes that have arrived so far. @internal */
  get receivedBytes(): number {
    return this.#receivedBytes;
  }

  /**
   * Adds the next part.
   *
   * @param part - Copied, since the next read overwrites it.
   * @internal
   */
  push(part: Buffer): void {
    this.#receivedBytes += part.length;
    if (this.#state === 'discarding' || this.#error !== undefined) return;
    if (this.#receivedBytes > this.#maxBytes) return this.#refuse(this.#receivedBytes);
    if (!this.#take(part.length)) return;
    // The first part is not joined: mostly it is the only one.
    if (this.#waiting.length === 0 || part.length > smallPartBytes) {
      this.#endJoined();
      this.#waiting.push(copyOf(part));
    } else {
      this.#join(part);
    }
    this.#waitingBytes += part.length;
    if (this.#state === 'collecting') return;
    if (this.#waitingBytes >= maxWaitingBytes) this.#source.pauseBody();
    this.#wakeReader();
  }

  /** The last byte has arrived. @internal */
  finish(): void {
    this.#ended = true;
    this.#source.bodyMemory?.settle(this);
    this.#wakeReader();
  }

  /** The rest will not arrive. @internal */
  fail(error: GaleError): void {
    if (this.#ended || this.#error !== undefined) return;
    this.#error = error;
    this.#source.bodyMemory?.settle(this);
    if (this.#state === 'collecting') this.#dropWaiting();
    this.#wakeReader();
  }

  /** Drops all waiting and further parts, unless the body is being read. @internal */
  discardUnread(): void {
    if (this.#state === 'waiting') this.#discard();
  }

  /**
   * Counts bytes that a reader keeps in memory until the request ends, such as decoded content.
   *
   * @throws {@link GaleError} `HTTP_BODY_MEMORY` if the server has no memory left for them, `HTTP_BODY_TOO_LARGE` if it never has.
   * @internal
   */
  keepBytes(bytes: number): void {
    if (!this.#isReleased && this.#error === undefined && this.#take(bytes)) this.#keptBytes += bytes;
    if (this.#error !== undefined) throw this.#error;
  }

  /** The reader keeps the bytes no longer. @internal */
  dropBytes(bytes: number): void {
    const dropped = Math.min(bytes, this.#keptBytes);
    this.#keptBytes -= dropped;
    this.#give(dropped);
  }

  /** The request has ended: its bytes count no longer, whatever the handler does with them. @internal */
  release(): void {
    this.#isReleased = true;
    this.#giveAll();
  }

  /** Counted memory. @internal */
  get memoryBytes(): number {
    return this.#memoryBytes;
  }

  /** @internal */
  get isArriving(): boolean {
    return !this.#ended && this.#error === undefined && this.#receivedBytes !== this.declaredBytes;
  }

  /** @internal */
  get clientAddress(): string {
    return this.#client?.remoteAddress ?? '';
  }

  /** Drops the body, since another one needs its memory. @internal */
  yieldMemory(error: GaleError): void {
    this.#end(error);
  }

  /** Drops all waiting and further parts. */
  #discard(): void {
    this.#state = 'discarding';
    this.#dropWaiting();
  }

  #dropWaiting(): void {
    this.#takeWaiting();
    this.#give(this.#memoryBytes - this.#keptBytes);
  }

  /** Counts bytes of the body. @returns Whether there is room; if not, the body has failed. */
  #take(bytes: number): boolean {
    const memory = this.#source.bodyMemory;
    if (memory === undefined || this.#isReleased) return true;
    const sum = this.#memoryBytes + bytes;
    if (sum > memory.maxBytes) {
      this.#end(tooLarge(sum, 'maxBodyMemoryBytes', memory.maxBytes));
      return false;
    }
    const error = memory.take(this, bytes);
    if (error === undefined) this.#memoryBytes = sum;
    else this.#end(error);
    return error === undefined;
  }

  #give(bytes: number): void {
    // Nothing is counted after the release.
    const given = Math.min(bytes, this.#memoryBytes);
    if (given === 0) return;
    this.#source.bodyMemory?.give(this, given);
    this.#memoryBytes -= given;
  }

  #giveAll(): void {
    this.#source.bodyMemory?.settle(this);
    this.#keptBytes = 0;
    this.#give(this.#memoryBytes);
  }

  #begin(state: 'collecting' | 'iterating'): void {
    if (this.#state !== 'waiting') {
      throw new GaleError(
        'HTTP_BODY_TAKEN',
        'The body of this request was already read; keep the result of the first read.',
      );
    }
    this.#state = state;
    const knownBytes = this.declaredBytes ?? this.#receivedBytes;
    if (this.#error !== undefined) return;
    if (knownBytes > this.#maxBytes) return this.#refuse(knownBytes);
    const { maxBytes } = this.#source.bodyMemory ?? { maxBytes: Infinity };
    // It can never be in memory as a whole.
    if (state === 'collecting' && knownBytes > maxBytes) {
      this.#end(tooLarge(knownBytes, 'maxBodyMemoryBytes', maxBytes));
    }
  }

  #refuse(bytes: number): void {
    this.#end(this.overLimit(bytes));
  }

  /** Drops everything and rejects the reader. */
  #end(error: GaleError): void {
    this.#takeWaiting();
    this.#giveAll();
    if (!this.#ended) this.#source.rejectBody();
    // Also if the last byte has arrived: the reader must not get an empty body.
    this.#error = error;
    this.#wakeReader();
  }

  #join(part: Buffer): void {
    if (this.#joinedLength + part.length > maxJoinedBytes) this.#endJoined();
    const length = this.#joinedLength + part.length;
    if (this.#joined === undefined || length > this.#joined.length) {
      const grown = Buffer.allocUnsafeSlow(Math.min(Math.max(firstJoinedBytes, 2 * length), maxJoinedBytes));
      this.#joined?.copy(grown, 0, 0, this.#joinedLength);
      this.#joined = grown;
    }
    part.copy(this.#joined, this.#joinedLength);
    this.#joinedLength = length;
  }

  #endJoined(): void {
    if (this.#joined === undefined) return;
    this.#waiting.push(this.#joined.subarray(0, this.#joinedLength));
    this.#joined = undefined;
    this.#joinedLength = 0;
  }

  #takeWaiting(): Buffer[] {
    this.#endJoined();
    const waiting = this.#waiting;
    if (waiting.length > 0) this.#waiting = [];
    this.#waitingBytes = 0;
    return waiting;
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function tooLarge(bytes: number, option: string, maxBytes: number): GaleError {
  return new GaleError(
    'HTTP_BODY_TOO_LARGE',
    `Body of ${bytes} bytes or more is over the limit of ${maxBytes} bytes; send less.`,
    { option },
  );
}
