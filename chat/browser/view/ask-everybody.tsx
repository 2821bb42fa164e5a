/** The question before a message notifies everybody in a room of many people. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { useWords } from './words.ts';

/** A message to more people asks first. */
export const askAbovePeople = 5;

/** Props of {@link AskEverybody}. */
export interface AskEverybodyProps {
  /** Number of members of the room. */
  readonly count: number;
  readonly onSend: () => void;
  readonly onCancel: () => void;
}

/** Renders the question. The button that sends has the focus. */
export function AskEverybody({ count, onSend, onCancel }: AskEverybodyProps): JSX.Element {
  const { t } = useWords();
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
      <p id="ask-everybody-words">{t('askEverybody', { count })}</p>
      <button type="button" class="button button--small" onClick={onCancel}>
        {t('cancel')}
      </button>
      <button ref={button} type="button" class="button button--small button--main" onClick={onSend}>
        {t('sendAnyway')}
      </button>
    </div>
  );
}
