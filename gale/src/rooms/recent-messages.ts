/**
 * The newest live messages of a room, kept only while a subscriber reads the stream.
 * They fill the gap between its page and live delivery, at any rate of publishes.
 */
import type { RoomMessage } from './stream.ts';

/** Most messages kept. */
const recentCount = 256;
/** Most bytes kept, approximately. */
const recentBytes = 1024 * 1024;
/** Most amendments kept. */
const recentAmendments = 16;

/** Messages in ascending order, without a gap, and the amendments in that time. */
export class RecentMessages {
  #messages: RoomMessage[] = [];
  /** Approximate bytes of each message. A subscriber may change the message later. */
  #sizes: number[] = [];
  #bytes = 0;
  /** Amended messages, ascending by version, without a gap. */
  #amendments: RoomMessage[] = [];
  #holders = 0;

  /** Keeps messages until the returned function is called. A second call of it does nothing. */
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

  /** Adds the newest message, if a subscriber may need it. */
  add(message: RoomMessage): void {
    if (this.#holders === 0) return;
    const size = roughBytesOf(message.data);
    this.#messages.push(message);
    this.#sizes.push(size);
    this.#bytes += size;
    while (this.#messages.length > recentCount || this.#bytes > recentBytes) this.#dropOldest();
  }

  /** Adds the newest amendment. A kept message gets its new state, so that nobody gets the old one later. */
  amend(message: RoomMessage): void {
    if (this.#holders === 0) return;
    const at = this.#messages.findIndex(({ offset }) => offset === message.offset);
    if (at >= 0) this.#messages[at] = message;
    this.#amendments.push(message);
    if (this.#amendments.length > recentAmendments) this.#amendments.shift();
  }

  /** Drops the messages before an offset, whose newest state is not known. */
  dropBefore(first: number): void {
    while (this.#messages[0] && this.#messages[0].offset < first) this.#dropOldest();
  }

  /** Drops the amendments, after a gap between their versions. */
  skipAmendments(): void {
    this.#amendments = [];
  }

  /** Amendments that include all after a version. Undefined if some of those are missing. */
  amendmentsAfter(version: number): readonly RoomMessage[] | undefined {
    const oldest = this.#amendments[0];
    return oldest && (oldest.version ?? 0) <= version + 1 ? this.#amendments : undefined;
  }

  /** Messages that include all after an offset. Undefined if some of those are missing. */
  after(offset: number): readonly RoomMessage[] | undefined {
    const oldest = this.#messages[0];
    return oldest && oldest.offset <= offset + 1 ? this.#messages : undefined;
  }

  /** Drops all messages, after a gap or a new epoch. */
  clear(): void {
    this.#messages = [];
    this.#sizes = [];
    this.#bytes = 0;
    this.#amendments = [];
  }

  #dropOldest(): void {
    this.#messages.shift();
    this.#bytes -= this.#sizes.shift() ?? 0;
  }
}

/** Approximate memory of a JSON value, in bytes. */
export function roughBytesOf(data: unknown): number {
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
