/** Finds the links in a text. The visible text of a link is exactly the text that was typed. */

/** A part of a text; a link if it has `href`. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/**
 * A URL with the scheme http, https or mailto. It ends at white space, at markup brackets, and at Chinese, Japanese or Korean
 * characters and punctuation, because these follow a URL without a space.
 */
const candidate =
  /\b(?:https?:\/\/|mailto:)(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Cc}\p{Cf}\u2010-\u203E\u3000-\u303F\uFE10-\uFE6F\uFF00-\uFFEF])[^\s<>"`{}|\\^])+/giu;

/** Splits a text into links and the text between them. The parts joined are the text. */
export function splitLinks(text: string): TextPart[] {
  const parts: TextPart[] = [];
  let end = 0;
  for (const { 0: found, index } of text.matchAll(candidate)) {
    const href = trimEnd(found);
    if (!isAddress(href)) continue;
    if (index > end) parts.push({ text: text.slice(end, index) });
    parts.push({ text: href, href });
    end = index + href.length;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) });
  return parts;
}

/** Removes trailing characters that belong to the sentence: punctuation, and closing brackets that the URL does not open. */
function trimEnd(found: string): string {
  // Closing brackets without an opening one, by kind.
  const surplus = { ')': count(found, ')') - count(found, '('), ']': count(found, ']') - count(found, '[') };
  let end = found.length;
  for (; end > 0; end--) {
    const last = found[end - 1];
    if ((last === ')' || last === ']') && surplus[last] > 0) surplus[last]--;
    else if (last === undefined || !/[.,:;!?'*_~]/.test(last)) break;
  }
  return found.slice(0, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}

function isAddress(href: string): boolean {
  if (/^mailto:/i.test(href)) return /^mailto:[^@\s]+@[^@\s]+$/i.test(href);
  return URL.canParse(href) && new URL(href).username === '';
}
