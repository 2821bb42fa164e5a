/** The people who are present in a room. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import type { RoomState } from '../state/room-state.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { findPeople } from '../text/find-people.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { useWords } from './words.ts';

/** Number of people above which a search is useful. */
const searchFrom = 10;

/** Props of {@link People}. */
export interface PeopleProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly me: Person;
  readonly onClose: () => void;
}

/** The panel with the people of a room. */
export function People({ chat, room, me, onClose }: PeopleProps): JSX.Element {
  const { t } = useWords();
  const [query, setQuery] = useState('');
  return (
    <aside
      id="people"
      class="people"
      aria-label={t('peopleHere')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || isComposingKey(event, false)) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header class="list-head">
        <h2>{t('peopleHere')}</h2>
        <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {(room.peopleCount > searchFrom || query !== '') && <Search query={query} onSearch={setQuery} />}
      {room.people ? (
        <EveryoneHere people={room.people} me={me} query={query} onForget={() => setQuery('')} />
      ) : (
        <PeopleByPage key={room.id} chat={chat} room={room} me={me} query={query} />
      )}
    </aside>
  );
}

/** The field that filters the names. It keeps its own value, which a composition may be changing. */
function Search({ query, onSearch }: { query: string; onSearch: (query: string) => void }): JSX.Element {
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (query === '' && field.current) field.current.value = '';
  }, [query]);
  return (
    <div class="people-search">
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        autocomplete="off"
        dir="auto"
        aria-label={t('searchPeople')}
        placeholder={t('searchPeople')}
        onInput={(event) => onSearch(event.currentTarget.value)}
      />
    </div>
  );
}

/** All people of a small room: the reader first, then by name. */
function EveryoneHere({
  people,
  me,
  query,
  onForget,
}: {
  people: readonly Person[];
  me: Person;
  query: string;
  onForget: () => void;
}): JSX.Element {
  const { t, language } = useWords();
  const order = new Intl.Collator(language);
  const sorted = findPeople(people, query).toSorted(
    (a, b) => Number(b.id === me.id) - Number(a.id === me.id) || order.compare(a.name, b.name),
  );
  return (
    <>
      <div role="status">
        {sorted.length === 0 && <p class="people-note">{t(query === '' ? 'nobodyHere' : 'nobodyFound')}</p>}
      </div>
      {sorted.length === 0 && query !== '' && (
        <button type="button" class="button button--small people-more" onClick={onForget}>
          {t('showEveryone')}
        </button>
      )}
      <PeopleList people={sorted} me={me} />
    </>
  );
}

/** The people of a big room: their number, and the names of the pages loaded so far. */
function PeopleByPage({
  chat,
  room,
  me,
  query,
}: {
  chat: Chat;
  room: RoomState;
  me: Person;
  query: string;
}): JSX.Element {
  const { t } = useWords();
  const [people, setPeople] = useState<readonly Person[]>([]);
  const [next, setNext] = useState<string | null | undefined>(undefined);
  const [phase, setPhase] = useState<'loading' | 'ready' | 'failed'>('loading');
  const load = (after: string | undefined, known: readonly Person[], isWanted = (): boolean => true): void => {
    setPhase('loading');
    chat.peoplePage(room.id, after).then(
      (page) => {
        if (!isWanted()) return;
        setPeople([...known, ...page.people]);
        setNext(page.next);
        setPhase('ready');
      },
      () => isWanted() && setPhase('failed'),
    );
  };
  useEffect(() => {
    let isThere = true;
    load(undefined, [], () => isThere);
    return () => {
      isThere = false;
    };
  }, []);
  // The button stays while names are loading, so that it keeps the focus.
  const hasButton = next !== null && (people.length > 0 || phase === 'failed');
  return (
    <>
      <p class="people-note">{t('hereCount', { count: room.peopleCount })}</p>
      <PeopleList people={findPeople(people, query)} me={me} />
      <div role="status">
        {query !== '' && next !== null && phase === 'ready' && (
          <p class="people-note">{t('searchedSoFar', { count: people.length })}</p>
        )}
        {phase === 'loading' && <p class="people-note">{t('loadingPeople')}</p>}
        {phase === 'failed' && <p class="people-note">{t('peopleFailed')}</p>}
      </div>
      {hasButton && (
        <button
          type="button"
          class="button button--small people-more"
          aria-busy={phase === 'loading'}
          onClick={() => phase !== 'loading' && load(next ?? undefined, people)}
        >
          {t(phase === 'failed' ? 'retry' : 'showMorePeople')}
        </button>
      )}
    </>
  );
}

function PeopleList({ people, me }: { people: readonly Person[]; me: Person }): JSX.Element {
  const { t } = useWords();
  return (
    <ul class="people-list">
      {people.map((person) => (
        <li key={person.id} class="people-row">
          <Avatar person={person} isSmall />
          <span class="people-name" dir="auto">
            {person.name}
          </span>
          {person.id === me.id && <span class="people-you">{t('you')}</span>}
        </li>
      ))}
    </ul>
  );
}
