/**
 * Inflates the messages of one peer, one after the other, and remembers of them what later ones may refer to.
 * Without context takeover it remembers nothing. RFC 7692 §7.2.2.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { DeflateAgreement } from './deflate-offer.ts';
import { inflateMessage } from './inflate.ts';
import { SlidingWindow } from './sliding-window.ts';

/**
 * Most messages in a row that are inflated synchronously. A compressed message of seven bytes costs as much as a hundred plain
 * ones, and one read may hold thousands: they would block all other connections.
 */
const maxInARow = 16;

/** Inflates the messages of one peer. */
export class MessageInflater {
  readonly #maxBytes: number;
  /** With context takeover only. */
  readonly #window: SlidingWindow | undefined;
  #inARow = 0;

  /** @param maxBytes - Largest inflated size of a message. */
  constructor(agreement: Pick<DeflateAgreement, 'peerContextTakeover' | 'peerWindowBits'>, maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#window = agreement.peerContextTakeover ? new SlidingWindow(agreement.peerWindowBits) : undefined;
  }

  /**
   * Inflates the next message. Call it again only after its promise has settled, and not after an error.
   *
   * @param deflated - Payload of all frames of the message. Must not change before a promise settles.
   * @returns Bytes that the caller owns; a promise for a larger message.
   * @throws {@link ProtocolError} `WS_MESSAGE_TOO_BIG` (1009) or `WS_DEFLATE` (1007). The promise is rejected with the same.
   */
  inflate(deflated: Buffer): Buffer | Promise<Buffer> {
    if (++this.#inARow <= maxInARow) return this.#inflate(deflated);
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
