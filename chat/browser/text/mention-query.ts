/** What a person types after `@` in the composer, to find people to mention. */
import { canMentionAt } from '../../mentions/mention-text.ts';

/** An unfinished mention. */
export interface MentionQuery {
  /** Index of the `@`. */
  readonly at: number;
  /** The text between the `@` and the caret. */
  readonly text: string;
}

/** Longest name, in UTF-16 units. */
const maxUnits = 128;

/**
 * Finds the mention that the caret is in. It begins with `@` or `＠` at the start, after a space, or after a character of a script
 * without spaces, such as Chinese; not in an e-mail address and not in code.
 */
export function findMentionQuery(text: string, caret: number): MentionQuery | undefined {
  const before = text.slice(Math.max(0, caret - maxUnits - 1), caret);
  const at = Math.max(before.lastIndexOf('@'), before.lastIndexOf('＠'));
  if (at < 0) return undefined;
  const query = before.slice(at + 1);
  // A name has no line break; one after `@ ` is no mention.
  if (/^\s|\n|<|>/.test(query)) return undefined;
  const place = caret - before.length + at;
  return canMentionAt(text, place) ? { at: place, text: query } : undefined;
}
