/**
 * The checksum CRC-32C (Castagnoli), RFC 9260 appendix A. `node:zlib` has only `crc32`, with another polynomial.
 */

/** Computes the checksum of `bytes`, as an unsigned number. */
export function crc32c(bytes: Uint8Array): number {
  let sum = 0xffffffff;
  for (const byte of bytes) sum = (table[(sum ^ byte) & 0xff] as number) ^ (sum >>> 8);
  return ~sum >>> 0;
}

const reversedPolynomial = 0x82f63b78;
const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let sum = byte;
  for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ reversedPolynomial : sum >>> 1;
  return sum;
});
