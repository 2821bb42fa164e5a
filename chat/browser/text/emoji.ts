/** Detects messages of a few emoji, which are shown large. */
const fewEmoji = /^(?:\s*\p{RGI_Emoji}){1,3}\s*$/v;

/** Whether a text is one to three emoji and nothing else. */
export function isFewEmoji(text: string): boolean {
  return text.length <= 100 && fewEmoji.test(text);
}
