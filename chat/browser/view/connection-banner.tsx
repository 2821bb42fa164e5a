/** Says that there is no line to the server, once it has been gone for a while. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { untilBanner } from '../state/banner-delay.ts';
import { useWords } from './words.ts';

/** The banner; an empty status while there is nothing to say, so that a screen reader hears it change. */
export function ConnectionBanner({ chat, line }: { chat: Chat; line: ChatState['line'] }): JSX.Element {
  const { t } = useWords();
  const [, drawAgain] = useState(0);
  const waitMs = untilBanner(line.lostAt, Date.now());
  useEffect(() => {
    if (waitMs === undefined || waitMs === 0) return;
    const timer = setTimeout(() => drawAgain((count) => count + 1), waitMs + 10);
    return () => clearTimeout(timer);
  }, [line.lostAt]);
  return (
    <div class="banner-place" role="status">
      {waitMs === 0 && (
        <div class="banner">
          <span class="banner-dot" aria-hidden="true" />
          <p>{t(line.hasTooManyWindows ? 'tooManyWindows' : 'reconnecting')}</p>
          <button
            type="button"
            class="button button--small"
            aria-disabled={line.state !== 'waiting'}
            onClick={() => chat.tryNow()}
          >
            {t('tryNow')}
          </button>
        </div>
      )}
    </div>
  );
}
