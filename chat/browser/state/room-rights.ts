/** What this person may do in a room, for the buttons of the page. The server decides: chat/rooms/room-access.ts has the same rules. */
import { maxPeopleForAll } from '../../mentions/mention-wire.ts';
import type { ChatState } from './chat-state.ts';
import type { RoomState } from './room-state.ts';

/** Whether the person may rename, archive and delete a room, and change its members. */
export function canManageRoom({ about, isMember }: RoomState, role: ChatState['role']): boolean {
  if ((about.kind !== 'public' && about.kind !== 'private') || role === 'guest') return false;
  return isMember && (about.role === 'owner' || role === 'administrator');
}

/** Whether the person may set the topic. */
export function canSetTopic(room: RoomState, role: ChatState['role']): boolean {
  return canManageRoom(room, role) || (room.about.kind === 'lobby' && role === 'administrator');
}

/** Whether the person may mention everybody in a room of `count` people. */
export function canMentionAll({ about }: RoomState, role: ChatState['role'], count: number): boolean {
  return count <= maxPeopleForAll || about.role === 'owner' || role === 'administrator';
}
