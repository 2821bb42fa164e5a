/** The whole page: the list of rooms, the open room, and the connection banner above both. */
import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { isolate } from '../../locale/index.ts';
import type { Chat } from '../session/chat.ts';
import { narrowWindow } from '../session/follow-address.ts';
import { waitingFor, type ChatState } from '../state/chat-state.ts';
import { serverNow } from '../time/server-time.ts';
import { Announcer } from './announcer.tsx';
import { HomeLink, ListLink } from './back-link.tsx';
import { Brand } from './brand.tsx';
import { EmptyRoom } from './empty.tsx';
import { listenToKeys } from './keys.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Dialogs } from './dialogs.tsx';
import { LateItems } from './late-items.tsx';
import { useIdle, useLateParts } from './late-part.ts';
import { PeopleContext, type KnownPeople } from './mention.tsx';
import { MentionsButton } from './mentions-button.tsx';
import { useTexts, type Texts } from './page-texts.ts';
import { RoomList } from './room-list.tsx';
import { RoomView } from './room-view.tsx';
import { useStore } from './use-store.ts';
import { UserMenu } from './user-menu.tsx';
import { roomName, useCalendar, useWords, WordsContext, type Words } from './words.ts';

/** Renders the page, sets its title and listens to its keys. */
export function App({ chat, texts }: { chat: Chat; texts: Texts }): JSX.Element {
  const state = useStore(chat.store, opensRoom);
  const { today, timeZone: browserTimeZone } = useCalendar();
  const shown = useTexts(texts, state.language);
  const timeZone = state.choices.timeZone ?? browserTimeZone;
  const words = useMemo<Words>(() => ({ ...shown, today, timeZone }), [shown, today, timeZone]);
  const known = useStore(chat.names.store);
  const people = useMemo<KnownPeople>(
    () => ({ me: state.me.id, find: (id) => chat.names.find(id) }),
    [chat, known, state.me.id],
  );
  const room = state.openRoom === undefined ? undefined : state.rooms.get(state.openRoom);
  const { forMe, hasOthers } = waitingFor(state, serverNow());
  const late = useLateParts(useIdle(isShown(state)));
  const isNarrow = useIsNarrow();
  /** A narrow window shows the list only while no room is open. */
  const isList = isNarrow && state.openRoom === undefined;

  useEffect(() => listenToKeys(chat), [chat]);
  useEffect(() => {
    const { t } = words;
    const title = room ? `${isolate(roomName(room, t))} · ${t('product')}` : t('product');
    document.title = `${forMe > 0 ? `(${forMe}) ` : hasOthers ? '• ' : ''}${title}`;
  });
  return (
    <WordsContext.Provider value={words}>
      <PeopleContext.Provider value={people}>
        <div class={state.openRoom === undefined ? 'shell shell--list' : 'shell shell--room'}>
          {room?.isMember && (
            <a
              class="skip-link"
              href="#composer"
              onClick={(event) => {
                // The fragment of the URL names the open room, so the link must not change it.
                event.preventDefault();
                document.querySelector<HTMLElement>('#composer')?.focus();
              }}
            >
              {words.t('skipToComposer')}
            </a>
          )}
          <div class="banner-place">
            <ConnectionBanner chat={chat} connection={state.connection} />
            {late && <late.Background chat={chat} state={state} forMe={forMe} hasOthers={hasOthers} />}
          </div>
          <div class="side" role={isList ? 'main' : 'banner'}>
            <Brand isTitle={isList} />
            <MentionsButton chat={chat} state={state} />
            <RoomList chat={chat} state={state} isNarrow={isNarrow} />
            <UserMenu chat={chat} me={state.me} />
          </div>
          <main class="stage">
            <Stage chat={chat} state={state} />
          </main>
          <Announcer chat={chat} />
          <Dialogs chat={chat} state={state} />
        </div>
      </PeopleContext.Provider>
    </WordsContext.Provider>
  );
}

/** Another room is drawn before the next key, which the person types into it. */
function opensRoom(before: ChatState, after: ChatState): boolean {
  return before.openRoom !== after.openRoom;
}

/** Whether the first messages are shown. */
function isShown({ isWelcomed, openRoom, rooms }: ChatState): boolean {
  const room = openRoom === undefined ? undefined : rooms.get(openRoom);
  return isWelcomed && (!room?.isMember || room.view?.place !== undefined);
}

/** Whether the window shows either the list or a room. */
function useIsNarrow(): boolean {
  const narrow = useMemo(() => matchMedia(narrowWindow), []);
  const [isNarrow, setNarrow] = useState(narrow.matches);
  useEffect(() => {
    const follow = (): void => setNarrow(narrow.matches);
    narrow.addEventListener('change', follow);
    return () => narrow.removeEventListener('change', follow);
  }, [narrow]);
  return isNarrow;
}

function Stage({ chat, state }: { chat: Chat; state: ChatState }): JSX.Element {
  const { t } = useWords();
  const { openRoom, rooms, isWelcomed, looksAt } = state;
  const room = openRoom === undefined ? undefined : rooms.get(openRoom);
  if (room?.isMember) {
    const isTouch = matchMedia('(pointer: coarse)').matches;
    return <RoomView key={room.id} chat={chat} state={state} room={room} isTouch={isTouch} />;
  }
  if (room) {
    const props = { chat, room, me: state.me, isConnected: state.connection.state === 'open' };
    return (
      <LateItems key={room.id}>
        {({ RemovedRoom, NotJoined }) => (room.isRemoved ? <RemovedRoom {...props} /> : <NotJoined {...props} />)}
      </LateItems>
    );
  }
  if (!isWelcomed || (looksAt !== undefined && looksAt === openRoom)) {
    return (
      <>
        <h1 class="visually-hidden">{t('product')}</h1>
        <p class="stage-loading">{t('loading')}</p>
      </>
    );
  }
  return openRoom === undefined ? (
    <EmptyRoom isAlone title={t('chooseRoom')} hint={t('chooseRoomHint')}>
      <HomeLink chat={chat} />
    </EmptyRoom>
  ) : (
    <EmptyRoom isAlone title={t('unknownRoom')} hint={t('unknownRoomHint')}>
      <ListLink class="button">{t('backToRooms')}</ListLink>
    </EmptyRoom>
  );
}
