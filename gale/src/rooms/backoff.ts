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
