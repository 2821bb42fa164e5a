/** Who is here, and the passing lines that say who came and went. */
import type { Person, PresenceBatch, RoomPeople } from 'gale/client';
import { lastOffset, type Notice, type RoomState } from './room-state.ts';

/** Lines about coming and going that are kept. */
const keptNotices = 30;
/** People that one line remembers by name; more are only counted. */
const keptNames = 500;

/** The list of who is here: after each subscription, and when a big room has become small. */
export function applyPeople(room: RoomState, { people, count }: Omit<RoomPeople, 'room'>): RoomState {
  return { ...room, people, peopleCount: count };
}

/**
 * People came and went. A room on screen says so: between two messages in one line for those who came and one for those
 * who went, with each person once, where they were last. A big room has counts only, and no lines.
 *
 * @param now - Milliseconds since 1970.
 */
export function applyPresence(
  room: RoomState,
  { entered, left, count }: Omit<PresenceBatch, 'room'>,
  { me, now }: { readonly me: string; readonly now: number },
): RoomState {
  if (!entered || !left || !room.people) return { ...room, people: undefined, peopleCount: count };
  const people = new Map(room.people.map((person) => [person.id, person]));
  // The server may repeat what the list said.
  const came = entered.filter(({ id }) => !people.has(id));
  const went = left.filter(({ id }) => people.delete(id));
  for (const person of came) people.set(person.id, person);
  const next: RoomState = { ...room, people: [...people.values()], peopleCount: count };
  if (!room.view) return next;
  const others = ({ id }: Person): boolean => id !== me;
  return addNotice(addNotice(next, 'enter', came.filter(others), now), 'leave', went.filter(others), now);
}

function addNotice(room: RoomState, change: Notice['change'], people: readonly Person[], now: number): RoomState {
  if (people.length === 0) return room;
  const after = lastOffset(room);
  const moved = new Set(people.map(({ id }) => id));
  let isAdded = false;
  const notices = room.notices
    .map((notice) => {
      if (notice.after !== after) return notice;
      const stay = notice.people.filter(({ id }) => !moved.has(id));
      if (notice.change !== change) return { ...notice, people: stay };
      isAdded = true;
      return keepNames({ ...notice, people: [...stay, ...people] });
    })
    .filter((notice) => notice.people.length + notice.more > 0);
  if (!isAdded) notices.push(keepNames({ change, people, more: 0, time: now, after }));
  return { ...room, notices: notices.slice(-keptNotices) };
}

function keepNames(notice: Notice): Notice {
  const { people, more } = notice;
  if (people.length <= keptNames) return notice;
  return { ...notice, people: people.slice(0, keptNames), more: more + people.length - keptNames };
}
