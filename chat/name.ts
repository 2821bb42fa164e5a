/**
 * What may be the name of a person or a room, and when two names are the same.
 * A name has to look like what it is: nothing invisible, nothing that turns the direction of the text around it.
 *
 * Unicode normalization is quadratic in combining marks, so the length is checked before everything else.
 */
import { blankCharacters, blankMarks } from './blank-characters.ts';
import { drawingJoiners } from './joiners.ts';

/** What is wrong with a name. */
export type NameProblem = 'nameEmpty' | 'nameTooLong' | 'nameCharacters';

/** Code points in a person's name. */
export const maxPersonNameCodePoints = 32;
/** UTF-16 units that are read for each code point of NFC: none decomposes into more. */
const maxUnitsPerCodePoint = 4;

/**
 * Control (Cc), format (Cf: bidi marks, zero-width), lone surrogates (Cs), private use (Co), unassigned (Cn), line and
 * paragraph separators, and what draws nothing. Variation selectors 15 and 16 stay: they choose how an emoji looks.
 */
const refused = new RegExp(String.raw`[[\p{C}\p{Zl}\p{Zp}${blankCharacters}]--[\uFE0E\uFE0F]]|${blankMarks}`, 'v');
const allowedJoiners = new RegExp(drawingJoiners, 'gu');
/** Something to see: a letter, a digit, a sign or a symbol, not marks alone. */
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;
const blank = new RegExp(`[${blankCharacters}]|${blankMarks}`, 'gv');
/** A dot above a letter that has one already, such as i and j: it is drawn in the place of that one. */
const secondDot = /(?<=\p{Soft_Dotted}\p{M}*)\u0307/gu;

/**
 * Reads a name as it was typed.
 *
 * @param typed - Any text. Space around it goes, runs of space inside become one.
 * @param maxCodePoints - Longest name allowed, counted after NFC. A text of more than 4 times as many UTF-16 units is too long,
 * whatever it holds.
 * @returns The name as it will be shown, or what is wrong with it.
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
  return { name };
}

/**
 * The form in which names are compared: two names with the same key are the same name.
 * Width, case, emoji style, characters that draw nothing and the dot of `İ` make no difference.
 *
 * @param name - As {@link readName} gives it; longer text takes quadratic time.
 */
export function nameKey(name: string): string {
  const letters = name.normalize('NFKC').replaceAll(blank, '');
  // Lower first: ẞ becomes ß. Then upper: ß and SS, σ and ς, ı and I meet there.
  const folded = letters.toLowerCase().toUpperCase().toLowerCase().normalize('NFKC');
  // İ is i with such a dot now.
  return folded
    .replaceAll(secondDot, '')
    .normalize('NFKC')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim();
}

/**
 * The keys under which the account with a typed name may be stored: first the one of the rule before blank characters and `ẞ` were
 * folded, so that accounts of that time keep their own name, then {@link nameKey}.
 *
 * @returns One key where both rules agree; none for a text that is too long for a name.
 */
export function storedNameKeys(typed: string, maxCodePoints: number): readonly string[] {
  if (typed.length > maxCodePoints * maxUnitsPerCodePoint) return [];
  const name = tidy(typed);
  if ([...name].length > maxCodePoints) return [];
  return [...new Set([formerNameKey(name), nameKey(name)])];
}

/** A typed name for the form that comes back, as far as a name can go. */
export function shownTypedName(typed: string, maxCodePoints: number = maxPersonNameCodePoints): string {
  const cut = typed.slice(0, maxCodePoints * maxUnitsPerCodePoint);
  // Not half of a surrogate pair at the cut.
  return cut.length < typed.length && /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}

function tidy(typed: string): string {
  return typed
    .normalize('NFC')
    .trim()
    .replaceAll(/\p{Zs}+/gu, ' ');
}

/** The key by the first rule. Stored accounts have it, so it never changes. */
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
