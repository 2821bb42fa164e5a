/** Finds the mentions in the text of a message, except those in code. */
import { parseMarkdown } from '../messages/markdown/blocks.ts';
import type { Block, Inline } from '../messages/markdown/tree.ts';

/** @returns The different ids in the order of the text. */
export function mentionsOf(text: string): readonly string[] {
  // Most messages have none, and need no tree.
  if (!text.includes('<@')) return [];
  const found = new Set<string>();
  collectFromBlocks(parseMarkdown(text), found);
  return [...found];
}

function collectFromBlocks(blocks: readonly Block[], found: Set<string>): void {
  for (const block of blocks) {
    if (block.kind === 'text') collect(block.inlines, found);
    else if (block.kind === 'quote') collectFromBlocks(block.blocks, found);
    else if (block.kind === 'list') for (const item of block.items) collectFromBlocks(item.blocks, found);
  }
}

function collect(inlines: readonly Inline[], found: Set<string>): void {
  for (const inline of inlines) {
    if (inline.kind === 'mention') found.add(inline.id);
    else if ('children' in inline) collect(inline.children, found);
  }
}
