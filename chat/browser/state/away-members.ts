/** The members of a room who are not present. */
import type { Person } from 'gale/client';
import type { WireMember } from '../../rooms/wire-rooms.ts';
import type { RoomState } from './room-state.ts';

/**
 * The members who are known not to be present, and their number; in a big room, whose people are unknown, all members. The reader is
 * always present: as long as nobody is known to be, who is away is unknown too.
 *
 * @param members - Those that are loaded, and the number of all.
 */
export function awayMembers(
  { people }: Pick<RoomState, 'people'>,
  members: { readonly list: readonly WireMember[]; readonly count: number },
  me: Person,
): { readonly list: readonly WireMember[]; readonly count: number } {
  if (!people) return { list: members.list, count: members.count };
  if (people.length === 0) return { list: [], count: 0 };
  const here = new Set([me.id, ...people.map(({ id }) => id)]);
  const list = members.list.filter(({ id }) => !here.has(id));
  return { list, count: Math.max(list.length, members.count - here.size) };
}
