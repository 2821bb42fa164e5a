/**
 * The writer of a connection that agreed on compression: sends compressed what is worth it, and keeps the order.
 * While a large message is being compressed, one at a time, all that is sent after it is held; pings and pongs are not.
 */
import type { Writable } from 'node:stream';
import { FrameWriter } from './frame-writer.ts';
import { PreparedMessage } from './prepared-message.ts';

/** How one connection compresses. */
export interface DeflateChoice {
  /** Largest window that the peer takes, 9 to 15. */
  readonly windowBits: number;
  /** Least payload that is compressed, in bytes. */
  readonly fromBytes: number;
}

/** Writes frames to one socket, compressed. */
export class DeflatingWriter extends FrameWriter {
  readonly #choice: DeflateChoice;
  readonly #maxBufferedBytes: number;
  /** What waits, the first of them for its compression; `undefined` while nothing does. */
  #held: PreparedMessage[] | undefined = undefined;
  /** As if nothing were compressed: so much memory it takes. */
  #heldBytes = 0;
  #ending = false;

  constructor(socket: Writable, maxBufferedBytes: number, choice: DeflateChoice) {
    super(socket, maxBufferedBytes);
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#choice = choice;
  }

  override get bufferedBytes(): number {
    return super.bufferedBytes + this.#heldBytes;
  }

  override queue(message: PreparedMessage): boolean {
    if (this.#held === undefined) {
      const form = this.#formOf(message);
      if (form instanceof PreparedMessage) return super.queue(form);
    }
    const buffered = this.bufferedBytes;
    if (buffered > 0 && buffered + message.frame.length > this.#maxBufferedBytes) return false;
    this.#hold(message);
    return true;
  }

  override queueLast(frame: PreparedMessage): void {
    if (this.#held === undefined) super.queueLast(frame);
    else this.#hold(frame);
  }

  override drop(): void {
    this.#letGo();
    super.drop();
  }

  override end(): void {
    this.#ending = true;
    if (this.#held === undefined) super.end();
  }

  override stop(): void {
    this.#letGo();
    super.stop();
  }

  #formOf(message: PreparedMessage): PreparedMessage | Promise<PreparedMessage> {
    const { windowBits, fromBytes } = this.#choice;
    return message.payloadBytes < fromBytes ? message : message.deflated(windowBits);
  }

  #hold(message: PreparedMessage): void {
    this.#heldBytes += message.frame.length;
    if (this.#held !== undefined) {
      this.#held.push(message);
    } else {
      this.#held = [message];
      void this.#release(this.#held);
    }
  }

  /** Queues what is held, in order, what comes meanwhile included. */
  async #release(held: PreparedMessage[]): Promise<void> {
    for (let message = held[0]; message !== undefined; message = held[0]) {
      const form = this.#formOf(message);
      const ready = form instanceof PreparedMessage ? form : await form;
      if (this.#held !== held) return;
      held.shift();
      this.#heldBytes -= message.frame.length;
      // It was let in when it was held, and has not grown since.
      this.queueAlways(ready);
    }
    this.#held = undefined;
    if (this.#ending) super.end();
  }

  #letGo(): void {
    this.#held = undefined;
    this.#heldBytes = 0;
  }
}
