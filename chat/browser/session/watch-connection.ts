/**
 * Checks the connection when it may be broken. After sleep or a change of the network a socket can be dead although it
 * is open, and the heartbeat of the client needs half a minute to detect that.
 */
import type { RoomsClient } from 'gale/client';

/** Timeout of the check, and the time a page must be hidden before its connection is checked. */
const responseMs = 4000;
const checkAfterMs = 15_000;

/** Watches the connection of a client until the page is unloaded. */
export function watchConnection(client: RoomsClient): void {
  let hiddenAt = 0;
  const check = (): void => {
    client.retryNow();
    if (client.state !== 'open') return;
    // A dead socket closes only after a long wait. The client connects again without it.
    const timer = setTimeout(() => {
      client.close();
      client.connect();
    }, responseMs);
    client.call('ping').then(
      () => clearTimeout(timer),
      () => clearTimeout(timer),
    );
  };
  window.addEventListener('online', check);
  // A server on this machine remains reachable; then the client reconnects at once.
  window.addEventListener('offline', () => {
    if (client.state !== 'open') return;
    client.close();
    client.connect();
  });
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') hiddenAt = Date.now();
    else if (Date.now() - hiddenAt > checkAfterMs) check();
  });
}
