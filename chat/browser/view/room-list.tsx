/** The list of rooms: a filter, the rooms, direct conversations, archived rooms and rooms with unsent texts. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { bestMatches } from '../../pinyin/matches.ts';
import { addressOf } from '../session/address.ts';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import type { OpenDialog } from '../state/dialog-state.ts';
import { unreadCount } from '../state/reading.ts';
import { isUnknown } from '../state/refusal.ts';
import { listRooms } from '../state/room-order.ts';
import { isMuted, type RoomState } from '../state/room-state.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { serverNow } from '../time/server-time.ts';
import { Badges } from './badges.tsx';
import { Icon } from './icon.tsx';
import { NewestMessage } from './newest-message.tsx';
import { RoomIcon } from './room-icon.tsx';
import { roomName, useWords, type Words } from './words.ts';

/** The key of the quick switcher, see keys.ts. */
const switcherKey = /Mac|iP/.test(globalThis.navigator?.platform ?? '') ? '⌘K' : 'Ctrl K';

interface ListProps {
  readonly chat: Chat;
  readonly state: ChatState;
  /** Whether the list fills the window. */
  readonly isNarrow: boolean;
}

/** Renders the list of rooms. In a narrow window each room has a second line with its newest message. */
export function RoomList(props: ListProps): JSX.Element {
  const { chat, state } = props;
  const words = useWords();
  const { t } = words;
  const [filter, setFilter] = useState('');
  const [showsArchived, setShowsArchived] = useState(false);
  const archiveId = useId();
  const list = listRooms(state, serverNow());
  const passes = filterBy(filter, words);
  const rooms = passes(list.rooms);
  const directs = passes(list.directs);
  const archived = passes(list.archived);
  const unsent = list.removed.filter(
    ({ id, outgoing }) => id === state.openRoom || outgoing.length > 0 || chat.drafts.get(id).trim() !== '',
  );
  const isFiltered = filter.trim() !== '';
  const isNothing = isFiltered && rooms.length + directs.length + archived.length === 0;
  const showsArchive = showsArchived || isFiltered || archived.some(({ id }) => id === state.openRoom);
  return (
    <nav class="rooms" aria-label={t('rooms')} onKeyDown={walk}>
      <Filter filter={filter} onFilter={setFilter} onSwitch={() => chat.dialog.open({ kind: 'switcher' })} />
      {(!isFiltered || rooms.length > 0 || isNothing) && (
        <Section title={t('yourRooms')} rooms={rooms} list={props}>
          <DialogButton chat={chat} icon="browse" label={t('browseRooms')} dialog={{ kind: 'directory' }} />
          <DialogButton chat={chat} icon="plus" label={t('newRoom')} dialog={{ kind: 'new-room' }} />
        </Section>
      )}
      <div role="status">{isNothing && <p class="rooms-loading">{t('nothingFound')}</p>}</div>
      {!state.isWelcomed && <p class="rooms-loading">{t('loading')}</p>}
      {(!isFiltered || directs.length > 0) && (
        <Section title={t('directRooms')} rooms={directs} list={props}>
          <DialogButton chat={chat} icon="plus" label={t('newDirect')} dialog={{ kind: 'new-direct' }} />
        </Section>
      )}
      {state.isWelcomed && list.directs.length === 0 && !isFiltered && (
        <button type="button" class="rooms-hint" onClick={() => chat.dialog.open({ kind: 'new-direct' })}>
          {t('newDirectHint')}
        </button>
      )}
      {archived.length > 0 && (
        <>
          <button
            type="button"
            class="list-head list-fold"
            aria-expanded={showsArchive}
            aria-controls={archiveId}
            onClick={() => setShowsArchived(!showsArchived)}
          >
            <span>{t('archivedRooms', { count: archived.length })}</span>
            <Icon name="down" />
          </button>
          <ul class="rooms-list" id={archiveId} hidden={!showsArchive}>
            {archived.map((room) => (
              <li key={room.id}>
                <RoomLink {...props} room={room} />
              </li>
            ))}
          </ul>
        </>
      )}
      {unsent.length > 0 && <Section title={t('removedRooms')} rooms={unsent} list={props} />}
    </nav>
  );
}

/** Selects the rooms whose name, pinyin or initials match, in the order of the list. */
function filterBy(filter: string, { t }: Words): (rooms: readonly RoomState[]) => readonly RoomState[] {
  if (filter.trim() === '') return (rooms) => rooms;
  return (rooms) => {
    const named = rooms.map((room) => {
      const { pinyin, pinyinInitials } = room.about;
      return { name: roomName(room, t), pinyin, pinyinInitials, room };
    });
    return bestMatches(filter, named, rooms.length).map(({ room }) => room);
  };
}

function Section(props: {
  title: string;
  rooms: readonly RoomState[];
  list: ListProps;
  children?: ComponentChildren;
}): JSX.Element {
  const id = useId();
  return (
    <>
      <div class="list-head">
        <h2 id={id}>{props.title}</h2>
        <span class="list-buttons">{props.children}</span>
      </div>
      <ul class="rooms-list" aria-labelledby={id}>
        {props.rooms.map((room) => (
          <li key={room.id}>
            <RoomLink {...props.list} room={room} />
          </li>
        ))}
      </ul>
    </>
  );
}

function DialogButton(props: { chat: Chat; icon: 'plus' | 'browse'; label: string; dialog: OpenDialog }): JSX.Element {
  const { chat, icon, label, dialog } = props;
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => chat.dialog.open(dialog)}>
      <Icon name={icon} />
    </button>
  );
}

/** The field that filters the list, and the button of the quick switcher. The field keeps its value, which a composition may be changing. */
function Filter(props: { filter: string; onFilter: (filter: string) => void; onSwitch: () => void }): JSX.Element {
  const { t } = useWords();
  const field = useRef<HTMLInputElement>(null);
  const { filter, onFilter, onSwitch } = props;
  useEffect(() => {
    if (filter === '' && field.current) field.current.value = '';
  }, [filter]);
  return (
    <div class="rooms-tools">
      <div class="search-field">
        <Icon name="search" />
        <input
          ref={field}
          type="search"
          autocomplete="off"
          dir="auto"
          maxLength={100}
          aria-label={t('filterRooms')}
          placeholder={t('filterRooms')}
          onInput={(event) => onFilter(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape' || isComposingKey(event) || filter === '') return;
            event.stopPropagation();
            event.preventDefault();
            onFilter('');
          }}
        />
      </div>
      <button type="button" class="switcher-button" title={t('switcher')} onClick={onSwitch}>
        <span class="visually-hidden">{t('switcher')}</span>
        <kbd>{switcherKey}</kbd>
      </button>
    </div>
  );
}

/** The link to a room, with what is unread and unsent in it. */
function RoomLink({ chat, state, room, isNarrow }: ListProps & { readonly room: RoomState }): JSX.Element {
  const { t } = useWords();
  const isOpen = room.id === state.openRoom;
  const unread = unreadCount(room, state.me.id);
  const isSilent = isMuted(room, serverNow());
  const failed = room.outgoing.filter(({ status }) => status === 'failed');
  const hasFailed = failed.length > 0;
  const hasDraft = !isOpen && chat.drafts.get(room.id).trim() !== '';
  const classes = ['room-link'];
  if (unread > 0 && !isSilent) classes.push('room-link--unread');
  if (isSilent) classes.push('room-link--muted');
  if (isNarrow && room.isMember) classes.push('room-link--tall');
  return (
    <a class={classes.join(' ')} href={addressOf(room.id)} aria-current={isOpen ? 'page' : undefined}>
      <RoomIcon room={room} me={state.me.id} />
      <span class="room-link-name" dir="auto">
        {roomName(room, t)}
      </span>
      {(hasFailed || hasDraft || isSilent) && (
        <span class="room-link-notes">
          {isSilent && <Note icon="bell-off" text={t('muted')} />}
          {hasDraft && !hasFailed && <Note icon="pencil" text={t('draft')} />}
          {hasFailed && (
            <span class="room-link-note room-link-note--failed">
              {t(failed.every(({ code }) => isUnknown(code)) ? 'perhapsSent' : 'unsent')}
            </span>
          )}
        </span>
      )}
      <Badges room={room} me={state.me.id} isMuted={isSilent} />
      {isNarrow && room.isMember && <NewestMessage room={room} me={state.me.id} />}
    </a>
  );
}

function Note({ icon, text }: { icon: 'bell-off' | 'pencil'; text: string }): JSX.Element {
  return (
    <span class="room-link-note" title={text}>
      <Icon name={icon} />
      <span class="visually-hidden">{text}</span>
    </span>
  );
}

/** Moves the focus to the previous or next room with the arrow keys; from the filter, down to the first room. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.currentTarget;
  if (step === undefined || !(list instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return;
  if (isComposingKey(event)) return;
  const links = [...list.querySelectorAll<HTMLElement>('.room-link')].filter((link) => link.checkVisibility());
  const { activeElement } = document;
  const isFilter = activeElement?.matches('.rooms-tools input') === true && step === 1;
  const next = links[links.indexOf(activeElement as HTMLElement) + step];
  if ((!links.includes(activeElement as HTMLElement) && !isFilter) || !next) return;
  event.preventDefault();
  next.focus();
}
