/** The steps that a room without messages offers: to write, and for those who can, to bring other people in. */
import type { JSX } from 'preact';
import { actionTranslator } from '../../locale/actions/index.ts';
import type { Chat } from '../session/chat.ts';
import type { RoomState } from '../state/room-state.ts';
import { useWords } from './words.ts';

/** Renders the buttons. */
export function EmptySteps({ chat, room }: { chat: Chat; room: RoomState }): JSX.Element {
  const { t } = useWords();
  return (
    <>
      <button type="button" class="button" onClick={() => document.querySelector<HTMLElement>('#composer')?.focus()}>
        {t('writeFirst')}
      </button>
      <InviteStep chat={chat} room={room} />
    </>
  );
}

/** A link to the invites in the lobby of an administrator, and in another room a button that adds people. */
function InviteStep({ chat, room }: { chat: Chat; room: RoomState }): JSX.Element | null {
  const a = actionTranslator(useWords().language);
  const { role } = chat.store.value;
  const { kind, archivedAt } = room.about;
  if (kind === 'lobby' && role === 'administrator') {
    return (
      <a class="button" href="/admin/invites">
        {a('invitePeople')}
      </a>
    );
  }
  if (kind === 'lobby' || kind === 'direct' || role === 'guest' || archivedAt !== undefined) return null;
  return (
    <button type="button" class="button" onClick={() => chat.dialog.open({ kind: 'add-people', room: room.id })}>
      {a('addPeople')}
    </button>
  );
}
