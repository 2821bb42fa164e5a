/**
 * Parses WebSocket frames without sockets: bytes go in, events come out, one for each call of `next`.
 * It joins fragments and applies the limits. A broken rule is a `ProtocolError` whose `closeCode` the connection sends.
 * The connection sends pongs and close frames, and inflates messages. RFC 6455 §5 to §8.
 */
import { ProtocolError } from '../../errors.ts';
import { readClosePayload } from './close-payload.ts';
import { compressedBit, opcodes, readFrameHeader } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import { applyMask } from './mask.ts';
import { PartialMessage } from './partial-message.ts';
import { decodeText } from './utf8.ts';

/** A message or control frame of the peer. Buffers are views or copies of the input; the caller owns them. */
export type ParsedEvent =
  | { readonly kind: 'text'; readonly message: string }
  | { readonly kind: 'binary'; readonly message: Buffer }
  | { readonly kind: 'compressed'; readonly isText: boolean; readonly data: Buffer }
  | { readonly kind: 'ping'; readonly data: Buffer }
  | { readonly kind: 'pong'; readonly data: Buffer }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

/** Limits of what a peer may send. Connections with equal limits share one object. */
export interface ParserLimits {
  /** Largest message, in bytes, all fragments together. A compressed message may be an eighth plus 1 KiB larger. */
  readonly maxMessageBytes: number;
  /** Maximum number of fragments of one message. */
  readonly maxFragments: number;
  /** Which messages are accepted; another type closes with 1003. */
  readonly messageTypes: 'any' | 'text' | 'binary';
}

/** Which end this is: a server accepts only masked frames, a client only unmasked ones. */
export type EndpointRole = 'server' | 'client';

/** Parses the frames of one connection. */
export class FrameParser {
  readonly #limits: ParserLimits;
  readonly #role: EndpointRole;
  readonly #allowedReserved: number;
  #input: Buffer | undefined;
  #offset = 0;
  #partial: PartialMessage | undefined;
  #ended = false;

  /** @param compression - Whether the handshake agreed on compressed messages. */
  constructor(limits: ParserLimits, role: EndpointRole = 'server', compression = false) {
    this.#limits = limits;
    this.#role = role;
    this.#allowedReserved = compression ? compressedBit : 0;
  }

  /** Whether parsing has ended: a close frame was read, or the peer broke a rule. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Ends parsing and discards the input, for example because a message could not be inflated. */
  end(): void {
    this.#ended = true;
    this.#input = undefined;
    this.#partial = undefined;
  }

  /**
   * Adds received bytes. Call {@link next} until it is `undefined` before the next call; otherwise the rest is copied.
   *
   * @param bytes - Owned by the parser from now on: it unmasks them in place and returns views of them.
   */
  push(bytes: Buffer): void {
    if (this.#ended || bytes.length === 0) return;
    const input = this.#input;
    this.#input = input === undefined ? bytes : Buffer.concat([input.subarray(this.#offset), bytes]);
    this.#offset = 0;
  }

  /**
   * Parses the next event.
   *
   * @returns `undefined` when more bytes are needed, and after the end.
   * @throws {@link ProtocolError} If the peer broke a rule. Parsing has ended then.
   */
  next(): ParsedEvent | undefined {
    try {
      return this.#read();
    } catch (error) {
      this.end();
      throw error;
    }
  }

  #read(): ParsedEvent | undefined {
    while (this.#input !== undefined) {
      if (this.#partial?.isInsideFrame) {
        const event = this.#readPayload(this.#partial, this.#input);
        if (event !== undefined) return event;
        continue;
      }
      const header = readFrameHeader(this.#input, this.#offset, this.#allowedReserved);
      if (header === undefined) {
        // An idle connection keeps no memory: the read buffer is released after its last byte.
        if (this.#offset === this.#input.length) this.#input = undefined;
        return undefined;
      }
      this.#assertMasking(header);
      const start = this.#offset + header.headerBytes;
      const whole = this.#input.length - start >= header.payloadBytes;
      if (header.opcode >= opcodes.close) {
        if (!whole) return undefined;
        return this.#readControl(header, this.#take(header, start));
      }
      this.#assertInOrder(header);
      if (whole && header.final && header.opcode !== opcodes.continuation) {
        return this.#readWhole(header, this.#take(header, start));
      }
      this.#partial ??= new PartialMessage(header, this.#limits.maxFragments);
      this.#partial.beginFrame(header);
      this.#offset = start;
      // A fragment without payload is complete at once and may be the last.
      const event = this.#readPayload(this.#partial, this.#input);
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** Takes the payload of a complete frame from the input and unmasks it. */
  #take(header: FrameHeader, start: number): Buffer {
    const input = this.#input!;
    const end = start + header.payloadBytes;
    const payload = input.subarray(start, end);
    if (header.mask !== undefined) applyMask(payload, header.mask);
    this.#advance(end);
    return payload;
  }

  #advance(offset: number): void {
    this.#offset = offset;
    if (offset === this.#input!.length) this.#input = undefined;
  }

  #readControl(header: FrameHeader, payload: Buffer): ParsedEvent {
    // A copy, for the same reasons as for a small message.
    if (header.opcode === opcodes.ping) return { kind: 'ping', data: Buffer.from(payload) };
    if (header.opcode === opcodes.pong) return { kind: 'pong', data: Buffer.from(payload) };
    const { code, reason } = readClosePayload(payload);
    this.end();
    return { kind: 'close', code, reason };
  }

  #readWhole(header: FrameHeader, payload: Buffer): ParsedEvent {
    if (header.reserved !== 0) {
      return { kind: 'compressed', isText: header.opcode === opcodes.text, data: payload };
    }
    if (header.opcode === opcodes.text) return { kind: 'text', message: decodeText(payload) };
    // A small message must not keep a large read buffer alive. Its owner may also transfer its memory, so the memory must not
    // hold input that is still to be parsed.
    const isShared = payload.length * 2 < payload.buffer.byteLength || this.#input !== undefined;
    return { kind: 'binary', message: isShared ? Buffer.from(payload) : payload };
  }

  #readPayload(partial: PartialMessage, input: Buffer): ParsedEvent | undefined {
    const end = Math.min(input.length, this.#offset + partial.frameBytesLeft);
    partial.push(input.subarray(this.#offset, end));
    this.#advance(end);
    if (!partial.isComplete) return undefined;
    this.#partial = undefined;
    const message = partial.finish();
    if (partial.isCompressed) return { kind: 'compressed', isText: partial.isText, data: message };
    return partial.isText ? { kind: 'text', message: message.toString() } : { kind: 'binary', message };
  }

  #assertMasking(header: FrameHeader): void {
    if ((header.mask === undefined) === (this.#role === 'client')) return;
    const rule = this.#role === 'server' ? 'not masked; a client must mask' : 'masked; a server must not mask';
    throw new ProtocolError('WS_MASK', `Frame is ${rule}.`);
  }

  #assertInOrder(header: FrameHeader): void {
    const { maxMessageBytes, messageTypes } = this.#limits;
    if (header.opcode === opcodes.continuation) {
      if (this.#partial === undefined) {
        throw new ProtocolError('WS_FRAGMENT', 'Continuation frame has no message to continue.');
      }
    } else if (this.#partial !== undefined) {
      throw new ProtocolError('WS_FRAGMENT', 'A new message began before the last fragment of another.');
    } else if (messageTypes !== 'any' && opcodes[messageTypes] !== header.opcode) {
      throw new ProtocolError('WS_MESSAGE_TYPE', `Message must be ${messageTypes}; got another type.`);
    }
    const messageBytes = (this.#partial?.bytes ?? 0) + header.payloadBytes;
    if (messageBytes <= maxMessageBytes) return;
    const isCompressed = this.#partial?.isCompressed ?? header.reserved !== 0;
    if (isCompressed && messageBytes <= maxCompressedBytes(maxMessageBytes)) return;
    throw new ProtocolError(
      'WS_MESSAGE_TOO_BIG',
      `Message of ${messageBytes} bytes or more is over maxMessageBytes (${maxMessageBytes}); send smaller messages.`,
    );
  }
}

/** Data that does not compress grows a little, more so if the sender uses little memory: deflateBound of zlib. */
function maxCompressedBytes(maxMessageBytes: number): number {
  return maxMessageBytes + Math.floor(maxMessageBytes / 8) + 1024;
}
