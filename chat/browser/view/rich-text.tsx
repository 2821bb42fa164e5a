/** The tree of a message as elements. All of its text becomes text nodes; nothing is parsed as HTML. */
import type { JSX } from 'preact';
import { plainTextOf } from '../../messages/markdown/plain-text.ts';
import type { Block, Inline } from '../../messages/markdown/tree.ts';
import { CodeBlock } from './code-block.tsx';
import { Mention } from './mention.tsx';

const isChinese = /\p{Script=Han}/u;

/** Renders the blocks of a message. */
export function RichText({ blocks }: { blocks: readonly Block[] }): JSX.Element {
  return <>{blocks.map(renderBlock)}</>;
}

function renderBlock(block: Block, index: number): JSX.Element {
  switch (block.kind) {
    case 'text':
      return (
        <p key={index} class="message-text" dir="auto">
          {block.inlines.map(renderInline)}
        </p>
      );
    case 'code':
      return <CodeBlock key={index} text={block.text} language={block.language} />;
    case 'quote':
      return <blockquote key={index}>{block.blocks.map(renderBlock)}</blockquote>;
    case 'list': {
      const List = block.items[0]?.number === undefined ? 'ul' : 'ol';
      return (
        <List key={index} class="message-list">
          {block.items.map(({ number, blocks }, item) => (
            <li key={item} value={number}>
              {blocks.map(renderBlock)}
            </li>
          ))}
        </List>
      );
    }
  }
}

function renderInline(inline: Inline, index: number): JSX.Element | string {
  switch (inline.kind) {
    case 'text':
      return inline.text;
    case 'link':
      return (
        <a
          key={index}
          href={inline.href}
          // A link to a room or a message of this chat opens in this window.
          target={inline.href.startsWith(`${globalThis.location?.origin}/#/`) ? undefined : '_blank'}
          rel="noopener noreferrer nofollow ugc"
          dir="ltr"
        >
          {inline.text}
        </a>
      );
    case 'code':
      return <code key={index}>{inline.text}</code>;
    case 'mention':
      return <Mention key={index} id={inline.id} />;
    case 'strong':
      return <strong key={index}>{inline.children.map(renderInline)}</strong>;
    case 'emphasis':
      return (
        <em
          key={index}
          class={isChinese.test(plainTextOf([{ kind: 'text', inlines: [inline] }])) ? 'emphasis-chinese' : ''}
        >
          {inline.children.map(renderInline)}
        </em>
      );
    case 'strike':
      return <s key={index}>{inline.children.map(renderInline)}</s>;
  }
}
