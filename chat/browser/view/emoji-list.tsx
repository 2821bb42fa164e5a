/** The list of emoji above the composer, while a person types `:` and at least two letters. A full name such as `:tada:` is replaced at once. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import { findEmoji } from '../text/emoji-names.ts';
import { findEmojiQuery, type EmojiQuery } from '../text/emoji-query.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { mentionListId } from './use-mentions.ts';
import { useWords } from './words.ts';

const listId = 'emoji-list';
const optionId = (index: number): string => `emoji-${index}`;

/** Renders nothing unless emoji are found. */
export function EmojiList({ field }: { field: { readonly current: HTMLTextAreaElement | null } }): JSX.Element | null {
  const { language } = useWords();
  const a = actionTranslator(language);
  const [query, setQuery] = useState<EmojiQuery>();
  const [active, setActive] = useState(0);
  /** The `:` whose list the person closed. */
  const closedAt = useRef<number>(undefined);
  const found = query ? findEmoji(query.text) : [];
  const choose = (index: number): void => {
    const textarea = field.current;
    if (query && textarea && found[index]) replaceQuery(textarea, query, found[index].emoji);
    setQuery(undefined);
  };
  const handleKey = (event: KeyboardEvent): boolean => {
    if (found.length === 0 || isComposingKey(event) || document.querySelector(`#${mentionListId}`)) return false;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return false;
    if (event.key === 'ArrowDown') setActive((active + 1) % found.length);
    else if (event.key === 'ArrowUp') setActive((active + found.length - 1) % found.length);
    else if (event.key === 'Enter' || event.key === 'Tab') choose(active);
    else if (event.key === 'Escape') {
      closedAt.current = query?.at;
      setQuery(undefined);
    } else return false;
    return true;
  };
  const current = useRef(handleKey);
  current.current = handleKey;

  useEffect(() => {
    const textarea = field.current!;
    const follow = (event?: Event): void => {
      const { value, selectionStart, selectionEnd } = textarea;
      const isComposing = event instanceof InputEvent && event.isComposing;
      const next = isComposing || selectionStart !== selectionEnd ? undefined : findEmojiQuery(value, selectionStart);
      if (!next) closedAt.current = undefined;
      const [first] = next?.isComplete ? findEmoji(next.text) : [];
      if (next && first?.en.split(' ').includes(next.text)) replaceQuery(textarea, next, first.emoji);
      else if (next?.at !== closedAt.current || !next) setQuery(next?.isComplete ? undefined : next);
      setActive(0);
    };
    const close = (): void => setQuery(undefined);
    // Before the handler of the field, to which Enter means to send.
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.target !== textarea || !current.current(event)) return;
      event.preventDefault();
      event.stopPropagation();
    };
    textarea.addEventListener('input', follow);
    textarea.addEventListener('blur', close);
    document.addEventListener('keydown', onKeyDown, true);
    // This part of the page may be loaded while the person types.
    if (document.activeElement === textarea) follow();
    return () => {
      textarea.removeEventListener('input', follow);
      textarea.removeEventListener('blur', close);
      document.removeEventListener('keydown', onKeyDown, true);
    };
  }, []);
  useEffect(() => {
    const textarea = field.current!;
    if (found.length === 0) return undefined;
    textarea.setAttribute('aria-controls', listId);
    textarea.setAttribute('aria-activedescendant', optionId(active));
    return () => {
      for (const name of ['aria-controls', 'aria-activedescendant']) textarea.removeAttribute(name);
    };
  });
  if (found.length === 0) return null;
  return (
    <div class="composer-popup">
      <ul id={listId} class="mention-list" role="listbox" aria-label={a('emojiSuggestions')}>
        {found.map(({ emoji, en, zh }, index) => (
          <li
            key={emoji}
            id={optionId(index)}
            class={index === active ? 'mention-option mention-option--active' : 'mention-option'}
            role="option"
            aria-selected={index === active}
            onPointerMove={() => setActive(index)}
            // The field keeps the focus, so that a phone does not close its keyboard.
            onPointerDown={(event) => event.preventDefault()}
            onMouseDown={(event) => event.preventDefault()}
            onClick={() => choose(index)}
          >
            <span aria-hidden="true">{emoji}</span>
            <span class="mention-option-name">{language === 'en' ? en.split(' ')[0] : zh}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}

function replaceQuery(textarea: HTMLTextAreaElement, { at }: EmojiQuery, emoji: string): void {
  textarea.focus();
  textarea.setSelectionRange(at, textarea.selectionStart);
  // So that Ctrl+Z undoes it. It fires an input event.
  if (document.execCommand('insertText', false, emoji)) return;
  textarea.setRangeText(emoji, at, textarea.selectionEnd, 'end');
  textarea.dispatchEvent(new InputEvent('input', { bubbles: true }));
}
