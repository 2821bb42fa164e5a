/**
 * The clock of the server, which each welcome corrects. The clock of the reader may be wrong; times of messages are those of the server, and
 * are compared with this one.
 */

/** How far it is ahead of the clock of this page, in milliseconds. */
let aheadMs = 0;

/** Sets it. @param time - What the server said a moment ago. @param now - The time of this page. Both in milliseconds since 1970. */
export function followServerTime(time: number, now: number): void {
  aheadMs = time - now;
}

/** How far the clock of the server is ahead of that of the page, in milliseconds; 0 before the first welcome. */
export function serverAheadMs(): number {
  return aheadMs;
}

/** The time of the server, in milliseconds since 1970. */
export function serverNow(): number {
  return Date.now() + aheadMs;
}
