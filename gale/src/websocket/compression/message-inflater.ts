/**
 * Inflates the messages of one peer, one after the other, and remembers of them what later ones may refer to.
 * Without context takeover it remembers nothing. RFC 7692 §7.2.2.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeflateAgreement } from './deflate-offer.ts';
import { inflateMessage } from './inflate.ts';
import { SlidingWindow } from './sliding-window.ts';

/**
 * Most messages in a row that are inflated at once. One of seven bytes costs as much as a hundred that are not compressed, and a
 * single read may hold thousands: all others would wait for them.
 */
const mostInARow = 16;

/** Inflates what one peer sends. */
export class MessageInflater {
  readonly #maxBytes: number;
  /** There with context takeover only. */
  readonly #window: SlidingWindow | undefined;
  #inARow = 0;

  /** @param maxBytes - Most bytes that a message may inflate to. */
  constructor(agreement: Pick<DeflateAgreement, 'peerContextTakeover' | 'peerWindowBits'>, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#window = agreement.peerContextTakeover ? new SlidingWindow(agreement.peerWindowBits) : undefined;
  }

  /**
   * Inflates the next message. A promise has to settle before the one after that comes, and after an error none may come.
   *
   * @param deflated - Payload of all its frames; must not change before a promise settles.
   * @returns The receiver's own bytes; a promise where it takes longer.
   * @throws {@link ProtocolError} `WS_MESSAGE_TOO_BIG` (1009) or `WS_DEFLATE` (1007). The promise is rejected with the same.
   */
  inflate(deflated: Buffer): Buffer | Promise<Buffer> {
    if (++this.#inARow <= mostInARow) return this.#inflate(deflated);
    this.#inARow = 0;
    return nextTurn().then(() => this.#inflate(deflated));
  }

  #inflate(deflated: Buffer): Buffer | Promise<Buffer> {
    const window = this.#window;
    const inflated = inflateMessage(deflated, this.#maxBytes, window?.bytes);
    if (window === undefined) return inflated;
    return inflated instanceof Promise
      ? inflated.then((message) => remember(window, message))
      : remember(window, inflated);
  }
}

function remember(window: SlidingWindow, message: Buffer): Buffer {
  window.slide(message);
  return message;
}
