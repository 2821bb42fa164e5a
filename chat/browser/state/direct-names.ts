/** The names of direct conversations: those of the other people, as they are now. */
import type { Person } from 'gale/client';
import type { ChatState } from './chat-state.ts';
import { directPeople, type RoomState } from './room-state.ts';

/** The names of the other people. Empty if they all deleted their accounts. */
export function directName(room: Pick<RoomState, 'about'>, me: string): string {
  return directPeople(room, me)
    .flatMap(({ name }) => name || [])
    .join(', ');
}

/**
 * Applies names that the page knows from elsewhere.
 *
 * @param known - People by id; null for those that the server does not describe.
 */
export function renameDirects(state: ChatState, known: ReadonlyMap<string, Person | null>): ChatState {
  let rooms: Map<string, RoomState> | undefined;
  for (const [id, room] of state.rooms) {
    const { people, kind } = room.about;
    if (kind !== 'direct') continue;
    const renamed = people.map((person) => {
      const name = known.get(person.id)?.name ?? person.name;
      return name === person.name ? person : { ...person, name };
    });
    if (renamed.every((person, index) => person === people[index])) continue;
    const about = { ...room.about, people: renamed };
    rooms ??= new Map(state.rooms);
    rooms.set(id, { ...room, about, name: directName({ about }, state.me.id) });
  }
  return rooms === undefined ? state : { ...state, rooms };
}

/** Whether a person is in a direct conversation of the page. */
export function isInDirect({ rooms }: ChatState, id: string): boolean {
  return [...rooms.values()].some(
    ({ about }) => about.kind === 'direct' && about.people.some((each) => each.id === id),
  );
}
