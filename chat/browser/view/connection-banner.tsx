/** A banner that is shown when the connection to the server is lost for longer than a short delay. */
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { untilBanner } from '../state/banner-delay.ts';
import { useWords } from './words.ts';

/** Props of {@link ConnectionBanner}. */
interface ConnectionBannerProps {
  readonly chat: Chat;
  readonly connection: ChatState['connection'];
}

/** The banner. Its status element is always rendered, also empty, because screen readers announce only changes. */
export function ConnectionBanner({ chat, connection }: ConnectionBannerProps): JSX.Element {
  const { t } = useWords();
  const [, drawAgain] = useState(0);
  const waitMs = untilBanner(connection.lostAt, Date.now());
  useEffect(() => {
    if (waitMs === undefined || waitMs === 0) return;
    const timer = setTimeout(() => drawAgain((count) => count + 1), waitMs + 10);
    return () => clearTimeout(timer);
  }, [connection.lostAt]);
  return (
    <div class="banner-place" role="status">
      {waitMs === 0 && (
        <div class="banner">
          <span class="banner-dot" aria-hidden="true" />
          <p>{t(connection.hasTooManyWindows ? 'tooManyWindows' : 'reconnecting')}</p>
          <button
            type="button"
            class="button button--small"
            aria-disabled={connection.state !== 'waiting'}
            onClick={() => chat.tryNow()}
          >
            {t('tryNow')}
          </button>
        </div>
      )}
    </div>
  );
}
