/**
 * Asks after the line when there is reason to doubt it: a machine that slept or changed its network
 * holds a socket that looks open and is dead, and the client's own heartbeat takes half a minute to find out.
 */
import type { RoomsClient } from 'gale/client';

/** How long the server may take to answer, and how long a page was hidden before its line is doubted. */
const answerMs = 4000;
const doubtAfterMs = 15_000;

/** Watches a client's line for as long as the page is there. */
export function watchConnection(client: RoomsClient): void {
  let hiddenAt = 0;
  const check = (): void => {
    client.retryNow();
    if (client.state !== 'open') return;
    // Closed by hand it would only count as cut after a long wait for the other side.
    const timer = setTimeout(() => {
      client.close();
      client.connect();
    }, answerMs);
    client.call('ping').then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  };
  window.addEventListener('online', check);
  // A server on this machine is still there, and then the line is back at once.
  window.addEventListener('offline', () => {
    if (client.state !== 'open') return;
    client.close();
    client.connect();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > doubtAfterMs) check();
  });
}
