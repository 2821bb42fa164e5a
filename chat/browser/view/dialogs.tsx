/**
 * Shows the open dialog. The quick switcher is a part of the page, because its keys must arrive in it at once. All others are loaded when
 * the page has nothing to do, or when one is opened.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { Modal } from './modal.tsx';
import { QuickSwitcher } from './quick-switcher.tsx';
import { useStore } from './use-store.ts';
import { useWords } from './words.ts';

type RoomDialogs = typeof import('../dialogs/room-dialogs.tsx');

/** Longest time between the first list of rooms and the load of the dialogs, in milliseconds. */
const preloadMs = 2000;

let loaded: RoomDialogs | undefined;

/** Loads the dialogs. A failure is no error: the next dialog tries again. */
async function loadDialogs(): Promise<RoomDialogs | undefined> {
  try {
    return (loaded = await import('../dialogs/room-dialogs.tsx'));
  } catch {
    return undefined;
  }
}

/** Renders the open dialog, if there is one. */
export function Dialogs({ chat, state }: { chat: Chat; state: ChatState }): JSX.Element | null {
  const dialog = useStore(chat.dialog.store, () => true);
  const [dialogs, setDialogs] = useState(loaded);
  const [hasFailed, setFailed] = useState(false);
  useEffect(() => {
    if (!state.isWelcomed) return undefined;
    const load = (): void => void loadDialogs().then((found) => found && setDialogs(found));
    // Safari has no idle callbacks.
    if (!('requestIdleCallback' in window)) {
      const timer = setTimeout(load, preloadMs);
      return () => clearTimeout(timer);
    }
    const idle = requestIdleCallback(load, { timeout: preloadMs });
    return () => cancelIdleCallback(idle);
  }, [state.isWelcomed]);
  const isMissing = dialog !== undefined && dialog.kind !== 'switcher' && !dialogs;
  useEffect(() => {
    if (!isMissing) return;
    setFailed(false);
    void loadDialogs().then((found) => (found ? setDialogs(found) : setFailed(true)));
  }, [isMissing, dialog]);
  if (dialog === undefined) return null;
  const close = (): void => chat.dialog.close(dialog);
  if (dialog.kind === 'switcher') return <QuickSwitcher chat={chat} state={state} onClose={close} />;
  if (dialogs) return <dialogs.RoomDialog chat={chat} state={state} dialog={dialog} onClose={close} />;
  return <NotLoaded hasFailed={hasFailed} onClose={close} />;
}

function NotLoaded({ hasFailed, onClose }: { hasFailed: boolean; onClose: () => void }): JSX.Element {
  const { t } = useWords();
  return (
    <Modal label={t('product')} onClose={onClose}>
      <div class="dialog-form">
        <p role="status">{t(hasFailed ? 'roomOffline' : 'loading')}</p>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>
            {t('close')}
          </button>
        </div>
      </div>
    </Modal>
  );
}
