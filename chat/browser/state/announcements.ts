/**
 * What a screen reader is told of new messages: the first three of a second one by one, of the others only how many.
 * Its own history is not told at all; whoever calls this leaves it out.
 */

/** Told one by one in each stretch of time. */
const announcedSingly = 3;
const stretchMs = 1000;

/** Something to say: a message, or how many more there were. */
export type Announcement = { readonly name: string; readonly text: string } | { readonly more: number };

/** Decides what is said when. */
export class Announcements {
  readonly #say: (announcement: Announcement) => void;
  readonly #later: (then: () => void, afterMs: number) => void;
  #inStretch = 0;

  /** @param later - Calls something after a time; `setTimeout`, or a test's own. */
  constructor(say: (announcement: Announcement) => void, later: (then: () => void, afterMs: number) => void) {
    this.#say = say;
    this.#later = later;
  }

  /** A message of somebody else has come. */
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
