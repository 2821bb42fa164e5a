/** The initials and the colour of an avatar. */

/** Number of colours in the style sheet, `tint-0` to `tint-9`. */
const tints = 10;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Shortens a name for an avatar. A Chinese, Japanese or Korean name becomes its last two characters. Another name becomes
 * the first letters of its first and last word. Letters are grapheme clusters.
 */
export function initials(name: string): string {
  const words = name.split(/[\s._-]+/u).filter((word) => word !== '');
  const first = words[0] ?? name;
  const isCjk = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(first);
  if (isCjk) return split(first).slice(-2).join('');
  const isWord = /^[\p{L}\p{N}]/u.test(first);
  const last = isWord && words.length > 1 ? words.at(-1)! : '';
  return [split(first)[0] ?? '', split(last)[0] ?? ''].join('').toLocaleUpperCase();
}

/** @returns The number of the colour of a person, 0 to 9. The same id always has the same colour. */
export function tint(id: string): number {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % tints;
}

function split(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}
