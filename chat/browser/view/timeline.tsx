/** The messages of a room, the lines between them, and the button that jumps to the newest. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { unreadCount } from '../state/reading.ts';
import type { RoomState } from '../state/room-state.ts';
import { layOutTimeline } from '../state/timeline-layout.ts';
import { EmptyRoom } from './empty.tsx';
import { Icon } from './icon.tsx';
import { RoomScroll } from './room-scroll.ts';
import { TimelineRow } from './timeline-row.tsx';
import { roomName, shownCount, useWords } from './words.ts';

/** Props of {@link Timeline}. */
export interface TimelineProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly me: Person;
  readonly isConnected: boolean;
  readonly isAttentive: boolean;
}

/** The timeline of one room. Each opened room mounts a new one. */
export function Timeline({ chat, room, me, isConnected, isAttentive }: TimelineProps): JSX.Element {
  const words = useWords();
  const { t } = words;
  const viewport = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState<boolean>();
  const scroll = useMemo(() => new RoomScroll(room.id, setAtEnd), [room.id]);
  const items = useMemo(() => layOutTimeline(room, me), [room, me]);
  const unread = unreadCount(room, me.id);
  const newestOutgoing = room.outgoing.at(-1)?.id;

  useLayoutEffect(() => scroll.attach(viewport.current!, content.current!), [scroll]);
  useLayoutEffect(() => {
    if (room.isLoaded) scroll.open();
  }, [scroll, room.isLoaded]);
  // Scroll to the end when the person sends a message.
  useLayoutEffect(() => {
    if (newestOutgoing !== undefined && room.outgoing.at(-1)?.status === 'pending') scroll.toEnd();
  }, [scroll, newestOutgoing]);
  useLayoutEffect(() => scroll.follow());
  useEffect(() => {
    if (room.isLoaded && isAttentive && scroll.isAtEnd) chat.readToEnd(room.id);
  });

  return (
    <div class="timeline">
      <div
        ref={viewport}
        class="timeline-viewport"
        role="log"
        aria-label={t('messagesIn', { room: roomName(room, t) })}
        // The announcer announces new messages. A live log would announce the whole history too.
        aria-live="off"
        aria-busy={!room.isLoaded}
        tabIndex={0}
      >
        <div ref={content} class="timeline-content">
          {room.isLoaded && items.length === 0 ? (
            <EmptyRoom title={t('emptyRoom')} hint={t('emptyRoomHint')} />
          ) : (
            <ol class="timeline-items" hidden={!room.isLoaded}>
              {items.map((item) => (
                <TimelineRow
                  key={item.key}
                  item={item}
                  words={words}
                  isConnected={isConnected}
                  onRetry={(id) => chat.retry(id)}
                  onDiscard={(id) => chat.discard(room.id, id)}
                />
              ))}
            </ol>
          )}
          {!room.isLoaded && <p class="timeline-loading">{t('loading')}</p>}
          <div class="jump-place">
            <button
              type="button"
              class={isAtEnd === false ? 'jump jump--shown' : 'jump'}
              aria-label={
                unread > 0 ? t('jumpToUnread', { count: unread, shown: shownCount(unread) }) : t('jumpToNewest')
              }
              onClick={() => scroll.toEnd()}
            >
              <Icon name="down" />
              {unread > 0 && <span class="badge">{shownCount(unread)}</span>}
            </button>
          </div>
        </div>
      </div>
    </div>
  );
}
