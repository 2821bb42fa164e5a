/** The names of direct conversations: those of the other people, as they are now. */
import type { ChatState } from './chat-state.ts';
import { directPeople, type RoomState } from './room-state.ts';

/** The names of the other people. Empty if they all deleted their accounts. */
export function directName(room: Pick<RoomState, 'about'>, me: string): string {
  return directPeople(room, me)
    .flatMap(({ name }) => name || [])
    .join(', ');
}

/** Whether a person is in a direct conversation of the page. */
export function isInDirect({ rooms }: ChatState, id: string): boolean {
  return [...rooms.values()].some(
    ({ about }) => about.kind === 'direct' && about.people.some((each) => each.id === id),
  );
}
