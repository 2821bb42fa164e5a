/**
 * Converts between the text of a message, in which a mention is `<@ID>`, and the text that people read and type, in which it is `@Name`.
 * Names are unique in a chat, so the conversion back needs only the names that the page knows. Nothing is converted in code.
 */
import { parseMarkdown } from '../messages/markdown/blocks.ts';
import type { Block, Inline } from '../messages/markdown/tree.ts';
import { mentionsAll } from '../wire.ts';
import { everybodyNames, mentionPattern, mentionText } from './mention-wire.ts';

/** @returns The text with the names of the mentioned people. @param nameOf - The name with its `@`; undefined keeps the id. */
export function toShownText(text: string, nameOf: (id: string) => string | undefined): string {
  return replaceMentions(text, ({ id, source, isMention }) => (isMention ? nameOf(id) : undefined) ?? source);
}

/**
 * Converts a typed text to that of a message.
 *
 * @param ids - The id of each name that may be mentioned.
 */
export function toWireText(shown: string, ids: ReadonlyMap<string, string>): string {
  if (!/[@＠]/.test(shown)) return shown;
  const known = new Map([...ids, ...everybodyNames.map((name) => [name, mentionsAll] as const)]);
  const typed = [...known.keys()].filter((name) => shown.includes(`@${name}`) || shown.includes(`＠${name}`));
  if (typed.length === 0) return shown;
  // The longest name first: 张三丰 is not 张三.
  const names = typed.toSorted((a, b) => b.length - a.length).map(escapeExpression);
  /** What was typed, for each mention of the converted text in its order. */
  const sources: string[] = [];
  const converted = shown.replaceAll(
    new RegExp(`${mentionPattern}|(?<!${wordBefore})[@＠](${names.join('|')})`, 'gu'),
    (source, _id: string | undefined, name: string | undefined, at: number) => {
      const isPart =
        name !== undefined && endsWithWord.test(name) && beginsWithWord.test(shown.slice(at + source.length));
      if (isPart) return source;
      sources.push(source);
      return name === undefined ? source : mentionText(known.get(name)!);
    },
  );
  return replaceMentions(converted, ({ source, isMention, place }) => (isMention ? source : sources[place]!));
}

/** Whether a mention may begin at a place of a text: not in code, and not in an address such as `a@b.example`. */
export function canMentionAt(text: string, at: number): boolean {
  if (new RegExp(`${wordBefore}$`, 'u').test(text.slice(0, at))) return false;
  if (!text.includes('`') && !text.includes('~~~')) return true;
  const probe = mentionText('here');
  let isAllowed = false;
  replaceMentions(`${text.slice(0, at)}${probe}${text.slice(at)}`, ({ source, at: place, isMention }) => {
    if (place === at) isAllowed = isMention;
    return source;
  });
  return isAllowed;
}

/** A text in the form of a mention. */
interface Found {
  readonly id: string;
  readonly source: string;
  readonly at: number;
  /** Number of such texts before it. */
  readonly place: number;
  /** False in code. */
  readonly isMention: boolean;
}

const mentions = new RegExp(mentionPattern, 'g');
/** A letter or digit of a script with spaces between words, or a character inside of an address. */
const word = String.raw`(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\u30FC])[\p{L}\p{N}_]`;
const wordBefore = String.raw`(?:${word}|[.+\-])`;
const endsWithWord = new RegExp(`${word}$`, 'u');
const beginsWithWord = new RegExp(`^${word}`, 'u');

function replaceMentions(text: string, replace: (found: Found) => string): string {
  if (!text.includes('<@')) return text;
  const inTree = spots(parseMarkdown(text));
  let count = 0;
  return text.replaceAll(mentions, (source, id: string, at: number) => {
    const place = count++;
    return replace({ id, source, at, place, isMention: inTree[place] ?? true });
  });
}

/** For each text in the form of a mention, in the order of the text: whether it is one. */
function spots(blocks: readonly Block[]): boolean[] {
  return blocks.flatMap((block): boolean[] => {
    if (block.kind === 'text') return inlineSpots(block.inlines);
    if (block.kind === 'code') return codeSpots(block.text);
    if (block.kind === 'quote') return spots(block.blocks);
    return block.items.flatMap((item) => spots(item.blocks));
  });
}

function inlineSpots(inlines: readonly Inline[]): boolean[] {
  return inlines.flatMap((inline): boolean[] => {
    if (inline.kind === 'mention') return [true];
    return 'children' in inline ? inlineSpots(inline.children) : codeSpots(inline.text);
  });
}

function codeSpots(text: string): boolean[] {
  return [...text.matchAll(mentions)].map(() => false);
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, String.raw`\$&`);
}
