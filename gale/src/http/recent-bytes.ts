/**
 * Remembers what bytes that keep coming mean. A client sends nearly the same head with each request, and many clients send the same:
 * comparing bytes is much cheaper than reading them again. What is remembered depends on the bytes alone, and is found by all of them only.
 */

interface Entry<T> {
  readonly signature: number;
  readonly bytes: Buffer;
  readonly value: T;
}

const slotCount = 64;
/** Longer ones are not remembered: the memory for all slots stays below 128 KiB and what the values take. */
const maxBytes = 2 * 1024;

/** Meanings of recent bytes, shared by all connections of a server. */
export class RecentBytes<T> {
  readonly #entries: (Entry<T> | undefined)[] = Array.from<Entry<T> | undefined>({ length: slotCount });
  /** Signatures of what was offered last; only what is offered twice in a row is kept, or what never repeats would cost a copy each time. */
  readonly #offered: Int32Array = new Int32Array(slotCount);

  /** What the bytes `from` to `to` mean, if that is remembered. */
  find(bytes: Buffer, from: number, to: number): T | undefined {
    const signature = signatureOf(bytes, from, to);
    const entry = this.#entries[signature & (slotCount - 1)];
    if (entry === undefined || entry.signature !== signature) return undefined;
    const isSame =
      from === 0 && to === bytes.length
        ? bytes.equals(entry.bytes)
        : bytes.compare(entry.bytes, 0, entry.bytes.length, from, to) === 0;
    return isSame ? entry.value : undefined;
  }

  /** Says what the bytes `from` to `to` mean; they are copied if they are kept. `value` must never change. */
  offer(bytes: Buffer, from: number, to: number, value: T): void {
    if (to - from > maxBytes) return;
    const signature = signatureOf(bytes, from, to);
    const slot = signature & (slotCount - 1);
    if (this.#offered[slot] !== signature) {
      this.#offered[slot] = signature;
      return;
    }
    const copy = Buffer.allocUnsafeSlow(to - from);
    bytes.copy(copy, 0, from, to);
    this.#entries[slot] = { signature, bytes: copy, value };
  }
}

/** A number that different bytes seldom share: from their count and a few of them. */
function signatureOf(bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  let signature = Math.imul(length ^ (bytes[from + (length >> 3)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + (length >> 2)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + (length >> 1)] as number), 0x01000193);
  return signature ^ (signature >>> 15);
}
