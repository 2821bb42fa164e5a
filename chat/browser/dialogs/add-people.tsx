/** The dialog that adds people to a room. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import { Modal } from '../view/modal.tsx';
import { useRequest } from '../view/use-request.ts';
import { DialogHead } from './dialog-head.tsx';
import { useDialogWords } from './dialog-words.ts';
import { PeoplePicker } from './people-picker.tsx';
import type { DialogProps } from './room-dialogs.tsx';

/** Most people who are added at once. The server has the same limit. */
const most = 50;

/** Renders the dialog. */
export function AddPeople({ chat, state, roomId, onClose }: DialogProps & { readonly roomId: string }): JSX.Element {
  const { d, refusal } = useDialogWords();
  const [chosen, setChosen] = useState<readonly Person[]>([]);
  const { run, isBusy, error } = useRequest(chat);
  const id = useId();
  const add = async (): Promise<void> => {
    if (chosen.length === 0) return;
    const people = chosen.map((person) => person.id);
    const result = await run(async () => void (await chat.command('add-people', { room: roomId, people })));
    if (result === 'done') onClose();
  };
  return (
    <Modal titleId={`${id}-title`} class="dialog--tall" onClose={onClose}>
      <form
        class="dialog-form"
        onSubmit={(event) => {
          event.preventDefault();
          void add();
        }}
      >
        <DialogHead
          id={`${id}-title`}
          title={d('addPeopleTo', { room: state.rooms.get(roomId)?.name ?? '' })}
          onClose={onClose}
        />
        <PeoplePicker chat={chat} me={state.me} chosen={chosen} onChoose={setChosen} most={most} outside={roomId} />
        {error && (
          <p class="field-error" role="alert">
            {refusal(error)}
          </p>
        )}
        <div class="dialog-buttons">
          <button type="submit" class="button button--main" aria-busy={isBusy} aria-disabled={chosen.length === 0}>
            {chosen.length === 0 ? d('choosePeople') : d('addChosen', { count: chosen.length })}
          </button>
        </div>
      </form>
    </Modal>
  );
}
