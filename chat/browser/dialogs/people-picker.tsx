/** Chooses people by a search on the server: the chosen ones above the field, the found ones below it. */
import type { JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { Avatar } from '../view/avatar.tsx';
import { Icon } from '../view/icon.tsx';
import { PersonName } from '../view/person-name.tsx';
import { useDialogWords } from './dialog-words.ts';

/** Time between the last input and the question to the server, in milliseconds. */
const askAfterMs = 120;

/** Props of {@link PeoplePicker}. */
export interface PickerProps {
  readonly chat: Chat;
  readonly me: Person;
  readonly chosen: readonly Person[];
  readonly onChoose: (people: readonly Person[]) => void;
  /** Most people that can be chosen. */
  readonly most: number;
  /** Only people who are not in this room. */
  readonly outside?: string;
}

/** Renders the field and the lists. */
export function PeoplePicker({ chat, me, chosen, onChoose, most, outside }: PickerProps): JSX.Element {
  const { t, d, refusal } = useDialogWords();
  const field = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState('');
  /** The result of the server, for the query that it belongs to. */
  const [found, setFound] = useState<{ readonly query: string; readonly people: readonly Person[] }>();
  /** The person pressed Enter before the result arrived. */
  const [isWaiting, setWaiting] = useState(false);
  const [failure, setFailure] = useState<string>();
  const [active, setActive] = useState(0);
  const id = useId();

  // Without a connection the question fails; it is asked again when there is one.
  const isConnected = chat.store.value.connection.state === 'open';
  useEffect(() => {
    if (found?.query === query && failure === undefined) return undefined;
    let isWanted = true;
    const timer = setTimeout(
      () => {
        chat.findPeople({ text: query, ...(outside === undefined ? {} : { outside }) }).then(
          (people) => {
            if (!isWanted) return;
            setFound({ query, people });
            setFailure(undefined);
            setActive(0);
          },
          (error: { code: string }) => isWanted && setFailure(error.code),
        );
      },
      query === '' ? 0 : askAfterMs,
    );
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [query, isConnected]);

  const isFull = chosen.length >= most;
  const isComplete = found?.query === query;
  const options = (found?.people ?? []).filter((person) => !chosen.some((each) => each.id === person.id));
  const choose = (person: Person | undefined): void => {
    if (!person || isFull) return;
    onChoose([...chosen, person]);
    field.current!.value = '';
    setQuery('');
    field.current!.focus();
  };
  useEffect(() => {
    if (!isWaiting || !isComplete) return;
    setWaiting(false);
    choose(options[0]);
  }, [isWaiting, isComplete]);
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposingKey(event)) {
      event.preventDefault();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined && options.length > 0) {
      event.preventDefault();
      setActive((active + step + options.length) % options.length);
    } else if (event.key === 'Enter' && query.trim() !== '') {
      // Without a text, Enter submits the form.
      event.preventDefault();
      if (isComplete) choose(options[active]);
      else setWaiting(true);
    } else if (event.key === 'Backspace' && query === '') onChoose(chosen.slice(0, -1));
  };
  return (
    <div class="picker">
      <div class="picker-box">
        {chosen.map((person) => (
          <button
            key={person.id}
            type="button"
            class="picker-chosen"
            aria-label={d('removeChosen', { name: person.name })}
            onClick={() => {
              onChoose(chosen.filter((each) => each.id !== person.id));
              field.current?.focus();
            }}
          >
            <span dir="auto">
              <PersonName person={person} />
            </span>
            <Icon name="close" />
          </button>
        ))}
        <input
          ref={field}
          type="text"
          role="combobox"
          autocomplete="off"
          autofocus
          dir="auto"
          maxLength={100}
          aria-label={d('choosePeople')}
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={options.length > 0 ? `${id}-${active}` : undefined}
          placeholder={chosen.length === 0 ? d('findPeople') : ''}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setWaiting(false);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul class="picker-list" id={`${id}-list`} role="listbox" aria-label={d('choosePeople')}>
        {options.map((person, index) => (
          <li
            key={person.id}
            id={`${id}-${index}`}
            role="option"
            class="switcher-option"
            aria-selected={index === active}
            aria-disabled={isFull}
            onPointerMove={() => setActive(index)}
            onClick={() => choose(person)}
          >
            <Avatar person={person} isSmall />
            <span class="room-link-name" dir="auto">
              {person.id === me.id ? d('selfNote', { name: person.name }) : <PersonName person={person} />}
            </span>
          </li>
        ))}
      </ul>
      <div role="status">
        {isFull && <p class="switcher-note">{d('noMorePeople', { count: most })}</p>}
        {failure !== undefined && <p class="switcher-note switcher-note--failed">{refusal({ code: failure })}</p>}
        {isComplete && options.length === 0 && (
          <p class="switcher-note">
            {query.trim() === '' ? (chosen.length === 0 ? d('nobodyToAdd') : '') : t('nothingFound')}
          </p>
        )}
      </div>
    </div>
  );
}
