/** The button above the list of rooms that opens the list of the mentions of this person, which is loaded then. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { Icon } from './icon.tsx';
import { LazyPart } from './lazy-part.ts';
import { useWords } from './words.ts';

type Dialog = typeof import('./actions/mentions-dialog.tsx');

/** The dialog with the mentions. */
export const mentionsPart: LazyPart<Dialog> = new LazyPart<Dialog>(() => import('./actions/mentions-dialog.tsx'));

/** Renders the button, and the dialog while it is open. */
export function MentionsButton({ chat, state }: { chat: Chat; state: ChatState }): JSX.Element {
  const { t } = useWords();
  const [dialog, setDialog] = useState<Dialog>();
  const open = (): void => {
    void mentionsPart
      .load()
      .then((module) => (module ? setDialog(module) : chat.messages.note('ROOM_CONNECTION_LOST')));
  };
  return (
    <>
      <button
        type="button"
        class="icon-button mentions-button"
        aria-label={t('myMentions')}
        title={t('myMentions')}
        aria-haspopup="dialog"
        onClick={open}
      >
        <Icon name="at" />
      </button>
      {dialog && <dialog.MentionsDialog chat={chat} rooms={state.rooms} onClose={() => setDialog(undefined)} />}
    </>
  );
}
