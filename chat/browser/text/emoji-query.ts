/** What a person types after `:` in the composer, to find an emoji. */
import { canMentionAt } from '../../mentions/mention-text.ts';

/** A name of an emoji that is being typed, or was. */
export interface EmojiQuery {
  /** Index of the `:`. */
  readonly at: number;
  /** At least two letters, digits and `_+-`, in lower case; the first is no digit. */
  readonly text: string;
  /** Whether a second `:` ends it, as in `:tada:`. */
  readonly isComplete: boolean;
}

/** Longest name with both colons, in UTF-16 units. */
const maxUnits = 26;

/**
 * Finds the name that ends at the caret. It begins with `:`, not with the full-width `：`, where a mention may begin: not in a time such as
 * `10:30`, in an address, or in code.
 */
export function findEmojiQuery(text: string, caret: number): EmojiQuery | undefined {
  const before = text.slice(Math.max(0, caret - maxUnits), caret);
  const [typed, name = '', end] = /:([a-z+-][a-z0-9_+-]{1,23})(:?)$/i.exec(before) ?? [];
  if (typed === undefined) return undefined;
  const at = caret - typed.length;
  if (text[at - 1] === ':' || !canMentionAt(text, at)) return undefined;
  return { at, text: name.toLowerCase(), isComplete: end === ':' };
}
