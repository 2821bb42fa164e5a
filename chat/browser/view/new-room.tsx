/** The button that creates a room, and the dialog for the name. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import type { RoomError } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { roomRefusal } from '../state/refusal.ts';
import { isComposingKey } from '../text/enter-key.ts';
import { Icon } from './icon.tsx';
import { useWords } from './words.ts';

/** Renders the button and its dialog. */
export function NewRoom({ chat, maxName }: { chat: Chat; maxName: number }): JSX.Element {
  const { t } = useWords();
  const dialog = useRef<HTMLDialogElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const [error, setError] = useState<string>();
  const [isBusy, setBusy] = useState(false);
  const id = useId();

  const make = async (): Promise<void> => {
    if (isBusy) return;
    setBusy(true);
    setError(undefined);
    try {
      await chat.makeRoom(field.current!.value);
      dialog.current!.close();
    } catch (error) {
      setError(t(roomRefusal((error as RoomError).code), { count: maxName }));
      field.current!.focus();
    } finally {
      setBusy(false);
    }
  };
  const open = (): void => {
    setError(undefined);
    field.current!.value = '';
    dialog.current!.showModal();
  };
  return (
    <>
      <button type="button" class="icon-button" aria-label={t('newRoom')} title={t('newRoom')} onClick={open}>
        <Icon name="plus" />
      </button>
      <dialog
        ref={dialog}
        class="dialog"
        aria-labelledby={`${id}-title`}
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
            {error !== undefined && (
              <p id={`${id}-error`} class="field-error" role="alert">
                {error}
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
            <button type="submit" class="button button--main" aria-disabled={isBusy}>
              {t('makeRoom')}
            </button>
          </div>
        </form>
      </dialog>
    </>
  );
}
