/**
 * Detects messages of a few emoji, which are shown large. It knows an emoji by its structure: to compile the list of all of them
 * (`\p{RGI_Emoji}`) takes a tenth of a second, before the first message is shown.
 */
const flag = String.raw`\p{RI}{2}`;
const keycap = String.raw`[#*\d]\uFE0F\u20E3`;
const first = String.raw`(?![#*\d\p{RI}])(?:\p{Emoji_Presentation}|\p{Emoji}\uFE0F|\p{Emoji_Modifier_Base}(?=\p{Emoji_Modifier}))`;
const tags = String.raw`(?:[\u{E0020}-\u{E007E}]+\u{E007F})?`;
const joined = String.raw`(?:\u200D\p{Emoji}(?:\p{Emoji_Modifier}|\uFE0F)?)*`;
const picture = String.raw`${first}\p{Emoji_Modifier}?${tags}${joined}`;
const fewEmoji = new RegExp(String.raw`^(?:\s*(?:${flag}|${keycap}|${picture})){1,3}\s*$`, 'u');

/** Whether a text is one to three emoji and nothing else. */
export function isFewEmoji(text: string): boolean {
  return text.length <= 100 && fewEmoji.test(text);
}
