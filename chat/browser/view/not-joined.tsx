/** The view of a room that the person is not a member of. */
import type { JSX } from 'preact';
import { actionTranslator } from '../../locale/actions/index.ts';
import { BackLink, HomeLink } from './back-link.tsx';
import { EmptyRoom } from './empty.tsx';
import { refusalText } from './late-text.ts';
import { Unsent, type UnsentProps } from './unsent.tsx';
import { useRequest } from './use-request.ts';
import { useWords } from './words.ts';

/** Offers to join the room. */
export function NotJoined(props: UnsentProps): JSX.Element {
  const { chat, room } = props;
  const words = useWords();
  const { t, language } = words;
  const a = actionTranslator(language);
  const { run, isBusy, error } = useRequest(chat);
  const isPrivate = room.about.kind !== 'public';
  return (
    <section class="room" data-room={room.id} aria-labelledby="room-name">
      <header class="room-head">
        <BackLink />
        <h1 id="room-name" class="room-name" tabIndex={-1} dir="auto">
          {room.name}
        </h1>
      </header>
      <div class="outside">
        {isPrivate ? (
          <EmptyRoom title={a('notInvited')} hint={a('notInvitedHint')}>
            <HomeLink chat={chat} />
          </EmptyRoom>
        ) : (
          <EmptyRoom title={a('notJoined')} hint={room.about.topic === '' ? a('notJoinedHint') : room.about.topic}>
            <button
              type="button"
              class="button button--main"
              aria-busy={isBusy}
              onClick={() => void run(() => chat.joinRoom(room.id))}
            >
              {t('joinRoom', { room: room.name })}
            </button>
            {error && (
              <p class="empty-words" role="alert">
                {refusalText(words, error)}
              </p>
            )}
          </EmptyRoom>
        )}
        <Unsent {...props} />
      </div>
    </section>
  );
}
