/** The link back to the list of rooms. */
import type { ComponentChildren, JSX } from 'preact';
import { backToList } from '../session/steps-from-list.ts';
import { Icon } from './icon.tsx';
import { useWords } from './words.ts';

/** The arrow in the header of a room; visible on phones. */
export function BackLink(): JSX.Element {
  const { t } = useWords();
  return (
    <ListLink class="icon-button room-back" label={t('backToRooms')}>
      <Icon name="back" />
    </ListLink>
  );
}

/** A link to the list with any content. */
export function ListLink(props: { class: string; label?: string; children: ComponentChildren }): JSX.Element {
  return (
    <a
      class={props.class}
      href="#"
      aria-label={props.label}
      title={props.label}
      onClick={(event) => {
        if (event.ctrlKey || event.metaKey || event.shiftKey) return;
        event.preventDefault();
        backToList();
      }}
    >
      {props.children}
    </a>
  );
}
