/**
 * Counts the messages that a connection receives, and compares every byte with the expected one: the messages of the ring,
 * in order and without gaps. Other frames between them, such as pings, are passed on and not counted.
 */
import { readServerFrame } from './client-frame.ts';
import type { MessageRing } from './message-ring.ts';

/** The messages of one connection. */
export class DeliveryCounter {
  readonly #ring: MessageRing;
  readonly #onOther: (opcode: number, payload: Buffer) => void;
  /** Offset of the next message in the ring's expected bytes. */
  #position = 0;
  /** Received bytes of the current message. */
  #inFrame = 0;
  /** First bytes of a frame that is not a message of the ring. */
  #partial: Buffer | undefined;

  /** @param onOther - Called with each frame that is not a message of the ring; throws to reject it. */
  constructor(ring: MessageRing, onOther: (opcode: number, payload: Buffer) => void) {
    this.#ring = ring;
    this.#onOther = onOther;
  }

  /**
   * Reads the first `length` received bytes; they are not kept.
   *
   * @returns Number of messages that became complete.
   * @throws If a message is not the expected one.
   */
  take(received: Buffer, length: number): number {
    // The first byte of a frame does not identify a message, so wait for the second.
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

  /** Reads frame by frame, after a frame that is not a message. */
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
        throw new Error(`Unexpected message: ${JSON.stringify(input.toString('latin1', 0, length))}`);
      }
      complete += this.#advance(length);
      input = input.subarray(length);
    }
    if (input.length > 0) this.#partial = Buffer.from(input);
    return complete;
  }
}
