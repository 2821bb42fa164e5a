/**
 * What one end of a connection still remembers of its messages: the last bytes of those that were compressed, as they were
 * before. A message that is compressed or inflated with them may refer to them; zlib calls them a dictionary. This takes
 * the place of a zlib stream for each connection (docs/decisions/0006). RFC 7692 §7.2.3.2, RFC 1951 §2.
 */

/** The first piece of memory; it doubles until it is the whole window. */
const firstCapacityBytes = 512;

/** The LZ77 sliding window of one direction. It takes no memory before the first message. */
export class SlidingWindow {
  readonly #mostBytes: number;
  #memory: Buffer | undefined = undefined;
  #length = 0;

  /** @param windowBits - Base-2 logarithm of its size in bytes, 8 to 15. */
  constructor(windowBits: number) {
    this.#mostBytes = 2 ** windowBits;
  }

  /** What it holds, the newest byte last; `undefined` while that is nothing. Good until the next {@link slide}. */
  get bytes(): Buffer | undefined {
    return this.#length > 0 ? this.#memory!.subarray(0, this.#length) : undefined;
  }

  /**
   * Adds a message at the end; what no longer fits is forgotten at the front.
   *
   * @param message - Before it was compressed, or inflated again; copied.
   */
  slide(message: Buffer): void {
    const added = message.subarray(-this.#mostBytes);
    const kept = Math.min(this.#length, this.#mostBytes - added.length);
    const memory = this.#reserve(kept + added.length);
    this.#memory?.copy(memory, 0, this.#length - kept, this.#length);
    memory.set(added, kept);
    this.#memory = memory;
    this.#length = kept + added.length;
  }

  /** Forgets everything: what follows refers to nothing before. */
  clear(): void {
    this.#memory = undefined;
    this.#length = 0;
  }

  #reserve(bytes: number): Buffer {
    const memory = this.#memory;
    if (memory !== undefined && memory.length >= bytes) return memory;
    const doubled = Math.max(bytes, firstCapacityBytes, 2 * (memory?.length ?? 0));
    // Not out of Node's pool, of which it would keep other pieces alive.
    return Buffer.allocUnsafeSlow(Math.min(doubled, this.#mostBytes));
  }
}
