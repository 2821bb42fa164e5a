/** Reads the topic of a room: one line of visible characters, or nothing. */
import { blankCharacters } from '../blank-characters.ts';
import { ChatError } from '../errors.ts';
import { limits } from '../wire.ts';

/** UTF-16 units for each code point. Longer text is refused before it is normalized, which is quadratic in combining marks. */
const maxUnitsPerCodePoint = 4;
/** Controls except white space, lone surrogates and characters that change the direction of the text around them. */
const refused = /[^\P{Cc}\s]|\p{Cs}|[\u202A-\u202E\u2066-\u2069]/u;
/** A visible character: not a mark alone, not one that draws nothing. */
const visible = new RegExp(String.raw`[[\p{L}\p{N}\p{P}\p{S}]--[${blankCharacters}]]`, 'v');

/** @returns The topic with single spaces, empty for none. @throws {@link ChatError} `CHAT_TOPIC`. */
export function readTopic(typed: string): string {
  if (typed.length <= limits.topic * maxUnitsPerCodePoint) {
    const topic = typed.normalize('NFC').replaceAll(/\s+/gu, ' ').trim();
    const isVisible = topic === '' || visible.test(topic);
    if ([...topic].length <= limits.topic && isVisible && !refused.test(topic)) return topic;
  }
  throw new ChatError('CHAT_TOPIC', `A topic has at most ${limits.topic} visible characters.`);
}
