/** The word that a message has left: made for each that is sent, so it costs nothing unless somebody asks. */
import type { FrameWriter } from './frame-writer.ts';

/**
 * Awaited, it is `true` once the operating system has taken the message, and `false` if the connection ended, or the message was
 * dropped, before that was known. It never rejects, and nothing waits where nobody awaits it.
 */
export class Departure implements PromiseLike<boolean> {
  readonly #writer: FrameWriter;
  readonly #position: number;

  /** @param position - Where the message ends among all bytes of its writer. @internal */
  constructor(writer: FrameWriter, position: number) {
    this.#writer = writer;
    this.#position = position;
  }

  /** As a promise does. */
  // oxlint-disable-next-line unicorn/no-thenable -- it is one
  then<Yes = boolean, No = never>(
    onLeft?: ((hasLeft: boolean) => Yes | PromiseLike<Yes>) | null,
    onRejected?: ((reason: unknown) => No | PromiseLike<No>) | null,
  ): Promise<Yes | No> {
    return this.#writer.left(this.#position).then(onLeft, onRejected);
  }
}
