/** The dialog that makes a room. */
import type { JSX } from 'preact';
import { useId, useRef, useState } from 'preact/hooks';
import { Modal } from '../view/modal.tsx';
import { useRequest } from '../view/use-request.ts';
import { useDialogWords } from './dialog-words.ts';
import type { DialogProps } from './room-dialogs.tsx';
import { TextField } from './text-field.tsx';

/** Renders the dialog. */
export function NewRoom({ chat, state, onClose }: DialogProps): JSX.Element {
  const { t, a, d, refusal } = useDialogWords();
  const name = useRef<HTMLInputElement>(null);
  const topic = useRef<HTMLInputElement>(null);
  const [kind, setKind] = useState<'public' | 'private'>('public');
  const { run, isBusy, error } = useRequest(chat);
  const id = useId();
  const { roomName, topic: maxTopic } = state.limits;
  const isOfTopic = error?.code === 'CHAT_TOPIC';

  const make = async (): Promise<void> => {
    const fields = { name: name.current!.value, kind, topic: topic.current!.value };
    const result = await run(() => chat.makeRoom(fields));
    if (result === 'done') onClose();
    else if (result === 'failed') name.current?.focus();
  };
  return (
    <Modal titleId={`${id}-title`} onClose={onClose}>
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
        <TextField
          field={name}
          label={d('roomName')}
          hint={d('roomNameHint', { count: roomName })}
          error={error && !isOfTopic ? refusal(error, roomName) : undefined}
          isFirst
        />
        <TextField field={topic} label={d('topicOptional')} error={isOfTopic ? refusal(error, maxTopic) : undefined} />
        <fieldset class="choices">
          <legend>{d('whoCanJoin')}</legend>
          {(['public', 'private'] as const).map((each) => (
            <label key={each} class="choice">
              <input type="radio" name={`${id}-kind`} checked={kind === each} onChange={() => setKind(each)} />
              <span>
                <span class="choice-name">{d(each === 'public' ? 'publicRoom' : 'private')}</span>
                <span class="choice-hint">{d(each === 'public' ? 'publicHint' : 'privateHint')}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <div class="dialog-buttons">
          <button type="button" class="button" onClick={onClose}>
            {a('cancel')}
          </button>
          <button type="submit" class="button button--main" aria-busy={isBusy}>
            {d('makeRoom')}
          </button>
        </div>
      </form>
    </Modal>
  );
}
