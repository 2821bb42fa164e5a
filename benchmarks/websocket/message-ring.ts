/**
 * The messages that a load sends, made beforehand: numbered, so that no two under way are alike, each with a mask of its
 * own, one behind the other in memory, so that many can be written at once and whatever is received can be compared at once.
 */
import { clientFrame, opcodes, serverFrame } from './client-frame.ts';
import type { Dialect } from './dialect.ts';

/** After this many messages the first comes again; more than are ever under way. */
const ringCount = 1024;
/** Most messages written at once. */
const mostTogether = 64;

/** Numbered messages without end. */
export class MessageRing {
  /** Messages after which the same come again. */
  readonly count: number = ringCount;
  /** Length of a message as it is received, with its head. */
  readonly frameBytes: number;
  /**
   * What a receiver of all messages receives, from the first on: the ring, and from its begin again for as many bytes as
   * are received at once.
   */
  readonly expected: Buffer;
  readonly #toSend: Buffer;
  readonly #sentFrameBytes: number;

  /**
   * @param payloadBytes - Length of a message before the dialect wraps it, at least 9.
   * @param receivedTogether - Most bytes that are received at once.
   */
  constructor(payloadBytes: number, receivedTogether: number, dialect: Dialect) {
    const payloads = Array.from({ length: ringCount }, (_, number) =>
      Buffer.from(dialect.wrap(messageText(number, payloadBytes))),
    );
    const received = payloads.map((payload) => serverFrame(opcodes.text, payload));
    this.frameBytes = received[0]!.length;
    const again = Math.ceil(receivedTogether / this.frameBytes / ringCount);
    this.expected = Buffer.concat(Array.from({ length: 1 + again }, () => received).flat());
    const sent = payloads.map((payload) => clientFrame(opcodes.text, payload));
    this.#sentFrameBytes = sent[0]!.length;
    this.#toSend = Buffer.concat([...sent, ...sent.slice(0, mostTogether)]);
  }

  /**
   * What a client writes to send messages.
   *
   * @param from - Number of the first, counted from 0 without end.
   * @param count - 1 to 64.
   * @returns A view; not to be changed.
   */
  toSend(from: number, count: number): Buffer {
    const at = (from % ringCount) * this.#sentFrameBytes;
    return this.#toSend.subarray(at, at + count * this.#sentFrameBytes);
  }
}

/** Text of a message: its number, then letters. */
function messageText(number: number, bytes: number): string {
  return `${String(number).padStart(8, '0')} ${'abcdefghijklmnopqrstuvwxyz '.repeat(Math.ceil(bytes / 27))}`.slice(
    0,
    bytes,
  );
}
