/** The initials and the colour of an avatar. */

/** Number of colours in the style sheet, `tint-0` to `tint-11`. */
export const tintCount = 12;
const graphemes = new Intl.Segmenter(undefined, { granularity: 'grapheme' });
/** Scripts whose family names come first and have one or two characters. */
const isEastAsian = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
const isLetter = /^\p{L}/u;
const isReadable = /^[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]/u;

/**
 * Shortens a name for an avatar: its first letter, digit or emoji. A Chinese name begins with the family name, and what comes last
 * is often a title or a number, as in 王老师. A name of several words in a script with capital letters has that of the last word too.
 * Letters are grapheme clusters.
 */
export function initials(name: string): string {
  let found = known.get(name);
  if (found === undefined) {
    if (known.size >= maxKnown) known.clear();
    known.set(name, (found = findInitials(name)));
  }
  return found;
}

/** Each row of the timeline asks, and to split a name takes longer than to draw the rest of the row. */
const known = new Map<string, string>();
const maxKnown = 1000;

function findInitials(name: string): string {
  const words = name
    .split(/[\s._-]+/u)
    .map(firstReadable)
    .filter((letter) => letter !== undefined);
  const [first = split(name)[0] ?? ''] = words;
  const last = words.at(-1)!;
  const isPair =
    words.length > 1 && [first, last].every((letter) => isLetter.test(letter) && !isEastAsian.test(letter));
  return (isPair ? first + last : first).toLocaleUpperCase();
}

/** @returns The number of the colour of a person, 0 to 11. The same id always has the same colour. */
export function tint(id: string): number {
  let hash = 0x811c9dc5;
  for (const character of id) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193);
  return ((hash ^ (hash >>> 15)) >>> 0) % tintCount;
}

function firstReadable(word: string): string | undefined {
  return split(word).find((grapheme) => isReadable.test(grapheme));
}

function split(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}
