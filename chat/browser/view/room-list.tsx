/** The list of rooms: joined rooms with their unread counts, other rooms, and the button for a new room. */
import type { JSX } from 'preact';
import { addressOf } from '../session/address.ts';
import type { Chat } from '../session/chat.ts';
import { lobbyId } from '../../wire.ts';
import type { ChatState } from '../state/chat-state.ts';
import { unreadCount } from '../state/reading.ts';
import { isUnknown, roomRefusal } from '../state/refusal.ts';
import { listRooms } from '../state/room-order.ts';
import type { RoomState } from '../state/room-state.ts';
import { Badges } from './badges.tsx';
import { Icon } from './icon.tsx';
import { NewestMessage } from './newest-message.tsx';
import { NewRoom } from './new-room.tsx';
import { useRequest } from './use-request.ts';
import { roomName, useWords } from './words.ts';

/** Renders the list of rooms. In a narrow window each joined room has a second line with its newest message. */
export function RoomList({ chat, state, isNarrow }: Omit<RoomProps, 'room'>): JSX.Element {
  const { t } = useWords();
  const { joined, others, removed } = listRooms(state);
  const unsent = removed.filter(
    ({ id, outgoing }) => id === state.openRoom || outgoing.length > 0 || chat.drafts.get(id).trim() !== '',
  );
  return (
    <nav class="rooms" aria-label={t('rooms')} onKeyDown={walk}>
      <div class="list-head">
        <h2>{t('yourRooms')}</h2>
        <NewRoom chat={chat} maxName={state.limits.roomName} />
      </div>
      {!state.isWelcomed && <p class="rooms-loading">{t('loading')}</p>}
      <ul class="rooms-list">
        {joined.map((room) => (
          <li key={room.id}>
            <RoomLink chat={chat} state={state} room={room} isNarrow={isNarrow} />
          </li>
        ))}
      </ul>
      {others.length > 0 && (
        <>
          <div class="list-head">
            <h2>{t('otherRooms')}</h2>
          </div>
          <ul class="rooms-list">
            {others.map((room) => (
              <OtherRoom key={room.id} chat={chat} state={state} room={room} isNarrow={isNarrow} />
            ))}
          </ul>
        </>
      )}
      {unsent.length > 0 && (
        <>
          <div class="list-head">
            <h2>{t('removedRooms')}</h2>
          </div>
          <ul class="rooms-list">
            {unsent.map((room) => (
              <li key={room.id}>
                <RoomLink chat={chat} state={state} room={room} isNarrow={isNarrow} />
              </li>
            ))}
          </ul>
        </>
      )}
    </nav>
  );
}

interface RoomProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly room: RoomState;
  /** Whether the list fills the window. */
  readonly isNarrow: boolean;
}

/** The link to a room, with what is unread and unsent in it. */
function RoomLink({ chat, state, room, isNarrow }: RoomProps): JSX.Element {
  const { t } = useWords();
  const isOpen = room.id === state.openRoom;
  const unread = unreadCount(room, state.me.id);
  const failed = room.outgoing.filter(({ status }) => status === 'failed');
  const hasFailed = failed.length > 0;
  const hasDraft = !isOpen && chat.drafts.get(room.id).trim() !== '';
  const classes = ['room-link'];
  if (unread > 0) classes.push('room-link--unread');
  if (isNarrow && room.isMember) classes.push('room-link--tall');
  return (
    <a class={classes.join(' ')} href={addressOf(room.id)} aria-current={isOpen ? 'page' : undefined}>
      <span class="room-link-icon">
        <Icon name={room.id === lobbyId ? 'home' : 'hash'} />
      </span>
      <span class="room-link-name" dir="auto">
        {roomName(room, t)}
      </span>
      {hasFailed && (
        <span class="room-link-note room-link-note--failed">
          {t(failed.every(({ code }) => isUnknown(code)) ? 'perhapsSent' : 'unsent')}
        </span>
      )}
      {hasDraft && !hasFailed && <span class="room-link-note">{t('draft')}</span>}
      <Badges room={room} me={state.me.id} />
      {isNarrow && room.isMember && <NewestMessage room={room} me={state.me.id} />}
    </a>
  );
}

function OtherRoom(props: RoomProps): JSX.Element {
  const { chat, room } = props;
  const { t } = useWords();
  const { run, isBusy, error } = useRequest(chat);
  return (
    <li class="other-room">
      <RoomLink {...props} />
      <button
        type="button"
        class="button button--small"
        aria-label={t('joinRoom', { room: room.name })}
        aria-busy={isBusy}
        onClick={() => void run(() => chat.joinRoom(room.id))}
      >
        {t('join')}
      </button>
      {error && (
        <p class="other-room-words" role="alert">
          {t(roomRefusal(error.code))}
        </p>
      )}
    </li>
  );
}

/** Moves the focus to the previous or next room with the arrow keys. */
function walk(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const list = event.currentTarget;
  if (step === undefined || !(list instanceof HTMLElement) || event.altKey || event.ctrlKey || event.metaKey) return;
  const links = [...list.querySelectorAll<HTMLElement>('.room-link')];
  const next = links[links.indexOf(document.activeElement as HTMLElement) + step];
  if (!links.includes(document.activeElement as HTMLElement) || !next) return;
  event.preventDefault();
  next.focus();
}
