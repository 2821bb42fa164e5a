/**
 * Decides whether Enter in the composer sends or starts a new line. Chinese, Japanese and Korean are typed with compositions.
 * The Enter that ends a composition selects a word and never sends.
 */

import type { SendKey } from '../../people/choices.ts';

/** The fields of a `KeyboardEvent` that decide. */
export interface KeyPress {
  readonly key: string;
  /** 229 while a composition handles the key. In Safari also just after its end, when `isComposing` is false. */
  readonly keyCode: number;
  readonly isComposing: boolean;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** Whether a key belongs to a composition. @param hasJustComposed - A composition ended in the same task. */
export function isComposingKey({ isComposing, keyCode }: KeyPress, hasJustComposed: boolean = false): boolean {
  return isComposing || keyCode === 229 || hasJustComposed;
}

/**
 * Whether a key sends.
 *
 * @param isTouch - Touch screen: Enter starts a new line; Ctrl or Cmd with Enter sends.
 * @param sendKey - The choice of the person.
 */
export function isSendKey(
  press: KeyPress,
  hasJustComposed: boolean,
  isTouch: boolean,
  sendKey: SendKey = 'enter',
): boolean {
  if (press.key !== 'Enter' || press.shiftKey || press.altKey || isComposingKey(press, hasJustComposed)) return false;
  return press.ctrlKey || press.metaKey || (sendKey === 'enter' && !isTouch);
}
