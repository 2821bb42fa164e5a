/**
 * When the banner for a lost connection is visible. Short interruptions show none, and a banner that has appeared stays long
 * enough to read.
 */

/** Time without a connection before the banner appears. */
export const bannerDelayMs = 3000;
/** Least time that the banner is visible. */
export const bannerStayMs = 1000;

/** Whether the banner is visible. */
export interface BannerState {
  readonly isShown: boolean;
  /** Milliseconds until that changes by itself; undefined if it does not. */
  readonly changesInMs: number | undefined;
}

/**
 * @param lostAt - When the connection was lost; undefined if it is open.
 * @param shownAt - When the visible banner appeared; undefined if there is none.
 */
export function bannerState(lostAt: number | undefined, shownAt: number | undefined, now: number): BannerState {
  if (lostAt !== undefined) {
    const waitMs = shownAt === undefined ? lostAt + bannerDelayMs - now : 0;
    return waitMs > 0 ? { isShown: false, changesInMs: waitMs } : { isShown: true, changesInMs: undefined };
  }
  const stayMs = shownAt === undefined ? 0 : shownAt + bannerStayMs - now;
  return stayMs > 0 ? { isShown: true, changesInMs: stayMs } : { isShown: false, changesInMs: undefined };
}
