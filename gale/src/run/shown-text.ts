/**
 * Formats a text from outside for an error message: short, and never with the password of a URL. People confuse options and
 * environment variables, so any of them may contain a Redis URL.
 */

/** Maximum number of characters in a message. */
const maxCharacters = 80;

/**
 * Quotes a text for an error message. A text with `@` or `://` may be a URL with a password, so it is only described: in a malformed
 * URL the end of the password is unknown.
 */
export function showText(text: string): string {
  if (/@|:\/\//.test(text)) return 'a text that may hold a password, so it is not shown';
  const shown = JSON.stringify(shorten(text));
  return text.length > maxCharacters ? `${shown} of ${text.length} characters` : shown;
}

/** Cuts a text to the length that a message may have. */
export function shorten(text: string): string {
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
}
