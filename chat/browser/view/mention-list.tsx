/** The list of people above the composer, while a person types a mention. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { mentionListId, mentionOptionId, type Mentions, type Suggestion } from './use-mentions.ts';
import { useWords } from './words.ts';

/** Renders the suggestions; nothing if there are none. */
export function MentionList({ mentions }: { mentions: Mentions }): JSX.Element | null {
  const { language } = useWords();
  const a = actionTranslator(language);
  const { suggestions, active, setActive, choose } = mentions;
  const list = useRef<HTMLUListElement>(null);
  useLayoutEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: 'nearest' });
  }, [active, suggestions]);
  if (suggestions.length === 0) return null;
  return (
    <ul ref={list} id={mentionListId} class="mention-list" role="listbox" aria-label={a('mentionSuggestions')}>
      {suggestions.map((suggestion, index) => (
        <li
          key={suggestion?.id ?? 'all'}
          id={mentionOptionId(index)}
          class={index === active ? 'mention-option mention-option--active' : 'mention-option'}
          role="option"
          aria-selected={index === active}
          onPointerMove={() => {
            if (index !== active) setActive(index);
          }}
          // The field keeps the focus, so that a phone does not close its keyboard.
          onPointerDown={(event) => event.preventDefault()}
          onMouseDown={(event) => event.preventDefault()}
          onClick={() => choose(suggestion)}
        >
          <Option suggestion={suggestion} />
        </li>
      ))}
    </ul>
  );
}

function Option({ suggestion }: { suggestion: Suggestion }): JSX.Element {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  if (!suggestion) {
    return (
      <>
        <span class="mention-everybody" aria-hidden="true">
          <Icon name="people" />
        </span>
        <span class="mention-option-name">{t('everybody')}</span>
        <span class="mention-option-note">{a('everybodyHint')}</span>
      </>
    );
  }
  const { name, handle, member } = suggestion;
  return (
    <>
      <Avatar person={suggestion} />
      <span class="mention-option-name" dir="auto">
        {name}
        {handle !== undefined && <span class="handle">{handle}</span>}
      </span>
      {!member && <span class="mention-option-note">{a('notInRoom')}</span>}
    </>
  );
}
