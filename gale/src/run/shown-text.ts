/**
 * A text that somebody gave, as an error may repeat it: short, and never with the password of a URL. Options and variables get mixed
 * up, so the value of any of them may be a URL of Redis.
 */

/** The most characters that an error repeats. */
const maxCharacters = 80;

/**
 * Quotes a text for an error message. What may be a URL with a password (a text with `@` or `://`) is described instead: nobody can
 * say where in a broken URL the password ends.
 */
export function showText(text: string): string {
  if (/@|:\/\//.test(text)) return 'a text that may hold a password, so it is not shown';
  return JSON.stringify(text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text);
}
