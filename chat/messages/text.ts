/**
 * What may be the text of a message: the rule that the page checks first and the server always.
 * The text is stored as it was sent; showing it safely is the page's work.
 */
import { blankCharacters } from '../blank-characters.ts';
import { ChatError } from '../errors.ts';
import { limits } from '../wire.ts';

/** Control characters (C0, DEL, C1) without line feed and tab, and halves of a surrogate pair. */
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const refused = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cs}/u;
/** Something to see: not white space, not format characters, not characters that draw nothing. */
const visible = new RegExp(String.raw`[^\s\p{C}${blankCharacters}]`, 'u');

/**
 * Checks what a client wants to say.
 *
 * @returns What is stored: the text, its line breaks as line feeds.
 * @throws {@link ChatError} `CHAT_TEXT_EMPTY`, `CHAT_TEXT_TOO_LONG`, `CHAT_TEXT_CHARACTERS`.
 */
export function checkText(text: string): string {
  // A code point has at most two UTF-16 units, and so has a line break.
  if (text.length > 2 * limits.codePoints) {
    throw new ChatError('CHAT_TEXT_TOO_LONG', `The text is longer than ${limits.codePoints} code points.`);
  }
  // CR LF and CR alone are how some systems write a line break.
  const lines = text.replaceAll(/\r\n?/g, '\n');
  const bytes = Buffer.byteLength(lines);
  if (bytes > limits.bytes) {
    throw new ChatError('CHAT_TEXT_TOO_LONG', `The text has ${bytes} bytes; at most ${limits.bytes} are allowed.`);
  }
  const codePoints = lines.length > limits.codePoints ? [...lines].length : lines.length;
  if (codePoints > limits.codePoints) {
    throw new ChatError(
      'CHAT_TEXT_TOO_LONG',
      `The text has ${codePoints} code points; at most ${limits.codePoints} are allowed.`,
    );
  }
  if (refused.test(lines)) {
    throw new ChatError('CHAT_TEXT_CHARACTERS', 'The text holds control characters other than line breaks and tabs.');
  }
  if (!visible.test(lines)) throw new ChatError('CHAT_TEXT_EMPTY', 'The text has nothing in it that can be seen.');
  return lines;
}
