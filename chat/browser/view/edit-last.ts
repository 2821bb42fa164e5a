/** What the key Up does in an empty composer. */
import type { Chat } from '../session/chat.ts';
import { isUnknown } from '../state/refusal.ts';
import type { RoomState } from '../state/room-state.ts';

/**
 * Begins to edit the last message of this person that the page shows. One that was refused comes back into the composer.
 *
 * @returns Whether there is one, and it is not being sent.
 */
export function editLast(chat: Chat, room: RoomState): boolean {
  const unsent = room.outgoing.at(-1);
  if (unsent) {
    if (unsent.status !== 'failed' || isUnknown(unsent.code)) return false;
    chat.discard(room.id, unsent.id);
    if (unsent.data.reply !== undefined) chat.intents.set(room.id, { kind: 'reply', seq: unsent.data.reply });
    chat.drafts.putBack(room.id, unsent.data.text);
    return true;
  }
  const last = room.messages.findLast(
    ({ author, data, seq }) => author.id === chat.store.value.me.id && !data.deleted && seq !== undefined,
  );
  if (last?.seq === undefined) return false;
  chat.intents.edit(room.id, last.seq, last.data.text);
  return true;
}
