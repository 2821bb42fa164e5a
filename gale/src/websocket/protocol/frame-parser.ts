/**
 * The WebSocket protocol without sockets: bytes go in, events come out, one at a time and only when asked for.
 * It joins fragments, keeps the limits, and tells each broken rule as a `ProtocolError` whose `closeCode` is to be sent.
 * It answers nothing by itself: pongs and close replies are the connection's, and so is inflating. RFC 6455 §5 to §8.
 */
import { ProtocolError } from '../../errors.ts';
import { readClosePayload } from './close-payload.ts';
import { compressedBit, opcodes, readFrameHeader } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import { applyMask } from './mask.ts';
import { PartialMessage } from './partial-message.ts';
import { decodeText } from './utf8.ts';

/** What the peer did. Buffers are views of what was received or copies of it; they are the reader's own. */
export type ParsedEvent =
  | { readonly kind: 'text'; readonly message: string }
  | { readonly kind: 'binary'; readonly message: Buffer }
  | { readonly kind: 'compressed'; readonly isText: boolean; readonly data: Buffer }
  | { readonly kind: 'ping'; readonly data: Buffer }
  | { readonly kind: 'pong'; readonly data: Buffer }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string };

/** What a peer may send; shared by all connections that have the same. */
export interface ParserLimits {
  /** Largest message, in bytes, all its fragments together. A compressed one may come an eighth and 1 KiB larger. */
  readonly maxMessageBytes: number;
  /** Most fragments of one message. */
  readonly maxFragments: number;
  /** Which messages are taken; another kind ends with 1003. */
  readonly messageTypes: 'any' | 'text' | 'binary';
}

/** Which end this is: a server takes masked frames only, a client unmasked ones only. */
export type EndpointRole = 'server' | 'client';

/** Reads one connection's frames. */
export class FrameParser {
  readonly #limits: ParserLimits;
  readonly #role: EndpointRole;
  readonly #allowedReserved: number;
  #input: Buffer | undefined;
  #offset = 0;
  #partial: PartialMessage | undefined;
  #ended = false;

  /** @param compression - Whether compressed messages were agreed on. */
  constructor(limits: ParserLimits, role: EndpointRole = 'server', compression = false) {
    this.#limits = limits;
    this.#role = role;
    this.#allowedReserved = compression ? compressedBit : 0;
  }

  /** Whether there is no more to read: a close frame was read, or a rule was broken. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Ends it: nothing more is read, because a message could not be inflated. */
  end(): void {
    this.#ended = true;
    this.#input = undefined;
    this.#partial = undefined;
  }

  /**
   * Takes received bytes. Read all events with {@link next} before the next call where you can: else bytes are copied.
   *
   * @param bytes - From now on the protocol's: it unmasks them in place and hands out views of them.
   */
  push(bytes: Buffer): void {
    if (this.#ended || bytes.length === 0) return;
    const input = this.#input;
    this.#input = input === undefined ? bytes : Buffer.concat([input.subarray(this.#offset), bytes]);
    this.#offset = 0;
  }

  /**
   * Reads on to the next event.
   *
   * @returns `undefined` when more bytes are needed, and after the end.
   * @throws {@link ProtocolError} When the peer broke a rule; the protocol has ended then.
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
        // Nothing is held for a connection that says nothing: a read buffer goes when its last byte is read.
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
      // A fragment without payload is over at once, and may be the last.
      const event = this.#readPayload(this.#partial, this.#input);
      if (event !== undefined) return event;
    }
    return undefined;
  }

  /** Cuts the payload of a frame that is wholly there out of the input, unmasked. */
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
    // A copy, for the same reasons as that of a small message.
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
    // A small message must not keep a large read buffer alive for as long as somebody keeps the message; and whoever gets one may
    // transfer its memory away, so nothing that is still to be read may lie in it.
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
    const rule = this.#role === 'server' ? 'not masked; a client has to mask' : 'masked; a server must not mask';
    throw new ProtocolError('WS_MASK', `Frame is ${rule}.`);
  }

  #assertInOrder(header: FrameHeader): void {
    const { maxMessageBytes, messageTypes } = this.#limits;
    if (header.opcode === opcodes.continuation) {
      if (this.#partial === undefined) {
        throw new ProtocolError('WS_FRAGMENT', 'Continuation frame came without a message to continue.');
      }
    } else if (this.#partial !== undefined) {
      throw new ProtocolError('WS_FRAGMENT', 'A new message began inside a fragmented one.');
    } else if (messageTypes !== 'any' && opcodes[messageTypes] !== header.opcode) {
      throw new ProtocolError('WS_MESSAGE_TYPE', `Only ${messageTypes} messages are taken here.`);
    }
    const messageBytes = (this.#partial?.bytes ?? 0) + header.payloadBytes;
    if (messageBytes <= maxMessageBytes) return;
    const isCompressed = this.#partial?.isCompressed ?? header.reserved !== 0;
    if (isCompressed && messageBytes <= mostCompressedBytes(maxMessageBytes)) return;
    throw new ProtocolError(
      'WS_MESSAGE_TOO_BIG',
      `Message of ${messageBytes} bytes or more is over maxMessageBytes (${maxMessageBytes}); raise it or send parts.`,
    );
  }
}

/** What cannot be compressed grows a little, the more the less memory its sender takes: zlib's deflateBound. */
function mostCompressedBytes(maxMessageBytes: number): number {
  return maxMessageBytes + Math.floor(maxMessageBytes / 8) + 1024;
}
