/** The button that creates a room, and the dialog for the name. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import { roomRefusal } from '../state/refusal.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { Icon } from './icon.tsx';
import { useBack } from './use-back.ts';
import { useRequest } from './use-request.ts';
import { useWords } from './words.ts';

/** Renders the button and its dialog. */
export function NewRoom({ chat, maxName }: { chat: Chat; maxName: number }): JSX.Element {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const { run, forget, isBusy, error } = useRequest(chat);
  const [isOpen, setOpen] = useState(false);
  const id = useId();

  const make = async (): Promise<void> => {
    const result = await run(() => chat.makeRoom(field.current!.value));
    if (result === 'done') dialog.current!.close();
    else if (result === 'failed') field.current!.focus();
  };
  const open = (): void => {
    field.current!.value = '';
    dialog.current!.showModal();
    setOpen(true);
  };
  useBack(isOpen, () => dialog.current?.close());
  return (
    <>
      <button type="button" class="icon-button" aria-label={t('newRoom')} title={t('newRoom')} onClick={open}>
        <Icon name="plus" />
      </button>
      <dialog
        ref={dialog}
        class="dialog"
        aria-labelledby={`${id}-title`}
        onClose={() => {
          setOpen(false);
          // A later reply must not close the dialog of the next room.
          forget();
        }}
        onClick={(event) => {
          // Only a click on the backdrop has the dialog itself as its target.
          if (event.target === dialog.current) dialog.current?.close();
        }}
      >
        <form
          class="dialog-form"
          onSubmit={(event) => {
            event.preventDefault();
            void make();
          }}
        >
          <h2 id={`${id}-title`} class="dialog-title">
            {t('newRoom')}
          </h2>
          <div class="field">
            <label for={`${id}-name`}>{t('roomName')}</label>
            <input
              id={`${id}-name`}
              ref={field}
              dir="auto"
              autocomplete="off"
              autofocus
              // Enter and Esc that end a composition must not submit or close the dialog.
              onKeyDown={(event) => {
                if (isComposingKey(event, false)) event.preventDefault();
              }}
              aria-invalid={error !== undefined}
              aria-describedby={`${id}-error ${id}-hint`}
            />
            {error && (
              <p id={`${id}-error`} class="field-error" role="alert">
                {t(roomRefusal(error.code), { count: maxName })}
              </p>
            )}
            <p id={`${id}-hint`} class="field-hint">
              {t('roomNameHint', { count: maxName })}
            </p>
          </div>
          <div class="dialog-buttons">
            <button type="button" class="button" onClick={() => dialog.current?.close()}>
              {t('cancel')}
            </button>
            <button type="submit" class="button button--main" aria-busy={isBusy}>
              {t('makeRoom')}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
