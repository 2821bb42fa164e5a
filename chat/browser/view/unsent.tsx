/** The texts that a person could not send to a room because they are no longer in it: messages, and the draft. */
import type { JSX } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import type { Person } from 'gale/client';
import type { Chat } from '../session/chat.ts';
import { unsentTexts } from '../state/outgoing.ts';
import type { RoomState } from '../state/room-state.ts';
import { layOutTimeline, type ShownMessage } from '../state/timeline-layout.ts';
import { MessageRow } from './message-row.tsx';
import { useWords } from './words.ts';

/** Id of the row with the draft. No message has it. */
const draftId = 'the draft';

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
  // The composer that this page replaces saves its text after the first render.
  useEffect(() => chat.refresh(), []);
  const rows = useMemo(() => {
    const outgoing = unsentTexts(room, { id: draftId, text: draft });
    return layOutTimeline({ ...room, outgoing }, me, words.timeZone).filter(
      (item): item is ShownMessage => item.kind === 'message',
    );
  }, [room, me, draft, words.timeZone]);
  if (rows.length === 0) return null;
  return (
    <section class="unsent" aria-labelledby="unsent-title">
      <h2 id="unsent-title" class="unsent-title">
        {words.t('unsent')}
      </h2>
      <ol>
        {rows.map((message) => (
          <MessageRow
            key={message.key}
            message={message}
            words={words}
            isConnected={isConnected}
            onRetry={undefined}
            onDiscard={(id) => {
              if (id === draftId) chat.discardDraft(room.id);
              else chat.discard(room.id, id);
            }}
          />
        ))}
      </ol>
    </section>
  );
}
