/**
 * A banner that is shown while the server is connected and stores nothing, such as with a full disk: the messages of this person wait, and
 * are sent by themselves.
 */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { actionTranslator } from '../../locale/actions/index.ts';
import type { ChatState } from '../state/chat-state.ts';
import { waitingMessage } from '../state/outgoing.ts';
import { useWords } from './words.ts';

/** How long the same message must wait, in milliseconds. Messages that are sent faster than the rate limit wait for less than a second each. */
const unsavedAfterMs = 5000;

/** The banner. Its status element is always rendered, because screen readers announce only changes. */
export function UnsavedBanner({ state }: { readonly state: ChatState }): JSX.Element {
  const { language } = useWords();
  const a = actionTranslator(language);
  const waiting = state.connection.state === 'open' ? waitingMessage(state.rooms.values()) : undefined;
  const [late, setLate] = useState<string>();
  useEffect(() => {
    if (waiting === undefined) return;
    const timer = setTimeout(() => setLate(waiting), unsavedAfterMs);
    return () => clearTimeout(timer);
  }, [waiting]);
  return (
    <div role="status">
      {waiting !== undefined && waiting === late && (
        <div class="banner">
          <span class="banner-dot" aria-hidden="true" />
          <p>{a('messagesNotSaved')}</p>
        </div>
      )}
    </div>
  );
}
