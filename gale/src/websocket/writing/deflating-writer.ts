/**
 * The writer of a connection that agreed on compression: sends compressed what is worth it, and keeps the order.
 * While a large message is being compressed, one at a time, all that is sent after it is held; pings and pongs are not.
 * With context takeover it remembers what was sent compressed: messages to this receiver alone refer to it.
 */
import type { Writable } from 'node:stream';
import { maxSyncBytes } from '../compression/deflate.ts';
import type { DeflateAgreement } from '../compression/deflate-offer.ts';
import { FrameWriter } from './frame-writer.ts';
import { PreparedMessage } from './prepared-message.ts';
import { SlidingWindow } from '../compression/sliding-window.ts';

/** How one connection compresses. */
export interface DeflateChoice extends Pick<DeflateAgreement, 'windowBits' | 'contextTakeover'> {
  /** Least payload that is compressed, in bytes. */
  readonly fromBytes: number;
}

/** A message that waits, and whoever wants to know when it has left. */
interface Held {
  readonly message: PreparedMessage;
  sent?: PromiseWithResolvers<boolean>;
}

/** zlib compresses with no smaller window; for a peer that takes less nothing is compressed. */
const leastWindowBits = 9;

/** Writes frames to one socket, compressed. */
export class DeflatingWriter extends FrameWriter {
  readonly #windowBits: number;
  readonly #fromBytes: number;
  readonly #maxBufferedBytes: number;
  /** What the receiver has inflated, with context takeover only. */
  readonly #window: SlidingWindow | undefined;
  /** What waits, the first of them for its compression; `undefined` while nothing does. */
  #held: Held[] | undefined = undefined;
  /** As if nothing were compressed: so much memory it takes. */
  #heldBytes = 0;
  #ending = false;

  constructor(socket: Writable, maxBufferedBytes: number, masks: boolean, choice: DeflateChoice) {
    super(socket, maxBufferedBytes, masks);
    const { windowBits, contextTakeover, fromBytes } = choice;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#windowBits = windowBits;
    this.#fromBytes = windowBits < leastWindowBits ? Infinity : fromBytes;
    this.#window = contextTakeover ? new SlidingWindow(windowBits) : undefined;
  }

  override get bufferedBytes(): number {
    return super.bufferedBytes + this.#heldBytes;
  }

  override queue(message: PreparedMessage): boolean {
    const form = this.#held === undefined && this.#isQuick(message) ? this.#formOf(message) : undefined;
    if (form instanceof PreparedMessage) {
      const isQueued = super.queue(form);
      if (isQueued) this.#remember(message, form);
      return isQueued;
    }
    // Before it is compressed: a peer that is behind must not make us compress in vain.
    if (!this.#hasRoomFor(message)) {
      // What this turn has queued is no sign of that, and may be the head of the handshake's answer, which must not be dropped.
      this.onTurnEnd();
      if (!this.#hasRoomFor(message)) return false;
    }
    this.#hold(message);
    return true;
  }

  override queueLast(frame: PreparedMessage): void {
    if (this.#held === undefined) super.queueLast(frame);
    else this.#hold(frame);
  }

  override sent(): PromiseLike<boolean> {
    const last = this.#held?.at(-1);
    return last === undefined ? super.sent() : (last.sent ??= Promise.withResolvers<boolean>()).promise;
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

  /** Whether the form it is sent in is known at once. */
  #isQuick(message: PreparedMessage): boolean {
    const { payloadBytes } = message;
    return payloadBytes <= maxSyncBytes || payloadBytes < this.#fromBytes;
  }

  #formOf(message: PreparedMessage): PreparedMessage | Promise<PreparedMessage> {
    if (message.payloadBytes < this.#fromBytes) return message;
    return message.deflated(this.#windowBits, this.#window?.bytes);
  }

  /** The receiver's window holds what it inflates: nothing of what is sent as it is. RFC 7692 §7.2.3.2. */
  #remember(message: PreparedMessage, form: PreparedMessage): void {
    if (form !== message) this.#window?.slide(message.payload);
  }

  #hasRoomFor(message: PreparedMessage): boolean {
    const buffered = this.bufferedBytes;
    return buffered === 0 || buffered + message.frame.length <= this.#maxBufferedBytes;
  }

  #hold(message: PreparedMessage): void {
    this.#heldBytes += message.frame.length;
    if (this.#held !== undefined) {
      this.#held.push({ message });
    } else {
      this.#held = [{ message }];
      void this.#release(this.#held);
    }
  }

  /** Queues what is held, in order, what comes meanwhile included. */
  async #release(held: Held[]): Promise<void> {
    for (let first = held[0]; first !== undefined; first = held[0]) {
      const { message } = first;
      const form = this.#formOf(message);
      const ready = form instanceof Promise ? await form : form;
      if (this.#held !== held) return;
      held.shift();
      this.#heldBytes -= message.frame.length;
      // It was let in when it was held, and has not grown since.
      this.queueAlways(ready);
      this.#remember(message, ready);
      first.sent?.resolve(super.sent());
    }
    this.#held = undefined;
    if (this.#ending) super.end();
  }

  #letGo(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#heldBytes = 0;
    // What was dropped the receiver never inflates; messages that come later refer to none from before.
    this.#window?.clear();
    if (held !== undefined) for (const { sent } of held) sent?.resolve(false);
  }
}
