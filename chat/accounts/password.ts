/**
 * What may be a password: long enough to withstand guessing, any characters, compared in NFC.
 */

/** What is wrong with a password. */
export type PasswordProblem = 'passwordTooShort' | 'passwordTooLong';

/** Code points a password has at least. */
export const minPasswordCodePoints = 8;
/** Code points a password has at most, so that hashing one costs what hashing any costs. */
export const maxPasswordCodePoints = 256;

/** @returns What is wrong with a new password, if anything is. */
export function passwordProblem(typed: string): PasswordProblem | undefined {
  const codePoints = [...typed.normalize('NFC')].length;
  if (codePoints < minPasswordCodePoints) return 'passwordTooShort';
  return codePoints > maxPasswordCodePoints ? 'passwordTooLong' : undefined;
}
