/**
 * The quick switcher: finds a room or a person by a part of the name, by pinyin or by initials. Rooms of the person are found in the page;
 * the server finds people.
 */
import type { JSX } from 'preact';
import { useEffect, useId, useMemo, useRef, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import { bestMatches } from '../../pinyin/matches.ts';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { unreadCount } from '../state/reading.ts';
import { roomRefusal } from '../state/refusal.ts';
import { lastActivity, listRooms } from '../state/room-order.ts';
import { isMuted, type RoomState } from '../state/room-state.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { Modal } from './modal.tsx';
import { RoomIcon } from './room-icon.tsx';
import { useRequest } from './use-request.ts';
import { roomName, shownCount, useWords, type Words } from './words.ts';

/** Most rooms, and most people, in the list. */
const most = 8;
/** Time between the last input and the question to the server, in milliseconds. */
const askAfterMs = 120;

/** Something that can be opened. */
type Option =
  | { readonly kind: 'room'; readonly room: RoomState }
  | { readonly kind: 'person'; readonly person: Person };

interface SwitcherProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly onClose: () => void;
}

/** Renders the dialog. */
export function QuickSwitcher({ chat, state, onClose }: SwitcherProps): JSX.Element {
  const words = useWords();
  const { t } = words;
  const [query, setQuery] = useState('');
  const [active, setActive] = useState(0);
  /** The result of the server, for the query that it belongs to. */
  const [found, setFound] = useState<{ readonly query: string; readonly people: readonly Person[] }>();
  /** The person pressed Enter before the result arrived. */
  const [isWaiting, setWaiting] = useState(false);
  const { run, isBusy, error } = useRequest(chat);
  const id = useId();
  const list = useRef<HTMLUListElement>(null);
  const isAsked = query.trim() !== '';
  const isComplete = !isAsked || found?.query === query;

  useEffect(() => {
    if (!isAsked) return undefined;
    let isWanted = true;
    const timer = setTimeout(() => {
      chat.command('search-people', { query }).then(
        ({ people }) => isWanted && setFound({ query, people }),
        // Without a connection the rooms are found.
        () => isWanted && setFound({ query, people: [] }),
      );
    }, askAfterMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [query]);

  const options = useMemo(() => {
    const rooms = findRooms(state, query, words).map((room): Option => ({ kind: 'room', room }));
    const people = isAsked && found?.query === query ? found.people : [];
    const others = people.filter(({ id: person }) => !hasDirectWith(rooms, person, state.me.id)).slice(0, most);
    return [...rooms, ...others.map((person): Option => ({ kind: 'person', person }))];
  }, [state.rooms, state.openRoom, query, found, words]);
  const chosen = Math.min(active, options.length - 1);

  const open = (option: Option): void => {
    if (option.kind === 'room') {
      onClose();
      chat.goTo(option.room.id);
    } else void run(() => chat.openDirect([option.person.id])).then((result) => result === 'done' && onClose());
  };
  useEffect(() => {
    if (!isWaiting || !isComplete) return;
    setWaiting(false);
    const option = options[chosen];
    if (option) open(option);
  }, [isWaiting, isComplete]);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);

  const onKeyDown = (event: KeyboardEvent): void => {
    if (isComposingKey(event, false)) {
      event.preventDefault();
      return;
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) {
      event.preventDefault();
      if (options.length > 0) setActive((chosen + step + options.length) % options.length);
    } else if (event.key === 'Enter') {
      event.preventDefault();
      const option = options[chosen];
      if (option) open(option);
      else if (!isComplete) setWaiting(true);
    }
  };
  return (
    <Modal class="switcher" label={t('switcher')} onClose={onClose}>
      <div class="search-field switcher-field">
        <Icon name="search" />
        <input
          type="search"
          role="combobox"
          // Suggestions are in the list below, not in a <datalist>.
          list={undefined}
          autocomplete="off"
          autofocus
          dir="auto"
          maxLength={100}
          aria-label={t('switcher')}
          aria-expanded={options.length > 0}
          aria-controls={`${id}-list`}
          aria-activedescendant={options.length > 0 ? `${id}-${chosen}` : undefined}
          placeholder={t('switcherHint')}
          onInput={(event) => {
            setQuery(event.currentTarget.value);
            setActive(0);
            setWaiting(false);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <ul
        class="switcher-list"
        id={`${id}-list`}
        ref={list}
        role="listbox"
        aria-label={t('switcher')}
        aria-busy={isBusy}
      >
        {options.map((option, index) => (
          <li
            key={option.kind === 'room' ? option.room.id : `person ${option.person.id}`}
            id={`${id}-${index}`}
            class="switcher-option"
            role="option"
            aria-selected={index === chosen}
            onPointerMove={() => setActive(index)}
            onClick={() => open(option)}
          >
            {option.kind === 'room' ? (
              <RoomOption room={option.room} me={state.me.id} words={words} />
            ) : (
              <>
                <Avatar person={option.person} isSmall />
                <span class="room-link-name" dir="auto">
                  {option.person.name}
                </span>
                <span class="room-link-note">{t('person')}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      <div role="status">
        {isComplete && options.length === 0 && <p class="switcher-note">{t('nothingFound')}</p>}
        {error && <p class="switcher-note switcher-note--failed">{t(roomRefusal(error.code))}</p>}
      </div>
    </Modal>
  );
}

function RoomOption({ room, me, words: { t } }: { room: RoomState; me: string; words: Words }): JSX.Element {
  const unread = unreadCount(room, me);
  return (
    <>
      <RoomIcon room={room} me={me} />
      <span class="room-link-name" dir="auto">
        {roomName(room, t)}
      </span>
      {unread > 0 && (
        <span class={isMuted(room, Date.now()) ? 'badge badge--muted' : 'badge'}>
          <span aria-hidden="true">{shownCount(unread)}</span>
          <span class="visually-hidden">{t('unreadCount', { count: unread, shown: shownCount(unread) })}</span>
        </span>
      )}
    </>
  );
}

/** The rooms that match. Without a query the unread ones, then those with the newest messages, except the open one. */
function findRooms(state: ChatState, query: string, { t }: Words): RoomState[] {
  const now = Date.now();
  const { rooms, directs, archived } = listRooms(state, now);
  const all = [...rooms, ...directs];
  if (query.trim() !== '') {
    const named = [...all, ...archived].map((room) => ({
      name: roomName(room, t),
      pinyin: room.about.pinyin,
      pinyinInitials: room.about.pinyinInitials,
      room,
    }));
    return bestMatches(query, named, most).map(({ room }) => room);
  }
  const hasNews = (room: RoomState): number => Number(!isMuted(room, now) && unreadCount(room, state.me.id) > 0);
  return all
    .filter(({ id }) => id !== state.openRoom)
    .toSorted((a, b) => hasNews(b) - hasNews(a) || lastActivity(b) - lastActivity(a))
    .slice(0, most);
}

/** Whether the list has the conversation with one person. */
function hasDirectWith(options: readonly Option[], person: string, me: string): boolean {
  return options.some((option) => {
    if (option.kind !== 'room' || option.room.about.kind !== 'direct') return false;
    const { people } = option.room.about;
    return person === me ? people.length === 1 : people.length === 2 && people.some(({ id }) => id === person);
  });
}
