/** A place for something of the late parts, such as the entries of a menu. Until they are loaded it says so. */
import type { JSX } from 'preact';
import { useLateParts, type LateParts } from './late-part.ts';
import { useWords } from './words.ts';

/** Renders the children when the late parts are loaded. */
export function LateItems({ children }: { children: (parts: LateParts) => JSX.Element }): JSX.Element {
  const { t } = useWords();
  const parts = useLateParts();
  return parts ? children(parts) : <p class="part-loading">{t('loading')}</p>;
}
