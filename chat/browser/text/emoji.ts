/**
 * Detects messages of a few emoji, which are shown large. It knows an emoji by its structure: to compile the list of all of them
 * (`\p{RGI_Emoji}`) takes a tenth of a second, before the first message is shown.
 */

/**
 * Each is a flag, a keycap, or a picture, perhaps with a skin tone, tags (the flag of Scotland) and further pictures joined to it. The digits
 * and the letters of flags are pictures too, for Unicode.
 */
const fewEmoji =
  /^(\s*(\p{RI}{2}|[#*\d]\uFE0F\u20E3|(?![#*\d\p{RI}])(\p{EPres}|\p{Emoji}\uFE0F|\p{EBase}(?=\p{EMod}))\p{EMod}?[\u{E0020}-\u{E007F}]*(\u200D\p{Emoji}[\p{EMod}\uFE0F]?)*)){1,3}\s*$/u;

/** Whether a text is one to three emoji and nothing else. */
export function isFewEmoji(text: string): boolean {
  return text.length <= 100 && fewEmoji.test(text);
}
