/**
 * Memberships that were checked a moment ago, so that the reports of what a person reads, up to two a second for each window, do not read
 * the database each time. Only for what has no effect without a membership.
 */

/** How long a check is valid, in milliseconds. */
const validMs = 10_000;
/** Most checks that are remembered; then all are forgotten. About 150 bytes each. */
const maxChecks = 20_000;

export class RecentChecks {
  readonly #now: () => number;
  readonly #until = new Map<string, number>();

  /** @param now - In milliseconds; for tests. */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Whether the person was a member in the last 10 seconds. */
  has(personId: string, room: string): boolean {
    const key = keyOf(personId, room);
    const until = this.#until.get(key);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#until.delete(key);
    return false;
  }

  /** The person is a member now. */
  add(personId: string, room: string): void {
    if (this.#until.size >= maxChecks) this.#until.clear();
    this.#until.set(keyOf(personId, room), this.#now() + validMs);
  }

  /** The person is a member no more. Each server with a window of the person is notified of that. */
  forget(personId: string, room: string): void {
    this.#until.delete(keyOf(personId, room));
  }
}

function keyOf(personId: string, room: string): string {
  return `${personId}\n${room}`;
}
