/**
 * The rule for the text of a message. The page checks it first, the server always.
 * The text is stored as it was sent; the page must show it safely.
 */
import { blankCharacters } from '../blank-characters.ts';
import { ChatError } from '../errors.ts';
import { limits } from '../wire.ts';

/** Control characters (C0, DEL, C1) without line feed and tab, and halves of a surrogate pair. */
// oxlint-disable-next-line no-control-regex -- the pattern searches for them
const refused = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]|\p{Cs}/u;
/** A visible character: not white space, not format characters, not characters that draw nothing. */
const visible = new RegExp(String.raw`[^\s\p{C}${blankCharacters}]`, 'u');

/**
 * Validates the text of a message.
 *
 * @returns The text with line feeds as line breaks.
 * @throws {@link ChatError} `CHAT_TEXT_EMPTY`, `CHAT_TEXT_TOO_LONG`, `CHAT_TEXT_CHARACTERS`.
 */
export function checkText(text: string): string {
  // A code point has at most two UTF-16 units, and so has a line break.
  if (text.length > 2 * limits.codePoints) {
    throw new ChatError('CHAT_TEXT_TOO_LONG', `The text is longer than ${limits.codePoints} code points.`);
  }
  // Some systems write a line break as CR LF or CR.
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
    throw new ChatError(
      'CHAT_TEXT_CHARACTERS',
      'The text contains control characters other than line breaks and tabs.',
    );
  }
  if (!visible.test(lines)) throw new ChatError('CHAT_TEXT_EMPTY', 'The text has no visible characters.');
  return lines;
}
