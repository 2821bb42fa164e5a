/** Finds the links in a text. The text stays text; what is shown of a link is exactly what was written. */

/** A stretch of a text; a link if it has an address. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/**
 * http, https and mailto, and then everything an address is made of: no white space, no brackets of markup,
 * and nothing of Chinese, Japanese or Korean, whose punctuation and words follow an address without a blank.
 */
const candidate =
  /\b(?:https?:\/\/|mailto:)(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Cc}\p{Cf}\u2010-\u203E\u3000-\u303F\uFE10-\uFE6F\uFF00-\uFFEF])[^\s<>"`{}|\\^])+/giu;

/** Splits a text into links and what is between them. Joined, the parts are the text. */
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

/** Leaves out what ends the sentence and not the address: punctuation, and a bracket that was opened before it. */
function trimEnd(found: string): string {
  // How many more of each bracket are closed than opened.
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
