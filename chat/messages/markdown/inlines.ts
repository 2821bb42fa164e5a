/**
 * Finds bold, italic and struck text, code, links and mentions in lines of text. The time is linear in the text.
 *
 * The marks are those of CommonMark, with other rules for the characters next to them, because with the rules of CommonMark (§6.2)
 * `**注意：**请看` is plain text and `2*3*4` is partly italic. A mark opens or closes only if no letter or digit is directly outside
 * of it. Chinese, Japanese and Thai have no spaces between words, so their letters may be there: before and after `*`, and after the
 * closing `~~`, but not before the opening one, since `好的~~谢谢~~` is a friendly tone. No letter of any script may be outside of
 * `_`, which is part of file names. `__` is always text: it is part of names in programs.
 */
import { splitLinks } from 'gale/links';
import { mentionPattern } from '../../mentions/mention-wire.ts';
import { splitCode } from './code-spans.ts';
import type { Inline } from './tree.ts';

/** Most elements inside each other. Further marks are text. */
export const maxInlineDepth = 6;

/** Finds the elements of a text. */
export function parseInlines(text: string): readonly Inline[] {
  const line = new InlineParser(text);
  for (const { start, end, code } of splitCode(text)) {
    if (code !== undefined) {
      line.element({ kind: 'code', text: code });
      continue;
    }
    let at = start;
    for (const { text: piece, href } of splitLinks(text.slice(start, end))) {
      if (href === undefined) line.scan(at, at + piece.length);
      else line.element({ kind: 'link', text: piece, href });
      at += piece.length;
    }
  }
  return line.finish();
}

type Mark = '*' | '_' | '~';

/** A mark that may open an element. */
interface Opener {
  readonly mark: Mark;
  /** Number of characters that have closed nothing yet. */
  count: number;
  /** Index of the mark in the nodes. */
  readonly node: number;
  /** Index in the stack of openers. */
  readonly place: number;
}

interface Node {
  readonly inline: Inline;
  /** Number of elements inside each other. */
  readonly depth: number;
  /** Whether it has a letter, a digit, a picture or code. Without one, marks are part of a face such as `*_*`. */
  readonly hasContent: boolean;
}

/** Run lengths that are marks. Longer runs are text. */
const lengths: Readonly<Record<Mark, readonly number[]>> = { '*': [1, 2, 3], _: [1], '~': [2] };
/** Run lengths of openers that a closing run of each length can close, at least in part. */
const closable: Readonly<Record<number, readonly number[]>> = { 1: [1, 3], 2: [2, 3], 3: [1, 2, 3] };

class InlineParser {
  readonly #text: string;
  readonly #nodes: Node[] = [];
  readonly #openers: Opener[] = [];
  /** The same openers by mark and length, so that the newest one is found without a search. */
  readonly #byKind = new Map<string, Opener[]>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Adds code, a link or a mention. */
  element(inline: Inline): void {
    this.#nodes.push({ inline, depth: 1, hasContent: true });
  }

  /** Adds a part of the text with its marks. */
  scan(start: number, end: number): void {
    const piece = this.#text.slice(start, end);
    let done = 0;
    for (const { 0: found, 1: mentioned, index } of piece.matchAll(marks)) {
      this.#addText(piece.slice(done, index));
      done = index + found.length;
      if (mentioned !== undefined) this.element({ kind: 'mention', id: mentioned });
      else if (found[0] === '\n') {
        // Elements end at an empty line.
        this.#dropOpeners(0);
        this.#addText(found);
      } else this.#mark(found, start + index);
    }
    this.#addText(piece.slice(done));
  }

  finish(): readonly Inline[] {
    return merged(this.#nodes);
  }

  #mark(run: string, at: number): void {
    const mark = run[0] as Mark;
    const before = characterBefore(this.#text, at);
    // After a backslash it is part of a path or of a face.
    if (!lengths[mark].includes(run.length) || before === '\\') {
      this.#addText(run);
      return;
    }
    const after = characterAt(this.#text, at + run.length);
    const outer = mark === '*' ? isSpacedWord : isWord;
    const canOpen = isInside(after) && !outer.test(before);
    const canClose = isInside(before) && !(mark === '_' ? isWord : isSpacedWord).test(after);
    const left = canClose ? this.#close(mark, run.length) : run.length;
    if (left === 0) return;
    if (canOpen) this.#open(mark, left);
    this.#addText(mark.repeat(left));
  }

  #open(mark: Mark, count: number): void {
    const opener = { mark, count, node: this.#nodes.length, place: this.#openers.length };
    this.#openers.push(opener);
    this.#ofKind(mark, count).push(opener);
  }

  /** Closes the elements that a run closes. @returns How many characters of the run are left. */
  #close(mark: Mark, length: number): number {
    let left = length;
    while (left > 0) {
      const opener = this.#newestOpener(mark, closable[left]!);
      if (!opener) break;
      this.#dropOpeners(opener.place);
      const used = Math.min(opener.count, left);
      const inner = this.#nodes.splice(opener.node + 1);
      const depth = inner.reduce((deepest, node) => Math.max(deepest, node.depth), 0) + (used === 3 ? 2 : 1);
      if (depth > maxInlineDepth) {
        // Everything around it would be too deep as well.
        this.#dropOpeners(0);
        for (const node of inner) this.#nodes.push(node);
        break;
      }
      if (!inner.some((node) => node.hasContent)) {
        // One node, so that the elements around it do not read all of them again.
        this.#nodes.push({ inline: { kind: 'text', text: textOf(inner) }, depth: 0, hasContent: false });
        break;
      }
      const wrapped: Node = { inline: wrap(mark, used, merged(inner)), depth, hasContent: true };
      left -= used;
      if (opener.count === used) this.#nodes[opener.node] = wrapped;
      else {
        this.#nodes.length = opener.node;
        this.#open(mark, opener.count - used);
        this.#addText(mark.repeat(opener.count - used));
        this.#nodes.push(wrapped);
      }
    }
    return left;
  }

  #newestOpener(mark: Mark, counts: readonly number[]): Opener | undefined {
    let newest: Opener | undefined;
    for (const count of counts) {
      const opener = this.#ofKind(mark, count).at(-1);
      if (opener && opener.place >= (newest?.place ?? 0)) newest = opener;
    }
    return newest;
  }

  /** Makes the openers from a place on text. */
  #dropOpeners(from: number): void {
    while (this.#openers.length > from) {
      const { mark, count } = this.#openers.pop()!;
      this.#ofKind(mark, count).pop();
    }
  }

  #ofKind(mark: Mark, count: number): Opener[] {
    const kind = mark + count;
    let openers = this.#byKind.get(kind);
    if (!openers) this.#byKind.set(kind, (openers = []));
    return openers;
  }

  #addText(text: string): void {
    if (text !== '') this.#nodes.push({ inline: { kind: 'text', text }, depth: 0, hasContent: hasContent.test(text) });
  }
}

function wrap(mark: Mark, count: number, children: readonly Inline[]): Inline {
  const kind = mark === '~' ? 'strike' : count === 1 ? 'emphasis' : 'strong';
  return { kind, children: count === 3 ? [{ kind: 'emphasis', children }] : children };
}

/** The text of nodes without elements. */
function textOf(nodes: readonly Node[]): string {
  return nodes.reduce((text, { inline }) => ('text' in inline ? text + inline.text : text), '');
}

/** The values of nodes, adjacent texts as one. */
function merged(nodes: readonly Node[]): Inline[] {
  const inlines: Inline[] = [];
  let texts: string[] = [];
  const endText = (): void => {
    if (texts.length > 0) inlines.push({ kind: 'text', text: texts.join('') });
    texts = [];
  };
  for (const { inline } of nodes) {
    if (inline.kind === 'text') texts.push(inline.text);
    else {
      endText();
      inlines.push(inline);
    }
  }
  endText();
  return inlines;
}

const marks = new RegExp(String.raw`${mentionPattern}|\*+|_+|~+|\n[\t ]*(?=\n)`, 'g');
const hasContent = /[\p{L}\p{N}\p{Extended_Pictographic}]/u;
const isWord = /[\p{L}\p{N}]/u;
/** A letter or digit of a script with spaces between words. Korean has some, but its particles follow a word without one. */
const isSpacedWord =
  /(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30FC])[\p{L}\p{N}]/u;

/** Whether a character next to a mark may be the first or last of an element. */
function isInside(character: string): boolean {
  return character !== '' && !/\s/.test(character);
}

function characterAt(text: string, at: number): string {
  const code = text.codePointAt(at);
  return code === undefined ? '' : String.fromCodePoint(code);
}

function characterBefore(text: string, at: number): string {
  const isPair = /[\uDC00-\uDFFF]/.test(text[at - 1] ?? '') && /[\uD800-\uDBFF]/.test(text[at - 2] ?? '');
  return text.slice(Math.max(0, at - (isPair ? 2 : 1)), at);
}
