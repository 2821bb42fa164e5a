/** The texts that a person could not send to a room because they are no longer in it: messages, and the draft. */
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { messageRefusal } from '../state/refusal.ts';
import type { RoomState } from '../state/room-state.ts';
import { layOutTimeline, type ShownMessage } from '../state/timeline-layout.ts';
import { MessageRow } from './message-row.tsx';
import { MessageText } from './message-text.tsx';
import { useWords } from './words.ts';

/** Props of {@link Unsent}. */
export interface UnsentProps {
  readonly chat: Chat;
  readonly room: RoomState;
  readonly me: Person;
  readonly isConnected: boolean;
}

/** Renders the texts, each with the reason and a button that discards it; nothing if there are none. */
export function Unsent({ chat, room, me, isConnected }: UnsentProps): JSX.Element | null {
  const words = useWords();
  const draft = chat.drafts.get(room.id);
  const hasDraft = draft.trim() !== '';
  // The composer that this page replaces saves its text after the first render.
  useEffect(() => chat.refresh(), []);
  const messages = useMemo(
    () => layOutTimeline(room, me, words.timeZone).filter((item): item is ShownMessage => item.kind === 'message'),
    [room, me, words.timeZone],
  );
  if (messages.length === 0 && !hasDraft) return null;
  return (
    <section class="unsent" aria-labelledby="unsent-title">
      <h2 id="unsent-title" class="unsent-title">
        {words.t('unsent')}
      </h2>
      <ol>
        {messages.map((message) => (
          <MessageRow
            key={message.key}
            message={message}
            words={words}
            isConnected={isConnected}
            onRetry={undefined}
            onDiscard={(id) => chat.discard(room.id, id)}
          />
        ))}
        {hasDraft && (
          <li class="message message--own message--failed message--first message--last" tabIndex={-1}>
            <div class="message-line">
              <div class="bubble">
                <MessageText text={draft} />
              </div>
            </div>
            <p class="message-failure">
              <span>
                {words.t('failedBecause', {
                  reason: words.t(messageRefusal(room.isRemoved ? 'ROOM_UNKNOWN' : 'ROOM_NOT_MEMBER')),
                })}
              </span>
              <button type="button" class="link-button" onClick={() => chat.discardDraft(room.id)}>
                {words.t('discard')}
              </button>
            </p>
          </li>
        )}
      </ol>
    </section>
  );
}
