/**
 * Validates the names of people and rooms, and compares them. Two different names must look different, so a name contains no
 * invisible characters, none that change the direction of text, and no letters of several scripts.
 *
 * Unicode normalization is quadratic in combining marks, so the length is checked before everything else.
 */
import { blankCharacters, blankMarks } from './blank-characters.ts';
import { drawingJoiners } from './joiners.ts';
import { mixesScripts } from './names/scripts.ts';

/** Why a name is invalid. */
export type NameProblem = 'nameEmpty' | 'nameTooLong' | 'nameCharacters' | 'nameScripts';

/** Most code points in the name of a person. */
export const maxPersonNameCodePoints = 32;
/** UTF-16 units for each code point of NFC: no code point decomposes into more. */
const maxUnitsPerCodePoint = 4;
/** Most UTF-16 units in the typed name of a person. Longer text is not normalized. */
export const maxPersonNameUnits: number = maxPersonNameCodePoints * maxUnitsPerCodePoint;

/**
 * Control (Cc), format (Cf: bidi marks, zero-width), lone surrogates (Cs), private use (Co), unassigned (Cn), line and
 * paragraph separators, and blank characters. Variation selectors 15 and 16 are allowed: they select the style of an emoji.
 */
const refused = new RegExp(String.raw`[[\p{C}\p{Zl}\p{Zp}${blankCharacters}]--[\uFE0E\uFE0F]]|${blankMarks}`, 'v');
const allowedJoiners = new RegExp(drawingJoiners, 'gu');
/** A visible character: a letter, a digit, punctuation or a symbol. Marks alone do not count. */
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;
const blank = new RegExp(`[${blankCharacters}]|${blankMarks}`, 'gv');
/** A combining dot above a letter that has a dot, such as i and j. It replaces that dot and is not visible. */
const secondDot = /(?<=\p{Soft_Dotted}\p{M}*)\u0307/gu;

/**
 * Validates a typed name.
 *
 * @param typed - Any text. White space around it is removed, and runs of spaces become one.
 * @param maxCodePoints - Longest name allowed, counted after NFC. A text of more than 4 times as many UTF-16 units is always
 *   too long.
 * @returns The name as it will be shown, or why it is invalid.
 */
export function readName(
  typed: string,
  maxCodePoints: number,
): { readonly name: string } | { readonly problem: NameProblem } {
  if (typed.length > maxCodePoints * maxUnitsPerCodePoint) return { problem: 'nameTooLong' };
  const name = tidy(typed);
  if (name === '') return { problem: 'nameEmpty' };
  if (refused.test(name.replaceAll(allowedJoiners, '')) || !visible.test(name)) return { problem: 'nameCharacters' };
  if ([...name].length > maxCodePoints) return { problem: 'nameTooLong' };
  if (mixesScripts(name)) return { problem: 'nameScripts' };
  return { name };
}

/**
 * Converts a name to its key for comparison: two names with the same key are the same name.
 * The key ignores width, case, emoji style, blank characters and the dot of `İ`.
 *
 * @param name - A result of {@link readName}. Longer text takes quadratic time.
 */
export function nameKey(name: string): string {
  const letters = name.normalize('NFKC').replaceAll(blank, '');
  // Lower case first: ẞ becomes ß. Then upper case: ß and SS, σ and ς, ı and I become equal.
  const folded = letters.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  // İ is now i with a second dot.
  return folded
    .replaceAll(secondDot, '')
    .normalize('NFKC')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim();
}

/**
 * The keys under which an account with a typed name may be stored: first the key of the former rule, which did not fold blank
 * characters and `ẞ`, then {@link nameKey}. So accounts of that time keep their own name.
 *
 * @returns One key if both rules agree; none for a text that is too long for a name.
 */
export function storedNameKeys(typed: string, maxCodePoints: number): readonly string[] {
  if (typed.length > maxCodePoints * maxUnitsPerCodePoint) return [];
  const name = tidy(typed);
  if ([...name].length > maxCodePoints) return [];
  return [...new Set([formerNameKey(name), nameKey(name)])];
}

/** @returns A typed name for a form that is shown again, truncated to the longest possible name. */
export function shownTypedName(typed: string, maxCodePoints: number = maxPersonNameCodePoints): string {
  const cut = typed.slice(0, maxCodePoints * maxUnitsPerCodePoint);
  // Do not end with half of a surrogate pair.
  return cut.length < typed.length && /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

function tidy(typed: string): string {
  return typed
    .normalize('NFC')
    .trim()
    .replaceAll(/\p{Zs}+/gu, ' ');
}

/** The key by the former rule. Accounts are stored under it, so never change it. */
function formerNameKey(name: string): string {
  return name
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim();
}
