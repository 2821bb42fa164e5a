/**
 * The request parser: bytes in, events out, no sockets and no timers. Heads and bodies follow each other until a rule is broken;
 * after that nothing more is read, because nobody can know any longer where the next request begins (RFC 9112 §6.3, §11.2).
 */
import { ChunkedReader } from './chunked.ts';
import { HeadReader } from './request-head.ts';
import type { HeadLimits, HeadCaches, RequestHead } from './request-head.ts';
import { PendingBytes } from './pending-bytes.ts';

/** What the parser tells, in this order for each request: one head, its body in parts, the end. */
export interface ParserEvents {
  /** A request begins. The parser may be paused or stopped from here. */
  onHead(head: RequestHead): void;
  /** A part of the body, not empty; a view on the bytes that were fed. */
  onBody(bytes: Buffer): void;
  /** The request is complete. */
  onEnd(): void;
}

/** Parser of all requests of one connection. */
export class RequestParser {
  readonly #events: ParserEvents;
  readonly #limits: HeadLimits;
  readonly #head: HeadReader;
  #chunked: ChunkedReader | undefined;
  /** Bytes of a body with Content-Length that are still to come. */
  #left = 0;
  readonly #pending: PendingBytes = new PendingBytes();
  #bytes: Buffer = nothing;
  #at = 0;
  #paused = false;
  #stopped = false;

  /** @param caches - Shared by parsers with the same limits, so that they know again what others have read. */
  constructor(events: ParserEvents, limits: HeadLimits, caches?: HeadCaches) {
    this.#events = events;
    this.#limits = limits;
    this.#head = new HeadReader(limits, caches);
  }

  /** Bytes that are kept because they end inside a head or came while the parser was paused. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /**
   * Whether `count` requests seem to be kept. They are counted by their empty lines, so that a body with such lines in it counts for more
   * than it is.
   */
  hasPendingRequests(count: number): boolean {
    const { bytes } = this.#pending;
    let found = 0;
    for (let at = bytes.indexOf('\r\n\r\n'); at >= 0 && found < count; at = bytes.indexOf('\r\n\r\n', at + 4)) found++;
    return found === count;
  }

  /**
   * Takes the next bytes and tells what they complete; keeps them while paused, drops them when stopped.
   *
   * @param bytes - Not changed; parts of it are handed out and kept.
   * @throws {@link ProtocolError} At the first byte that breaks a rule. The parser has then stopped.
   */
  feed(bytes: Buffer): void {
    if (this.#stopped) return;
    if (this.#pending.length > 0) bytes = this.#pending.append(bytes);
    else if (this.#paused) this.#pending.keep(bytes, 0);
    if (!this.#paused) this.#run(bytes);
  }

  /** Reads no byte more until {@link RequestParser.resume}. The end of a request is still told if its last byte was read. */
  pause(): void {
    this.#paused = true;
  }

  /** Goes on with what was kept. Not to be called from within an event. */
  resume(): void {
    this.#paused = false;
    if (this.#pending.length > 0 && !this.#stopped) this.#run(this.#pending.bytes);
  }

  /**
   * Ends parsing for good; nothing more is told.
   *
   * @returns What follows the last byte that was used.
   */
  stop(): Buffer {
    const rest = this.#bytes === nothing ? this.#pending.bytes : this.#bytes.subarray(this.#at);
    this.#stopped = true;
    this.#pending.clear();
    return rest;
  }

  #run(bytes: Buffer): void {
    const end = bytes.length;
    this.#bytes = bytes;
    this.#at = 0;
    try {
      while (this.#at < end && !this.#paused && !this.#stopped) {
        if (this.#left > 0) this.#readCounted(end);
        else if (this.#chunked !== undefined) this.#readChunked(this.#chunked, end);
        else if (!this.#readHead(end)) break;
      }
    } catch (error) {
      this.stop();
      throw error;
    } finally {
      this.#bytes = nothing;
    }
    if (this.#stopped || this.#at === end) this.#pending.clear();
    else this.#pending.keep(bytes, this.#at);
  }

  #readHead(end: number): boolean {
    const head = this.#head.read(this.#bytes, this.#at, end);
    if (head === undefined) {
      this.#at += this.#head.takeSkipped();
      return false;
    }
    this.#at += this.#head.length;
    const { declaredBytes } = head;
    if (declaredBytes === undefined) this.#chunked = new ChunkedReader(this.#limits);
    else this.#left = declaredBytes;
    this.#events.onHead(head);
    if (declaredBytes === 0 && !this.#stopped) this.#events.onEnd();
    return true;
  }

  #readCounted(end: number): void {
    const from = this.#at;
    const to = Math.min(end, from + this.#left);
    this.#at = to;
    this.#left -= to - from;
    this.#events.onBody(this.#bytes.subarray(from, to));
    if (this.#left === 0 && !this.#stopped) this.#events.onEnd();
  }

  #readChunked(chunked: ChunkedReader, end: number): void {
    const at = chunked.read(this.#bytes, this.#at, end);
    this.#at = at;
    if (chunked.dataLength > 0) this.#events.onBody(this.#bytes.subarray(at - chunked.dataLength, at));
    if (!chunked.done) return;
    this.#chunked = undefined;
    if (!this.#stopped) this.#events.onEnd();
  }
}

const nothing: Buffer = Buffer.alloc(0);
