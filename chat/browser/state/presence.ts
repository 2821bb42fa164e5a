/** Who is here, and the passing lines that say who came and went. */
import type { Person } from 'gale/client';
import { lastOffset, type Notice, type RoomState } from './room-state.ts';

/** Lines about coming and going that are kept. */
const keptNotices = 30;

/** The list of who is here, as after each subscription. */
export function applyPeople(room: RoomState, people: readonly Person[], count: number): RoomState {
  return { ...room, people, peopleCount: count };
}

/**
 * Somebody came or went. A room on screen says so in a line; between two messages a person has one line, the newest.
 *
 * @param now - Milliseconds since 1970.
 */
export function applyPresence(
  room: RoomState,
  change: Notice['change'],
  { person, count, me, now }: { person: Person; count: number; me: string; now: number },
): RoomState {
  const others = room.people.filter(({ id }) => id !== person.id);
  const next: RoomState = { ...room, people: change === 'enter' ? [...others, person] : others, peopleCount: count };
  if (!room.view || person.id === me) return next;
  const after = lastOffset(room);
  const earlier = room.notices.filter((notice) => notice.after !== after || notice.person.id !== person.id);
  return { ...next, notices: [...earlier, { change, person, time: now, after }].slice(-keptNotices) };
}
