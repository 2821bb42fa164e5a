/** The title of a dialog with a button that closes it. */
import type { ComponentChildren, JSX } from 'preact';
import { Icon } from '../view/icon.tsx';
import { useWords } from '../view/words.ts';

/** Renders both. */
export function DialogHead(props: { id: string; title: ComponentChildren; onClose: () => void }): JSX.Element {
  const { id, title, onClose } = props;
  const { t } = useWords();
  return (
    <header class="dialog-head">
      <h2 id={id} class="dialog-title" dir="auto">
        {title}
      </h2>
      <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={onClose}>
        <Icon name="close" />
      </button>
    </header>
  );
}
