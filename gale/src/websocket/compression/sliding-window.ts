/**
 * The sliding window of one direction of a connection: the last bytes of its compressed messages, uncompressed.
 * zlib uses it as the dictionary of the next message. It replaces a zlib stream for each connection (docs/decisions/0006).
 * RFC 7692 §7.2.3.2, RFC 1951 §2.
 */

/** Initial capacity; it doubles up to the size of the window. */
const firstCapacityBytes = 512;

/** The LZ77 sliding window of one direction. It allocates no memory before the first message. */
export class SlidingWindow {
  readonly #maxBytes: number;
  #memory: Buffer | undefined = undefined;
  #length = 0;

  /** @param windowBits - Base-2 logarithm of the size in bytes, 8 to 15. */
  constructor(windowBits: number) {
    this.#maxBytes = 2 ** windowBits;
  }

  /** The content, oldest byte first; `undefined` while empty. Valid until the next {@link slide}. */
  get bytes(): Buffer | undefined {
    return this.#length > 0 ? this.#memory!.subarray(0, this.#length) : undefined;
  }

  /**
   * Appends a message and discards the oldest bytes that no longer fit.
   *
   * @param message - Uncompressed; copied.
   */
  slide(message: Buffer): void {
    const added = message.subarray(-this.#maxBytes);
    const kept = Math.min(this.#length, this.#maxBytes - added.length);
    const memory = this.#reserve(kept + added.length);
    this.#memory?.copy(memory, 0, this.#length - kept, this.#length);
    memory.set(added, kept);
    this.#memory = memory;
    this.#length = kept + added.length;
  }

  /** Discards everything: the next message refers to nothing before it. */
  clear(): void {
    this.#memory = undefined;
    this.#length = 0;
  }

  #reserve(bytes: number): Buffer {
    const memory = this.#memory;
    if (memory !== undefined && memory.length >= bytes) return memory;
    const doubled = Math.max(bytes, firstCapacityBytes, 2 * (memory?.length ?? 0));
    // Not from the buffer pool of Node.js: it would keep other buffers alive.
    return Buffer.allocUnsafeSlow(Math.min(doubled, this.#maxBytes));
  }
}
