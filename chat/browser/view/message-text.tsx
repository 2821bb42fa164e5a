/** The text of a message: parsed, and folded if it is long. */
import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { parseMarkdown } from '../../messages/markdown/blocks.ts';
import { foldBlocks } from '../../messages/markdown/fold.ts';
import { isFewEmoji } from '../text/emoji.ts';
import { setSource } from './copy-text.ts';
import { RichText } from './rich-text.tsx';
import { useWords } from './words.ts';

/** Props of {@link MessageText}. */
export interface MessageTextProps {
  readonly text: string;
  /** Called before a folded message opens. */
  readonly onUnfold?: (() => void) | undefined;
}

/** Renders the text. Few emoji alone are shown large. */
export function MessageText({ text, onUnfold }: MessageTextProps): JSX.Element {
  const { t } = useWords();
  const [isOpen, setOpen] = useState(false);
  const { blocks, folded } = useMemo(() => {
    const parsed = parseMarkdown(text);
    return { blocks: parsed, folded: foldBlocks(parsed) };
  }, [text]);
  if (isFewEmoji(text)) {
    return (
      <div class="message-content" ref={(content) => setSource(content, text)}>
        <p class="message-text message-text--emoji">{text}</p>
      </div>
    );
  }
  return (
    <>
      <div
        class={folded && !isOpen ? 'message-content message-content--folded' : 'message-content'}
        ref={(content) => setSource(content, text)}
      >
        <RichText blocks={(!isOpen && folded) || blocks} />
      </div>
      {folded && (
        <button
          type="button"
          class="fold-button"
          aria-expanded={isOpen}
          onClick={() => {
            if (!isOpen) onUnfold?.();
            setOpen(!isOpen);
          }}
        >
          {t(isOpen ? 'showLess' : 'showWhole')}
        </button>
      )}
    </>
  );
}
