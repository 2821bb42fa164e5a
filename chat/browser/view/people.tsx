/** Who is in the room just now. */
import type { JSX } from 'preact';
import type { Person } from 'gale/client';
import type { RoomState } from '../state/room-state.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';
import { useWords } from './words.ts';

/** The panel with the people of a room. */
export function People({ room, me, onClose }: { room: RoomState; me: Person; onClose: () => void }): JSX.Element {
  const { t, language } = useWords();
  const order = new Intl.Collator(language);
  const people = [...room.people].sort(
    (a, b) => Number(b.id === me.id) - Number(a.id === me.id) || order.compare(a.name, b.name),
  );
  const unnamed = room.peopleCount - people.length;
  return (
    <aside
      id="people"
      class="people"
      aria-label={t('peopleHere')}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onClose();
      }}
    >
      <header class="people-head">
        <h2>{t('peopleHere')}</h2>
        <button type="button" class="icon-button" aria-label={t('close')} title={t('close')} onClick={onClose}>
          <Icon name="close" />
        </button>
      </header>
      {people.length === 0 && <p class="people-empty">{t('nobodyHere')}</p>}
      <ul class="people-list">
        {people.map((person) => (
          <li key={person.id} class="people-row">
            <Avatar person={person} isSmall />
            <span class="people-name" dir="auto">
              {person.name}
            </span>
            {person.id === me.id && <span class="people-you">{t('you')}</span>}
          </li>
        ))}
      </ul>
      {unnamed > 0 && <p class="people-more">{t('morePeople', { count: unnamed })}</p>}
    </aside>
  );
}
