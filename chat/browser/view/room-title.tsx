/** The name and the topic of the open room. */
import type { JSX, RefObject } from 'preact';

import type { Chat } from '../session/chat.ts';
import type { RoomState } from '../state/room-state.ts';
import { RoomIcon } from './room-icon.tsx';
import { roomName, useWords } from './words.ts';

/** Renders the title. A press on the topic opens the details of the room. */
export function RoomTitle(props: {
  chat: Chat;
  room: RoomState;
  me: string;
  heading: RefObject<HTMLHeadingElement | null>;
}): JSX.Element {
  const { chat, room, me, heading } = props;
  const { t } = useWords();
  const { kind, topic } = room.about;
  return (
    <div class="room-title">
      {kind !== 'public' && kind !== 'lobby' && <RoomIcon room={room} me={me} />}
      <div class="room-title-words">
        <h1 id="room-name" class="room-name" ref={heading} tabIndex={-1} dir="auto">
          {roomName(room, t)}
          {kind === 'private' && <span class="visually-hidden"> ({t('privateRoom')})</span>}
        </h1>
        {topic !== '' && (
          <button
            type="button"
            class="room-topic"
            dir="auto"
            title={topic}
            onClick={() => chat.dialog.open({ kind: 'details', room: room.id })}
          >
            {topic}
          </button>
        )}
      </div>
    </div>
  );
}
