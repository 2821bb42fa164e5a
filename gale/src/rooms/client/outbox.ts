/**
 * Messages to publish that have no final response yet. Sends them in order, one at a time in each room, and with the same id
 * after each reconnect, so that the server stores each once. After an attempt that may have stored a message, all later attempts
 * are retries: the server refuses such a message if it cannot know whether it was stored.
 */
import { fullJitter, retryWait } from '../../run/backoff.ts';
import type { RoomError } from '../room-error.ts';
import type { Position } from '../stream.ts';
import { lostCode } from './connection.ts';

/** A message that is not known to be stored. */
export interface OutboxEntry {
  readonly room: string;
  readonly id: string;
  readonly data: unknown;
  /** When it was published, in milliseconds since 1970 by this machine's clock. */
  readonly time: number;
  /** Whether an attempt may have stored it. @defaultValue true */
  readonly sent?: boolean;
  /** Newest position in the room that was known before the first attempt. If the message is stored, it is after this position. */
  readonly after?: Position | undefined;
}

/** Where a message was stored. */
export interface PublishedAt extends Position {
  /** When, in milliseconds since 1970 by the server's clock. */
  readonly time: number;
}

/** What an outbox needs from the client. */
export interface OutboxOptions {
  readonly stored: { load(): OutboxEntry[]; save(entries: readonly OutboxEntry[]): void } | undefined;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly random: () => number;
  readonly isOpen: () => boolean;
  /** The newest known position in a room. */
  readonly position: (room: string) => Position | undefined;
  /** Sends an entry; as a retry if it is `sent`. */
  readonly send: (
    entry: OutboxEntry & { readonly sent: boolean },
    waiter: { onReply(published: PublishedAt): void; onError(error: RoomError): void },
  ) => void;
  readonly onPublished: (entry: OutboxEntry, published: PublishedAt) => void;
  readonly onRefused: (entry: OutboxEntry, error: RoomError) => void;
  /** The entry is sent again after a wait, in milliseconds. */
  readonly onDelayed: (entry: OutboxEntry, error: RoomError, afterMs: number) => void;
}

interface Promised {
  readonly published: Promise<PublishedAt>;
  readonly resolve: (published: PublishedAt) => void;
  readonly reject: (error: RoomError) => void;
}

/** Pending messages, oldest first. */
export class Outbox {
  readonly #options: OutboxOptions;
  #entries: OutboxEntry[];
  /** Promises of the entries that were published since the page was loaded. */
  readonly #promised = new Map<OutboxEntry, Promised>();
  /** Rooms with a publish that waits for its response. */
  readonly #sending = new Set<string>();
  /** Rooms whose first message waits before a retry. */
  readonly #pausing = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #attempts = new Map<string, number>();
  /** Entries that may be stored, each with its `after`. */
  readonly #sent = new Map<OutboxEntry, Position | undefined>();
  /** Where the newest message of each room was stored. */
  readonly #stored = new Map<string, Position>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#entries = options.stored?.load() ?? [];
    for (const entry of this.#entries) if (entry.sent !== false) this.#sent.set(entry, entry.after);
  }

  /** Pending messages, oldest first. */
  get entries(): readonly OutboxEntry[] {
    return this.#entries.map((entry) => this.#snapshot(entry));
  }

  /** Adds a message, and sends it when its turn comes. A message with the same room and id is added once. */
  add(entry: OutboxEntry): Promise<PublishedAt> {
    const pending = this.#entries.find(({ room, id }) => room === entry.room && id === entry.id);
    const promised = this.#promise(pending ?? entry);
    if (entry.sent && !this.#sent.has(pending ?? entry)) this.#sent.set(pending ?? entry, entry.after);
    if (!pending) this.#change([...this.#entries, entry]);
    this.flush();
    return promised.published;
  }

  /** Removes a message. If it was sent, it may still be stored. */
  discard(id: string, error: RoomError): void {
    for (const entry of this.#entries.filter((pending) => pending.id === id)) this.#take(entry)?.reject(error);
  }

  /** Sends the first message of each room that has no pending publish. */
  flush(): void {
    for (const entry of this.#entries) {
      if (!this.#options.isOpen()) return;
      if (this.#sending.has(entry.room) || this.#pausing.has(entry.room)) continue;
      this.#sending.add(entry.room);
      this.#send(entry);
    }
  }

  /** Ends all waits before retries, for a new connection. */
  resume(): void {
    for (const timer of this.#pausing.values()) clearTimeout(timer);
    this.#pausing.clear();
    this.flush();
  }

  /** Stops all timers. */
  stop(): void {
    for (const timer of this.#pausing.values()) clearTimeout(timer);
    this.#pausing.clear();
  }

  #send(entry: OutboxEntry): void {
    const sending = this.#snapshot(entry);
    const { sent: retry } = sending;
    // Saved before it is sent, since the page may be closed before the response arrives.
    if (!retry) this.#mark(entry, true);
    this.#options.send(sending, {
      onReply: (published) => {
        const { epoch, offset, life } = published;
        this.#stored.set(entry.room, { epoch, offset, life });
        this.#settled(entry.room);
        const isPending = this.#entries.includes(entry);
        this.#take(entry)?.resolve(published);
        if (isPending) this.#options.onPublished(entry, published);
        this.flush();
      },
      onError: (error) => {
        this.#sending.delete(entry.room);
        if (error.code === lostCode) return;
        const isPending = this.#entries.includes(entry);
        // After any other error with `retry` the message may be stored.
        const isStoredNowhere = !retry && (!error.retry || error.code === 'ROOM_TOO_FAST');
        if (isPending && isStoredNowhere) this.#mark(entry, false);
        if (error.retry) {
          const afterMs = this.#pause(entry.room, error);
          if (isPending) this.#options.onDelayed(this.#snapshot(entry), error, afterMs);
          return;
        }
        this.#settled(entry.room);
        const refused = this.#snapshot(entry);
        this.#take(entry)?.reject(error);
        if (isPending) this.#options.onRefused(refused, error);
        this.flush();
      },
    });
  }

  #settled(room: string): void {
    this.#sending.delete(room);
    this.#attempts.delete(room);
  }

  /** @returns How long, in milliseconds. */
  #pause(room: string, { code, retryAfterMs }: RoomError): number {
    const attempt = this.#attempts.get(room) ?? 0;
    this.#attempts.set(room, attempt + 1);
    const { minBackoffMs, maxBackoffMs, random } = this.#options;
    const waitMs =
      code === 'ROOM_TOO_FAST'
        ? retryWait(retryAfterMs, attempt, random)
        : fullJitter(attempt, minBackoffMs, maxBackoffMs, random);
    const timer = setTimeout(() => {
      this.#pausing.delete(room);
      this.flush();
    }, waitMs);
    this.#pausing.set(room, timer);
    return waitMs;
  }

  #promise(entry: OutboxEntry): Promised {
    let promised = this.#promised.get(entry);
    if (!promised) {
      const { promise: published, resolve, reject } = Promise.withResolvers<PublishedAt>();
      // An application that only uses events does not handle the promise.
      published.catch(() => {});
      promised = { published, resolve, reject };
      this.#promised.set(entry, promised);
    }
    return promised;
  }

  #take(entry: OutboxEntry): Promised | undefined {
    const promised = this.#promised.get(entry);
    this.#promised.delete(entry);
    this.#sent.delete(entry);
    if (this.#entries.includes(entry)) this.#change(this.#entries.filter((pending) => pending !== entry));
    return promised;
  }

  #change(entries: OutboxEntry[]): void {
    this.#entries = entries;
    this.#options.stored?.save(this.entries);
  }

  #mark(entry: OutboxEntry, isSent: boolean): void {
    if (isSent) this.#sent.set(entry, this.#positionIn(entry.room));
    else this.#sent.delete(entry);
    this.#change(this.#entries);
  }

  #positionIn(room: string): Position | undefined {
    const [read, stored] = [this.#options.position(room), this.#stored.get(room)];
    if (!read || !stored || read.epoch !== stored.epoch) return read ?? stored;
    return read.offset > stored.offset ? read : stored;
  }

  #snapshot(entry: OutboxEntry): OutboxEntry & { readonly sent: boolean } {
    const { room, id, data, time } = entry;
    const after = this.#sent.get(entry);
    const shown = { room, id, data, time, sent: this.#sent.has(entry) };
    return after ? { ...shown, after } : shown;
  }
}
