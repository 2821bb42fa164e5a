/** The letters and the colour that stand for a person. */

/** How many colours the style sheet has: `tint-0` and so on. */
const tints = 10;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/**
 * Shortens a name to what fits a small circle: the last two characters of a Chinese, Japanese or Korean name,
 * the first letters of the first and the last word of another, counted as a reader counts.
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

/** The number of a person's colour; the same everywhere for the same id. */
export function tint(id: string): number {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % tints;
}

function split(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}
