/** The view of a room that was removed for everybody. */
import type { JSX } from 'preact';
import { actionTranslator } from '../../locale/actions/index.ts';
import { BackLink, HomeLink } from './back-link.tsx';
import { EmptyRoom } from './empty.tsx';
import { Unsent, type UnsentProps } from './unsent.tsx';
import { roomName, useWords } from './words.ts';

/** Says that the room is gone, and shows what could not be sent to it. */
export function RemovedRoom(props: UnsentProps): JSX.Element {
  const { t, language } = useWords();
  const a = actionTranslator(language);
  return (
    <section class="room" data-room={props.room.id} aria-labelledby="room-name">
      <header class="room-head">
        <BackLink />
        <h1 id="room-name" class="room-name" tabIndex={-1} dir="auto">
          {roomName(props.room, t)}
        </h1>
      </header>
      <div class="outside">
        <EmptyRoom title={a('removedTitle')} hint={a('removedHint')}>
          <HomeLink chat={props.chat} />
        </EmptyRoom>
        <Unsent {...props} />
      </div>
    </section>
  );
}
