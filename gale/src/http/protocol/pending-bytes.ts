/**
 * Received bytes that cannot be parsed yet: an incomplete head, or requests after the one that is being served. They are copied, since the
 * next read overwrites the memory that they arrived in. The memory grows in
 * proportion to its size, so a head that arrives byte by byte is not copied for each byte. The spare memory is at most a quarter of the
 * stored bytes or 16 KiB, whichever is more; while empty it holds no memory.
 */
export class PendingBytes {
  #bytes: Buffer = nothing;
  /** Whether the memory after the stored bytes may be written to. */
  #owned = false;
  /** How many bytes are stored. */
  length = 0;

  /** The stored bytes. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  /** Adds `more` and returns all stored bytes. */
  append(more: Buffer): Buffer {
    const length = this.length + more.length;
    if (!this.#owned || length > this.#bytes.length) {
      const spareBytes = Math.max(Math.min(length, maxSpareBytes), length >> 2);
      const grown = Buffer.allocUnsafeSlow(Math.max(256, length + spareBytes));
      this.#bytes.copy(grown, 0, 0, this.length);
      this.#bytes = grown;
      this.#owned = true;
    }
    more.copy(this.#bytes, this.length);
    this.length = length;
    return this.bytes;
  }

  /**
   * Replaces the stored bytes with those of `bytes` from `from` on.
   *
   * @param bytes - Memory of others, which is not kept, or the result of {@link PendingBytes.append} or {@link PendingBytes.bytes}.
   */
  keep(bytes: Buffer, from: number): void {
    const isOwn = bytes.buffer === this.#bytes.buffer;
    if (from === 0 && this.#owned && isOwn) return;
    const length = bytes.length - from;
    if (!isOwn || (from > maxSpareBytes && from > length >> 2)) {
      // A view of own memory would keep the memory before it too.
      this.#bytes = Buffer.allocUnsafeSlow(length);
      bytes.copy(this.#bytes, 0, from);
      this.#owned = true;
    } else {
      this.#bytes = bytes.subarray(from);
      this.#owned = false;
    }
    this.length = length;
  }

  /** Removes all bytes. */
  clear(): void {
    if (this.length === 0) return;
    this.#bytes = nothing;
    this.#owned = false;
    this.length = 0;
  }
}

const nothing: Buffer = Buffer.alloc(0);
/** Spare memory that is allowed in any case, in bytes. */
const maxSpareBytes = 16 * 1024;
