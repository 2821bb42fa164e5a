/**
 * The writer of a connection with compression: it compresses messages from `fromBytes` on and keeps their order.
 * While a large message is being compressed, later messages are held; pings and pongs are not.
 * With context takeover it keeps a window of the compressed messages. Messages for one receiver refer to it.
 */
import type { Writable } from 'node:stream';
import { maxSyncBytes } from '../compression/deflate.ts';
import type { DeflateAgreement } from '../compression/deflate-offer.ts';
import { FrameWriter } from './frame-writer.ts';
import { PreparedMessage } from './prepared-message.ts';
import { SlidingWindow } from '../compression/sliding-window.ts';

/** How one connection compresses. */
export interface DeflateChoice extends Pick<DeflateAgreement, 'windowBits' | 'contextTakeover'> {
  /** Smallest payload that is compressed, in bytes. */
  readonly fromBytes: number;
}

/** A message that waits for compression, and the promise of `sent()` if somebody called it. */
interface HeldMessage {
  readonly message: PreparedMessage;
  sent?: PromiseWithResolvers<boolean>;
}

/** The smallest window of zlib. A peer with a smaller one receives everything uncompressed. */
const minWindowBits = 9;

/** Writes compressed frames to one socket. */
export class DeflatingWriter extends FrameWriter {
  readonly #windowBits: number;
  readonly #fromBytes: number;
  readonly #maxBufferedBytes: number;
  /** The last bytes that the receiver has inflated, with context takeover only. */
  readonly #window: SlidingWindow | undefined;
  /** Messages that wait, the first for its compression; `undefined` while there are none. */
  #held: HeldMessage[] | undefined = undefined;
  /** Uncompressed bytes: the memory that held messages use. */
  #heldBytes = 0;
  #ending = false;

  constructor(socket: Writable, maxBufferedBytes: number, masks: boolean, choice: DeflateChoice) {
    super(socket, maxBufferedBytes, masks);
    const { windowBits, contextTakeover, fromBytes } = choice;
    this.#maxBufferedBytes = maxBufferedBytes;
    this.#windowBits = windowBits;
    this.#fromBytes = windowBits < minWindowBits ? Infinity : fromBytes;
    this.#window = contextTakeover ? new SlidingWindow(windowBits) : undefined;
  }

  override get bufferedBytes(): number {
    return super.bufferedBytes + this.#heldBytes;
  }

  override queue(message: PreparedMessage): boolean {
    const form = this.#held === undefined && this.#isSynchronous(message) ? this.#formOf(message) : undefined;
    if (form instanceof PreparedMessage) {
      const isQueued = super.queue(form);
      if (isQueued) this.#remember(message, form);
      return isQueued;
    }
    // Before compression: a slow peer must not make us compress in vain.
    if (!this.#hasRoomFor(message)) {
      // Frames of this turn do not mean that the peer is slow. They may include the handshake response, which must not be dropped.
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
    this.#discardHeld();
    super.drop();
  }

  override end(): void {
    this.#ending = true;
    if (this.#held === undefined) super.end();
  }

  override stop(): void {
    this.#discardHeld();
    super.stop();
  }

  /** Whether compression is synchronous, or not needed. */
  #isSynchronous(message: PreparedMessage): boolean {
    const { payloadBytes } = message;
    return payloadBytes <= maxSyncBytes || payloadBytes < this.#fromBytes;
  }

  #formOf(message: PreparedMessage): PreparedMessage | Promise<PreparedMessage> {
    if (message.payloadBytes < this.#fromBytes) return message;
    return message.deflated(this.#windowBits, this.#window?.bytes);
  }

  /** The window of the receiver has only what it inflates, no uncompressed messages. RFC 7692 §7.2.3.2. */
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

  /** Compresses and queues the held messages in order, including those added meanwhile. */
  async #release(held: HeldMessage[]): Promise<void> {
    for (let first = held[0]; first !== undefined; first = held[0]) {
      const { message } = first;
      const form = this.#formOf(message);
      const ready = form instanceof Promise ? await form : form;
      if (this.#held !== held) return;
      held.shift();
      this.#heldBytes -= message.frame.length;
      // It had room when it was held, and compression does not make it larger.
      this.queueAlways(ready);
      this.#remember(message, ready);
      first.sent?.resolve(super.sent());
    }
    this.#held = undefined;
    if (this.#ending) super.end();
  }

  #discardHeld(): void {
    const held = this.#held;
    this.#held = undefined;
    this.#heldBytes = 0;
    // The receiver never inflates dropped messages, so later messages must not refer to anything earlier.
    this.#window?.clear();
    if (held !== undefined) for (const { sent } of held) sent?.resolve(false);
  }
}
