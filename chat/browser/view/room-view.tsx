/** The open room: its header, its messages, the composer, and the panel of people. */
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import { isFocusFree } from '../session/whereabouts.ts';
import { lobbyId } from '../../wire.ts';
import type { ChatState } from '../state/chat-state.ts';
import { roomRefusal } from '../state/refusal.ts';
import type { RoomState } from '../state/room-state.ts';
import { BackLink } from './back-link.tsx';
import { Composer } from './composer.tsx';
import { Disclosure } from './disclosure.tsx';
import { Icon } from './icon.tsx';
import { People } from './people.tsx';
import { Timeline } from './timeline.tsx';
import { useBack } from './use-back.ts';
import { useRequest } from './use-request.ts';
import { roomName, useWords } from './words.ts';

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
        <h1 id="room-name" class="room-name" ref={heading} tabIndex={-1} dir="auto">
          {roomName(room, t)}
        </h1>
        <button
          ref={peopleButton}
          type="button"
          class="here-count"
          aria-expanded={showsPeople}
          aria-controls="people"
          onClick={() => showPeople(!showsPeople)}
        >
          <Icon name="people" />
          <span>{t('hereCount', { count: room.peopleCount })}</span>
        </button>
        {room.id !== lobbyId && <RoomMenu chat={chat} room={room} />}
      </header>
      <div class="room-body">
        <Timeline chat={chat} room={room} me={state.me} isConnected={state.connection.state === 'open'} />
        <Composer chat={chat} room={room} limits={state.limits} isTouch={isTouch} />
        {showsPeople && <People chat={chat} room={room} me={state.me} onClose={closePeople} />}
      </div>
    </section>
  );
}

function RoomMenu({ chat, room }: { chat: Chat; room: RoomState }): JSX.Element {
  const { t } = useWords();
  const { run, isBusy, error } = useRequest(chat);
  return (
    <Disclosure class="room-menu" label={t('roomMenu')} summary={<Icon name="more" />}>
      {() => (
        <>
          <button
            type="button"
            class="menu-item menu-item--danger"
            aria-busy={isBusy}
            // The page of the room that was left replaces the menu.
            onClick={() => void run(() => chat.leaveRoom(room.id))}
          >
            <Icon name="leave" />
            {t('leaveRoom')}
          </button>
          {error && (
            <p class="menu-words" role="alert">
              {t(roomRefusal(error.code))}
            </p>
          )}
        </>
      )}
    </Disclosure>
  );
}
