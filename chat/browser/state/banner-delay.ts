/** When the page says that there is no line to the server: not for a short break, which nobody needs to know of. */

/** How long the line may be gone without a word. */
export const bannerDelayMs = 3000;

/**
 * @param lostAt - Since when the line has not been open; undefined if it is.
 * @returns Milliseconds until the banner has to be shown, 0 if it has to be now; undefined if there is nothing to say.
 */
export function untilBanner(lostAt: number | undefined, now: number): number | undefined {
  return lostAt === undefined ? undefined : Math.max(0, lostAt + bannerDelayMs - now);
}
