/**
 * Parses the text of a message: a small part of Markdown, into the tree of tree.ts. No I/O, no state, no failure: each text is a
 * message. The time is linear in the text, and the depth of the tree is bounded.
 *
 * Blocks are code between fences, quotes with `> `, and lists with `- `, `* ` or `1. `. Everything else is text with the line
 * breaks and spaces that the person typed. No block needs an empty line before it. There are no headings, tables, pictures, HTML
 * and escapes: their characters are text.
 */
import { parseInlines } from './inlines.ts';
import type { Block, ListItem } from './tree.ts';

/** Most quotes and lists inside each other. Further ones are text. */
export const maxBlockDepth = 4;

/** Parses a message. */
export function parseMarkdown(text: string): readonly Block[] {
  return parseLines(text.split(/\r?\n/), 0);
}

function parseLines(lines: readonly string[], depth: number): Block[] {
  const blocks: Block[] = [];
  let plain: string[] = [];
  const endText = (): void => {
    const text = plain
      .join('\n')
      .replace(/^(?:[\t ]*\n)+/, '')
      .trimEnd();
    if (text !== '') blocks.push({ kind: 'text', inlines: parseInlines(text) });
    plain = [];
  };
  const readers = depth < maxBlockDepth ? [readCode, readQuote, readList] : [readCode];
  for (let at = 0; at < lines.length;) {
    let found: Found | undefined;
    for (const reader of readers) found ??= reader(lines, at, depth);
    if (!found) {
      plain.push(lines[at++]!);
      continue;
    }
    endText();
    blocks.push(found.block);
    at = found.end;
  }
  endText();
  return blocks;
}

/** A block that begins on a line, and the index of the line after it. */
interface Found {
  readonly block: Block;
  readonly end: number;
}

const fence = /^ {0,3}(`{3,})([^`]*)$/;

/** Code without a closing fence goes on to the end of the message. People also put the closing fence after the last line of code. */
function readCode(lines: readonly string[], start: number): Found | undefined {
  const [, ticks = '', info = ''] = fence.exec(lines[start]!) ?? [];
  if (ticks === '' || start + 1 === lines.length) return undefined;
  const code: string[] = [];
  let at = start + 1;
  for (; at < lines.length; at++) {
    const line = lines[at]!;
    const trimmed = line.trim();
    if (trimmed.length >= ticks.length && /^`+$/.test(trimmed)) break;
    if (at + 1 === lines.length && trimmed.endsWith(ticks)) code.push(line.trimEnd().slice(0, -ticks.length));
    else code.push(line);
  }
  const language = info.trim().split(/\s/, 1)[0] ?? '';
  return { block: { kind: 'code', language, text: code.join('\n') }, end: Math.min(at + 1, lines.length) };
}

/** A letter may follow directly in Chinese and Japanese, but not in general: `>_<` is a face. */
const quoteMark = /^ {0,3}>(?: |$|(?=>|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}))/u;

function readQuote(lines: readonly string[], start: number, depth: number): Found | undefined {
  let end = start;
  const inner: string[] = [];
  for (; end < lines.length; end++) {
    const mark = quoteMark.exec(lines[end]!);
    if (!mark) break;
    inner.push(lines[end]!.slice(mark[0].length));
  }
  const blocks = end > start ? parseLines(inner, depth + 1) : [];
  return blocks.length > 0 ? { block: { kind: 'quote', blocks }, end } : undefined;
}

const itemMark = /^( {0,3})([-*]|(\d{1,9})[.)])[\t ]+(?=\S)/;
const continued = /^(?:\t| {2,})/;

function readList(lines: readonly string[], start: number, depth: number): Found | undefined {
  const first = itemMark.exec(lines[start]!);
  if (!first) return undefined;
  const isNumbered = first[3] !== undefined;
  const items: ListItem[] = [];
  let at = start;
  while (at < lines.length) {
    const mark = itemMark.exec(lines[at]!);
    if (!mark || (mark[3] !== undefined) !== isNumbered) break;
    const inner = [lines[at]!.slice(mark[0].length)];
    for (at++; at < lines.length && continued.test(lines[at]!); at++)
      inner.push(unindented(lines[at]!, mark[0].length));
    items.push({ number: isNumbered ? Number(mark[3]) : undefined, blocks: parseLines(inner, depth + 1) });
    // One empty line between two entries of a list does not end it.
    if (lines[at]?.trim() === '' && at + 1 < lines.length && itemMark.test(lines[at + 1]!)) at++;
  }
  return { block: { kind: 'list', items }, end: at };
}

function unindented(line: string, width: number): string {
  return line.startsWith('\t') ? line.slice(1) : line.slice(Math.min(width, /^ */.exec(line)![0].length));
}
