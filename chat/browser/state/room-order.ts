/** The list of rooms in its visible order: the lobby, the joined rooms, then the others, each group by name. */
import type { Language } from '../../locale/index.ts';
import { lobbyId } from '../../wire.ts';
import type { ChatState } from './chat-state.ts';
import type { RoomState } from './room-state.ts';

/** The list of rooms in its parts. */
export interface RoomList {
  readonly joined: readonly RoomState[];
  readonly others: readonly RoomState[];
  readonly removed: readonly RoomState[];
}

/** Sorts the rooms. */
export function listRooms({ rooms, language }: Pick<ChatState, 'rooms' | 'language'>): RoomList {
  const order = collator(language);
  const sorted = [...rooms.values()].sort(
    (a, b) => Number(b.id === lobbyId) - Number(a.id === lobbyId) || order.compare(a.name, b.name),
  );
  return {
    joined: sorted.filter((room) => room.isMember),
    others: sorted.filter((room) => !room.isMember && !room.isRemoved),
    removed: sorted.filter((room) => room.isRemoved),
  };
}

/**
 * The joined room above or below another in the list, around its ends.
 *
 * @param passes - Whether a room counts; others are skipped.
 * @returns Undefined if no other room counts.
 */
export function neighbourRoom(
  { joined }: RoomList,
  from: string | undefined,
  step: 1 | -1,
  passes: (room: RoomState) => boolean = () => true,
): RoomState | undefined {
  const start = joined.findIndex(({ id }) => id === from);
  for (let index = 1; index <= joined.length; index++) {
    const begin = start < 0 && step < 0 ? 0 : start;
    const room = joined[(begin + step * index + joined.length * index) % joined.length];
    if (room && room.id !== from && passes(room)) return room;
  }
  return undefined;
}

const collators = new Map<Language, Intl.Collator>();

function collator(language: Language): Intl.Collator {
  let known = collators.get(language);
  if (!known) collators.set(language, (known = new Intl.Collator(language, { numeric: true })));
  return known;
}
