/** The text of a message without its marks, for places that show one line of it and for screen readers. */
import { parseMarkdown } from './blocks.ts';
import type { Block, Inline } from './tree.ts';

/** Removes the marks of a message. */
export function toPlainText(text: string): string {
  return plainTextOf(parseMarkdown(text));
}

/** The text of a part of a message. */
export function plainTextOf(blocks: readonly Block[]): string {
  return blocks.map(ofBlock).join('\n');
}

function ofBlock(block: Block): string {
  switch (block.kind) {
    case 'text':
      return ofInlines(block.inlines);
    case 'code':
      return block.text;
    case 'quote':
      return plainTextOf(block.blocks);
    case 'list':
      return block.items
        .map(({ number, blocks }) => `${number === undefined ? '•' : `${number}.`} ${plainTextOf(blocks)}`)
        .join('\n');
  }
}

function ofInlines(inlines: readonly Inline[]): string {
  return inlines.map((inline) => ('children' in inline ? ofInlines(inline.children) : inline.text)).join('');
}
