/** The entries of the menu of the open room: details, people, mute, leave. */
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import type { Chat } from '../session/chat.ts';
import { isMuted, type RoomState } from '../state/room-state.ts';
import { serverNow } from '../time/server-time.ts';
import { LateIcon } from './late-icon.tsx';
import { refusalText } from './late-text.ts';
import { useRequest } from './use-request.ts';
import { useWords } from './words.ts';

const hourMs = 3_600_000;

/** How long a room can be muted, in milliseconds; undefined for good. */
const mutes = [
  { key: 'muteHour', ms: hourMs },
  { key: 'muteDay', ms: 24 * hourMs },
  { key: 'muteWeek', ms: 7 * 24 * hourMs },
  { key: 'muteForGood', ms: undefined },
] as const;

/** Props of {@link RoomMenuItems}. */
export interface RoomMenuItemsProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly isGuest: boolean;
  readonly close: () => void;
}

function focusNow(button: HTMLButtonElement | null): void {
  button?.focus();
}

/** Renders the entries. */
export function RoomMenuItems({ chat, room, isGuest, close }: RoomMenuItemsProps): JSX.Element {
  const words = useWords();
  const { language } = words;
  const a = actionTranslator(language);
  const { run, isBusy, error } = useRequest(chat);
  const { kind, archivedAt } = room.about;
  const isGroup = kind === 'public' || kind === 'private';
  const isSilent = isMuted(room, serverNow());
  // Only a member can undo it for a private room.
  const [isAsking, setAsking] = useState(false);
  const ask = (): void => setAsking(true);
  // The page of the room that was left replaces the menu.
  const leave = (): void => void run(() => chat.leaveRoom(room.id));
  return (
    <>
      {kind !== 'direct' && (
        <button
          type="button"
          class="menu-item"
          onClick={() => {
            close();
            chat.dialog.open({ kind: 'details', room: room.id });
          }}
        >
          <LateIcon name="info" />
          {a('roomDetails')}
        </button>
      )}
      {isGroup && !isGuest && archivedAt === undefined && (
        <button
          type="button"
          class="menu-item"
          onClick={() => {
            close();
            chat.dialog.open({ kind: 'add-people', room: room.id });
          }}
        >
          <LateIcon name="person-add" />
          {a('addPeople')}
        </button>
      )}
      {isSilent ? (
        <button
          type="button"
          class="menu-item"
          aria-busy={isBusy}
          onClick={() => void run(() => chat.mute(room.id, null)).then((result) => result === 'done' && close())}
        >
          <LateIcon name="bell" />
          {a('unmute')}
        </button>
      ) : (
        <div class="menu-group" role="group" aria-label={a('mute')}>
          <p class="menu-title" aria-hidden="true">
            <LateIcon name="bell-off" />
            {a('mute')}
          </p>
          <div class="menu-choices">
            {mutes.map(({ key, ms }) => (
              <button
                key={key}
                type="button"
                class="button button--small"
                onClick={() => {
                  const until = ms === undefined ? Number.MAX_SAFE_INTEGER : serverNow() + ms;
                  void run(() => chat.mute(room.id, until)).then((result) => result === 'done' && close());
                }}
              >
                {a(key)}
              </button>
            ))}
          </div>
        </div>
      )}
      {isGroup && !isAsking && (
        <button
          type="button"
          class="menu-item menu-item--danger"
          aria-busy={isBusy}
          onClick={() => (kind === 'private' ? ask() : leave())}
        >
          <LateIcon name="leave" />
          {a('leaveRoom')}
        </button>
      )}
      {isAsking && (
        <div role="group" aria-label={a('leaveRoom')}>
          <p id="leave-words" class="menu-words menu-words--calm">
            {a('leavePrivate')}
          </p>
          <div class="menu-choices">
            <button
              ref={focusNow}
              type="button"
              class="button button--small"
              aria-describedby="leave-words"
              onClick={close}
            >
              {a('cancel')}
            </button>
            <button type="button" class="button button--small menu-leave" aria-busy={isBusy} onClick={leave}>
              {a('leave')}
            </button>
          </div>
        </div>
      )}
      {error && (
        <p class="menu-words" role="alert">
          {refusalText(words, error)}
        </p>
      )}
    </>
  );
}
