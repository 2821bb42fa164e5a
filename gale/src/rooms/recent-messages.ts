/**
 * The newest live messages of a room, kept only while a subscriber's read of the stream is on its way:
 * what its page is too old for is then at hand, however fast the room is.
 */
import type { RoomMessage } from './stream.ts';

/** Messages kept at most. */
const recentCount = 256;
/** And about how many bytes of them. */
const recentBytes = 1024 * 1024;

/** Messages without a hole between them, ascending. */
export class RecentMessages {
  #messages: RoomMessage[] = [];
  /** About how many bytes each of them takes; a subscriber may change a message afterwards. */
  #sizes: number[] = [];
  #bytes = 0;
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
    const size = roughBytesOf(message.data);
    this.#messages.push(message);
    this.#sizes.push(size);
    this.#bytes += size;
    while (this.#messages.length > recentCount || this.#bytes > recentBytes) {
      this.#messages.shift();
      this.#bytes -= this.#sizes.shift() ?? 0;
    }
  }

  /** All messages behind an offset; undefined if some of them are not at hand. */
  behind(offset: number): readonly RoomMessage[] | undefined {
    const oldest = this.#messages[0];
    return oldest && oldest.offset <= offset + 1 ? this.#messages : undefined;
  }

  /** Forgets all: there is a hole, or the stream is another. */
  clear(): void {
    this.#messages = [];
    this.#sizes = [];
    this.#bytes = 0;
  }
}

/** About how much memory a JSON value takes. */
function roughBytesOf(data: unknown): number {
  let bytes = 0;
  const values = [data];
  for (let value = values.pop(); values.length > 0 || value !== undefined; value = values.pop()) {
    bytes += typeof value === 'string' ? 32 + value.length : 32;
    if (typeof value !== 'object' || value === null) continue;
    for (const [key, inner] of Object.entries(value)) {
      bytes += key.length;
      values.push(inner);
    }
  }
  return bytes;
}
