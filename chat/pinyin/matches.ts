/**
 * Finds names by what a person types: any part of the name, pinyin (`zhangs`) or initials (`zs`). It runs in browsers too: the
 * server computes the pinyin with pinyin.ts, and this file only compares.
 */

/** What is known of a name. */
export interface SearchedName {
  readonly name: string;
  /** From `pinyinForms`; absent or empty if unknown. */
  readonly pinyin?: string | undefined;
  readonly pinyinInitials?: string | undefined;
}

/** Longer texts match nothing: Unicode normalization is quadratic in combining marks. Names of rooms have at most 160 units. */
export const maxSearchUnits = 160;

/** Marks of scripts whose letters people also type without them: `muller` finds Müller. */
const accents = /(?<=[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]\p{M}*)\p{M}/gu;
const noLetters = /[^\p{L}\p{M}\p{N}]+/gu;
const wordStarts = /(?<![\p{L}\p{M}\p{N}])[\p{L}\p{N}]/gu;

/**
 * Converts a text for comparison: width, case and accents do not count.
 *
 * @param text - At most {@link maxSearchUnits} units; the time is quadratic.
 */
export function foldForSearch(text: string): string {
  return text.normalize('NFKD').replaceAll(accents, '').normalize('NFKC').toLowerCase();
}

/**
 * Compares a name with a query.
 *
 * @returns How well it matches, 0 is best; undefined if it does not. An empty query matches all names equally.
 */
export function matches(query: string, searched: SearchedName): number | undefined {
  return createMatcher(query)(searched);
}

/** @returns The names that match a query, the best first. Equally good names keep their order. */
export function bestMatches<Name extends SearchedName>(query: string, names: Iterable<Name>, most: number): Name[] {
  const match = createMatcher(query);
  const found: { readonly name: Name; readonly rank: number }[] = [];
  for (const name of names) {
    const rank = match(name);
    if (rank !== undefined) found.push({ name, rank });
  }
  return found
    .toSorted((a, b) => a.rank - b.rank)
    .slice(0, most)
    .map(({ name }) => name);
}

/**
 * The letters and digits of a query, for comparison with pinyin: `zhangsan` of `Zhang San`, `lv` of `lü`.
 *
 * @param query - At most {@link maxSearchUnits} units; the time is quadratic.
 */
export function searchLetters(query: string): string {
  return foldForSearch(query.replaceAll(/[üÜ]/gu, 'v')).replaceAll(noLetters, '');
}

/** Prepares a query for many names. */
function createMatcher(query: string): (searched: SearchedName) => number | undefined {
  if (query.length > maxSearchUnits) return () => undefined;
  const typed = foldForSearch(query).trim();
  if (typed === '') return () => 0;
  const letters = searchLetters(query);
  return ({ name, pinyin = '', pinyinInitials = '' }) => {
    if (name.length > maxSearchUnits) return undefined;
    const folded = foldForSearch(name);
    if (folded === typed) return 0;
    if (folded.startsWith(typed)) return 1;
    if ([...folded.matchAll(wordStarts)].some(({ index }) => folded.startsWith(typed, index))) return 2;
    if (letters === '') return folded.includes(typed) ? 6 : undefined;
    if (pinyinInitials === letters) return 3;
    if (pinyin.startsWith(letters)) return 4;
    if (pinyinInitials.startsWith(letters)) return 5;
    if (folded.includes(typed)) return 6;
    if (pinyinInitials.includes(letters)) return 7;
    // A syllable in the middle begins with one of the initials; `angs` is no part of zhang san that people type.
    return pinyinInitials.includes(letters[0]!) && pinyin.includes(letters) ? 8 : undefined;
  };
}
