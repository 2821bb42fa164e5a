/**
 * What may be the name of a person or a room, and when two names are the same.
 * A name has to look like what it is: nothing invisible, nothing that turns the direction of the text around it.
 */

/** What is wrong with a name. */
export type NameProblem = 'nameEmpty' | 'nameTooLong' | 'nameCharacters';

/** Code points in a person's name. */
export const maxPersonNameCodePoints = 32;
/** Code points in a room's name. */
export const maxRoomNameCodePoints = 40;

/**
 * Control (Cc), format (Cf: bidi marks, zero-width), lone surrogates (Cs), private use (Co), unassigned (Cn), line and
 * paragraph separators; letters that show nothing (Hangul fillers and other default-ignorable ones, Braille blank).
 * Variation selectors 15 and 16 stay, and the zero-width joiner between two emoji: they make one picture.
 */
const joinedEmoji = /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\uFE0F])\u200D(?=\p{Extended_Pictographic})/gu;
const refused = /[\p{C}\p{Zl}\p{Zp}\u2800]|(?![\uFE0E\uFE0F])\p{Default_Ignorable_Code_Point}/u;
/** Something to see: a letter, a digit, a sign or a symbol, not marks alone. */
const visible = /[\p{L}\p{N}\p{P}\p{S}]/u;

/**
 * Reads a name as it was typed.
 *
 * @param typed - Any text. Space around it goes, runs of space inside become one.
 * @param maxCodePoints - Longest name allowed, counted after NFC.
 * @returns The name as it will be shown, or what is wrong with it.
 */
export function readName(
  typed: string,
  maxCodePoints: number,
): { readonly name: string } | { readonly problem: NameProblem } {
  const name = typed
    .normalize('NFC')
    .trim()
    .replaceAll(/\p{Zs}+/gu, ' ');
  if (name === '') return { problem: 'nameEmpty' };
  if (refused.test(name.replaceAll(joinedEmoji, '')) || !visible.test(name)) return { problem: 'nameCharacters' };
  // Every code point is one or two units long, so a text of more units than this need not be counted.
  if (name.length > maxCodePoints * 2 || [...name].length > maxCodePoints) return { problem: 'nameTooLong' };
  return { name };
}

/**
 * The form in which names are compared: two names with the same key are the same name.
 * Width, case and emoji style make no difference.
 */
export function nameKey(name: string): string {
  // Upper first: ß and SS, σ and ς, ı and I meet there.
  return name
    .normalize('NFKC')
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKC')
    .replaceAll(/\p{Default_Ignorable_Code_Point}/gu, '')
    .replaceAll(/\p{Zs}+/gu, ' ')
    .trim();
}
