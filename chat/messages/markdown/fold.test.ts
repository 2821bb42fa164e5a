import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseMarkdown } from './blocks.ts';
import { foldBlocks, foldedLines, maxUnfoldedLines } from './fold.ts';
import { plainTextOf } from './plain-text.ts';

const lines = (count: number, word = 'line'): string =>
  Array.from({ length: count }, (_, index) => `${word} ${index + 1}`).join('\n');
const folded = (text: string): string | undefined => {
  const blocks = foldBlocks(parseMarkdown(text));
  return blocks && plainTextOf(blocks);
};

test('folds a message of more than 20 lines to its first 15', () => {
  assert.equal(folded(lines(maxUnfoldedLines)), undefined);
  assert.equal(folded(lines(maxUnfoldedLines + 1)), lines(foldedLines));
});

test('counts the lines of a long paragraph; a Chinese character is as wide as two others', () => {
  assert.equal(folded('a'.repeat(90 * 20)), undefined);
  assert.equal(folded('a'.repeat(90 * 20 + 1)), 'a'.repeat(90 * 15));
  assert.equal(folded('字'.repeat(45 * 20)), undefined);
  assert.equal(folded('字'.repeat(45 * 20 + 1)), '字'.repeat(45 * 15));
});

test('cuts code, lists and quotes, and keeps the elements before the cut', () => {
  assert.equal(folded(`intro\n\`\`\`js\n${lines(30)}\n\`\`\`\nend`), `intro\n${lines(14)}`);
  assert.equal(folded(lines(30, '- **entry**')), lines(15, '• entry'));
  assert.equal(folded(lines(30, '> quoted')), lines(15, 'quoted'));
  const [block] = foldBlocks(parseMarkdown(`**${lines(30)}**`)) ?? [];
  assert.deepEqual(block, {
    kind: 'text',
    inlines: [{ kind: 'strong', children: [{ kind: 'text', text: lines(15) }] }],
  });
});

test('a link at the cut is left out, because a part of it leads elsewhere', () => {
  const text = `${lines(14)}\n${'a'.repeat(80)} https://a.example/0123456789 \n${lines(10)}`;
  assert.equal(folded(text), `${lines(14)}\n${'a'.repeat(80)} `);
});
