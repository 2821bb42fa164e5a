/** Asks before a message is deleted. */
import type { JSX } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { TranslateAction } from '../../../locale/actions/index.ts';
import { useBack } from '../use-back.ts';

/** Props of {@link DeleteDialog}. */
export interface DeleteDialogProps {
  readonly t: TranslateAction;
  /** The name of its author; undefined for an own message. */
  readonly author: string | undefined;
  readonly onDelete: () => void;
  readonly onClose: () => void;
}

/** Open as long as it is mounted. */
export function DeleteDialog({ t, author, onDelete, onClose }: DeleteDialogProps): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useBack(true, onClose);
  useLayoutEffect(() => {
    dialog.current!.showModal();
    return () => dialog.current?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      class="dialog"
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-hint`}
      onClose={onClose}
      onClick={({ target }) => {
        if (target === dialog.current) onClose();
      }}
    >
      <div class="dialog-form">
        <h2 id={`${id}-title`} class="dialog-title">
          {t('deleteTitle')}
        </h2>
        <p id={`${id}-hint`} class="dialog-text">
          {author === undefined ? t('deleteHint') : t('deleteOthersHint', { name: author })}
        </p>
        <div class="dialog-buttons">
          <button type="button" class="button" autofocus onClick={onClose}>
            {t('cancel')}
          </button>
          <button type="button" class="button button--delete" onClick={onDelete}>
            {t('delete')}
          </button>
        </div>
      </div>
    </dialog>
  );
}
