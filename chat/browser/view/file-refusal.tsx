/** Says in words that files are refused. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import { refusals } from '../session/refused-files.ts';
import { Icon } from './icon.tsx';
import { useStore } from './use-store.ts';
import { useWords } from './words.ts';

/** A message about the refused files, until the person closes it, types, or opens another room. */
export function FileRefusal(): JSX.Element | null {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  /** Each refusal is a new element, which a screen reader announces. One may be from before this file was loaded. */
  const count = useStore(refusals);
  const [closed, setClosed] = useState(0);
  const hide = (): void => setClosed(refusals.value);

  useEffect(() => {
    window.addEventListener('input', hide);
    window.addEventListener('hashchange', hide);
    return () => {
      window.removeEventListener('input', hide);
      window.removeEventListener('hashchange', hide);
    };
  }, []);

  if (count === closed) return null;
  return (
    <div key={count} class="banner file-refusal" role="alert">
      <p>{a('filesRefused')}</p>
      <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={hide}>
        <Icon name="close" />
      </button>
    </div>
  );
}
