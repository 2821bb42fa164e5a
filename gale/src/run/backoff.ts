/**
 * How long to wait before the next try. Runs in browsers too.
 */

/**
 * A random time between nothing and a ceiling that doubles with each try ("full jitter"),
 * so that many who lost the same server do not return at once.
 *
 * @param attempt - Tries that failed so far; 0 gives a time below `minMs`.
 */
export function fullJitter(attempt: number, minMs: number, maxMs: number, random: () => number = Math.random): number {
  return Math.round(random() * Math.min(maxMs, minMs * 2 ** Math.min(attempt, 30)));
}

/**
 * The wait before a command that came too fast is sent again, in milliseconds: what the server asks for, and for a repeat
 * a random time more, at most 2 seconds, so that several windows of one person do not collide every time.
 *
 * @param retryAfterMs - As the server sent it; 1 second where it sent none, at most a minute is waited.
 * @param repeat - How often in a row it was refused before; 0 the first time.
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
