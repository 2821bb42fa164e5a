/**
 * The broker for tests and for rooms that may be forgotten: everything is in the memory of one process.
 * Messages are kept as JSON text, as in the other brokers: nothing works here that would not work there,
 * and a message that was read takes memory only while a reader needs it.
 */
import cluster from 'node:cluster';
import { GaleError } from '../../errors.ts';
import { createLog } from '../../run/log.ts';
import type { Logger } from '../../run/log.ts';
import { announceOneProcess, knownProcessCount } from '../../run/one-process.ts';
import type { Broker, BrokerListener, Cursors, Presence, PublishOptions, ReadLimit } from '../broker.ts';
import type { Entry, Position, Published, StreamHead, StreamPage } from '../stream.ts';
import { toEntryText, toMessage, toSignalText } from './entry-text.ts';
import { createEpoch, unstoredEpoch } from './epoch.ts';
import { LocalLane } from './local-lane.ts';
import { MemoryCursors } from './memory-cursors.ts';
import { MemoryPresence } from './memory-presence.ts';
import { removedError, RemovedRooms } from './removed-rooms.ts';

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
  /** The newest ones, ascending; the last one has the offset `top`. */
  readonly entries: KeptEntry[];
}

interface KeptEntry {
  readonly time: number;
  readonly text: string;
  /** Size of `text` as UTF-8. */
  readonly bytes: number;
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
  readonly #removed = new RemovedRooms();
  readonly #release: () => void;
  #isClosed = false;

  /** @throws {@link GaleError} `ROOM_ONE_PROCESS` in a program that `runProgram` runs in several processes. */
  constructor(options: MemoryBrokerOptions = {}) {
    const { log = createLog() } = options;
    const count = knownProcessCount();
    if (count !== undefined && count > 1) throw severalProcesses(count);
    this.#release = announceOneProcess(severalProcesses);
    if (count === undefined && cluster.isWorker) {
      log.warn(
        { broker: this.name },
        'A MemoryBroker does not connect people of different workers; use a RedisBroker for several.',
      );
    }
    this.#now = options.now ?? Date.now;
    this.#lane = new LocalLane(log);
    this.cursors = new MemoryCursors((room) => this.#streams.get(room)?.epoch);
    this.presence = new MemoryPresence(options.now);
  }

  async publish(room: string, entry: Entry, { historyCount, dedupeMs }: PublishOptions): Promise<Published> {
    this.#assertOpen();
    const text = toEntryText(entry);
    const time = this.#now();
    if (this.#removed.has(room, time)) throw removedError(room);
    const stream = this.#streamOf(room);
    const { epoch } = stream;
    const key = `${room.length}:${entry.author.id.length}:${room}${entry.author.id}${entry.id}`;
    const before = this.#answers.get(key);
    if (before && before.until > time && before.epoch === epoch) {
      return { epoch, offset: before.offset, time: before.time, repeated: true };
    }
    const offset = ++stream.top;
    stream.entries.push({ time, text, bytes: Buffer.byteLength(text) });
    if (stream.entries.length > historyCount) stream.entries.splice(0, stream.entries.length - historyCount);
    this.#keepAnswer(key, { epoch, offset, time, until: time + dedupeMs });
    // Not before the caller's turn is over, and before it sees the answer.
    if (this.#lane.has(room)) {
      const message = toMessage(offset, time, text);
      queueMicrotask(() => this.#lane.message(room, epoch, message));
    }
    return { epoch, offset, time, repeated: false };
  }

  async read(room: string, after: number, limit: ReadLimit): Promise<StreamPage> {
    this.#assertOpen();
    const stream = this.#streamOf(room);
    const head = toHead(stream);
    const messages = [];
    let bytes = 0;
    for (let index = Math.max(0, after + 1 - head.first); messages.length < limit.count; index++) {
      const entry = stream.entries[index];
      if (!entry || (messages.length > 0 && bytes + entry.bytes > limit.bytes)) break;
      bytes += entry.bytes;
      messages.push(toMessage(head.first + index, entry.time, entry.text));
    }
    return { ...head, messages, bytes };
  }

  async heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    this.#assertOpen();
    return new Map(rooms.map((room) => [room, toHead(this.#streamOf(room))]));
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
    this.#streams.set(room, { epoch: createEpoch(), top: 0, entries: [] });
    queueMicrotask(() => this.#lane.doubt(room));
  }

  async removeEmpty(room: string): Promise<boolean> {
    this.#assertOpen();
    if ((this.#streams.get(room)?.top ?? 0) > 0) return false;
    this.#streams.delete(room);
    this.#removed.add(room, this.#now());
    return true;
  }

  async check(): Promise<void> {
    this.#assertOpen();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#release();
    this.#lane.clear();
    return Promise.resolve();
  }

  #streamOf(room: string): Stream {
    if (this.#removed.has(room, this.#now())) return { epoch: unstoredEpoch, top: 0, entries: [] };
    let stream = this.#streams.get(room);
    if (!stream) this.#streams.set(room, (stream = { epoch: createEpoch(), top: 0, entries: [] }));
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

function toHead({ epoch, top, entries }: Stream): StreamHead {
  return { epoch, top, first: top - entries.length + 1 };
}

function severalProcesses(count?: number): GaleError {
  const given = count === undefined ? '' : `; got ${count}`;
  return new GaleError(
    'ROOM_ONE_PROCESS',
    `The number of processes must be 1 with a MemoryBroker${given}: each process would have rooms of its own, and people of different processes would not see each other. Use a RedisBroker (gale/redis), or processes: 1.`,
  );
}
