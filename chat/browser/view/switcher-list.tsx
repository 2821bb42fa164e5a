/**
 * The list of the quick switcher: finds a room or a person by a part of the name, by pinyin or by initials. Rooms of the person are found
 * in the page; the server finds people.
 */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import { bestMatches } from '../../pinyin/matches.ts';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { unreadCount } from '../state/reading.ts';
import { lastActivity, listRooms } from '../state/room-order.ts';
import { isMuted, type RoomState } from '../state/room-state.ts';
import { serverNow } from '../time/server-time.ts';
import { Avatar } from './avatar.tsx';
import { Badges } from './badges.tsx';
import { refusalText } from './late-text.ts';
import type { SwitcherField } from './quick-switcher.tsx';
import { PersonName } from './person-name.tsx';
import { RoomIcon } from './room-icon.tsx';
import { useRequest } from './use-request.ts';
import { roomName, useWords, type Words } from './words.ts';

/** Most rooms, and most people, in the list. */
const most = 8;
/** Time between the last input and the question to the server, in milliseconds. */
const askAfterMs = 120;

/** Something that can be opened. */
type Option =
  | { readonly kind: 'room'; readonly room: RoomState }
  | { readonly kind: 'person'; readonly person: Person };

/** Props of {@link SwitcherList}. */
export interface SwitcherListProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly field: SwitcherField;
  readonly onClose: () => void;
}

/** Renders what was found for the text of the field. */
export function SwitcherList({ chat, state, field, onClose }: SwitcherListProps): JSX.Element {
  const words = useWords();
  const { t } = words;
  const { id, query, isEntered } = field;
  /** The chosen option, for the query that it belongs to. Keys may have been pressed before the list was loaded. */
  const [active, setActive] = useState({ query, index: field.steps });
  /** The result of the server, for the query that it belongs to. */
  const [found, setFound] = useState<{ readonly query: string; readonly people: readonly Person[] }>();
  const { run, isBusy, error } = useRequest(chat);
  const list = useRef<HTMLUListElement>(null);
  const isAsked = query.trim() !== '';
  const isComplete = state.isWelcomed && (!isAsked || found?.query === query);

  useEffect(() => {
    // Before the list of rooms there is no connection.
    if (!isAsked || !state.isWelcomed) return undefined;
    let isWanted = true;
    const timer = setTimeout(() => {
      chat.findPeople({ text: query }).then(
        (people) => isWanted && setFound({ query, people }),
        // Without a connection the rooms are found.
        () => isWanted && setFound({ query, people: [] }),
      );
    }, askAfterMs);
    return () => {
      isWanted = false;
      clearTimeout(timer);
    };
  }, [query, state.isWelcomed]);

  const options = useMemo(() => {
    const rooms = findRooms(state, query, words).map((room): Option => ({ kind: 'room', room }));
    const people = isAsked && found?.query === query ? found.people : [];
    const others = people.filter(({ id: person }) => !hasDirectWith(rooms, person, state.me.id)).slice(0, most);
    return [...rooms, ...others.map((person): Option => ({ kind: 'person', person }))];
  }, [state.rooms, state.openRoom, query, found, words]);
  const wanted = active.query === query ? active.index : 0;
  const chosen = wanted < 0 ? Math.max(0, options.length + wanted) : Math.min(wanted, options.length - 1);

  const open = (option: Option): void => {
    if (option.kind === 'room') {
      onClose();
      putTyped(chat, option.room.id, field);
      chat.goTo(option.room.id);
      return;
    }
    void run(() => chat.openDirect([option.person.id])).then((result) => {
      if (result === 'failed') field.forgetEntered();
      if (result !== 'done') return;
      onClose();
      putTyped(chat, chat.store.value.openRoom, field);
    });
  };
  const hasOptions = options.length > 0;
  useEffect(() => {
    const option = options[chosen];
    // Before the result arrives, a person may be the first option.
    if (!isEntered || (!option && !isComplete)) return;
    if (option) open(option);
    else field.forgetEntered();
  }, [isEntered, isComplete, hasOptions]);
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  useLayoutEffect(() => {
    field.onChosen(options.length > 0 ? chosen : undefined);
  }, [chosen, options.length]);
  useLayoutEffect(() => {
    field.takeKeys({
      move: (step) => {
        if (options.length > 0) setActive({ query, index: (chosen + step + options.length) % options.length });
      },
      enter: () => {
        const option = options[chosen];
        if (option?.kind === 'room') open(option);
        // A conversation with a person is opened by the server first.
        return option ? option.kind === 'room' : isComplete;
      },
    });
  });
  return (
    <>
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
            onPointerMove={() => setActive({ query, index })}
            onClick={() => open(option)}
          >
            {option.kind === 'room' ? (
              <RoomOption room={option.room} me={state.me.id} words={words} />
            ) : (
              <>
                <Avatar person={option.person} isSmall />
                <span class="room-link-name" dir="auto">
                  <PersonName person={option.person} />
                </span>
                <span class="room-link-note">{t('person')}</span>
              </>
            )}
          </li>
        ))}
      </ul>
      <div role="status">
        {isComplete && isAsked && options.length === 0 && <p class="switcher-note">{t('nothingFound')}</p>}
        {error && <p class="switcher-note switcher-note--failed">{refusalText(words, error)}</p>}
      </div>
    </>
  );
}

/** What the person typed after Enter is for the room. */
function putTyped(chat: Chat, room: string | undefined, { typed }: SwitcherField): void {
  if (room !== undefined && typed() !== '') chat.drafts.putBack(room, typed());
}

function RoomOption({ room, me, words: { t } }: { room: RoomState; me: string; words: Words }): JSX.Element {
  return (
    <>
      <RoomIcon room={room} me={me} />
      <span class="room-link-name" dir="auto">
        {roomName(room, t)}
      </span>
      <Badges room={room} me={me} isMuted={isMuted(room, serverNow())} />
    </>
  );
}

/** The rooms that match. Without a query the unread ones, then those with the newest messages, except the open one. */
function findRooms(state: ChatState, query: string, { t }: Words): RoomState[] {
  const now = serverNow();
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
