/**
 * Saved positions of consumers, in memory.
 */
import type { Hold, HeldRooms, Holds } from '../../broker.ts';
import { isPartOf } from '../../lives.ts';
import type { Lives } from '../../lives.ts';
import type { Position } from '../../stream.ts';
import { cursorOf, isAhead, isFull, LocalClaims } from '../holds.ts';
import type { MemoryCursors } from './memory-cursors.ts';

interface HeldStream {
  readonly epoch: string;
  readonly lives: Lives;
  readonly top: number;
  readonly version: number;
  readonly entries: readonly { readonly bytes: number }[];
}

interface SavedVersion {
  readonly epoch: string;
  readonly version: number;
}

/** Consumers of one process. */
export class MemoryHolds implements Holds {
  readonly #claims: LocalClaims;
  readonly #cursors: MemoryCursors;
  readonly #streamOf: (room: string) => HeldStream;
  /** Rooms with something to save, by consumer. */
  readonly #unsaved = new Map<string, Set<string>>();
  /** Saved versions by consumer and room. */
  readonly #versions = new Map<string, SavedVersion>();

  constructor(now: () => number, cursors: MemoryCursors, streamOf: (room: string) => HeldStream) {
    this.#claims = new LocalClaims(now);
    this.#cursors = cursors;
    this.#streamOf = streamOf;
  }

  async claim(consumer: string, leaseMs: number): Promise<number | undefined> {
    return this.#claims.claim(consumer, leaseMs);
  }

  async renew(consumer: string, claim: number, leaseMs: number): Promise<boolean> {
    return this.#claims.renew(consumer, claim, leaseMs);
  }

  async release(consumer: string, claim: number): Promise<void> {
    this.#claims.release(consumer, claim);
  }

  async rooms(consumer: string): Promise<HeldRooms> {
    return { rooms: [...(this.#unsaved.get(consumer) ?? [])], next: undefined };
  }

  async saved(consumer: string, claim: number, room: string): Promise<Position | undefined> {
    if (!this.#claims.isNewest(consumer, claim)) return undefined;
    const stream = this.#streamOf(room);
    return { epoch: stream.epoch, ...this.#savedIn(consumer, room, stream) };
  }

  async save(consumer: string, claim: number, room: string, position: Position): Promise<boolean> {
    if (!this.#claims.isNewest(consumer, claim)) return false;
    const stream = this.#streamOf(room);
    if (!isPartOf(stream, position)) return true;
    const before = this.#savedIn(consumer, room, stream);
    const { epoch, offset, life, version = 0 } = position;
    await this.#cursors.advance(room, cursorOf(consumer), { epoch, offset, life });
    const saved = Math.max(version, before.version);
    if (saved > 0) this.#versions.set(`${consumer} ${room}`, { epoch, version: saved });
    await this.forget(consumer, room);
    return true;
  }

  async forget(consumer: string, room: string): Promise<void> {
    const stream = this.#streamOf(room);
    const { offset, version } = this.#savedIn(consumer, room, stream);
    if (offset >= stream.top && version >= stream.version) this.#unsaved.get(consumer)?.delete(room);
  }

  /** Adds a room with something to save. */
  note(consumer: string, room: string): void {
    const rooms = this.#unsaved.get(consumer);
    if (rooms) rooms.add(room);
    else this.#unsaved.set(consumer, new Set([room]));
  }

  /** The consumer that an entry would be too far ahead of. If there is none, the room has something to save. */
  findAhead(room: string, stream: HeldStream, hold: Hold, bytes: number, historyCount: number): string | undefined {
    for (const consumer of hold.consumers) {
      const { offset, version } = this.#savedIn(consumer, room, stream);
      if (isFull(hold, version < stream.version, stream.entries.length, historyCount)) {
        this.note(consumer, room);
        return consumer;
      }
      const messages = stream.top - offset;
      const unsaved = stream.entries.slice(stream.entries.length - messages);
      const sum = unsaved.reduce((total, entry) => total + entry.bytes, 0);
      if (isAhead(hold, messages, sum, bytes)) return consumer;
    }
    for (const consumer of hold.consumers) this.note(consumer, room);
    return undefined;
  }

  /** How many messages to keep. */
  keepCount(room: string, stream: HeldStream, hold: Hold, historyCount: number): number {
    const { length } = stream.entries;
    const counts = hold.consumers.map((consumer) => {
      const { offset, version } = this.#savedIn(consumer, room, stream);
      return version < stream.version ? length : stream.top - offset;
    });
    return Math.max(historyCount, ...counts);
  }

  #savedIn(consumer: string, room: string, stream: HeldStream): { offset: number; version: number } {
    const before = stream.top - stream.entries.length;
    const cursor = this.#cursors.get(room, cursorOf(consumer));
    const saved = this.#versions.get(`${consumer} ${room}`);
    return {
      offset: cursor?.epoch === stream.epoch ? Math.min(stream.top, Math.max(before, cursor.offset)) : before,
      version: saved?.epoch === stream.epoch ? saved.version : 0,
    };
  }
}
