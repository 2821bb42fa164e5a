/**
 * Remembers what bytes that keep coming mean. A client sends nearly the same head with each request, and many clients send the same:
 * comparing bytes is much cheaper than reading them again. What is remembered depends on the bytes alone, and is found by all of them only.
 */

interface Entry<T> {
  readonly signature: number;
  readonly bytes: Buffer;
  readonly value: T;
  /** Whether it was found since it was kept or last spared. */
  isUsed: boolean;
}

const slotCount = 64;
/** Longer ones are not remembered: the memory for all slots stays below 128 KiB and what the values take. */
const maxBytes = 2 * 1024;
/** The most offers that a slot lets pass because what it kept before was never found. */
const maxBackoff = 1023;

/** Meanings of recent bytes, shared by all connections of a server. */
export class HeadCache<T> {
  readonly #entries: (Entry<T> | undefined)[] = Array.from<Entry<T> | undefined>({ length: slotCount });
  /** Signatures of what was offered last; only what is offered twice in a row is kept, or what never repeats would cost a copy each time. */
  readonly #offered: Int32Array = new Int32Array(slotCount);
  /** Offers that a slot lets pass after it has kept something: none while it finds what it keeps, ever more while it keeps in vain. */
  readonly #backoff: Uint16Array = new Uint16Array(slotCount);
  /** Offers that are still to pass. */
  readonly #skipsLeft: Uint16Array = new Uint16Array(slotCount);

  /** What the bytes `from` to `to` mean, if that is remembered. */
  find(bytes: Buffer, from: number, to: number): T | undefined {
    const signature = signatureOf(bytes, from, to);
    const entry = this.#entries[signature & (slotCount - 1)];
    if (entry === undefined || entry.signature !== signature) return undefined;
    const isSame =
      from === 0 && to === bytes.length
        ? bytes.equals(entry.bytes)
        : bytes.compare(entry.bytes, 0, entry.bytes.length, from, to) === 0;
    if (!isSame) return undefined;
    entry.isUsed = true;
    return entry.value;
  }

  /** Says what the bytes `from` to `to` mean; they are copied if they are kept. `value` must never change. */
  offer(bytes: Buffer, from: number, to: number, value: T): void {
    if (to - from > maxBytes) return;
    const signature = signatureOf(bytes, from, to);
    const slot = signature & (slotCount - 1);
    const passing = this.#skipsLeft[slot] as number;
    if (passing > 0) {
      this.#skipsLeft[slot] = passing - 1;
    } else if (this.#offered[slot] !== signature) {
      this.#offered[slot] = signature;
    } else {
      this.#keep(slot, { signature, bytes: copyOf(bytes, from, to), value, isUsed: false });
    }
  }

  #keep(slot: number, entry: Entry<T>): void {
    const before = this.#entries[slot];
    const isInVain = before !== undefined && !before.isUsed;
    const backoff = isInVain ? Math.min(2 * (this.#backoff[slot] as number) + 1, maxBackoff) : 0;
    this.#backoff[slot] = backoff;
    this.#skipsLeft[slot] = backoff;
    this.#entries[slot] = entry;
  }
}

function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}

/** A number that different bytes seldom share: from their count and a few of them, most towards the end, where heads differ more. */
function signatureOf(bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  let signature = Math.imul(length ^ (bytes[from + (length >> 3)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + (length >> 2)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + (length >> 1)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + length - (length >> 2)] as number), 0x01000193);
  // In front of the empty line at the end.
  if (length > 8) {
    signature = Math.imul(signature ^ (bytes[to - 5] as number), 0x01000193);
    signature = Math.imul(signature ^ (bytes[to - 7] as number), 0x01000193);
  }
  return signature ^ (signature >>> 15);
}
