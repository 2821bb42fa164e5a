/**
 * A message framed once for any number of receivers: frames of a server are not masked, so all get the same bytes.
 */
import { encodeFrame, opcodes } from './frame.ts';
import type { FrameSequence } from './frame-sequence.ts';

/** Bytes ready to leave. Make one with {@link prepareMessage}; send it as often as you like. */
export class PreparedMessage {
  /** The whole frame. Must not be changed. */
  readonly frame: Buffer;
  /** The newest sequence of the current turn that ends with this message. @internal */
  sequence: FrameSequence | undefined = undefined;

  /** @internal */
  constructor(frame: Buffer) {
    this.frame = frame;
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
