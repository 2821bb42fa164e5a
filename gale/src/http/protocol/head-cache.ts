/**
 * Cache of parsed heads, found by their exact bytes. A client sends nearly the same head with each request, and many clients send the same
 * head: comparing bytes costs much less than parsing them again. A cached value depends on its bytes only.
 */

interface Entry<T> {
  readonly signature: number;
  readonly bytes: Buffer;
  readonly value: T;
  /** Whether it was found since it was stored. */
  isUsed: boolean;
}

const slotCount = 64;
/** A loop is cheaper than a library call for heads up to this length. */
const shortBytes = 96;
/** Longer heads are not cached, so that the bytes of all slots stay below 128 KiB. */
const maxBytes = 2 * 1024;
/** Maximum number of offers that a slot skips because its entry was never found. */
const maxBackoff = 1023;

/** Values by bytes, shared by all connections of a server. */
export class HeadCache<T> {
  readonly #entries: (Entry<T> | undefined)[] = Array.from<Entry<T> | undefined>({ length: slotCount });
  /** Signature of the last offer of each slot. Only bytes offered twice in a row are stored: bytes that never repeat are not copied. */
  readonly #offered: Int32Array = new Int32Array(slotCount);
  /** Offers that a slot skips after it has stored an entry: 0 while its entries are found, doubled each time an entry was not found. */
  readonly #backoff: Uint16Array = new Uint16Array(slotCount);
  /** Offers that are still to be skipped. */
  readonly #skipsLeft: Uint16Array = new Uint16Array(slotCount);

  /** The value of the bytes `from` to `to`, if it is cached. */
  find(bytes: Buffer, from: number, to: number): T | undefined {
    const signature = signatureOf(bytes, from, to);
    const entry = this.#entries[signature & (slotCount - 1)];
    if (entry === undefined || entry.signature !== signature) return undefined;
    if (!isEqual(bytes, from, to, entry.bytes)) return undefined;
    entry.isUsed = true;
    return entry.value;
  }

  /** Offers a value for the bytes `from` to `to`, which are copied if the cache stores them. `value` must never change. */
  offer(bytes: Buffer, from: number, to: number, value: T): void {
    if (to - from > maxBytes) return;
    const signature = signatureOf(bytes, from, to);
    const slot = signature & (slotCount - 1);
    const skipsLeft = this.#skipsLeft[slot] as number;
    if (skipsLeft > 0) {
      this.#skipsLeft[slot] = skipsLeft - 1;
    } else if (this.#offered[slot] !== signature) {
      this.#offered[slot] = signature;
    } else {
      this.#store(slot, { signature, bytes: copyOf(bytes, from, to), value, isUsed: false });
    }
  }

  #store(slot: number, entry: Entry<T>): void {
    const before = this.#entries[slot];
    const wasUnused = before !== undefined && !before.isUsed;
    const backoff = wasUnused ? Math.min(2 * (this.#backoff[slot] as number) + 1, maxBackoff) : 0;
    this.#backoff[slot] = backoff;
    this.#skipsLeft[slot] = backoff;
    this.#entries[slot] = entry;
  }
}

function isEqual(bytes: Buffer, from: number, to: number, known: Buffer): boolean {
  const { length } = known;
  if (length !== to - from) return false;
  if (length > shortBytes) return bytes.compare(known, 0, length, from, to) === 0;
  for (let index = 0; index < length; index++) if (bytes[from + index] !== known[index]) return false;
  return true;
}

function copyOf(bytes: Buffer, from: number, to: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(to - from);
  bytes.copy(copy, 0, from, to);
  return copy;
}

/** A hash of the length and a few bytes, most of them near the end, where heads differ more. */
function signatureOf(bytes: Buffer, from: number, to: number): number {
  const length = to - from;
  let signature = Math.imul(length ^ (bytes[from + (length >> 3)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + (length >> 2)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + (length >> 1)] as number), 0x01000193);
  signature = Math.imul(signature ^ (bytes[from + length - (length >> 2)] as number), 0x01000193);
  // Before the empty line at the end.
  if (length > 8) {
    signature = Math.imul(signature ^ (bytes[to - 5] as number), 0x01000193);
    signature = Math.imul(signature ^ (bytes[to - 7] as number), 0x01000193);
  }
  return signature ^ (signature >>> 15);
}
