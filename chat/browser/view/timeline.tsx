/** The messages of a room, the lines between them, and the button that jumps to the newest. */
import type { JSX } from 'preact';
import { useContext, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { firstUnread, unreadCount } from '../state/reading.ts';
import type { RoomState } from '../state/room-state.ts';
import { layOutTimeline } from '../state/timeline-layout.ts';
import { ActionsPlace } from './actions-place.tsx';
import { EmptyRoom } from './empty.tsx';
import { Icon } from './icon.tsx';
import { useLateParts } from './late-part.ts';
import { PeopleContext } from './mention.tsx';
import { RoomScroll } from './room-scroll.ts';
import { TimelineRow } from './timeline-row.tsx';
import { useDeeds } from './use-deeds.ts';
import { useNearestFirst } from './use-nearest-first.ts';
import { roomName, shownCount, useWords } from './words.ts';

/** A jump to the newest message over more unread ones can be undone. About a screen of them. */
const manyUnread = 20;

/** Props of {@link Timeline}. */
export interface TimelineProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly me: Person;
  readonly isConnected: boolean;
}

/** The timeline of one room. Each opened room mounts a new one. */
export function Timeline({ chat, room, me, isConnected }: TimelineProps): JSX.Element {
  const words = useWords();
  const { t } = words;
  const viewport = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isAtEnd, setAtEnd] = useState<boolean>();
  /** Whether unread messages are above the screen while it is at the end. */
  const [isUnreadAbove, setUnreadAbove] = useState(false);
  const onMove = useRef<() => void>(() => {});
  const scroll = useMemo(() => {
    const onEnd = (isEnd: boolean): void => {
      setAtEnd(isEnd);
      chat.place.setAtEnd(room.id, isEnd);
    };
    return new RoomScroll(onEnd, () => onMove.current());
  }, [room.id]);
  const items = useMemo(() => {
    // The rows are about to change.
    scroll.hold();
    return layOutTimeline(room, me, words.timeZone);
  }, [room, me, words.timeZone]);
  const unread = unreadCount(room, me.id);
  const deeds = useDeeds(chat, room.id, me.id, items, (seq) => void chat.place.goToMessage(room.id, seq));
  const newestOutgoing = room.outgoing.at(-1)?.id;
  const place = room.view?.place;
  const { rows, isPart, isCutBelow } = useNearestFirst(items, place, () => scroll.hold());
  const late = useLateParts(false);
  const { find } = useContext(PeopleContext);
  scroll.isDetached = room.isDetached || isCutBelow;
  scroll.isGrowing = isPart;

  useLayoutEffect(() => {
    const detach = scroll.attach(viewport.current!, content.current!);
    const leave = (): void => chat.place.leaveAt(room.id, scroll.place);
    window.addEventListener('pagehide', leave);
    return () => {
      window.removeEventListener('pagehide', leave);
      leave();
      detach();
    };
  }, [scroll]);
  useLayoutEffect(() => scroll.keep());
  useLayoutEffect(() => {
    if (place) scroll.open(place);
  }, [scroll, place]);
  // Scroll to the end when the person sends a message.
  useLayoutEffect(() => {
    if (place && newestOutgoing !== undefined && room.outgoing.at(-1)?.status === 'pending')
      chat.place.goToNewest(room.id);
  }, [scroll, newestOutgoing]);
  // After each render, since new messages may be on screen, or the window has attention now.
  useEffect(() => {
    onMove.current = () => {
      const { isNear, seen } = scroll;
      if (isNear.start && !isPart) chat.loader.older(room.id);
      if (isNear.end && !isPart) chat.loader.newer(room.id);
      if (!seen) return;
      chat.readSeen(room.id, seen);
      const current = chat.store.value.rooms.get(room.id);
      const next = current && firstUnread(current, me.id);
      setUnreadAbove(scroll.isAtEnd && next !== undefined && next < seen.first);
    };
    // In the next frame, since a button that appears now makes the messages lower.
    const frame = requestAnimationFrame(() => onMove.current());
    return () => cancelAnimationFrame(frame);
  });

  const toEnd = (): void => {
    chat.place.goToNewest(room.id);
    if (unread > manyUnread) late?.offerUndo(chat, [{ room: room.id, seq: room.readSeq }]);
    chat.readToEnd(room.id);
  };
  const toUnread = (): void => {
    const next = firstUnread(room, me.id);
    if (next !== undefined) void chat.place.goToMessage(room.id, next);
  };

  return (
    <div class="timeline">
      <div
        ref={viewport}
        class="timeline-viewport"
        role="log"
        aria-label={t('messagesIn', { room: roomName(room, t) })}
        // The announcer announces new messages. A live log would announce the whole history too.
        aria-live="off"
        aria-busy={!place}
        tabIndex={0}
      >
        <div ref={content} class="timeline-content" onCopy={(event) => late?.copySelected(event, find, t)}>
          {place && items.every(({ kind }) => kind === 'notice') && (
            <EmptyRoom title={t('emptyRoom')} hint={t('emptyRoomHint')}>
              <div class="empty-steps">{late && <late.EmptySteps chat={chat} room={room} />}</div>
            </EmptyRoom>
          )}
          <ol class="timeline-items" hidden={!place}>
            {rows.map((item) => (
              <TimelineRow
                key={item.key}
                item={item}
                words={words}
                isConnected={isConnected}
                onRetry={(id) => chat.retry(id)}
                onDiscard={(id) => chat.discard(room.id, id)}
                onUnfold={() => scroll.leaveEnd()}
                deeds={deeds}
              />
            ))}
          </ol>
          {!place && <p class="timeline-loading">{t('loading')}</p>}
        </div>
      </div>
      <ActionsPlace chat={chat} roomId={room.id} viewport={viewport} />
      {isAtEnd === false && (
        <Jump
          icon="down"
          label={unread > 0 ? t('jumpToUnread', { count: unread, shown: shownCount(unread) }) : t('jumpToNewest')}
          unread={unread}
          onClick={toEnd}
        />
      )}
      {isAtEnd === true && isUnreadAbove && (
        <Jump
          icon="up"
          label={t('goToUnread', { count: unread, shown: shownCount(unread) })}
          unread={unread}
          onClick={toUnread}
        />
      )}
    </div>
  );
}

/** The button that scrolls to the newest message, or to the first unread one. It has its own row, so that it covers no text. */
function Jump(props: { icon: 'down' | 'up'; label: string; unread: number; onClick: () => void }): JSX.Element {
  const { icon, label, unread, onClick } = props;
  return (
    <div class="jump-place">
      <button type="button" class={`jump jump--${icon}`} aria-label={label} title={label} onClick={onClick}>
        <Icon name={icon} />
        {unread > 0 && <span class="badge">{shownCount(unread)}</span>}
      </button>
    </div>
  );
}
