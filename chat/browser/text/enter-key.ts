/**
 * What Enter means in the field: send, or a new line. Chinese, Japanese and Korean are typed by composing;
 * the Enter that ends a composition chooses a word and never sends.
 */

/** What is known of a key press. */
export interface KeyPress {
  readonly key: string;
  /** 229 while a composition handles the key; Safari says so after the composition has ended, with `isComposing` false. */
  readonly keyCode: number;
  readonly isComposing: boolean;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
}

/** Tells whether a key belongs to a composition. @param hasJustComposed - A composition ended in this same task. */
export function isComposingKey({ isComposing, keyCode }: KeyPress, hasJustComposed: boolean): boolean {
  return isComposing || keyCode === 229 || hasJustComposed;
}

/** Tells whether a key sends. @param isTouch - The pointer is a finger: Enter is a new line, unless with Ctrl or Cmd. */
export function isSendKey(press: KeyPress, hasJustComposed: boolean, isTouch: boolean): boolean {
  if (press.key !== 'Enter' || press.shiftKey || press.altKey || isComposingKey(press, hasJustComposed)) return false;
  return press.ctrlKey || press.metaKey || !isTouch;
}
