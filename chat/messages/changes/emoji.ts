/**
 * The rule for a reaction: one emoji, as Unicode recommends to write it. So each emoji has exactly one form, and reactions can be counted.
 */

/** Most UTF-16 units. The longest emoji, a family with skin tones, has fewer than 20. */
const maxUnits = 32;
/** One emoji of the list "RGI", which includes flags, keycaps, skin tones and families. @see UTS #51 */
const emoji = /^\p{RGI_Emoji}$/v;

/** Whether a text is exactly one emoji. */
export function isEmoji(text: string): boolean {
  return text.length <= maxUnits && emoji.test(text);
}
