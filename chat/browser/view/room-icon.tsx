/** The symbol of a room: what kind it is, or the person of a direct conversation. */
import type { JSX } from 'preact';
import { directPeople, type RoomState } from '../state/room-state.ts';
import { Avatar } from './avatar.tsx';
import { Icon } from './icon.tsx';

const icons = { lobby: 'home', public: 'hash', private: 'lock' } as const;

/** Renders the symbol. */
export function RoomIcon({ room, me }: { room: Pick<RoomState, 'about'>; me: string }): JSX.Element {
  const { kind } = room.about;
  if (kind !== 'direct') {
    return (
      <span class="room-link-icon">
        <Icon name={icons[kind]} />
      </span>
    );
  }
  const people = directPeople(room, me);
  const [first] = people;
  return (
    <span class="room-link-icon room-link-icon--person">
      {first && people.length === 1 ? <Avatar person={first} isSmall /> : <Icon name="people" />}
    </span>
  );
}
