/**
 * The broker for tests and for rooms that may be forgotten: everything is in the memory of one process.
 * What is published goes through JSON as in the other brokers, so that nothing works here that would not work there.
 */
import { GaleError } from '../../errors.ts';
import { createLog } from '../../run/log.ts';
import type { Logger } from '../../run/log.ts';
import type { Broker, BrokerListener, Cursors, Presence, PublishOptions } from '../broker.ts';
import type { Entry, Position, Published, RoomMessage, StreamPage } from '../stream.ts';
import { toEntryText, toMessage, toSignalText } from './entry-text.ts';
import { createEpoch } from './epoch.ts';
import { LocalLane } from './local-lane.ts';
import { MemoryCursors } from './memory-cursors.ts';
import { MemoryPresence } from './memory-presence.ts';

/** What a {@link MemoryBroker} may be given. */
export interface MemoryBrokerOptions {
  /** The clock, in milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Where a listener's fault is written. @defaultValue `createLog()` */
  readonly log?: Logger;
}

interface Stream {
  readonly epoch: string;
  top: number;
  readonly messages: RoomMessage[];
}

/** An answer that a repeated publish gets again. */
interface Answer extends Position {
  readonly time: number;
  readonly until: number;
}

/** Rooms in memory. */
export class MemoryBroker implements Broker {
  readonly name: string = 'memory';
  readonly cursors: Cursors;
  readonly presence: Presence;
  readonly #now: () => number;
  readonly #lane: LocalLane;
  readonly #streams = new Map<string, Stream>();
  /** In the order they were given, so that those which ran out are at the front. */
  readonly #answers = new Map<string, Answer>();
  #isClosed = false;

  constructor(options: MemoryBrokerOptions = {}) {
    this.#now = options.now ?? Date.now;
    this.#lane = new LocalLane(options.log ?? createLog());
    this.cursors = new MemoryCursors((room) => this.#streams.get(room)?.epoch);
    this.presence = new MemoryPresence(options.now);
  }

  async publish(room: string, entry: Entry, { historyCount, dedupeMs }: PublishOptions): Promise<Published> {
    this.#assertOpen();
    const text = toEntryText(entry);
    const time = this.#now();
    const stream = this.#streamOf(room);
    const { epoch } = stream;
    const key = `${room.length}:${entry.author.id.length}:${room}${entry.author.id}${entry.id}`;
    const before = this.#answers.get(key);
    if (before && before.until > time && before.epoch === epoch) {
      return { epoch, offset: before.offset, time: before.time, repeated: true };
    }
    const offset = ++stream.top;
    const message = toMessage(offset, time, text);
    stream.messages.push(message);
    if (stream.messages.length > historyCount) stream.messages.splice(0, stream.messages.length - historyCount);
    this.#keepAnswer(key, { epoch, offset, time, until: time + dedupeMs });
    // Not before the caller's turn is over, and before it sees the answer.
    queueMicrotask(() => this.#lane.message(room, epoch, message));
    return { epoch, offset, time, repeated: false };
  }

  async read(room: string, after: number, limit: number): Promise<StreamPage> {
    this.#assertOpen();
    const { epoch, top, messages } = this.#streamOf(room);
    const first = messages[0]?.offset ?? top + 1;
    const from = Math.max(0, after + 1 - first);
    return { epoch, top, first, messages: messages.slice(from, from + limit) };
  }

  async signal(room: string, data: unknown): Promise<void> {
    this.#assertOpen();
    const text = toSignalText(data);
    queueMicrotask(() => this.#lane.signal(room, JSON.parse(text)));
  }

  async listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    this.#assertOpen();
    const stop = this.#lane.listen(room, listener);
    return async () => void stop();
  }

  async renewEpoch(room: string, epoch: string): Promise<void> {
    this.#assertOpen();
    if (this.#streams.get(room)?.epoch !== epoch) return;
    this.#streams.set(room, { epoch: createEpoch(), top: 0, messages: [] });
    queueMicrotask(() => this.#lane.doubt(room));
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#lane.clear();
    return Promise.resolve();
  }

  #streamOf(room: string): Stream {
    let stream = this.#streams.get(room);
    if (!stream) this.#streams.set(room, (stream = { epoch: createEpoch(), top: 0, messages: [] }));
    return stream;
  }

  #keepAnswer(key: string, answer: Answer): void {
    for (const [oldest, { until }] of this.#answers) {
      if (until > answer.time) break;
      this.#answers.delete(oldest);
    }
    // One that ran out may still be there, behind one that lasts longer.
    this.#answers.delete(key);
    if (answer.until > answer.time) this.#answers.set(key, answer);
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new GaleError('ROOM_UNAVAILABLE', 'The broker is closed; make another one.');
  }
}
