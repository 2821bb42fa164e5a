/** A banner that is shown when the connection to the server is lost for longer than a short delay. */
import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Chat } from '../session/chat.ts';
import type { ChatState } from '../state/chat-state.ts';
import { bannerState } from '../state/banner-delay.ts';
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
  const shownAt = useRef<number>(undefined);
  const now = Date.now();
  const { isShown, changesInMs } = bannerState(connection.lostAt, shownAt.current, now);
  shownAt.current = isShown ? (shownAt.current ?? now) : undefined;
  // While the banner stays after a reconnect, its text is that of the lost connection.
  const shown = useRef(connection);
  if (connection.lostAt !== undefined) shown.current = connection;
  useEffect(() => {
    if (changesInMs === undefined) return;
    const timer = setTimeout(() => drawAgain((count) => count + 1), changesInMs + 10);
    return () => clearTimeout(timer);
  }, [connection.lostAt, isShown]);
  return (
    <div role="status">
      {isShown && (
        <div class="banner">
          <span class="banner-dot" aria-hidden="true" />
          <p>{t(shown.current.hasTooManyWindows ? 'tooManyWindows' : 'reconnecting')}</p>
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
