/**
 * A message that has not wholly arrived: cut into fragments, or one long frame that comes in several reads.
 * It exists only while such a message is on its way, and never takes much more memory than has really arrived.
 */
import { ProtocolError } from '../../errors.ts';
import { compressedBit, opcodes } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import { applyMask } from './mask.ts';
import { Utf8Check } from './utf8.ts';

/** The first piece of memory for a message, unless the message is known to be shorter. */
const firstCapacityBytes = 4096;

/** Collects the payload of one message, unmasked and, for text, checked byte by byte as it comes. */
export class PartialMessage {
  /** Whether it is text and not binary. */
  readonly isText: boolean;
  /** Whether it is compressed: then nothing can be said of its text before it is whole. */
  readonly isCompressed: boolean;
  readonly #maxFragments: number;
  readonly #utf8: Utf8Check | undefined;
  #collected: Buffer = Buffer.alloc(0);
  #collectedBytes = 0;
  #fragments = 0;
  #frame: FrameHeader | undefined;
  #frameBytesLeft = 0;

  /** @param first - Header of its first frame; begin the frame besides. */
  constructor(first: FrameHeader, maxFragments: number) {
    this.isText = first.opcode === opcodes.text;
    this.isCompressed = (first.reserved & compressedBit) !== 0;
    this.#maxFragments = maxFragments;
    this.#utf8 = this.isText && !this.isCompressed ? new Utf8Check() : undefined;
  }

  /** Payload collected so far, in bytes. */
  get bytes(): number {
    return this.#collectedBytes;
  }

  /** Payload of the current frame that has not come yet, in bytes. */
  get frameBytesLeft(): number {
    return this.#frameBytesLeft;
  }

  /** Whether the next received byte is payload and not a header. */
  get isInsideFrame(): boolean {
    return this.#frameBytesLeft > 0;
  }

  /** Whether the last byte of the last frame is here. */
  get isComplete(): boolean {
    return this.#frameBytesLeft === 0 && this.#frame?.final === true;
  }

  /**
   * Begins the next frame of this message.
   *
   * @throws {@link ProtocolError} `WS_TOO_MANY_FRAGMENTS` (1009).
   */
  beginFrame(header: FrameHeader): void {
    this.#fragments++;
    if (this.#fragments > this.#maxFragments) {
      throw new ProtocolError(
        'WS_TOO_MANY_FRAGMENTS',
        `Message has over ${this.#maxFragments} fragments; send larger ones.`,
      );
    }
    this.#frame = header;
    this.#frameBytesLeft = header.payloadBytes;
  }

  /**
   * Takes payload of the current frame, at most {@link frameBytesLeft} bytes; unmasked in place and copied.
   *
   * @throws {@link ProtocolError} `WS_UTF8` (1007) by the first byte that breaks a text.
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

  /** Grows by doubling, so what a header only promises takes no memory, and tiny reads cost no object each. */
  #reserve(bytes: number): void {
    const needed = this.#collectedBytes + bytes;
    if (needed <= this.#collected.length) return;
    const promised = this.#collectedBytes + this.#frameBytesLeft;
    const grown = Math.max(needed, firstCapacityBytes, this.#collected.length * 2);
    const capacity = this.#frame!.final ? Math.min(promised, grown) : grown;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, capacity));
    larger.set(this.#collected.subarray(0, this.#collectedBytes));
    this.#collected = larger;
  }
}
