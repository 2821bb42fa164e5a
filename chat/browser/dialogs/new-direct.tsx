/** The dialog that opens a direct conversation. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import { Modal } from '../view/modal.tsx';
import { useRequest } from '../view/use-request.ts';
import { DialogHead } from './dialog-head.tsx';
import { useDialogWords } from './dialog-words.ts';
import { PeoplePicker } from './people-picker.tsx';
import type { DialogProps } from './room-dialogs.tsx';

/** Renders the dialog. */
export function NewDirect({ chat, state, onClose }: DialogProps): JSX.Element {
  const { d, refusal } = useDialogWords();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const { run, isBusy, error } = useRequest(chat);
  const id = useId();
  const { directPeople } = state.limits;
  const open = async (): Promise<void> => {
    if (chosen.length === 0) return;
    if ((await run(() => chat.openDirect(chosen.map((person) => person.id)))) === 'done') onClose();
  };
  return (
    <Modal titleId={`${id}-title`} class="dialog--tall" onClose={onClose}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void open();
        }}
      >
        <DialogHead id={`${id}-title`} title={d('newDirectTitle')} onClose={onClose} />
        <PeoplePicker chat={chat} me={state.me} chosen={chosen} onChoose={setChosen} most={directPeople - 1} />
        {error && (
          <p class="field-error" role="alert">
            {refusal(error)}
          </p>
        )}
        <div class="dialog-buttons dialog-buttons--hint">
          <p class="field-hint">{d('directLimit', { count: directPeople })}</p>
          <button type="submit" class="button button--main" aria-busy={isBusy} aria-disabled={chosen.length === 0}>
            {d('startDirect')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
