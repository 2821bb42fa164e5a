/**
 * Opens the room that the address names. A wide window always shows a room: if the address names none, the room that this
 * person opened last.
 */
import { lobbyId } from '../../wire.ts';
import { homeRoom } from '../state/room-order.ts';
import { serverNow } from '../time/server-time.ts';
import type { LastRoom } from '../storage/last-room.ts';
import { addressOf, messageOfAddress, roomOfAddress } from './address.ts';
import type { Chat } from './chat.ts';
import { chooseAddress, noteStep, watchBack } from './steps-from-list.ts';
import { noteOpening } from './whereabouts.ts';

/** Windows of this width show either the list or a room. The style sheet has the same number. */
export const narrowWindow = '(max-width: 759px)';

/** Follows the address until the page is unloaded. */
export function followAddress(chat: Chat, lastRoom: LastRoom): void {
  const narrow = matchMedia(narrowWindow);
  /** The room that the page chose because the address had none; undefined as soon as it is known to be a room of this person. */
  let chosen: string | undefined;

  const follow = (): void => {
    const roomId = roomOfAddress(location.hash);
    noteOpening();
    if (roomId !== undefined || narrow.matches) {
      const seq = messageOfAddress(location.hash);
      // A reload opens the room where the person left it, and the same link works again.
      if (roomId !== undefined && seq !== undefined) history.replaceState(history.state, '', addressOf(roomId));
      noteStep(roomId === undefined);
      chosen = undefined;
      chat.show(roomId, seq);
    } else choose(lastRoom.get() ?? lobbyId);
  };
  const choose = (roomId: string): void => {
    chosen = roomId;
    chooseAddress(addressOf(roomId));
    chat.show(roomId);
  };
  watchBack();
  window.addEventListener('hashchange', follow);
  narrow.addEventListener('change', follow);
  chat.store.listen(() => {
    const { openRoom, rooms, isWelcomed } = chat.store.value;
    if (!isWelcomed || openRoom === undefined) return;
    const isMember = rooms.get(openRoom)?.isMember === true;
    if (isMember) lastRoom.set(openRoom);
    else if (openRoom === lastRoom.get()) lastRoom.forget();
    if (openRoom !== chosen) return;
    // Later the person may be typing in it. So a room that they leave or that is removed stays open.
    chosen = undefined;
    const home = homeRoom(chat.store.value, serverNow());
    if (!isMember && home !== openRoom) choose(home);
  });
  follow();
}
