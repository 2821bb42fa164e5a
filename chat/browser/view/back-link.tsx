/** The links back to the list of rooms, and to the lobby. */
import type { ComponentChildren, JSX } from 'preact';
import { lobbyId } from '../../wire.ts';
import { addressOf } from '../session/address.ts';
import { backToList } from '../session/steps-from-list.ts';
import { Icon } from './icon.tsx';
import { useWords } from './words.ts';

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

/** A button to the room that everybody is in, for places where nothing else can be done. */
export function LobbyLink(): JSX.Element {
  const { t } = useWords();
  return (
    <a class="button" href={addressOf(lobbyId)}>
      {t('goToLobby')}
    </a>
  );
}
