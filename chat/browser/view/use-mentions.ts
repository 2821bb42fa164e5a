/** The suggestions of people in the composer: asks the server for what is typed after `@`, and inserts the chosen name. */
import { useEffect, useRef, useState } from 'preact/hooks';
import type { FoundPerson } from '../../mentions/mention-wire.ts';
import { bestMatches } from '../../pinyin/matches.ts';
import type { Chat } from '../session/chat.ts';
import { findMentionQuery, type MentionQuery } from '../text/mention-query.ts';

/** Time between the last key and the question to the server, in milliseconds. */
export const askDelayMs = 60;

/** Id of the list, for the text field. */
export const mentionListId = 'mention-list';

/** Id of an entry, for the text field. */
export function mentionOptionId(index: number): string {
  return `mention-${index}`;
}

/** An entry of the list; undefined for everybody in the room. */
export type Suggestion = FoundPerson | undefined;

/** The suggestions of a text field. */
export interface Mentions {
  /** Empty: the list is closed. */
  readonly suggestions: readonly Suggestion[];
  /** Index of the suggestion that Enter chooses. */
  readonly active: number;
  setActive(index: number): void;
  /** Call it after each change of the text, and with the event after one of the caret, which opens no list. */
  follow(ofCaret?: Event): void;
  /** Handles a key that belongs to the list. Never called for keys of a composition. @returns Whether it did. */
  onKeyDown(event: KeyboardEvent): boolean;
  choose(suggestion: Suggestion): void;
  close(): void;
}

/** Names by which everybody is found. */
const everybody = [
  { name: 'all' },
  { name: 'everyone' },
  { name: '所有人', pinyin: 'suoyouren', pinyinInitials: 'syr' },
  { name: '全体', pinyin: 'quanti', pinyinInitials: 'qt' },
];

/**
 * @param everybodyName - What a mention of everybody shows.
 */
export function useMentions(
  chat: Chat,
  roomId: string,
  field: { readonly current: HTMLTextAreaElement | null },
  everybodyName: string,
): Mentions {
  const [suggestions, setSuggestions] = useState<readonly Suggestion[]>([]);
  const [active, setActive] = useState(0);
  const asked = useRef<MentionQuery | undefined>(undefined);
  /** The text for which the suggestions were found. */
  const found = useRef('');
  /** The `@` whose list the person closed, or the one from which they chose a name. */
  const closed = useRef<{ readonly at: number; readonly name: string } | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const close = (): void => {
    clearTimeout(timer.current);
    asked.current = undefined;
    setSuggestions([]);
  };
  useEffect(() => close, []);

  const ask = async (query: MentionQuery): Promise<void> => {
    let people: readonly FoundPerson[] = [];
    try {
      people = await chat.findPeople({ room: roomId, text: query.text });
    } catch {
      // Without a connection there are no suggestions.
    }
    if (asked.current !== query) return;
    const isEverybody = bestMatches(query.text, everybody, 1).length > 0;
    const all: Suggestion[] = [...people];
    // Without a text, people are more likely.
    if (isEverybody) all.splice(query.text === '' ? all.length : 0, 0, undefined);
    found.current = query.text;
    setSuggestions(all);
    setActive(0);
  };

  const follow = (ofCaret?: Event): void => {
    if (ofCaret && !asked.current) return;
    const textarea = field.current;
    const query =
      textarea && textarea.selectionStart === textarea.selectionEnd
        ? findMentionQuery(textarea.value, textarea.selectionStart)
        : undefined;
    if (!query) closed.current = undefined;
    // A chosen name that is being deleted is a new search.
    const isClosed = closed.current?.at === query?.at && query?.text.startsWith(closed.current?.name ?? '');
    // After a space the name may be complete, and Enter sends.
    if (!query || isClosed || query.text.endsWith(' ')) {
      close();
      return;
    }
    if (asked.current?.at === query.at && asked.current.text === query.text) return;
    asked.current = query;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => void ask(query), askDelayMs);
  };

  const choose = (suggestion: Suggestion): void => {
    const textarea = field.current;
    const query = textarea && findMentionQuery(textarea.value, textarea.selectionStart);
    close();
    if (!textarea || !query) return;
    const name = suggestion?.name ?? everybodyName;
    // What the person types next does not belong to the name.
    closed.current = { at: query.at, name };
    textarea.focus();
    textarea.setSelectionRange(query.at, textarea.selectionStart);
    const mention = `@${name} `;
    // So that Ctrl+Z undoes it. It fires an input event.
    if (!document.execCommand('insertText', false, mention)) {
      textarea.setRangeText(mention, query.at, textarea.selectionEnd, 'end');
      textarea.dispatchEvent(new InputEvent('input', { bubbles: true }));
    }
  };

  /** Whether more than a name was inserted since the list was found: then a choice would replace it. */
  const isOutdated = (): boolean => {
    const textarea = field.current!;
    const { text } = findMentionQuery(textarea.value, textarea.selectionStart) ?? { text: ' ' };
    return /\s/.test(text.slice(found.current.length));
  };

  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (suggestions.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return false;
    switch (event.key) {
      case 'ArrowDown':
        setActive((active + 1) % suggestions.length);
        return true;
      case 'ArrowUp':
        setActive((active + suggestions.length - 1) % suggestions.length);
        return true;
      case 'Enter':
      case 'Tab':
        if (event.shiftKey) return false;
        if (isOutdated()) {
          close();
          return false;
        }
        choose(suggestions[active]);
        return true;
      case 'Escape':
        closed.current = asked.current && { at: asked.current.at, name: '' };
        close();
        return true;
      default:
        return false;
    }
  };
  return { suggestions, active, setActive, follow, onKeyDown, choose, close };
}
