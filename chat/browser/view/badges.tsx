/** What is unread in a room, in the list of rooms: mentions of this person, and other messages. */
import type { JSX } from 'preact';
import { mentionCount } from '../state/own-mentions.ts';
import { unreadCount } from '../state/reading.ts';
import type { RoomState } from '../state/room-state.ts';
import { shownCount, useWords } from './words.ts';

/** Renders the numbers; nothing if all is read. @param isMuted - Only mentions are shown. */
export function Badges({
  room,
  me,
  isMuted = false,
}: {
  room: RoomState;
  me: string;
  isMuted?: boolean;
}): JSX.Element | null {
  const { t } = useWords();
  const mentioned = mentionCount(room);
  const unread = isMuted ? 0 : unreadCount(room, me);
  if (mentioned === 0 && unread === 0) return null;
  return (
    <span class="badges">
      {mentioned > 0 && (
        <span class="badge badge--mention">
          <span aria-hidden="true">@{shownCount(mentioned)}</span>
          <span class="visually-hidden">{t('mentionCount', { count: mentioned, shown: shownCount(mentioned) })}</span>
        </span>
      )}
      {unread > mentioned && (
        <span class="badge">
          <span aria-hidden="true">{shownCount(unread)}</span>
          <span class="visually-hidden">{t('unreadCount', { count: unread, shown: shownCount(unread) })}</span>
        </span>
      )}
    </span>
  );
}
