/** The panel with the people of a room. Its content is loaded when it is first shown, and the focus stays in the panel meanwhile. */
import type { JSX } from 'preact';
import { isComposingKey } from '../text/enter-key.ts';
import { Icon } from './icon.tsx';
import { LazyPart, useLazyPart } from './lazy-part.ts';
import { PartLoading } from './part-loading.tsx';
import type { PeopleOfRoomProps } from './people.tsx';
import { useWords } from './words.ts';

/** The content of the panel. */
export const peoplePart: LazyPart<typeof import('./people.tsx')> = new LazyPart(() => import('./people.tsx'));

/** Props of {@link People}. */
export interface PeopleProps extends PeopleOfRoomProps {
  readonly onClose: () => void;
}

/** The panel. Esc and its button close it. */
export function People({ onClose, ...props }: PeopleProps): JSX.Element {
  const { t } = useWords();
  // The first messages are shown before it.
  const { module, hasFailed, retry } = useLazyPart(peoplePart, props.room.view?.place !== undefined);
  return (
    <aside
      id="people"
      class="people"
      aria-label={t('peopleHere')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        if (!isComposingKey(event)) onClose();
      }}
    >
      <header class="list-head">
        <h2>{t('peopleHere')}</h2>
        <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {module ? <module.PeopleOfRoom {...props} /> : <PartLoading hasFailed={hasFailed} onRetry={retry} />}
    </aside>
  );
}
