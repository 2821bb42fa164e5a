/**
 * Announcements of new messages for a screen reader: the first three per second one by one, then only the number of others.
 * The caller excludes the history.
 */

/** Messages that are announced one by one in each interval. */
const announcedSingly = 3;
const stretchMs = 1000;

/** A message, or the number of further ones. */
export type Announcement = { readonly name: string; readonly text: string } | { readonly more: number };

/** Limits the rate of announcements. */
export class Announcements {
  readonly #say: (announcement: Announcement) => void;
  readonly #later: (then: () => void, afterMs: number) => void;
  #inStretch = 0;

  /** @param later - Calls a function after a delay, as `setTimeout` does. */
  constructor(say: (announcement: Announcement) => void, later: (then: () => void, afterMs: number) => void) {
    this.#say = say;
    this.#later = later;
  }

  /** Handles a new message of another person. */
  take(name: string, text: string): void {
    this.#inStretch++;
    if (this.#inStretch === 1) this.#later(() => this.#endStretch(), stretchMs);
    if (this.#inStretch <= announcedSingly) this.#say({ name, text });
  }

  #endStretch(): void {
    const more = this.#inStretch - announcedSingly;
    this.#inStretch = 0;
    if (more > 0) this.#say({ more });
  }
}
