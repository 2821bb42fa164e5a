/**
 * The rule for passwords: long enough to resist guessing, none that many people have, any characters, compared in NFC.
 */

import { isCommonPassword } from './common-passwords.ts';

/** What is wrong with a password. */
export type PasswordProblem = 'passwordTooShort' | 'passwordTooLong' | 'passwordCommon';

/** Least number of code points. */
export const minPasswordCodePoints = 8;
/** Most code points, so that the cost of a hash does not depend on the password. */
export const maxPasswordCodePoints = 256;
/** UTF-16 units of the longest password before NFC, which makes at least one code point of every 4 units. */
export const maxPasswordUnits: number = 4 * maxPasswordCodePoints;

/** Whether a text is short enough to normalize, which takes quadratic time. No password is longer. */
export function isPasswordLength(typed: string): boolean {
  return typed.length <= maxPasswordUnits;
}

/** @returns What is wrong with a new password, if anything is. */
export function passwordProblem(typed: string): PasswordProblem | undefined {
  if (!isPasswordLength(typed)) return 'passwordTooLong';
  const password = typed.normalize('NFC');
  const codePoints = [...password].length;
  if (codePoints < minPasswordCodePoints) return 'passwordTooShort';
  if (codePoints > maxPasswordCodePoints) return 'passwordTooLong';
  return isCommonPassword(password) ? 'passwordCommon' : undefined;
}
