/**
 * The white space of header fields: space and tab, nothing else (RFC 9110 §5.6.3).
 */
import { SPACE, TAB } from './characters.ts';

/** Whether a character or byte is white space. */
export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** The text without white space around it. Linear, which a regular expression is not where much of it stands inside. */
export function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from++;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
  return text.slice(from, to);
}
