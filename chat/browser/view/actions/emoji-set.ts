/** The emoji that the page offers. Any other one can be typed. */
import { isEmoji } from '../../../messages/changes/emoji.ts';

/** Offered first to a person who has used none yet. */
export const firstEmoji: readonly string[] = ['👍', '❤️', '😂', '🎉', '😮', '🙏', '👀', '✅'];

/** All that are offered. */
export const emojiSet: readonly string[] = [
  '👍 👎 ❤️ 😂 😊 😍 😮 😢 😡 🎉 🙏 👏 🔥 💯 ✅ ❌',
  '👀 🤔 😅 😎 🥳 😴 🤝 💪 🙌 👌 ✌️ 🤞 👋 🫡 🫶 🤗',
  '😭 🙄 😱 🤯 😇 🤣 😉 😋 ⭐ 💡 🚀 ☕ 🍻 🎂 🌹 🧧',
].flatMap((line) => line.split(' '));

/** The emoji that a person typed, in the form that the server accepts; undefined if it is not exactly one. */
export function toEmoji(typed: string): string | undefined {
  const text = typed.trim();
  // Some keyboards leave the variation selector out.
  return [text, `${text}\uFE0F`].find((candidate) => isEmoji(candidate));
}
