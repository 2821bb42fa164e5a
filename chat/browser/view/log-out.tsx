/** Log-out, with a dialog that asks what to do with unsent texts. */
import type { ComponentChildren, JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { hashAfterLogOut, setHash } from '../session/address.ts';
import type { Chat } from '../session/chat.ts';
import { useBack } from './use-back.ts';
import { useWords } from './words.ts';

/** What to do with unsent texts. */
type Choice = 'remove' | 'keep';

/** Provides the function that logs out to its children, and renders the dialog. */
export function LogOut({
  chat,
  children,
}: {
  chat: Chat;
  children: (logOut: () => void) => ComponentChildren;
}): JSX.Element {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const [isOpen, setOpen] = useState(false);
  const [count, setCount] = useState(0);
  /** The choice of the log-out that is under way. */
  const [chosen, setChosen] = useState<Choice>();
  const id = useId();

  const ask = (): void => {
    if (chat.keptTexts.count === 0) {
      logOut('remove');
      return;
    }
    setCount(chat.keptTexts.count);
    dialog.current!.showModal();
    setOpen(true);
  };
  useBack(isOpen, () => dialog.current?.close());
  const logOut = (choice: Choice): void => {
    if (chosen !== undefined) return;
    setChosen(choice);
    const form = document.querySelector<HTMLFormElement>('#logout')!;
    form.querySelector<HTMLInputElement>('[name=texts]')!.value = choice;
    // Close first: later frames of the server must not change the stored texts or open another page.
    chat.close();
    if (choice === 'remove') chat.keptTexts.remove();
    setHash(form, hashAfterLogOut(location.hash));
    form.requestSubmit();
  };
  return (
    <>
      {children(ask)}
      <dialog
        ref={dialog}
        class="dialog"
        aria-labelledby={`${id}-title`}
        aria-describedby={`${id}-texts ${id}-hint`}
        onClose={() => setOpen(false)}
        onClick={(event) => {
          // Only a click on the backdrop has the dialog itself as its target.
          if (event.target === dialog.current) dialog.current?.close();
        }}
      >
        <div class="dialog-form">
          <h2 id={`${id}-title`} class="dialog-title">
            {t('logOutTitle')}
          </h2>
          <div class="dialog-text">
            <p id={`${id}-texts`}>{t('logOutTexts', { count })}</p>
            <p id={`${id}-hint`}>{t('logOutHint')}</p>
          </div>
          <div class="dialog-buttons dialog-buttons--stacked">
            <button
              type="button"
              class="button button--main"
              autofocus
              aria-busy={chosen === 'remove'}
              onClick={() => logOut('remove')}
            >
              {t('removeAndLogOut')}
            </button>
            <button type="button" class="button" aria-busy={chosen === 'keep'} onClick={() => logOut('keep')}>
              {t('keepAndLogOut')}
            </button>
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              {t('cancel')}
            </button>
          </div>
        </div>
      </dialog>
    </>
  );
}
