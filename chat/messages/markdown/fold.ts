/** Shortens long messages: a page shows their beginning until the reader opens them. */
import { plainTextOf } from './plain-text.ts';
import type { Block, Inline, ListItem } from './tree.ts';

/** A message of more lines is folded. */
export const maxUnfoldedLines = 20;
/** Lines of a folded message. */
export const foldedLines = 15;
/** Width of a line in characters of half the width of a Chinese one: about that of a message in a wide window. */
const lineCells = 90;
/** Mentions are about as long, whatever the name is. */
const mentionCells = '@'.repeat(8);

/** @returns The beginning of a long message; undefined for a message that is shown whole. */
export function foldBlocks(blocks: readonly Block[]): readonly Block[] | undefined {
  return countLines(plainTextOf(blocks)) > maxUnfoldedLines ? new Cut(foldedLines).blocks(blocks) : undefined;
}

function countLines(text: string): number {
  const room = new Room(Infinity);
  room.prefix(text);
  return room.lines;
}

/** The lines that are filled so far. */
class Room {
  lines = 1;
  readonly #most: number;
  #cells = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get isFull(): boolean {
    return this.lines > this.#most;
  }

  newLine(): void {
    this.lines++;
    this.#cells = 0;
  }

  /** Fills lines with a text. @returns The part that fits. */
  prefix(text: string): string {
    let at = 0;
    for (const character of text) {
      const cells = character === '\n' ? 0 : character < '\u1100' ? 1 : 2;
      if (character === '\n' || this.#cells + cells > lineCells) this.newLine();
      if (this.isFull) break;
      this.#cells += cells;
      at += character.length;
    }
    return text.slice(0, at);
  }
}

/** Cuts a tree after a number of lines. A link is shown whole or not at all, since a part of it leads elsewhere. */
class Cut {
  readonly #room: Room;
  #isFirst = true;

  constructor(lines: number) {
    this.#room = new Room(lines);
  }

  blocks(blocks: readonly Block[]): Block[] {
    const kept: Block[] = [];
    for (const block of blocks) {
      const shown = this.#block(block);
      if (shown) kept.push(shown);
      if (this.#room.isFull) break;
    }
    return kept;
  }

  #block(block: Block): Block | undefined {
    if (block.kind === 'quote') return { ...block, blocks: this.blocks(block.blocks) };
    if (block.kind === 'list') {
      const items: ListItem[] = [];
      for (const item of block.items) {
        const inner = this.#room.isFull ? [] : this.blocks(item.blocks);
        if (inner.length > 0) items.push({ ...item, blocks: inner });
      }
      return { ...block, items };
    }
    if (!this.#isFirst) this.#room.newLine();
    this.#isFirst = false;
    if (this.#room.isFull) return undefined;
    return block.kind === 'code'
      ? { ...block, text: this.#room.prefix(block.text) }
      : { ...block, inlines: this.#inlines(block.inlines) };
  }

  #inlines(inlines: readonly Inline[]): Inline[] {
    const kept: Inline[] = [];
    for (const inline of inlines) {
      if (this.#room.isFull) break;
      if ('children' in inline) kept.push({ ...inline, children: this.#inlines(inline.children) });
      else if (inline.kind === 'mention') {
        this.#room.prefix(mentionCells);
        if (!this.#room.isFull) kept.push(inline);
      } else {
        const text = this.#room.prefix(inline.text);
        if (inline.kind !== 'link' || text === inline.text) kept.push({ ...inline, text });
      }
    }
    return kept;
  }
}
