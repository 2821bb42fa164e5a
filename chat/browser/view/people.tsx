/** The people of a room: those who are present, then the other members. Loaded with the panel that shows them. */
import type { JSX } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { awayMembers } from '../state/away-members.ts';
import type { RoomState } from '../state/room-state.ts';
import { findPeople } from '../text/find-people.ts';
import type { WireRoomRole } from '../../rooms/wire-rooms.ts';
import { Avatar } from './avatar.tsx';
import { actionTranslator } from '../../locale/actions/index.ts';
import { Icon } from './icon.tsx';
import { nameNow, PeopleContext } from './mention.tsx';
import { PersonName } from './person-name.tsx';
import { useMembers, type KnownMembers } from './use-members.ts';
import { useWords } from './words.ts';
import '../styles/people-rows.css';

/** Number of people above which a search is useful. */
const searchFrom = 10;

/** Props of {@link PeopleOfRoom}. */
export interface PeopleOfRoomProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly me: Person;
}

/** The content of the panel. */
export function PeopleOfRoom({ chat, room, me }: PeopleOfRoomProps): JSX.Element {
  const [query, setQuery] = useState('');
  const members = useMembers(chat, room, query);
  return (
    <>
      {(Math.max(room.peopleCount, members.count) > searchFrom || query !== '') && (
        <Search query={query} onSearch={setQuery} />
      )}
      {room.people ? (
        <EveryoneHere
          chat={chat}
          room={room}
          people={room.people}
          me={me}
          query={query}
          roles={members.roles}
          onForget={() => setQuery('')}
        />
      ) : (
        <PeopleByPage key={room.id} chat={chat} room={room} me={me} query={query} />
      )}
      <AwayMembers chat={chat} room={room} me={me} members={members} />
    </>
  );
}

/** The field that filters the names. It keeps its own value, which a composition may be changing. */
function Search({ query, onSearch }: { query: string; onSearch: (query: string) => void }): JSX.Element {
  const { language } = useWords();
  const a = actionTranslator(language);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (query === '' && field.current) field.current.value = '';
  }, [query]);
  return (
    <div class="search-field people-search">
      <Icon name="search" />
      <input
        ref={field}
        type="search"
        autocomplete="off"
        dir="auto"
        aria-label={a('searchPeople')}
        placeholder={a('searchPeople')}
        onInput={(event) => onSearch(event.currentTarget.value)}
      />
    </div>
  );
}

/** All people of a small room who are present: the reader first, then by name. */
function EveryoneHere(props: {
  chat: Chat;
  room: RoomState;
  people: readonly Person[];
  me: Person;
  query: string;
  roles: ReadonlyMap<string, WireRoomRole>;
  onForget: () => void;
}): JSX.Element {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  const { chat, room, people, me, query, roles, onForget } = props;
  const order = new Intl.Collator(language);
  const { find } = useContext(PeopleContext);
  const named = people.map((person) => ({ ...person, name: nameNow(person, find) }));
  const sorted = findPeople(named, query).toSorted(
    (a, b) => Number(b.id === me.id) - Number(a.id === me.id) || order.compare(a.name, b.name),
  );
  return (
    <>
      <div role="status">
        {sorted.length === 0 && <p class="people-note">{query === '' ? t('loading') : a('nobodyFound')}</p>}
      </div>
      {sorted.length === 0 && query !== '' && (
        <button type="button" class="button button--small people-more" onClick={onForget}>
          {a('showEveryone')}
        </button>
      )}
      <PeopleList chat={chat} room={room} people={sorted} me={me} roles={roles} isHere />
    </>
  );
}

/** The members who are not present; in a big room, whose people are unknown, all members. */
function AwayMembers(props: { chat: Chat; room: RoomState; me: Person; members: KnownMembers }): JSX.Element | null {
  const { language } = useWords();
  const a = actionTranslator(language);
  const { chat, room, me, members } = props;
  const { list, count } = awayMembers(room, members, me);
  if (list.length === 0 && (members.next === undefined || count === 0)) return null;
  return (
    <>
      <div class="list-head">
        <h3>{a(room.people ? 'awayCount' : 'allMembers', { count })}</h3>
      </div>
      <PeopleList chat={chat} room={room} people={list} me={me} roles={members.roles} />
      {members.next !== undefined && (
        <button type="button" class="button button--small people-more" onClick={members.loadMore}>
          {a('showMoreMembers')}
        </button>
      )}
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
  const { t, language } = useWords();
  const a = actionTranslator(language);
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
      <PeopleList chat={chat} room={room} people={findPeople(people, query)} me={me} roles={noRoles} isHere />
      <div role="status">
        {query !== '' && next !== null && phase === 'ready' && (
          <p class="people-note">{a('searchedSoFar', { count: people.length })}</p>
        )}
        {phase === 'loading' && <p class="people-note">{a('loadingPeople')}</p>}
        {phase === 'failed' && <p class="people-note">{a('peopleFailed')}</p>}
      </div>
      {hasButton && (
        <button
          type="button"
          class="button button--small people-more"
          aria-busy={phase === 'loading'}
          onClick={() => phase !== 'loading' && load(next ?? undefined, people)}
        >
          {phase === 'failed' ? t('retry') : a('showMorePeople')}
        </button>
      )}
    </>
  );
}

const noRoles: ReadonlyMap<string, WireRoomRole> = new Map();

function PeopleList(props: {
  chat: Chat;
  room: RoomState;
  people: readonly Person[];
  me: Person;
  roles: ReadonlyMap<string, WireRoomRole>;
  isHere?: boolean;
}): JSX.Element {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  const { chat, room, people, me, roles, isHere = false } = props;
  return (
    <ul class={isHere ? 'people-list' : 'people-list people-list--away'}>
      {people.map((person) => (
        <li key={person.id}>
          <button
            type="button"
            class="people-row"
            onClick={() => chat.dialog.open({ kind: 'person', room: room.id, person })}
          >
            <Avatar person={person} isSmall />
            <span class="people-name" dir="auto">
              <PersonName person={person} />
            </span>
            {person.id === me.id && <span class="people-you">{t('you')}</span>}
            {roles.get(person.id) === 'owner' && room.about.kind !== 'direct' && (
              <span class="people-role">{a('ownerShort')}</span>
            )}
          </button>
        </li>
      ))}
    </ul>
  );
}
