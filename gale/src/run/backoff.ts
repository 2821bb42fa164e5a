/**
 * Delays before retries. Runs in browsers too.
 */

/**
 * Returns a random delay between 0 and a limit that doubles with each attempt ("full jitter"),
 * so that clients that lost the same server do not all reconnect at the same time.
 *
 * @param attempt - Number of failed attempts so far; with 0 the delay is at most `minMs`.
 */
export function fullJitter(attempt: number, minMs: number, maxMs: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30)));
}

/**
 * Returns the delay before a rate-limited command is sent again, in milliseconds: the delay that the server requests.
 * Repeated retries add a random time of at most 2 seconds, so that several windows of one person do not collide every time.
 *
 * @param retryAfterMs - As the server sent it; at most one minute is used. `undefined` means 1 second.
 * @param repeat - Number of earlier refusals in a row; 0 the first time.
 */
export function retryWait(
  retryAfterMs: number | undefined,
  repeat: number,
  random: () => number = Math.random,
): number {
  const leastMs = Math.min(Math.max(1, retryAfterMs ?? 1000), 60_000);
  const moreMs = repeat === 0 ? 0 : Math.min(2000, leastMs * 2 ** Math.min(repeat, 30));
  return Math.round(leastMs + random() * moreMs);
}
