/** Distinguishes people whose names look alike. */

/** No letters and digits that look alike: no 0, 1, i, l, o, u. */
const digits = '23456789abcdefghjkmnpqrstvwxyz';
const handleCharacters = 4;

/** @returns A short text made from the id of a person, such as `#7k2m`. It never changes; two people rarely have the same. */
export function handleOf(id: string): string {
  // FNV-1a with 32 bits.
  let hash = 0x81_1c_9d_c5;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01_00_01_93) >>> 0;
  let handle = '#';
  for (let count = 0; count < handleCharacters; count++) {
    handle += digits[hash % digits.length]!;
    hash = Math.floor(hash / digits.length);
  }
  return handle;
}
