/** Shows the open dialog. What it needs is loaded at the first input of the person, or when it is opened. */
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { dialogsPart, loadAtFirstInput, useLazyPart } from './lazy-part.ts';
import { LateItems } from './late-items.tsx';
import { Modal } from './modal.tsx';
import { PartLoading } from './part-loading.tsx';
import { peoplePart } from './people-panel.tsx';
import { QuickSwitcher } from './quick-switcher.tsx';
import { useStore } from './use-store.ts';
import { useWords } from './words.ts';

/** Renders the open dialog, if there is one. */
export function Dialogs({ chat, state }: { chat: Chat; state: ChatState }): JSX.Element | null {
  const dialog = useStore(chat.dialog.store, () => true);
  const isOther = dialog?.kind === 'switcher' || dialog?.kind === 'log-out';
  const { module, hasFailed, retry } = useLazyPart(dialogsPart, dialog !== undefined && !isOther);
  useEffect(() => loadAtFirstInput([dialogsPart, peoplePart]), []);
  if (dialog === undefined) return null;
  const close = (): void => chat.dialog.close(dialog);
  if (dialog.kind === 'switcher') return <QuickSwitcher chat={chat} state={state} onClose={close} />;
  if (dialog.kind === 'log-out') return <LateItems>{({ LogOut }) => <LogOut chat={chat} onClose={close} />}</LateItems>;
  if (module) return <module.RoomDialog chat={chat} state={state} dialog={dialog} onClose={close} />;
  return <NotLoaded hasFailed={hasFailed} onRetry={retry} onClose={close} />;
}

function NotLoaded(props: { hasFailed: boolean; onRetry: () => void; onClose: () => void }): JSX.Element {
  const { t } = useWords();
  return (
    <Modal label={t('product')} onClose={props.onClose}>
      {/* The focus is on no button: what is typed too early presses none. */}
      <div class="dialog-form" tabIndex={-1} autofocus>
        <PartLoading {...props} />
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={props.onClose}>
            {t('close')}
          </button>
        </div>
      </div>
    </Modal>
  );
}
