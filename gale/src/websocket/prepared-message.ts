/**
 * A message framed once for any number of receivers: frames of a server are not masked, so all get the same bytes.
 * It is compressed once too, on first use, for all receivers that agreed on it.
 */
import { deflateMessage, windowBitsFor } from './deflate.ts';
import { compressedBit, encodeFrame, opcodes } from './frame.ts';
import type { FrameSequence } from './frame-sequence.ts';

/** Bytes ready to leave. Make one with {@link prepareMessage}; send it as often as you like. */
export class PreparedMessage {
  /** The whole frame. Must not be changed. */
  readonly frame: Buffer;
  /** The newest sequence of the current turn that ends with this message. @internal */
  sequence: FrameSequence | undefined = undefined;
  /** The compressed forms there are, by their window. */
  #forms: Map<number, PreparedMessage | Promise<PreparedMessage>> | undefined = undefined;

  /** @internal */
  constructor(frame: Buffer) {
    this.frame = frame;
  }

  /** Bytes of the frame without its header. */
  get payloadBytes(): number {
    return this.frame.length - headerBytesOf(this.frame);
  }

  /**
   * The compressed form, the same object each time; this very message where compression gains nothing, and for a control
   * frame, which cannot be compressed. A large message is compressed in the thread pool.
   *
   * @param maxWindowBits - Largest window that the receiver takes, 9 to 15.
   * @internal
   */
  deflated(maxWindowBits: number): PreparedMessage | Promise<PreparedMessage> {
    const opcode = this.frame[0]! & 0xf;
    if (opcode !== opcodes.text && opcode !== opcodes.binary) return this;
    const payload = this.frame.subarray(headerBytesOf(this.frame));
    const windowBits = windowBitsFor(payload.length, maxWindowBits);
    const forms = (this.#forms ??= new Map());
    const known = forms.get(windowBits);
    if (known !== undefined) return known;
    const form = this.#deflate(opcode, payload, windowBits);
    forms.set(windowBits, form);
    return form;
  }

  #deflate(opcode: 1 | 2, payload: Buffer, windowBits: number): PreparedMessage | Promise<PreparedMessage> {
    const choose = (deflated: Buffer): PreparedMessage => {
      const form =
        deflated.length < payload.length
          ? new PreparedMessage(encodeFrame(opcode, deflated, { reserved: compressedBit }))
          : this;
      this.#forms!.set(windowBits, form);
      return form;
    };
    try {
      const deflated = deflateMessage(payload, windowBits);
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
  return new PreparedMessage(encodeFrame(typeof message === 'string' ? opcodes.text : opcodes.binary, message));
}

/** Bytes before the payload of a frame without a mask. */
function headerBytesOf(frame: Buffer): number {
  const shortLength = frame[1]!;
  return shortLength < 126 ? 2 : shortLength === 126 ? 4 : 10;
}
