/**
 * What was handed in and not answered yet. Sent in order, one at a time in each room, with the same ids
 * after every reconnect, so that the server stores each once however often it was sent. An attempt after which a message
 * may be stored makes all later ones a retry: the server refuses such a message rather than store it twice.
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
  /** When it was handed in, in milliseconds since 1970 by this machine's clock. */
  readonly time: number;
  /** Whether it was sent and may be stored. An entry that is loaded without this counts as sent. @defaultValue true */
  readonly sent?: boolean;
  /** A position in the room that was known before it was sent first: if it is stored, then after that. */
  readonly after?: Position | undefined;
}

/** Where a message was stored. */
export interface PublishedAt {
  readonly epoch: string;
  readonly offset: number;
  /** When, in milliseconds since 1970 by the server's clock. */
  readonly time: number;
}

/** How the outbox reaches the rest of the client. */
export interface OutboxOptions {
  readonly stored: { load(): OutboxEntry[]; save(entries: readonly OutboxEntry[]): void } | undefined;
  readonly minBackoffMs: number;
  readonly maxBackoffMs: number;
  readonly random: () => number;
  readonly isOpen: () => boolean;
  /** The newest position that is known in a room. */
  readonly position: (room: string) => Position | undefined;
  /** Sends an entry; as a retry if it is `sent`. */
  readonly send: (
    entry: OutboxEntry & { readonly sent: boolean },
    waiter: { onReply(published: PublishedAt): void; onError(error: RoomError): void },
  ) => void;
  readonly onPublished: (entry: OutboxEntry, published: PublishedAt) => void;
  readonly onRefused: (entry: OutboxEntry, error: RoomError) => void;
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
  /** Who waits for an entry of this life of the page. */
  readonly #promised = new Map<OutboxEntry, Promised>();
  /** Rooms with a message on its way. */
  readonly #sending = new Set<string>();
  /** Rooms whose first message was put off by the server. */
  readonly #pausing = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #attempts = new Map<string, number>();
  /** Entries that may be stored, and after which position. */
  readonly #sent = new Map<OutboxEntry, Position | undefined>();
  /** Where the newest message of each room was stored. */
  readonly #stored = new Map<string, Position>();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#entries = options.stored?.load() ?? [];
    for (const entry of this.#entries) if (entry.sent !== false) this.#sent.set(entry, entry.after);
  }

  /** What is pending, oldest first. */
  get entries(): readonly OutboxEntry[] {
    return this.#entries.map((entry) => this.#shown(entry));
  }

  /** Adds a message and sends it as soon as its turn comes. One that is pending already is not added twice. */
  add(entry: OutboxEntry): Promise<PublishedAt> {
    const pending = this.#entries.find(({ room, id }) => room === entry.room && id === entry.id);
    const promised = this.#promise(pending ?? entry);
    if (entry.sent && !this.#sent.has(pending ?? entry)) this.#sent.set(pending ?? entry, entry.after);
    if (!pending) this.#change([...this.#entries, entry]);
    this.flush();
    return promised.published;
  }

  /** Forgets a message. If it is on its way it may be stored nevertheless. */
  discard(id: string, error: RoomError): void {
    for (const entry of this.#entries.filter((pending) => pending.id === id)) this.#take(entry)?.reject(error);
  }

  /** Sends the first message of each room that has none on its way. */
  flush(): void {
    for (const entry of this.#entries) {
      if (!this.#options.isOpen()) return;
      if (this.#sending.has(entry.room) || this.#pausing.has(entry.room)) continue;
      this.#sending.add(entry.room);
      this.#send(entry);
    }
  }

  /** The server may decide otherwise now: forgets that it put something off. */
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
    const sending = this.#shown(entry);
    const { sent: retry } = sending;
    // Saved before it is sent: the page may be gone before the response comes.
    if (!retry) this.#mark(entry, true);
    this.#options.send(sending, {
      onReply: (published) => {
        this.#stored.set(entry.room, { epoch: published.epoch, offset: published.offset });
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
        // Any other error that may be retried leaves open whether the message was stored.
        const isStoredNowhere = !retry && (!error.retry || error.code === 'ROOM_TOO_FAST');
        if (isPending && isStoredNowhere) this.#mark(entry, false);
        if (error.retry) {
          this.#pause(entry.room, error);
          return;
        }
        this.#settled(entry.room);
        const refused = this.#shown(entry);
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

  #pause(room: string, { code, retryAfterMs }: RoomError): void {
    const attempt = this.#attempts.get(room) ?? 0;
    this.#attempts.set(room, attempt + 1);
    const { minBackoffMs, maxBackoffMs, random } = this.#options;
    const timer = setTimeout(
      () => {
        this.#pausing.delete(room);
        this.flush();
      },
      code === 'ROOM_TOO_FAST'
        ? retryWait(retryAfterMs, attempt, random)
        : fullJitter(attempt, minBackoffMs, maxBackoffMs, random),
    );
    this.#pausing.set(room, timer);
  }

  #promise(entry: OutboxEntry): Promised {
    let promised = this.#promised.get(entry);
    if (!promised) {
      const { promise: published, resolve, reject } = Promise.withResolvers<PublishedAt>();
      // Whoever only listens to events has not forgotten anything.
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

  #shown(entry: OutboxEntry): OutboxEntry & { readonly sent: boolean } {
    const { room, id, data, time } = entry;
    const after = this.#sent.get(entry);
    const shown = { room, id, data, time, sent: this.#sent.has(entry) };
    return after ? { ...shown, after } : shown;
  }
}
