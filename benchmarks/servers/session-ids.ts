/** The sessions of the works with sessions: the server stores them, the load sends their ids. */

/** Number of sessions, and of different heads that the load sends in turn. */
export const sessionCount = 4096;

/** An id as Gale creates them, but the same in each run. */
export function sessionIdOf(index: number): string {
  return String(index).padStart(22, '0');
}
