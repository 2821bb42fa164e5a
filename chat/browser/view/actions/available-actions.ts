/** Which actions a person has for a message. The server decides; this only avoids offers that it would refuse. */
import type { ChatState } from '../../state/chat-state.ts';
import { findMessage } from '../../state/message-data.ts';
import { firstUnread } from '../../state/reading.ts';
import { messageRights } from '../../state/message-rights.ts';
import type { ChatMessage } from '../../state/room-state.ts';
import { serverNow } from '../../time/server-time.ts';
import type { MessageAction } from './message-menu.tsx';

/** How long a message can be recalled, in milliseconds; a little less than on the server, since the command takes time. */
const recallMs = 118_000;

/** A stored message. */
export type ActionMessage = ChatMessage & { readonly seq: number };

/** The message with a number, unless it was deleted. */
export function findActionMessage(state: ChatState, roomId: string, seq: number): ActionMessage | undefined {
  const room = state.rooms.get(roomId);
  const message = room && findMessage(room, seq);
  return message?.data.deleted ? undefined : message;
}

/** @param now - By the clock of the server, in milliseconds since 1970. */
export function availableActions(
  state: ChatState,
  roomId: string,
  { author, time, data, seq }: ActionMessage,
  now: number = serverNow(),
): MessageAction[] {
  const isOwn = author.id === state.me.id;
  const isRecallable = isOwn && now - time < recallMs;
  const room = state.rooms.get(roomId);
  if (!room) return [];
  const { canWrite, canDeleteAll, canPin } = messageRights(state, room);
  return [
    ...(canWrite ? (['addReaction', 'reply'] as const) : []),
    ...(canWrite && isOwn ? (['edit'] as const) : []),
    'copyText',
    'copyLink',
    ...(canPin ? ([data.pinned === undefined ? 'pin' : 'unpin'] as const) : []),
    // From an own message on there may be nothing that can be unread.
    ...(firstUnread({ ...room, readSeq: seq - 1 }, state.me.id) === undefined ? [] : (['markUnread'] as const)),
    ...(isRecallable ? (['recall'] as const) : isOwn || canDeleteAll ? (['delete'] as const) : []),
  ];
}
