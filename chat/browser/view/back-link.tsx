/** The links back to the list of rooms, and to the first room. */
import type { ComponentChildren, JSX } from 'preact';
import { lobbyId } from '../../wire.ts';
import { addressOf } from '../session/address.ts';
import type { Chat } from '../session/chat.ts';
import { backToList } from '../session/steps-from-list.ts';
import { homeRoom } from '../state/room-order.ts';
import { serverNow } from '../time/server-time.ts';
import { Icon } from './icon.tsx';
import { roomName, useWords } from './words.ts';

/** The arrow in the header of a room; visible on phones. */
export function BackLink(): JSX.Element {
  const { t } = useWords();
  return (
    <ListLink class="icon-button room-back" label={t('backToRooms')}>
      <Icon name="back" />
    </ListLink>
  );
}

/** A link to the list with any content. */
export function ListLink(props: { class: string; label?: string; children: ComponentChildren }): JSX.Element {
  return (
    <a
      class={props.class}
      href="#"
      aria-label={props.label}
      title={props.label}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        backToList();
      }}
    >
      {props.children}
    </a>
  );
}

/** A button to the lobby, or to the first room of a guest, for places where nothing else can be done; to the list without a room. */
export function HomeLink({ chat }: { chat: Chat }): JSX.Element {
  const { t } = useWords();
  const { rooms } = chat.store.value;
  const room = rooms.get(homeRoom(chat.store.value, serverNow()));
  if (!room?.isMember) return <ListLink class="button">{t('backToRooms')}</ListLink>;
  return (
    <a class="button" href={addressOf(room.id)}>
      {room.id === lobbyId ? t('goToLobby') : t('goToRoom', { room: roomName(room, t) })}
    </a>
  );
}
