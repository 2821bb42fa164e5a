/**
 * The newest live messages of a room, kept only while a subscriber's read of the stream is on its way:
 * what its page is too old for is then at hand, however fast the room is.
 */
import type { RoomMessage } from './stream.ts';

/** Messages kept at most. */
const recentCount = 256;

/** Messages without a hole between them, ascending. */
export class RecentMessages {
  #messages: RoomMessage[] = [];
  #holders = 0;

  /** Keeps messages until the returned function is called; a second call of that does nothing. */
  hold(): () => void {
    this.#holders++;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#holders--;
      if (this.#holders === 0) this.clear();
    };
  }

  /** Adds the newest message, if anyone may need it. */
  add(message: RoomMessage): void {
    if (this.#holders === 0) return;
    this.#messages.push(message);
    if (this.#messages.length > recentCount) this.#messages.shift();
  }

  /** All messages behind an offset; undefined if some of them are not at hand. */
  behind(offset: number): readonly RoomMessage[] | undefined {
    const oldest = this.#messages[0];
    return oldest && oldest.offset <= offset + 1 ? this.#messages : undefined;
  }

  /** Forgets all: there is a hole, or the stream is another. */
  clear(): void {
    this.#messages = [];
  }
}
