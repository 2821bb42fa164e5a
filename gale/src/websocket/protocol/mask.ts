/**
 * The XOR mask of frames that a client sends. The same operation masks and unmasks.
 * Long payloads are masked four bytes at a time. RFC 6455 §5.3.
 */

import { randomFillSync } from 'node:crypto';

/** Masks generated in advance: one random call for each mask would cost more than masking a short message. */
const masks = new Uint32Array(256);
let nextMask = masks.length;

/** An unpredictable mask, RFC 6455 §10.3. */
export function randomMask(): number {
  if (nextMask === masks.length) {
    randomFillSync(masks);
    nextMask = 0;
  }
  return masks[nextMask++]!;
}

/** From this many bytes on, masking by words is faster, including the view it needs. */
const wordwiseFromBytes = 48;

const scratchBytes = new Uint8Array(4);
const scratchWord = new Int32Array(scratchBytes.buffer);

/**
 * Masks or unmasks `bytes` in place.
 *
 * @param mask - The four masking bytes as one number, first byte highest.
 * @param phase - Offset of `bytes` within their payload; only its remainder by 4 matters.
 */
export function applyMask(bytes: Uint8Array, mask: number, phase = 0): void {
  const length = bytes.length;
  const first = rotate(mask, phase);
  if (length < wordwiseFromBytes) {
    maskBytewise(bytes, 0, length, first);
    return;
  }
  // Words must be aligned to 4 bytes in the underlying memory.
  const head = -bytes.byteOffset & 3;
  const words = (length - head) >> 2;
  const tail = head + words * 4;
  maskBytewise(bytes, 0, head, first);
  maskWordwise(new Int32Array(bytes.buffer, bytes.byteOffset + head, words), inMemoryOrder(rotate(first, head)));
  maskBytewise(bytes, tail, length, rotate(first, tail));
}

/** The mask at offset `phase` of the payload. */
function rotate(mask: number, phase: number): number {
  const bits = (phase & 3) * 8;
  return bits === 0 ? mask : (mask << bits) | (mask >>> (32 - bits));
}

function inMemoryOrder(mask: number): number {
  scratchBytes[0] = mask >>> 24;
  scratchBytes[1] = mask >>> 16;
  scratchBytes[2] = mask >>> 8;
  scratchBytes[3] = mask;
  return scratchWord[0]!;
}

function maskBytewise(bytes: Uint8Array, start: number, end: number, mask: number): void {
  let shift = 24;
  for (let i = start; i < end; i++) {
    bytes[i]! ^= mask >>> shift;
    shift = (shift - 8) & 31;
  }
}

function maskWordwise(words: Int32Array, mask: number): void {
  const length = words.length;
  const blocks = length - (length & 7);
  let i = 0;
  for (; i < blocks; i += 8) {
    words[i]! ^= mask;
    words[i + 1]! ^= mask;
    words[i + 2]! ^= mask;
    words[i + 3]! ^= mask;
    words[i + 4]! ^= mask;
    words[i + 5]! ^= mask;
    words[i + 6]! ^= mask;
    words[i + 7]! ^= mask;
  }
  for (; i < length; i++) words[i]! ^= mask;
}
