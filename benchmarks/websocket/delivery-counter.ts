/**
 * Counts the messages that a connection receives, and compares every byte of them with what it should be: the messages of
 * the ring in their order, none left out. Whatever comes between them, pings for example, is handed on and not counted.
 */
import { readServerFrame } from './client-frame.ts';
import type { MessageRing } from './message-ring.ts';

/** The messages of one connection. */
export class DeliveryCounter {
  readonly #ring: MessageRing;
  readonly #onOther: (opcode: number, payload: Buffer) => void;
  /** Where in the ring's expected bytes the next one stands. */
  #position = 0;
  /** How much of the current message came already. */
  #inFrame = 0;
  /** The beginning of something that is no message of the ring. */
  #partial: Buffer | undefined;

  /** @param onOther - Takes each frame that is no message of the ring; throws if it is not welcome. */
  constructor(ring: MessageRing, onOther: (opcode: number, payload: Buffer) => void) {
    this.#ring = ring;
    this.#onOther = onOther;
  }

  /**
   * Takes the first `length` bytes of what was received; they are not kept.
   *
   * @returns How many messages became complete.
   * @throws If a message is not the one whose turn it is.
   */
  take(received: Buffer, length: number): number {
    // The first byte of a frame does not tell a message from anything else: it has to wait for the second.
    const isCutThere = (this.#inFrame + length) % this.#ring.frameBytes === 1;
    if (this.#partial === undefined && !isCutThere && this.#isExpected(received, 0, length))
      return this.#advance(length);
    return this.#takeFrames(received.subarray(0, length));
  }

  #isExpected(received: Buffer, start: number, end: number): boolean {
    return received.compare(this.#ring.expected, this.#position, this.#position + end - start, start, end) === 0;
  }

  #advance(length: number): number {
    const { count, frameBytes } = this.#ring;
    const inFrame = this.#inFrame + length;
    this.#inFrame = inFrame % frameBytes;
    this.#position = (this.#position + length) % (count * frameBytes);
    return (inFrame - this.#inFrame) / frameBytes;
  }

  /** Frame by frame: something other than messages came. */
  #takeFrames(received: Buffer): number {
    let input = this.#partial === undefined ? received : Buffer.concat([this.#partial, received]);
    this.#partial = undefined;
    let complete = 0;
    while (input.length > 0) {
      if (this.#inFrame === 0 && (input.length < 2 || !this.#isExpected(input, 0, 2))) {
        const other = readServerFrame(input);
        if (other === undefined) break;
        this.#onOther(other.opcode, other.payload);
        input = input.subarray(other.bytes);
        continue;
      }
      const length = Math.min(this.#ring.frameBytes - this.#inFrame, input.length);
      if (!this.#isExpected(input, 0, length)) {
        throw new Error(`Another message was expected than: ${JSON.stringify(input.toString('latin1', 0, length))}`);
      }
      complete += this.#advance(length);
      input = input.subarray(length);
    }
    if (input.length > 0) this.#partial = Buffer.from(input);
    return complete;
  }
}
