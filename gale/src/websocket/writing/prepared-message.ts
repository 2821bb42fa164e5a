/**
 * A message framed once for any number of receivers: frames of a server are not masked, so all get the same bytes.
 * It is compressed once too, on first use, for all receivers that agreed on it.
 */
import { deflateMessage, windowBitsFor } from '../compression/deflate.ts';
import { compressedBit, encodeFrame, headerBytesOf, maskFrame, opcodes } from '../protocol/frame.ts';
import type { FrameSequence } from './frame-sequence.ts';
import { randomMask } from '../protocol/mask.ts';

/** Bytes ready to leave. Make one with {@link prepareMessage}; send it as often as you like. */
export class PreparedMessage {
  /** The whole frame. Must not be changed. */
  readonly frame: Buffer;
  /** Whether it goes to one receiver only, and so may be compressed by what that one got before. @internal */
  readonly isForOne: boolean;
  /** The newest sequence of the current turn that ends with this message. @internal */
  sequence: FrameSequence | undefined = undefined;
  /** The compressed forms there are, by their window. */
  #forms: Map<number, PreparedMessage | Promise<PreparedMessage>> | undefined = undefined;

  /** @internal */
  constructor(frame: Buffer, isForOne = false) {
    this.frame = frame;
    this.isForOne = isForOne;
  }

  /** Bytes of the frame without its header. */
  get payloadBytes(): number {
    return this.frame.length - headerBytesOf(this.frame);
  }

  /** The frame without its header; a view. @internal */
  get payload(): Buffer {
    return this.frame.subarray(headerBytesOf(this.frame));
  }

  /**
   * The compressed form; this very message where compression gains nothing, and for a control frame, which cannot be
   * compressed. It is the same object each time, unless the message is for one receiver only. A large message is compressed
   * in the thread pool. The promise is never rejected.
   *
   * @param maxWindowBits - Largest window that the receiver takes, 9 to 15.
   * @param before - The end of what the receiver has inflated before; a message for many does not refer to it.
   * @internal
   */
  deflated(maxWindowBits: number, before?: Buffer): PreparedMessage | Promise<PreparedMessage> {
    const opcode = this.frame[0]! & 0xf;
    if (opcode !== opcodes.text && opcode !== opcodes.binary) return this;
    const payload = this.payload;
    if (this.isForOne) {
      const windowBits = windowBitsFor(payload.length + (before?.length ?? 0), maxWindowBits);
      return this.#deflate(opcode, payload, windowBits, before);
    }
    const windowBits = windowBitsFor(payload.length, maxWindowBits);
    const forms = (this.#forms ??= new Map());
    const known = forms.get(windowBits);
    if (known !== undefined) return known;
    const form = this.#deflate(opcode, payload, windowBits);
    forms.set(windowBits, form);
    if (form instanceof Promise) void form.then((ready) => forms.set(windowBits, ready));
    return form;
  }

  /** A copy under a fresh mask, as a client sends it; the same message twice never looks the same. @internal */
  masked(): PreparedMessage {
    return new PreparedMessage(maskFrame(this.frame, randomMask()));
  }

  #deflate(
    opcode: 1 | 2,
    payload: Buffer,
    windowBits: number,
    before?: Buffer,
  ): PreparedMessage | Promise<PreparedMessage> {
    const choose = (deflated: Buffer): PreparedMessage =>
      deflated.length < payload.length
        ? new PreparedMessage(encodeFrame(opcode, deflated, { reserved: compressedBit }))
        : this;
    try {
      const deflated = deflateMessage(payload, windowBits, before);
      // zlib fails only where memory is short; the message itself can always be sent.
      return deflated instanceof Promise ? deflated.then(choose, () => this) : choose(deflated);
    } catch {
      return this;
    }
  }
}

/**
 * Frames a message: text for a string, binary for bytes.
 *
 * @param message - Copied; may be changed afterwards.
 */
export function prepareMessage(message: string | Uint8Array): PreparedMessage {
  return new PreparedMessage(frameOf(message));
}

/** The same for a message to one receiver only: nobody else may be sent it. @internal */
export function prepareForOne(message: string | Uint8Array): PreparedMessage {
  return new PreparedMessage(frameOf(message), true);
}

function frameOf(message: string | Uint8Array): Buffer {
  return encodeFrame(typeof message === 'string' ? opcodes.text : opcodes.binary, message);
}
