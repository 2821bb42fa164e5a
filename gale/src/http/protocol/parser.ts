/**
 * The request parser: bytes in, events out, no sockets and no timers. It parses requests until the first protocol error. After an error it
 * stops, because the start of the next request is unknown then (RFC 9112 §6.3, §11.2).
 */
import { ChunkedReader } from './chunked.ts';
import { HeadReader } from './request-head.ts';
import type { HeadLimits, HeadCaches, RequestHead } from './request-head.ts';
import { PendingBytes } from './pending-bytes.ts';

/** Events of the parser, in this order for each request: one head, the parts of its body, the end. */
export interface ParserEvents {
  /** A request begins. The handler of the event may pause or stop the parser. */
  onHead(head: RequestHead): void;
  /** A part of the body, not empty; a view of bytes that are valid until the event returns. */
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
  /** Remaining bytes of a body with Content-Length. */
  #left = 0;
  readonly #pending: PendingBytes = new PendingBytes();
  #bytes: Buffer = nothing;
  #at = 0;
  #paused = false;
  #stopped = false;

  /** @param caches - Shared by parsers with the same limits, so that each finds the heads that others have parsed. */
  constructor(events: ParserEvents, limits: HeadLimits, caches?: HeadCaches) {
    this.#events = events;
    this.#limits = limits;
    this.#head = new HeadReader(limits, caches);
  }

  /** Bytes that wait because they end inside a head or arrived while the parser was paused. */
  get pendingBytes(): number {
    return this.#pending.length;
  }

  /** Whether the request whose head is being parsed, or was rejected, has the method HEAD; false before the method is known. */
  get isHead(): boolean {
    return this.#head.isHead;
  }

  /**
   * Whether at least `count` requests seem to wait. It counts empty lines, so a body that contains some counts as more than one request.
   */
  hasPendingRequests(count: number): boolean {
    const { bytes } = this.#pending;
    let found = 0;
    for (let at = bytes.indexOf('\r\n\r\n'); at >= 0 && found < count; at = bytes.indexOf('\r\n\r\n', at + 4)) found++;
    return found === count;
  }

  /**
   * Parses the next bytes and emits events. While paused it stores the bytes, once stopped it drops them.
   *
   * @param bytes - Not changed and not kept. Events pass views of them.
   * @throws {@link ProtocolError} At the first invalid byte. The parser has stopped then.
   */
  feed(bytes: Buffer): void {
    if (this.#stopped) return;
    if (this.#pending.length > 0) bytes = this.#pending.append(bytes);
    else if (this.#paused) this.#pending.keep(bytes, 0);
    if (!this.#paused) this.#run(bytes);
  }

  /** Parses no further byte until {@link RequestParser.resume}. `onEnd` still follows if the last byte of the request was parsed. */
  pause(): void {
    this.#paused = true;
  }

  /** Continues with the stored bytes. Must not be called from within an event. */
  resume(): void {
    this.#paused = false;
    if (this.#pending.length > 0 && !this.#stopped) this.#run(this.#pending.bytes);
  }

  /**
   * Ends parsing; no further event is emitted.
   *
   * @returns The bytes after the last parsed one; a view of the bytes that were fed last.
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
