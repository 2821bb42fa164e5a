/** The people in a room, and the notices of people who came and went. */
import type { Person, PresenceBatch, RoomPeople } from 'gale/client';
import { lastOffset, type Notice, type RoomState } from './room-state.ts';

/** Most notices in a room. */
const keptNotices = 30;
/** Most names in one notice; further people are only counted. */
const keptNames = 500;

/** Applies the list of people: after each subscription, and when a big room has become small. */
export function applyPeople(room: RoomState, { people, count }: Omit<RoomPeople, 'room'>): RoomState {
  return { ...room, people, peopleCount: count };
}

/**
 * Applies a change of presence. An open room shows it in notices: between two messages one for people who came and one for
 * people who left. Each person is in the last matching notice only. A big room has a count only, and no notices.
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
  // The server may repeat people of the list.
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
