/** The people in a room, and the notices of people who came and went. */
import type { Person, PresenceBatch, RoomPeople } from 'gale/client';
import type { Notice, RoomState } from './room-state.ts';

/** Most notices in a room. */
const keptNotices = 30;
/** The circumstances of a change. */
interface Circumstances {
  readonly me: string;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/**
 * Applies the list of people: after each subscription, when a big room has become small, and instead of many changes at once.
 *
 * @param isFirst - Whether it is the first list after a subscription. Other lists are changes, which notices show.
 */
export function applyPeople(
  room: RoomState,
  { people, count }: Omit<RoomPeople, 'room'>,
  isFirst: boolean,
  circumstances: Circumstances,
): RoomState {
  const next = { ...room, people, peopleCount: count };
  if (isFirst || !people || !room.people) return next;
  return addNotices(next, without(people, room.people), without(room.people, people), circumstances);
}

/**
 * Applies a change of presence. An open room shows it in notices: between two messages one for people who came and one for
 * people who left. Each person is in the last matching notice only. A big room has a count only: the people who made it big are
 * in the notice too, by their number, and later ones as long as that notice is the newest. Others cause no notice.
 */
export function applyPresence(
  room: RoomState,
  { entered, left, count }: Omit<PresenceBatch, 'room'>,
  circumstances: Circumstances,
): RoomState {
  if (!entered || !left || !room.people) {
    const next = { ...room, people: undefined, peopleCount: count };
    const isMeNew = room.people !== undefined && !room.people.some(({ id }) => id === circumstances.me);
    const more = count - room.peopleCount - Number(isMeNew);
    return addUnnamed(next, more, room.people !== undefined, circumstances.now);
  }
  const people = new Map(room.people.map((person) => [person.id, person]));
  // The server may repeat people of the list.
  const came = entered.filter(({ id }) => !people.has(id));
  const went = left.filter(({ id }) => people.delete(id));
  for (const person of came) people.set(person.id, person);
  return addNotices({ ...room, people: [...people.values()], peopleCount: count }, came, went, circumstances);
}

function addNotices(
  room: RoomState,
  came: readonly Person[],
  went: readonly Person[],
  { me, now }: Circumstances,
): RoomState {
  if (!room.view) return room;
  const others = ({ id }: Person): boolean => id !== me;
  return addNotice(addNotice(room, 'enter', came.filter(others), now), 'leave', went.filter(others), now);
}

function addNotice(room: RoomState, change: Notice['change'], people: readonly Person[], now: number): RoomState {
  if (people.length === 0) return room;
  const after = room.arrived;
  const moved = new Set(people.map(({ id }) => id));
  let isAdded = false;
  const notices = room.notices
    .map((notice) => {
      if (notice.after !== after) return notice;
      const stay = notice.people.filter(({ id }) => !moved.has(id));
      if (notice.change !== change) return { ...notice, people: stay };
      isAdded = true;
      return { ...notice, people: [...stay, ...people] };
    })
    .filter(hasPeople);
  if (!isAdded) notices.push({ change, people, more: 0, time: now, after });
  return { ...room, notices: notices.slice(-keptNotices) };
}

/**
 * Adds people without names to the newest notices; a negative number left. People who left are first taken from the unnamed ones
 * who came.
 *
 * @param isNoticed - Whether there is a notice for them if there is none yet.
 */
function addUnnamed(room: RoomState, more: number, isNoticed: boolean, now: number): RoomState {
  if (!room.view || more === 0) return room;
  const after = room.arrived;
  const newest = (change: Notice['change']): Notice | undefined =>
    room.notices.find((notice) => notice.after === after && notice.change === change);
  const numbers = { enter: Math.max(0, more), leave: Math.max(0, -more) };
  const taken = Math.min(numbers.leave, newest('enter')?.more ?? 0);
  const changes = { enter: numbers.enter - taken, leave: numbers.leave - taken };
  const notices = room.notices.map((notice) =>
    notice.after === after ? { ...notice, more: notice.more + changes[notice.change] } : notice,
  );
  for (const change of ['enter', 'leave'] as const) {
    if (isNoticed && changes[change] > 0 && !newest(change)) {
      notices.push({ change, people: [], more: changes[change], time: now, after });
    }
  }
  return { ...room, notices: notices.filter(hasPeople).slice(-keptNotices) };
}

function hasPeople({ people, more }: Notice): boolean {
  return people.length + more > 0;
}

function without(people: readonly Person[], others: readonly Person[]): Person[] {
  const ids = new Set(others.map(({ id }) => id));
  return people.filter(({ id }) => !ids.has(id));
}
