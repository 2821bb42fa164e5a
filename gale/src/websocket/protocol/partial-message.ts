/**
 * A message that has arrived in part: fragmented, or one long frame in several reads.
 * It exists only until the message is complete, and its memory grows with the bytes received.
 */
import { ProtocolError } from '../../errors.ts';
import { compressedBit, opcodes } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import { applyMask } from './mask.ts';
import { Utf8Check } from './utf8.ts';

/** Initial capacity, unless the message is known to be shorter. */
const firstCapacityBytes = 4096;

/** Collects the payload of one message, unmasks it and validates text as it arrives. */
export class PartialMessage {
  /** Whether the message is text, not binary. */
  readonly isText: boolean;
  /** Whether the message is compressed. Its text can be validated only after inflating. */
  readonly isCompressed: boolean;
  readonly #maxFragments: number;
  readonly #utf8: Utf8Check | undefined;
  #collected: Buffer = Buffer.alloc(0);
  #collectedBytes = 0;
  #fragments = 0;
  #frame: FrameHeader | undefined;
  #frameBytesLeft = 0;

  /** @param first - Header of the first frame; call {@link beginFrame} with it as well. */
  constructor(first: FrameHeader, maxFragments: number) {
    this.isText = first.opcode === opcodes.text;
    this.isCompressed = (first.reserved & compressedBit) !== 0;
    this.#maxFragments = maxFragments;
    this.#utf8 = this.isText && !this.isCompressed ? new Utf8Check() : undefined;
  }

  /** Payload bytes collected so far. */
  get bytes(): number {
    return this.#collectedBytes;
  }

  /** Payload bytes of the current frame that have not arrived. */
  get frameBytesLeft(): number {
    return this.#frameBytesLeft;
  }

  /** Whether the next byte is payload, not a header. */
  get isInsideFrame(): boolean {
    return this.#frameBytesLeft > 0;
  }

  /** Whether the last byte of the last frame has arrived. */
  get isComplete(): boolean {
    return this.#frameBytesLeft === 0 && this.#frame?.final === true;
  }

  /**
   * Starts the next frame of this message.
   *
   * @throws {@link ProtocolError} `WS_TOO_MANY_FRAGMENTS` (1009).
   */
  beginFrame(header: FrameHeader): void {
    this.#fragments++;
    if (this.#fragments > this.#maxFragments) {
      throw new ProtocolError(
        'WS_TOO_MANY_FRAGMENTS',
        `Message has more than ${this.#maxFragments} fragments; send larger ones.`,
      );
    }
    this.#frame = header;
    this.#frameBytesLeft = header.payloadBytes;
  }

  /**
   * Adds payload of the current frame, at most {@link frameBytesLeft} bytes; unmasked in place and copied.
   *
   * @throws {@link ProtocolError} `WS_UTF8` (1007) at the first byte that makes a text invalid.
   */
  push(payload: Buffer): void {
    const frame = this.#frame!;
    if (frame.mask !== undefined) applyMask(payload, frame.mask, frame.payloadBytes - this.#frameBytesLeft);
    if (this.#utf8?.push(payload) === false) throw new ProtocolError('WS_UTF8', 'Text message is not UTF-8.');
    this.#reserve(payload.length);
    this.#collected.set(payload, this.#collectedBytes);
    this.#collectedBytes += payload.length;
    this.#frameBytesLeft -= payload.length;
  }

  /**
   * The whole payload. Call it once, when {@link isComplete}.
   *
   * @throws {@link ProtocolError} `WS_UTF8` (1007) if a text ends inside a character.
   */
  finish(): Buffer {
    if (this.#utf8?.isComplete === false) {
      throw new ProtocolError('WS_UTF8', 'Text message ends inside a character.');
    }
    return this.#collected.subarray(0, this.#collectedBytes);
  }

  /** Grows by doubling: a length in a header allocates nothing, and small reads need no buffer each. */
  #reserve(bytes: number): void {
    const needed = this.#collectedBytes + bytes;
    if (needed <= this.#collected.length) return;
    const announced = this.#collectedBytes + this.#frameBytesLeft;
    const grown = Math.max(needed, firstCapacityBytes, this.#collected.length * 2);
    const capacity = this.#frame!.final ? Math.min(announced, grown) : grown;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, capacity));
    larger.set(this.#collected.subarray(0, this.#collectedBytes));
    this.#collected = larger;
  }
}
