/**
 * A cache of recently read pages. Subscribers that wait for their readers need the same page one after the other;
 * without the cache each would read it from the store. Bounded in bytes and time.
 */
import { isPartOf } from '../lives.ts';
import type { Position, StreamPage } from '../stream.ts';

/** Lifetime of a page, in milliseconds. */
const keptMs = 1000;
/** Bytes counted for a page in addition to its messages, so that small pages are bounded too. */
const bytesOfPage = 4096;

interface KeptPage {
  readonly room: string;
  readonly page: StreamPage;
  readonly bytes: number;
  readonly until: number;
}

/** The newest pages of all rooms. */
export class SharedPages {
  readonly #maxBytes: number;
  /** Oldest first. */
  readonly #kept = new Set<KeptPage>();
  readonly #rooms = new Map<string, Set<KeptPage>>();
  #bytes = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Finds a page of the same stream with the message after a position. */
  find(room: string, position: Position): StreamPage | undefined {
    const { offset } = position;
    for (const { page } of this.#rooms.get(room) ?? []) {
      const [oldest, newest] = [page.messages[0], page.messages.at(-1)];
      if (!oldest || !newest || !isPartOf(page, position)) continue;
      if (oldest.offset <= offset + 1 && offset + 1 <= newest.offset) return page;
    }
    return undefined;
  }

  /** Adds a page, unless it is empty or too large. */
  add(room: string, page: StreamPage): void {
    const bytes = page.bytes + bytesOfPage;
    if (page.messages.length === 0 || bytes > this.#maxBytes) return;
    const kept: KeptPage = { room, page, bytes, until: performance.now() + keptMs };
    const pages = this.#rooms.get(room) ?? new Set();
    this.#rooms.set(room, pages.add(kept));
    this.#kept.add(kept);
    this.#bytes += bytes;
    for (const oldest of this.#kept) {
      if (this.#bytes <= this.#maxBytes) break;
      this.#drop(oldest);
    }
    this.#timer ??= setTimeout(() => this.#dropOld(), keptMs).unref();
  }

  /** Drops the pages of a room. */
  forget(room: string): void {
    for (const kept of this.#rooms.get(room) ?? []) this.#drop(kept);
  }

  /** Drops all pages. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#kept.clear();
    this.#rooms.clear();
    this.#bytes = 0;
  }

  #drop(kept: KeptPage): void {
    this.#kept.delete(kept);
    this.#bytes -= kept.bytes;
    const pages = this.#rooms.get(kept.room);
    pages?.delete(kept);
    if (pages?.size === 0) this.#rooms.delete(kept.room);
  }

  #dropOld(): void {
    this.#timer = undefined;
    const now = performance.now();
    for (const kept of this.#kept) {
      if (kept.until > now) {
        this.#timer = setTimeout(() => this.#dropOld(), kept.until - now).unref();
        return;
      }
      this.#drop(kept);
    }
  }
}
