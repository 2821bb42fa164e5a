import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { maxBlockDepth, parseMarkdown } from './blocks.ts';
import { maxInlineDepth } from './inlines.ts';
import { toPlainText } from './plain-text.ts';
import type { Block, Inline } from './tree.ts';

/** The tree as a text: `<b>` for strong, `<i>`, `<s>`, `<c>` for code, `<a>`, `<pre>`, `<q>` and `<l>`. */
function write(blocks: readonly Block[]): string {
  return blocks.map(writeBlock).join('|');
}

function writeBlock(block: Block): string {
  if (block.kind === 'text') return block.inlines.map(writeInline).join('');
  if (block.kind === 'code') return `<pre${block.language === '' ? '' : ` ${block.language}`}>${block.text}</pre>`;
  if (block.kind === 'quote') return `<q>${write(block.blocks)}</q>`;
  return `<l>${block.items.map(({ number = '-', blocks }) => `${number} ${write(blocks)}`).join(';')}</l>`;
}

function writeInline(inline: Inline): string {
  if (inline.kind === 'text') return inline.text;
  if (inline.kind === 'code') return `<c>${inline.text}</c>`;
  if (inline.kind === 'link') return `<a>${inline.text}</a>`;
  if (inline.kind === 'mention') return `<m>${inline.id}</m>`;
  const name = { strong: 'b', emphasis: 'i', strike: 's' }[inline.kind];
  return `<${name}>${inline.children.map(writeInline).join('')}</${name}>`;
}

for (const [text, tree] of [
  // Marks
  [
    '**bold** and *italic* and _italic_ and ~~gone~~',
    '<b>bold</b> and <i>italic</i> and <i>italic</i> and <s>gone</s>',
  ],
  ['***both***', '<b><i>both</i></b>'],
  ['**bold *and italic***', '<b>bold <i>and italic</i></b>'],
  ['***a* b**', '<b><i>a</i> b</b>'],
  ['***a** b*', '<i><b>a</b> b</i>'],
  ['**a *b ~~c _d_~~***', '<b>a <i>b <s>c <i>d</i></s></i></b>'],
  ['(**a**), "*b*"!', '(<b>a</b>), "<i>b</i>"!'],
  ['**two\nlines**', '<b>two\nlines</b>'],
  ['**not\n\nthis**', '**not\n\nthis**'],
  ['**a ~~b** c~~', '<b>a ~~b</b> c~~'],
  // Mentions
  ['<@aB_1-> hi', '<m>aB_1-</m> hi'],
  ['你好<@a><@all>！', '你好<m>a</m><m>all</m>！'],
  ['**<@a_b_c>** and *<@b> c*', '<b><m>a_b_c</m></b> and <i><m>b</m> c</i>'],
  ['> <@a>', '<q><m>a</m></q>'],
  ['`<@a>` <@b>', '<c><@a></c> <m>b</m>'],
  ['<@> <@a b> <@a.b> <@张> < @a> <@a', '<@> <@a b> <@a.b> <@张> < @a> <@a'],
  [`<@${'x'.repeat(64)}>`, `<m>${'x'.repeat(64)}</m>`],
  [`<@${'x'.repeat(65)}>`, `<@${'x'.repeat(65)}>`],
  // Chinese has no spaces around marks, and its punctuation is often at their inner side.
  ['**注意：**请看', '<b>注意：</b>请看'],
  ['这是**重点**内容，*斜体*也可以', '这是<b>重点</b>内容，<i>斜体</i>也可以'],
  ['他说**“你好。”**然后走了', '他说<b>“你好。”</b>然后走了'],
  ['**甲**乙**丙**', '<b>甲</b>乙<b>丙</b>'],
  ['（_强调_），_重要_。', '（<i>强调</i>），<i>重要</i>。'],
  ['~~原价 100~~现价 80', '<s>原价 100</s>现价 80'],
  ['好的~~谢谢~~', '好的~~谢谢~~'],
  ['**강조**는 **強調**です', '<b>강조</b>는 <b>強調</b>です'],
  ['⚠️**注意**', '⚠️<b>注意</b>'],
  ['𠮷**重**𠮷', '𠮷<b>重</b>𠮷'],
  // What people type without meaning a mark
  ['2*3*4 = 24, 2**3**4', '2*3*4 = 24, 2**3**4'],
  ['2 * 3 * 4', '2 * 3 * 4'],
  ['snake_case_name, 文件_最终_版, __init__.py', 'snake_case_name, 文件_最终_版, __init__.py'],
  ['*_* ^_^ >_< -_- (*^_^*) ~~ *.* **', '*_* ^_^ >_< -_- (*^_^*) ~~ *.* **'],
  ['¯\\_(ツ)_/¯', '¯\\_(ツ)_/¯'],
  ['**** f**k ~5 ~~~', '**** f**k ~5 ~~~'],
  ['a*', 'a*'],
  // Code
  ['use `a *b*` and ``c`d``', 'use <c>a *b*</c> and <c>c`d</c>'],
  ['`` `x` ``', '<c>`x`</c>'],
  ['a ` b\nc ` d', 'a ` b\nc ` d'],
  ['**`x`**', '<b><c>x</c></b>'],
  ['a `b', 'a `b'],
  ['看```x\ny```吧', '看<c>x\ny</c>吧'],
  ['```js\nlet a = "`";\n\nlet b;\n```\nafter', '<pre js>let a = "`";\n\nlet b;</pre>|after'],
  ['before\n```\n**x**\n```', 'before|<pre>**x**</pre>'],
  ['```\nx\ny```', '<pre>x\ny</pre>'],
  ['```py title\nx', '<pre py>x</pre>'],
  ['````\n```\n````', '<pre>```</pre>'],
  ['```', '```'],
  ['```one line```', '<c>one line</c>'],
  // Links are those of gale/links, and no mark is part of one.
  ['**https://a.example/_b_c** x', '<b><a>https://a.example/_b_c</a></b> x'],
  ['https://a.example/*b* *c*', '<a>https://a.example/*b*</a> <i>c</i>'],
  ['看https://a.example/b，**好**', '看<a>https://a.example/b</a>，<b>好</b>'],
  ['[words](https://a.example)', '[words](<a>https://a.example</a>)'],
  ['`https://a.example`', '<c>https://a.example</c>'],
  ['javascript:alert(1)', 'javascript:alert(1)'],
  // Blocks
  ['> quoted\n> **more**\nreply', '<q>quoted\n<b>more</b></q>|reply'],
  ['>引用\n回复', '<q>引用</q>|回复'],
  ['> > twice\n> once', '<q><q>twice</q>|once</q>'],
  ['>_< >3 >.<', '>_< >3 >.<'],
  ['> - a\n> - b', '<q><l>- a;- b</l></q>'],
  ['- a\n- **b**\n\n- c', '<l>- a;- <b>b</b>;- c</l>'],
  ['1. a\n3) b\ntext', '<l>1 a;3 b</l>|text'],
  ['- a\n  - b\n    - c\n- d', '<l>- a|<l>- b|<l>- c</l></l>;- d</l>'],
  ['1. a\n   ```\n   x\n     y\n   ```\n2. b', '<l>1 a|<pre>x\n  y</pre>;2 b</l>'],
  ['- a\n1. b', '<l>- a</l>|<l>1 b</l>'],
  ['-1 is not 3.5', '-1 is not 3.5'],
  ['- \n-', '- \n-'],
  ['# not a heading\n| a | b |', '# not a heading\n| a | b |'],
  ['a\n\n\n  b\tc', 'a\n\n\n  b\tc'],
  ['<b>&amp;</b>', '<b>&amp;</b>'],
  ['> - a\n>   > b\n> - c', '<q><l>- a|<q>b</q>;- c</l></q>'],
  ['> ```\n> x\ny', '<q><pre>x</pre></q>|y'],
  ['- ```\n  x\n- b', '<l>- <pre>x</pre>;- b</l>'],
  ['《**书名**》、**甲**、（**乙**）。', '《<b>书名</b>》、<b>甲</b>、（<b>乙</b>）。'],
  ['**（甲）**乙', '<b>（甲）</b>乙'],
  ['\u2067**א**\u2069 *\u202eab\u202c*', '\u2067<b>א</b>\u2069 <i>\u202eab\u202c</i>'],
  [`**${'长'.repeat(9000)}**`, `<b>${'长'.repeat(9000)}</b>`],
] as const) {
  test(`${JSON.stringify(text)} is ${JSON.stringify(tree)}`, () => assert.equal(write(parseMarkdown(text)), tree));
}

test('the plain text of a message has no marks', () => {
  assert.equal(
    toPlainText('**Hi** `you`\n> quote\n\n- a\n1. b\n```js\nlet x;\n```'),
    'Hi you\nquote\n• a\n1. b\nlet x;',
  );
});

/** Texts that are made of marks. */
const hostile = fc
  .array(
    fc.oneof(
      {
        weight: 6,
        arbitrary: fc.constantFrom(...'*_~`>-\n 1.a好：', '**', '```', '\n> ', '\n- ', '\n  ', 'https://a.b/'),
      },
      fc.string({ unit: 'grapheme', maxLength: 3 }),
    ),
    { maxLength: 80 },
  )
  .map((parts) => parts.join(''));

const shown = (text: string): string => text.replace(/[\s*_~`>\-•.)\p{N}]/gu, '');
const withoutMarks = (text: string): string => text.replace(/[*_~` ]/g, '');

test('a message loses no letter, and its depth is bounded', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const blocks = parseMarkdown(text);
      assert.ok(depthOf(blocks) <= maxBlockDepth + 1 + maxInlineDepth);
      const languages = text.includes('```');
      if (!languages) assert.equal(shown(toPlainText(text)), shown(text));
    }),
    { numRuns: 3000 },
  );
});

test('marks are the only difference between a text and its elements', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      // Without line breaks the text is one line, and the tree has all of its characters except pairs of marks.
      const line = `x ${text.replaceAll(/\s/g, ' ')}`.trim();
      const [block] = parseMarkdown(line);
      assert.equal(block?.kind, 'text');
      assert.equal(withoutMarks(toPlainText(line)), withoutMarks(line));
    }),
    { numRuns: 3000 },
  );
});

/** Larger than any message, so that a time that is not linear is seen. */
const bytes = 200_000;

for (const unit of [
  '*',
  '* ',
  'a*',
  '*a ',
  ' a*',
  '*. ',
  '**a *b ~~c _d ',
  '***a *b** ',
  '_a ',
  '~~a ',
  '`',
  '` ',
  '`a``b```c',
  '```\n',
  '> ',
  '> > > > > > \n',
  '- ',
  '  - a\n',
  '- a\n\n',
  '1. ',
  '\n',
  ' \n',
  ' ',
  '\t',
  '[',
  'https://a.b/*_',
  '<@',
  '<@a',
  '<@a>',
  '*<@a>* ',
  '(https://a.b',
  '**注意：**请看',
]) {
  test(`${JSON.stringify(unit)} many times is parsed in linear time`, () => {
    const text = unit.repeat(bytes / unit.length);
    const start = performance.now();
    const blocks = parseMarkdown(text);
    assert.ok(performance.now() - start < 3000, `${performance.now() - start} ms`);
    assert.ok(depthOf(blocks) <= maxBlockDepth + 1 + maxInlineDepth);
  });
}

test('openers before as many closers are parsed in linear time', () => {
  for (const [opener, closer] of [
    ['*a ', ' a*'],
    ['*. ', ' .*'],
    ['*~~a ', ' a~~*'],
  ] as const) {
    const half = bytes / 2 / opener.length;
    const start = performance.now();
    parseMarkdown(opener.repeat(half) + closer.repeat(half));
    assert.ok(performance.now() - start < 3000, `${opener} ${performance.now() - start} ms`);
  }
});

function depthOf(blocks: readonly Block[]): number {
  let deepest = 0;
  for (const block of blocks) {
    if (block.kind === 'text') deepest = Math.max(deepest, inlineDepth(block.inlines));
    else if (block.kind === 'quote') deepest = Math.max(deepest, 1 + depthOf(block.blocks));
    else if (block.kind === 'list')
      for (const item of block.items) deepest = Math.max(deepest, 1 + depthOf(item.blocks));
  }
  return deepest;
}

function inlineDepth(inlines: readonly Inline[]): number {
  return inlines.reduce(
    (deepest, inline) => Math.max(deepest, 'children' in inline ? 1 + inlineDepth(inline.children) : 1),
    0,
  );
}
