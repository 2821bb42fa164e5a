/**
 * Bytes that came and could not be used yet: the beginning of a head, or requests behind one that is being answered.
 * Grows by parts of its size, so a head that comes byte by byte is not copied for each byte. Holds nothing while empty, and else at
 * most a quarter more than it keeps, or 16 KiB more.
 */
export class PendingBytes {
  #bytes: Buffer = nothing;
  /** Whether `#bytes` is this object's own memory, with room behind `length`. */
  #owned = false;
  /** How many bytes are kept. */
  length = 0;

  /** What is kept. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.length);
  }

  /** Adds `more` and returns all that is kept now. */
  append(more: Buffer): Buffer {
    const length = this.length + more.length;
    if (!this.#owned || length > this.#bytes.length) {
      const more = Math.max(Math.min(length, maxSpareBytes), length >> 2);
      const grown = Buffer.allocUnsafeSlow(Math.max(256, length + more));
      this.#bytes.copy(grown, 0, 0, this.length);
      this.#bytes = grown;
      this.#owned = true;
    }
    more.copy(this.#bytes, this.length);
    this.length = length;
    return this.bytes;
  }

  /**
   * Keeps `bytes` from `from` on instead of what was kept before.
   *
   * @param bytes - Either not this object's, or what {@link PendingBytes.append} or {@link PendingBytes.bytes} returned.
   */
  keep(bytes: Buffer, from: number): void {
    if (from === 0 && this.#owned && bytes.buffer === this.#bytes.buffer) return;
    const length = bytes.length - from;
    if (from > maxSpareBytes && from > length >> 2) {
      // A view would keep what is in front of it too.
      this.#bytes = Buffer.allocUnsafeSlow(length);
      bytes.copy(this.#bytes, 0, from);
      this.#owned = true;
    } else {
      // Parts in front of `from` may have been handed out; a view is kept and never written to.
      this.#bytes = bytes.subarray(from);
      this.#owned = false;
    }
    this.length = length;
  }

  /** Forgets all. */
  clear(): void {
    if (this.length === 0) return;
    this.#bytes = nothing;
    this.#owned = false;
    this.length = 0;
  }
}

const nothing: Buffer = Buffer.alloc(0);
/** Memory that may be held for nothing, beside a quarter of what is kept. */
const maxSpareBytes = 16 * 1024;
