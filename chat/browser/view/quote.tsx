/** The message to which another one replies, in one line. A press goes to it. */
import type { JSX } from 'preact';
import { useContext } from 'preact/hooks';
import { toPlainText, type NameOf } from '../../messages/markdown/plain-text.ts';
import type { Quoted } from '../state/quotes.ts';
import { mentionName, PeopleContext } from './mention.tsx';
import { PersonName } from './person-name.tsx';
import type { Words } from './words.ts';

/** UTF-16 units of the text that can be visible. */
const maxUnits = 300;

/** Props of {@link Quote}. */
export interface QuoteProps {
  readonly quoted: Quoted;
  readonly words: Words;
  /** Undefined where the message cannot be opened. */
  readonly onOpen: ((seq: number) => void) | undefined;
}

/** Renders the author and the first line of text. */
export function Quote({ quoted, words, onOpen }: QuoteProps): JSX.Element {
  const { t } = words;
  const { find } = useContext(PeopleContext);
  if (quoted.state !== 'known') {
    const key = ({ loading: 'loading', deleted: 'quoteDeleted', gone: 'quoteGone' } as const)[quoted.state];
    return <p class="quote quote--empty">{t(key)}</p>;
  }
  const { seq, author, text, isOwn } = quoted;
  return (
    <button type="button" class="quote" title={t('goToQuoted')} onClick={() => onOpen?.(seq)}>
      <bdi class="quote-author">{isOwn ? t('you') : <PersonName person={author} />}</bdi>
      <span class="quote-text" dir="auto">
        {lineOf(text, (id) => mentionName(id, find, t))}
      </span>
    </button>
  );
}

/** The text without its marks, in one line. */
export function lineOf(text: string, nameOf: NameOf): string {
  return toPlainText(text.slice(0, maxUnits), nameOf).replaceAll(/\s+/g, ' ');
}
