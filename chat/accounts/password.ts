/**
 * What may be a password: long enough to withstand guessing, any characters, compared in NFC.
 */

/** What is wrong with a password. */
export type PasswordProblem = 'passwordTooShort' | 'passwordTooLong';

/** Code points a password has at least. */
export const minPasswordCodePoints = 8;
/** Code points a password has at most, so that hashing one costs what hashing any costs. */
export const maxPasswordCodePoints = 256;
/** UTF-16 units of the longest password before NFC, which makes at least one code point of 4. */
const maxPasswordUnits = 4 * maxPasswordCodePoints;

/** Whether a text is short enough to be normalized, which takes quadratic time. No account has a longer password. */
export function isPasswordLength(typed: string): boolean {
  return typed.length <= maxPasswordUnits;
}

/** @returns What is wrong with a new password, if anything is. */
export function passwordProblem(typed: string): PasswordProblem | undefined {
  if (!isPasswordLength(typed)) return 'passwordTooLong';
  const codePoints = [...typed.normalize('NFC')].length;
  if (codePoints < minPasswordCodePoints) return 'passwordTooShort';
  return codePoints > maxPasswordCodePoints ? 'passwordTooLong' : undefined;
}
