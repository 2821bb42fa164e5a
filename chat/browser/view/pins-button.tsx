/** The button of a room that opens the list of its pinned messages, which is loaded then. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import { Icon } from './icon.tsx';
import { LazyPart } from './lazy-part.ts';
import { useWords } from './words.ts';

type Pins = typeof import('./actions/pins-dialog.tsx');

/** The dialog with the pinned messages. */
export const pinsPart: LazyPart<Pins> = new LazyPart<Pins>(() => import('./actions/pins-dialog.tsx'));

/** Renders the button, and the dialog while it is open. */
export function PinsButton({ chat, roomId, canPin }: { chat: Chat; roomId: string; canPin: boolean }): JSX.Element {
  const { t } = useWords();
  const [pins, setPins] = useState<Pins>();
  const open = (): void => {
    void pinsPart.load().then((module) => (module ? setPins(module) : chat.messages.note('ROOM_CONNECTION_LOST')));
  };
  return (
    <>
      <button
        type="button"
        class="icon-button"
        aria-label={t('pinnedMessages')}
        title={t('pinnedMessages')}
        aria-haspopup="dialog"
        onClick={open}
      >
        <Icon name="pin" />
      </button>
      {pins && (
        <pins.PinsDialog
          chat={chat}
          roomId={roomId}
          canPin={canPin}
          onOpen={(seq) => void chat.place.goToMessage(roomId, seq)}
          onClose={() => setPins(undefined)}
        />
      )}
    </>
  );
}
