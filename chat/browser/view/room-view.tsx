/** The open room: its header, its messages, the composer, and the panel of people. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import { isFocusFree } from '../session/whereabouts.ts';
import type { ChatState } from '../state/chat-state.ts';
import { messageRights } from '../state/message-rights.ts';
import type { RoomState } from '../state/room-state.ts';
import { BackLink } from './back-link.tsx';
import { Composer } from './composer.tsx';
import { Icon } from './icon.tsx';
import { PinsButton } from './pins-button.tsx';
import { People } from './people-panel.tsx';
import { Timeline } from './timeline.tsx';
import { useBack } from './use-back.ts';
import { RoomMenu } from './room-menu.tsx';
import { RoomTitle } from './room-title.tsx';
import { useWords } from './words.ts';

/** From this width the panel of people is beside the messages. In narrower windows it covers them, and on phones the composer too. */
const wideEnough = '(min-width: 1240px)';

/** Props of {@link RoomView}. */
export interface RoomViewProps {
  readonly chat: Chat;
  readonly state: ChatState;
  readonly room: RoomState;
  readonly isTouch: boolean;
}

/** A room that the person is a member of. Each opened room mounts a new one. */
export function RoomView({ chat, state, room, isTouch }: RoomViewProps): JSX.Element {
  const { t } = useWords();
  // Open from the start only where the panel does not cover the messages, and only until the person closes it.
  const [showsPeople, setShowsPeople] = useState(() => matchMedia(wideEnough).matches && !chat.peoplePanel.isClosed);
  const peopleButton = useRef<HTMLButtonElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    if (isTouch && isFocusFree()) heading.current?.focus({ preventScroll: true });
  }, []);

  const showPeople = (isShown: boolean): void => {
    setShowsPeople(isShown);
    if (matchMedia(wideEnough).matches) chat.peoplePanel.set(!isShown);
  };
  const closePeople = (): void => {
    showPeople(false);
    peopleButton.current?.focus();
  };
  useBack(showsPeople && !matchMedia(wideEnough).matches, closePeople);
  useEffect(() => {
    const wide = matchMedia(wideEnough);
    const fit = (): void => {
      if (!wide.matches) setShowsPeople(false);
    };
    wide.addEventListener('change', fit);
    return () => wide.removeEventListener('change', fit);
  }, []);
  useLayoutEffect(() => {
    // A panel that covers the messages closes like a menu: on Esc, or on a press elsewhere.
    if (!showsPeople || matchMedia(wideEnough).matches) return;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === 'Escape') closePeople();
    };
    const onPointerDown = (event: PointerEvent): void => {
      if (event.target instanceof Element && !event.target.closest('#people, .here-count')) setShowsPeople(false);
    };
    document.addEventListener('keydown', onKeyDown);
    document.addEventListener('pointerdown', onPointerDown);
    return () => {
      document.removeEventListener('keydown', onKeyDown);
      document.removeEventListener('pointerdown', onPointerDown);
    };
  }, [showsPeople]);
  return (
    <section class="room" data-room={room.id} aria-labelledby="room-name">
      <header class="room-head">
        <BackLink />
        <RoomTitle chat={chat} room={room} me={state.me.id} heading={heading} />
        <button
          ref={peopleButton}
          type="button"
          class="here-count"
          aria-expanded={showsPeople}
          aria-controls="people"
          onClick={() => showPeople(!showsPeople)}
        >
          <Icon name="people" />
          <span data-count={room.peopleCount || '…'}>
            {room.peopleCount > 0 ? t('hereCount', { count: room.peopleCount }) : t('loading')}
          </span>
        </button>
        <PinsButton chat={chat} roomId={room.id} canPin={messageRights(state, room).canPin} />
        <RoomMenu chat={chat} room={room} isGuest={state.role === 'guest'} />
      </header>
      <div class="room-body">
        <Timeline chat={chat} room={room} me={state.me} isConnected={state.connection.state === 'open'} />
        {room.about.archivedAt === undefined ? (
          <Composer chat={chat} room={room} limits={state.limits} isTouch={isTouch} />
        ) : (
          <p id="composer" class="composer-place room-archived" tabIndex={-1}>
            <Icon name="archive" />
            {t('roomArchived')}
          </p>
        )}
        {showsPeople && <People chat={chat} room={room} me={state.me} onClose={closePeople} />}
      </div>
    </section>
  );
}
