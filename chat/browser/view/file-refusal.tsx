/**
 * Refuses dropped and pasted files in words, since messages are text. Without this the browser would open a dropped file instead
 * of the chat.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { useWords } from './words.ts';

/** A message about the refused files, until the person closes it, types, or opens another room. */
export function FileRefusal(): JSX.Element | null {
  const { t } = useWords();
  /** Number of refusals. Each one is a new element, which a screen reader announces. */
  const [count, setCount] = useState(0);
  const [isShown, setShown] = useState(false);

  useEffect(() => {
    const onDrag = (event: DragEvent): void => {
      if (isRefused(event.dataTransfer, event.target)) event.preventDefault();
    };
    const refuse = (event: Event, data: DataTransfer | null): void => {
      if (!isRefused(data, event.target)) return;
      event.preventDefault();
      setCount((before) => before + 1);
      setShown(true);
    };
    const onDrop = (event: DragEvent): void => refuse(event, event.dataTransfer);
    const onPaste = (event: ClipboardEvent): void => refuse(event, event.clipboardData);
    const hide = (): void => setShown(false);
    window.addEventListener('dragenter', onDrag);
    window.addEventListener('dragover', onDrag);
    window.addEventListener('drop', onDrop);
    window.addEventListener('paste', onPaste);
    window.addEventListener('input', hide);
    window.addEventListener('hashchange', hide);
    return () => {
      window.removeEventListener('dragenter', onDrag);
      window.removeEventListener('dragover', onDrag);
      window.removeEventListener('drop', onDrop);
      window.removeEventListener('paste', onPaste);
      window.removeEventListener('input', hide);
      window.removeEventListener('hashchange', hide);
    };
  }, []);

  if (!isShown) return null;
  return (
    <div key={count} class="banner file-refusal" role="alert">
      <p>{t('filesRefused')}</p>
      <button
        type="button"
        class="icon-button"
        aria-label={t('close')}
        title={t('close')}
        onClick={() => setShown(false)}
      >
        <Icon name="close" />
      </button>
    </div>
  );
}

/** A text field takes the text of what has both: spreadsheets copy a picture too, and a dragged picture has its address. */
function isRefused(data: DataTransfer | null, target: EventTarget | null): boolean {
  if (!data?.types.includes('Files')) return false;
  const hasText = data.types.includes('text/plain') || data.types.includes('text/uri-list');
  return !hasText || !(target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement);
}
