/**
 * A message framed once for any number of receivers. A server does not mask, so all receive the same bytes.
 * It is also compressed once, on first use, for all receivers with compression.
 */
import { GaleError } from '../../errors.ts';
import { showValue } from '../../run/given-options.ts';
import { viewBytes } from '../../run/view-bytes.ts';
import { deflateMessage, windowBitsFor } from '../compression/deflate.ts';
import { compressedBit, encodeFrame, headerBytesOf, maskFrame, opcodes } from '../protocol/frame.ts';
import type { FrameSequence } from './frame-sequence.ts';
import { randomMask } from '../protocol/mask.ts';

/** A framed message. Create it with {@link prepareMessage} and send it any number of times. */
export class PreparedMessage {
  /** The whole frame. Must not be changed. */
  readonly frame: Buffer;
  /** Whether it has one receiver, so that it may refer to earlier messages of that receiver. @internal */
  readonly isForOne: boolean;
  /** The newest sequence of the current turn that ends with this message. @internal */
  sequence: FrameSequence | undefined = undefined;
  /** Compressed forms by window size. */
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
   * The compressed form. It is this message if compression does not make it smaller, and for a control frame. It is the same
   * object each time, unless the message has one receiver. A large message is compressed in the thread pool; the promise never
   * rejects.
   *
   * @param maxWindowBits - Largest window of the receiver, 9 to 15.
   * @param dictionary - The end of what the receiver has inflated so far. A message for many receivers ignores it.
   * @internal
   */
  deflated(maxWindowBits: number, dictionary?: Buffer): PreparedMessage | Promise<PreparedMessage> {
    const opcode = this.frame[0]! & 0xf;
    if (opcode !== opcodes.text && opcode !== opcodes.binary) return this;
    const payload = this.payload;
    if (this.isForOne) {
      const windowBits = windowBitsFor(payload.length + (dictionary?.length ?? 0), maxWindowBits);
      return this.#deflate(opcode, payload, windowBits, dictionary);
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

  /** A copy with a new mask, for a client. @internal */
  masked(): PreparedMessage {
    return new PreparedMessage(maskFrame(this.frame, randomMask()));
  }

  #deflate(
    opcode: 1 | 2,
    payload: Buffer,
    windowBits: number,
    dictionary?: Buffer,
  ): PreparedMessage | Promise<PreparedMessage> {
    const choose = (deflated: Buffer): PreparedMessage =>
      deflated.length < payload.length
        ? new PreparedMessage(encodeFrame(opcode, deflated, { reserved: compressedBit }))
        : this;
    try {
      const deflated = deflateMessage(payload, windowBits, dictionary);
      // zlib fails only without memory; the uncompressed message can still be sent.
      return deflated instanceof Promise ? deflated.then(choose, () => this) : choose(deflated);
    } catch {
      return this;
    }
  }
}

/**
 * Frames a message: a string as text, bytes as binary.
 *
 * @param message - Copied; may be changed afterwards.
 */
export function prepareMessage(message: string | Uint8Array): PreparedMessage {
  return new PreparedMessage(frameOf(message));
}

/** Frames a message for one receiver. Do not send it to another. @internal */
export function prepareForOne(message: string | Uint8Array): PreparedMessage {
  return new PreparedMessage(frameOf(message), true);
}

function frameOf(message: string | Uint8Array): Buffer {
  if (typeof message === 'string') return encodeFrame(opcodes.text, message);
  // Checked, since the elements of another typed array are not bytes.
  const bytes = typeof message === 'object' && message !== null ? viewBytes(message, 'JSON_VALUE') : undefined;
  if (bytes === undefined) {
    throw new GaleError('JSON_VALUE', `message must be a string or bytes; got ${showValue(message)}.`);
  }
  return encodeFrame(opcodes.binary, bytes);
}
