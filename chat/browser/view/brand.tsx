/** The logo and the name of the product: the title of the page while it shows only the list of rooms. */
import type { JSX } from 'preact';
import { useWords } from './words.ts';

/** The logo and the name, above the list of rooms. */
export function Brand({ isTitle }: { isTitle: boolean }): JSX.Element {
  const { t } = useWords();
  const Line = isTitle ? 'h1' : 'p';
  return (
    <Line class="brand">
      <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
        <rect width="32" height="32" rx="9" />
        <path d="M6.5 13h13a3.5 3.5 0 1 0-3.3-4.7M6.5 17.5h17a3 3 0 1 1-2.8 4M6.5 22h8" />
      </svg>
      <span>{t('product')}</span>
    </Line>
  );
}
