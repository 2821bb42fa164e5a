/** The delay of the banner for a lost connection, so that short interruptions show none. */

/** Time without a connection before the banner appears. */
export const bannerDelayMs = 3000;

/**
 * @param lostAt - When the connection was lost; undefined if it is open.
 * @returns Milliseconds until the banner appears, 0 if it is visible; undefined if the connection is open.
 */
export function untilBanner(lostAt: number | undefined, now: number): number | undefined {
  return lostAt === undefined ? undefined : Math.max(0, lostAt + bannerDelayMs - now);
}
