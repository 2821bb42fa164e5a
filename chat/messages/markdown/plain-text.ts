/** The text of a message without its marks, for places that show one line of it and for screen readers. */
import { parseMarkdown } from './blocks.ts';
import type { Block, Inline } from './tree.ts';

/** Returns the name that a mention shows, with its `@`. */
export type NameOf = (id: string) => string;

/** For texts whose mentions need no name, such as those that are only measured. */
const noNames: NameOf = () => '@…';

/** Removes the marks of a message. */
export function toPlainText(text: string, nameOf: NameOf = noNames): string {
  return plainTextOf(parseMarkdown(text), nameOf);
}

/** The text of a part of a message. */
export function plainTextOf(blocks: readonly Block[], nameOf: NameOf = noNames): string {
  return blocks.map((block) => ofBlock(block, nameOf)).join('\n');
}

function ofBlock(block: Block, nameOf: NameOf): string {
  switch (block.kind) {
    case 'text':
      return ofInlines(block.inlines, nameOf);
    case 'code':
      return block.text;
    case 'quote':
      return plainTextOf(block.blocks, nameOf);
    case 'list':
      return block.items
        .map(({ number, blocks }) => `${number === undefined ? '•' : `${number}.`} ${plainTextOf(blocks, nameOf)}`)
        .join('\n');
  }
}

function ofInlines(inlines: readonly Inline[], nameOf: NameOf): string {
  return inlines
    .map((inline) => {
      if ('children' in inline) return ofInlines(inline.children, nameOf);
      return inline.kind === 'mention' ? nameOf(inline.id) : inline.text;
    })
    .join('');
}
