/**
 * The rule for a reaction: one emoji, as Unicode recommends to write it. So each emoji has exactly one form, and reactions can be counted.
 */

/** Most UTF-16 units. The longest emoji, a family with skin tones, has fewer than 20. */
const maxUnits = 32;
/**
 * Most emoji of the list "RGI", which has no skin tones of 👪. To compile the whole list takes a tenth of a second, so that waits for the first
 * emoji that is not among these.
 */
const simple =
  /^(?![#*\d\p{RI}])(?:\p{Emoji_Presentation}|(?!\p{Emoji_Presentation})\p{Emoji}\uFE0F|(?!👪)\p{Emoji_Modifier_Base}\p{Emoji_Modifier})$/u;
/** What all others have: letters of flags, joiners, keycaps or tags. */
const compound = /\p{RI}|\u200D|\u20E3|\u{E007F}/u;
/** One emoji of the list "RGI", which includes flags, keycaps, skin tones and families. @see UTS #51 */
const emoji = /^\p{RGI_Emoji}$/v;

/** Whether a text is exactly one emoji. */
export function isEmoji(text: string): boolean {
  return text.length <= maxUnits && (simple.test(text) || (compound.test(text) && emoji.test(text)));
}
