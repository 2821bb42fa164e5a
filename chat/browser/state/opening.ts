/** What the page shows of a room before it is connected. */
import type { Opening } from '../../wire.ts';
import { applyRoom, updateRoom, type ChatState } from './chat-state.ts';
import { applyMe } from './people.ts';
import { startView } from './reading.ts';
import { showPart } from './timeline-window.ts';

/** Applies what the page has, as if the connection had been lost there. */
export function applyOpening(state: ChatState, { me, room, at, messages, first, part }: Opening): ChatState {
  return updateRoom(applyRoom(applyMe(state, me), room), room.id, (known) => {
    if (!known.view) return known;
    const loaded = { ...known, arrived: at.offset, isLoaded: true, messages, firstSeq: first };
    return startView(part ? showPart(loaded, part) : loaded, me.id);
  });
}
