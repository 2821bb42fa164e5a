/**
 * Finds the links in a text. The visible text of a link is exactly the text that was typed, and it leads where it says. Runs in browsers too.
 */
import { assertNames, assertString, readChoices } from '../../run/given-options.ts';
import { continuesHidden, ending, fullStops, matchesAt, restEnd, trimmedEnd, unspaced } from './address-end.ts';

/** A part of a text; a link if it has `href`. */
export interface TextPart {
  readonly text: string;
  readonly href?: string;
}

/** Longest host name, in characters (RFC 1035 §2.3.4). Longer ones are not parsed. */
const maxHost = 253;
const maxLabel = 63;

const scheme = /(?<![a-z\d])(?:https?:\/\/|mailto:)/gi;
/** Also a host that begins with `www.`, but not inside of a word, an address or a path. Without the flag u, so that `ſ` is no `s`. */
const schemeOrWww =
  /(?<![a-z\d])(?:https?:\/\/|mailto:)|(?<![\w\u00AA-\u02FF@./\\:%&=+~#$-])www\.(?=[a-z\d\u00AA-\uFFFF])/gi;
/** The person of a mailto address, by RFC 6531 §3.3. */
const mailbox = /[\p{L}\p{N}\p{M}!#$%&'*+/=?^_`{|}~.-]{1,64}@/uy;
/** Characters of host names in any script, or an IPv6 address. `new URL` decides whether they are a host. */
const host = new RegExp(
  `\\[[\\da-f:.]{2,45}\\]|(?:(?!${ending}|[\\u2190-\\u22FF])(?:[\\w.\\-\\u00B7\\u2010-\\u2013\\u30FB\\u200C\\u200D\\p{L}\\p{N}\\p{M}]|[^\\0-\\x7F](?<=\\p{S})))+`,
  'iuy',
);
/** A port, also an empty one as browsers accept it. */
const port = /:\d+|:(?=[/?#])/y;
/** The rest of an authority that is not finished: a person, as in `https://good.example@evil.example`, a port or a host. */
const unfinished = /[$%&+=@\\^\w]|:[a-z\d]|[!$-.0-;=@-~]+@/iy;
/** Punctuation inside of what should be a host, as in `https://it's.example`. */
const inWord = /[!-/:-@[-`{-~\u2190-\u22FF][\p{L}\p{N}]/uy;
/** A character that looks like `.`, `/`, `\` or `@` after a host, and more of what should be an address: `https://good.example／a`. */
const lookalike =
  /[\u2024\u2044\u2215\u2216\u29F5\u29F8\uFE52\uFE68\uFE6B\uFF0E\uFF0F\uFF20\uFF3C](?!https?:)[\p{L}\p{N}]/iuy;
/**
 * A Chinese full stop after a host, and a label: `https://good.example。evil.example`. Browsers read it as a dot. A sentence follows
 * it too, as in `https://good.example。Gale是`, so a label has no text of a script without spaces.
 */
const nextLabel = new RegExp(
  `[${fullStops}](?!https?:)(?:(?!${unspaced})[\\p{L}\\p{N}\\p{M}_-])+(?![\\p{L}\\p{N}\\p{M}_-])`,
  'iuy',
);
/** The last label of a host and the sentence after it, as in `example.com看看`. */
const labelAndSentence = new RegExp(`(?<=^|\\.)[a-z\\d-]+(?=${unspaced}[^.]*\\.*$)`, 'iu');

/** Options of {@link splitLinks}. */
export interface SplitLinksOptions {
  /** Whether `www.example.com` without a scheme is a link to `http://www.example.com`. @defaultValue false */
  readonly www?: boolean;
}

/**
 * Splits a text into links and the text between them. The parts joined are the text. A link begins with `http:`, `https:` or `mailto:`, is an
 * address that a browser accepts, and ends before punctuation and text of the sentence. The time is linear in the text.
 *
 * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
 * @example
 * splitLinks('See https://example.com.'); // 'See ', the link https://example.com, '.'
 */
export function splitLinks(text: string, options: SplitLinksOptions = {}): TextPart[] {
  assertString('text', text);
  assertNames('splitLinks', options, ['www']);
  const { www } = readChoices(options, { www: [false, true] });
  const starts = www ? schemeOrWww : scheme;
  const parts: TextPart[] = [];
  let end = 0;
  let found: RegExpExecArray | null;
  for (starts.lastIndex = 0; (found = starts.exec(text)) !== null;) {
    const start = found.index;
    const hasScheme = !/^www/i.test(found[0]);
    const address = readAddress(text, start, hasScheme ? starts.lastIndex : undefined);
    starts.lastIndex = Math.max(address.foundEnd, starts.lastIndex);
    if (address.end === undefined) continue;
    const shown = text.slice(start, address.end);
    if (start > end) parts.push({ text: text.slice(end, start) });
    parts.push({ text: shown, href: hasScheme ? shown : `http://${shown}` });
    end = address.end;
  }
  if (end < text.length || parts.length === 0) parts.push({ text: text.slice(end) });
  return parts;
}

/** What was found after a scheme: where it ends, and where the link ends if it is one. Nothing of it is read again. */
interface Found {
  readonly foundEnd: number;
  readonly end?: number;
}

/** @param afterScheme - Where the scheme ends; `undefined` if the address begins with its host. */
function readAddress(text: string, start: number, afterScheme: number | undefined): Found {
  const schemeEnd = afterScheme ?? start;
  const isMail = /m/i.test(text[start] ?? '');
  const hostStart = isMail ? matchEnd(mailbox, text, schemeEnd) : schemeEnd;
  const hostEnd = hostStart === undefined ? undefined : matchEnd(host, text, hostStart);
  if (hostStart === undefined || hostEnd === undefined) return { foundEnd: schemeEnd };
  const authorityEnd = (isMail ? undefined : matchEnd(port, text, hostEnd)) ?? hostEnd;
  const hasRest = (isMail ? '?' : '/?#').includes(text[authorityEnd] ?? ' ');
  const foundEnd = hasRest ? restEnd(text, authorityEnd) : authorityEnd;
  const isCut = !hasRest && [unfinished, lookalike, nextLabel].some((more) => matchesAt(more, text, authorityEnd));
  if (isCut || continuesHidden(text, foundEnd)) return { foundEnd };
  const isBare = authorityEnd === hostEnd && !hasRest;
  const end = trimmedEnd(text, start, isBare ? sentenceStart(text, hostStart, hostEnd) : foundEnd);
  const name = text.slice(hostStart, Math.min(end, hostEnd));
  if (isBare && !name.includes('.') && matchesAt(inWord, text, hostEnd)) return { foundEnd };
  const address = afterScheme === undefined ? `http://${text.slice(start, end)}` : text.slice(start, end);
  return isHost(name) && (isMail || URL.canParse(address)) ? { foundEnd, end } : { foundEnd };
}

/** The end of a host name without the sentence that follows it. */
function sentenceStart(text: string, start: number, end: number): number {
  const label = labelAndSentence.exec(text.slice(start, end));
  return label ? start + label.index + label[0].length : end;
}

/** Whether a name is a host, and in the spelling that a browser shows. Other spellings hide where a link leads. */
function isHost(name: string): boolean {
  if (name === '' || name.length > maxHost || !URL.canParse(`https://${name}`)) return false;
  if (name.startsWith('[')) return true;
  const { hostname } = new URL(`https://${name}`);
  const labels = hostname.replace(/\.$/, '').split('.');
  if (labels.some(({ length }) => length === 0 || length > maxLabel) || !/[a-z\d]/.test(hostname)) return false;
  // Not `http://2130706433`.
  if (/^[\w.-]+$/.test(name)) return hostname === name.toLowerCase();
  // Not `https://ex℡.com`, and not the sentence `以https://开头`.
  return name.normalize('NFKC') === name.normalize() && !unusual.test(name) && labels.length > 1;
}

/** Characters that no registry allows, such as a dash that looks like a hyphen, and labels of letters that look like Latin ones. */
const unusual =
  /[^\w.\-\u00B7\u30FB\u200C\u200D\p{L}\p{N}\p{M}\p{Emoji}]|(?<=^|\.)(?=[^.]*\p{Script=Latin})[^.]*[\p{Script=Cyrillic}\p{Script=Greek}]/u;

/** The end of the match of a sticky pattern. */
function matchEnd(pattern: RegExp, text: string, at: number): number | undefined {
  return matchesAt(pattern, text, at) ? pattern.lastIndex : undefined;
}
