/**
 * Finds where an address ends that starts in a text. Nothing marks its end: Chinese text and punctuation follow without a space,
 * and a full stop or bracket after it belongs to the sentence. One pass, so the time is linear in the text.
 */

/** Scripts written without spaces, Korean, whose particles follow a word without one, emoji, and arrows. */
export const unspaced: string =
  '[\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}\\p{Script=Bopomofo}\\p{Script=Thai}' +
  '\\p{Script=Lao}\\p{Script=Khmer}\\p{Script=Myanmar}\\u3006\\u303C\\u30FC\\u2190-\\u22FF\\p{Extended_Pictographic}\\p{Regional_Indicator}]';

/** Punctuation that ends an address anywhere: dashes and quotation marks of sentences, and all of Chinese and Japanese. */
export const ending: string =
  '[\\u2014\\u2015\\u2018\\u201A-\\u201F\\u2026]|(?=[\\u3000-\\u303F\\uFE10-\\uFE6F\\uFF00-\\uFFEF])[\\p{P}\\p{S}\\p{Z}]';

/** Full stops of Chinese and Japanese, which browsers read as dots in a host (UTS #46). For a class of characters. */
export const fullStops: string = '\\u3002\\uFF61';

/** Invisible characters, except the two joiners, which are part of Persian and Indian words and of emoji. */
const invisible = '(?:\\uFEFF|(?![\\u200C\\u200D\\s])\\p{C})';

const isUnspaced = new RegExp(unspaced, 'u');
const isEnding = new RegExp(`${ending}|\\s|${invisible}`, 'u');
const isHidden = new RegExp(`${invisible}+(?!${unspaced})(?:[\\p{L}\\p{N}\\p{S}/#&=%@_-]|[.?${fullStops}]\\w)`, 'uy');

/** Characters after which unspaced text is part of the address, as in `/wiki/你好` and `?q=你好`, and not the next sentence. */
const continues = /[/:=&#%+\-_@|$\u00B7\u2010-\u2013\u30FB\u200C\u200D]/;

/**
 * Characters that end a part of an address: those that a browser percent-encodes there (URL Standard §1.3), except `{`, `}` and
 * `^` in a path, which people type as they are. A path has no backslash.
 */
const excluded = { path: '"<>`\\', query: '"<>', fragment: '"<>`' };
/** A single quotation mark is part of a query only inside a word, because browsers encode it there too. */
const quoteOfSentence = /'(?!\w)/y;

/** A list of addresses without spaces. An address may contain another one, but not after these characters. */
const nextOfList = /[,;|!'*~)\]}]https?:\/\//iy;

/** Returns the end of path, query and fragment that begin at `start`. */
export function restEnd(text: string, start: number): number {
  let part: keyof typeof excluded = 'path';
  let previous = '/';
  let at = start;
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at)!);
    if (character === '#') part = 'fragment';
    else if (character === '?' && part === 'path') part = 'query';
    else if (excluded[part].includes(character) || isEnding.test(character)) break;
    else if (matchesAt(nextOfList, text, at)) break;
    else if (character === "'" && part === 'query' && matchesAt(quoteOfSentence, text, at)) break;
    else if (isUnspaced.test(character) && !continues.test(previous) && !isUnspaced.test(previous)) break;
    // A bracket or an accent continues what is before it: `/Gale_(风)`, but not `/a(说明)`.
    if (!/[(\p{M}]/u.test(character)) previous = character;
    at += character.length;
  }
  return at;
}

/** Whether invisible characters at `at` hide that the address goes on. It would then not lead where it seems to. */
export function continuesHidden(text: string, at: number): boolean {
  return matchesAt(isHidden, text, at);
}

/** Whether a sticky pattern matches at a place. */
export function matchesAt(pattern: RegExp, text: string, at: number): boolean {
  pattern.lastIndex = at;
  return pattern.test(text);
}

/** Punctuation marks of ASCII that are part of an address only if more of it follows. Those of other scripts are found by property. */
const trailing = /[.,:;!?'"|^\\`([{]|(?![\u05F3\u05F4\u0E2F])[^\0-\x7F](?<=\p{P}|[\u200C\u200D])/u;
/** Marks of emphasis. They are part of an address, as in `/watch?v=abc_`, unless the same mark stands before it. */
const emphasis = '*_~';
const openers: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '»': '«' };

/**
 * Returns the end of an address without what belongs to the sentence: punctuation of any script, marks of emphasis that
 * stand before the address too, and closing brackets that it does not open.
 *
 * @param start - Start of the address in the text.
 * @param end - End of what was found, after `start`.
 */
export function trimmedEnd(text: string, start: number, end: number): number {
  const found = text.slice(start, end);
  /** Closing brackets without an opening one, by kind. */
  const surplus = new Map<string, number>();
  const surplusOf = (closer: string): number => {
    const known = surplus.get(closer) ?? count(found, closer) - count(found, openerOf(closer));
    surplus.set(closer, known);
    return known;
  };
  /** Marks of emphasis directly before the address that have none at its end yet, by kind. */
  const marks = new Map<string, number>();
  for (let at = start - 1; at >= 0 && emphasis.includes(text[at]!); at--) {
    marks.set(text[at]!, (marks.get(text[at]!) ?? 0) + 1);
  }
  let length = found.length;
  while (length > 0) {
    const last = found[length - 1]!;
    if (isCloser.test(last)) {
      if (surplusOf(last) <= 0) break;
      surplus.set(last, surplusOf(last) - 1);
    } else if (emphasis.includes(last)) {
      const left = marks.get(last) ?? 0;
      if (left === 0) break;
      marks.set(last, left - 1);
    } else if (!trailing.test(last)) break;
    else
      for (const [closer, opener] of Object.entries(openers))
        if (opener === last) surplus.set(closer, surplusOf(closer) + 1);
    length--;
  }
  return start + length;
}

const isCloser = /[)\]}\p{Pe}\p{Pf}]/u;

/** The bracket that opens a closing one. In Unicode it is the character before, with exceptions. */
function openerOf(closer: string): string {
  return openers[closer] ?? String.fromCodePoint(closer.codePointAt(0)! - 1);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
