/** The question before a message notifies everybody in a room of many people. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import { useWords } from './words.ts';

/** Props of {@link AskEverybody}. */
export interface AskEverybodyProps {
  /** Number of members of the room. */
  readonly count: number;
  /** Whether this person may notify so many. Otherwise it says why not, and the text stays. */
  readonly isAllowed: boolean;
  readonly onSend: () => void;
  readonly onCancel: () => void;
}

/** Renders the question. The button that sends has the focus, or else the one that closes it. */
export function AskEverybody({ count, isAllowed, onSend, onCancel }: AskEverybodyProps): JSX.Element {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  const button = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => button.current?.focus(), []);
  return (
    <div
      class="ask-everybody"
      role="alertdialog"
      aria-labelledby="ask-everybody-words"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onCancel();
      }}
    >
      <p id="ask-everybody-words">{isAllowed ? a('askEverybody', { count }) : t('mentionAllRefused')}</p>
      <button ref={isAllowed ? null : button} type="button" class="button button--small" onClick={onCancel}>
        {a('cancel')}
      </button>
      {isAllowed && (
        <button ref={button} type="button" class="button button--small button--main" onClick={onSend}>
          {a('sendAnyway')}
        </button>
      )}
    </div>
  );
}
