/** The dialog that asks at log-out what to do with unsent texts. */
import type { JSX } from 'preact';
import { useId, useState } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import type { Chat } from '../session/chat.ts';
import { logOut, type UnsentChoice } from '../session/log-out.ts';
import { Modal } from './modal.tsx';
import { useWords } from './words.ts';

/** Renders the dialog. */
export function LogOut({ chat, onClose }: { chat: Chat; onClose: () => void }): JSX.Element {
  const { language } = useWords();
  const a = actionTranslator(language);
  const [count] = useState(() => chat.keptTexts.count);
  /** The choice of the log-out that is under way. */
  const [chosen, setChosen] = useState<UnsentChoice>();
  const id = useId();
  const choose = (choice: UnsentChoice): void => {
    if (chosen !== undefined) return;
    setChosen(choice);
    logOut(chat, choice);
  };
  return (
    <Modal titleId={`${id}-title`} describedBy={`${id}-texts ${id}-hint`} onClose={onClose}>
      <div class="dialog-form">
        <h2 id={`${id}-title`} class="dialog-title">
          {a('logOutTitle')}
        </h2>
        <div class="dialog-text">
          <p id={`${id}-texts`}>{a('logOutTexts', { count })}</p>
          <p id={`${id}-hint`}>{a('logOutHint')}</p>
        </div>
        <div class="dialog-buttons dialog-buttons--stacked">
          <button
            type="button"
            class="button button--main"
            autofocus
            aria-busy={chosen === 'remove'}
            onClick={() => choose('remove')}
          >
            {a('removeAndLogOut')}
          </button>
          <button type="button" class="button" aria-busy={chosen === 'keep'} onClick={() => choose('keep')}>
            {a('keepAndLogOut')}
          </button>
          <button type="button" class="button" onClick={onClose}>
            {a('cancel')}
          </button>
        </div>
      </div>
    </Modal>
  );
}
