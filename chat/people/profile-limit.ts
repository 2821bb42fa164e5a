/** Limits how often a person changes their name and picture: every open window of the chat is notified, and asks for the person again. */
import type { AttemptStore } from '../accounts/attempt-limit.ts';

/** Changes of the name and of the picture of one person, together. */
const most = 20;
const windowMs = 3_600_000;

export class ProfileLimit {
  readonly #attempts: AttemptStore;
  readonly #isOff: boolean;

  /** @param limits - `off`: counts nothing. */
  constructor(attempts: AttemptStore, limits: 'on' | 'off') {
    this.#attempts = attempts;
    this.#isOff = limits === 'off';
  }

  /** Counts a change before it is made. @returns 0, or the seconds until the next one is possible. */
  async count(personId: string): Promise<number> {
    if (this.#isOff) return 0;
    const key = `profile ${personId}`;
    const { count, resetMs } = await this.#attempts.count(key, windowMs);
    if (count <= most) return 0;
    await this.#attempts.giveBack(key);
    return Math.ceil(resetMs / 1000);
  }
}
