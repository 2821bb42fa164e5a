/**
 * The prepared messages of a load. They are numbered, so that no two in flight are equal, and each has its own mask. They are
 * contiguous in memory, so that several can be written, and compared with received bytes, in one call.
 */
import { clientFrame, opcodes, serverFrame } from './client-frame.ts';
import type { Dialect } from './dialect.ts';

/** Number of messages after which they repeat; more than are ever in flight. */
const ringCount = 1024;
/** Maximum number of messages in one write. */
const maxTogether = 64;

/** An endless sequence of numbered messages. */
export class MessageRing {
  /** Number of messages after which they repeat. */
  readonly count: number = ringCount;
  /** Length of a received message, including its head. */
  readonly frameBytes: number;
  /**
   * The bytes that a receiver of all messages gets: the ring, followed by a copy of its beginning as long as one read.
   */
  readonly expected: Buffer;
  readonly #toSend: Buffer;
  readonly #sentFrameBytes: number;

  /**
   * @param payloadBytes - Length of a message before the dialect wraps it, at least 9.
   * @param receivedTogether - Maximum bytes of one read.
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
    this.#toSend = Buffer.concat([...sent, ...sent.slice(0, maxTogether)]);
  }

  /**
   * Returns the bytes that a client writes to send messages.
   *
   * @param from - Number of the first message, from 0, unbounded.
   * @param count - 1 to 64.
   * @returns A view; do not change it.
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
