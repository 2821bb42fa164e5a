/** What a person sees in the place of a part that is not loaded. */
import type { JSX } from 'preact';
import { useWords } from './words.ts';

/** Says that the part is loading; after a failure why, with a button that tries again. */
export function PartLoading({ hasFailed, onRetry }: { hasFailed: boolean; onRetry: () => void }): JSX.Element {
  const { t } = useWords();
  return (
    <>
      <p class="part-loading" role="status">
        {t(hasFailed ? 'roomOffline' : 'loading')}
      </p>
      {hasFailed && (
        <button type="button" class="button button--small" onClick={onRetry}>
          {t('retry')}
        </button>
      )}
    </>
  );
}
