/**
 * The broker for tests and for rooms without durability: everything is in the memory of one process.
 * Messages are stored as JSON text, as in the other brokers, so code that works here works there too.
 * A parsed message takes memory only while a reader needs it.
 */
import cluster from 'node:cluster';
import { GaleError } from '../../../errors.ts';
import { assertFunctions, assertLog, assertNames } from '../../../run/given-options.ts';
import { createLogger } from '../../../run/log.ts';
import type { Logger } from '../../../run/log.ts';
import { announceOneProcess, knownProcessCount } from '../../../run/one-process.ts';
import type {
  Broker,
  BrokerListener,
  Cursors,
  Hold,
  Holds,
  Presence,
  PublishOptions,
  ReadLimit,
} from '../../broker.ts';
import type { Amended, Amendment, Entry, Published, StreamHead, StreamPage } from '../../stream.ts';
import { assertAmended } from '../amendments.ts';
import { amendText, toDataText, toEntryText, toMessage, toSignalText } from '../entry-text.ts';
import { createEpoch, createLife, unstoredEpoch } from '../epoch.ts';
import { lifeAt, recordLife } from '../../lives.ts';
import type { Lives } from '../../lives.ts';
import { LocalDispatcher } from '../local-dispatcher.ts';
import { publishAhead } from '../holds.ts';
import { MemoryCursors } from './memory-cursors.ts';
import { MemoryHolds } from './memory-holds.ts';
import { MemoryPresence } from './memory-presence.ts';
import { exactly, toHashNumber } from '../message-hash.ts';
import { mayBeDropped, publishUnknown } from '../publish-unknown.ts';
import { removedError, RemovedRooms } from '../removed-rooms.ts';
import { SentIds } from '../sent-ids.ts';

/** Options of {@link MemoryBroker}. */
export interface MemoryBrokerOptions {
  /** The clock, in milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Log for errors of listeners. @defaultValue `createLogger()` */
  readonly log?: Logger;
}

interface Stream {
  readonly epoch: string;
  lives: Lives;
  top: number;
  /** Number of the newest amendment. */
  version: number;
  /** The kept entries, ascending. The last one has the offset `top`. */
  readonly entries: KeptEntry[];
  /** Offsets of the kept messages, by author and id. */
  readonly kept: Map<string, number>;
  /** The newest ids by author, including ids of messages that are no longer kept. */
  readonly sent: Map<string, SentIds>;
}

interface KeptEntry {
  readonly time: number;
  text: string;
  /** Size of `text` as UTF-8. */
  bytes: number;
  /** Author and id. */
  readonly key: string;
  /** Number of its newest amendment, and when that was stored; 0 if there was none. */
  version: number;
  amended: number;
}

function resolveMemoryBrokerOptions(options: MemoryBrokerOptions): Readonly<Required<MemoryBrokerOptions>> {
  assertNames('MemoryBroker', options, ['now', 'log']);
  assertFunctions(options, ['now']);
  assertLog(options.log);
  return { now: options.now ?? Date.now, log: options.log ?? createLogger() };
}

/** Rooms in memory. */
export class MemoryBroker implements Broker {
  readonly name: string = 'memory';
  readonly cursors: Cursors;
  readonly presence: Presence;
  readonly holds: Holds;
  #life = createLife();
  readonly #cursors: MemoryCursors;
  readonly #holds: MemoryHolds;
  readonly #now: () => number;
  readonly #dispatcher: LocalDispatcher;
  readonly #streams = new Map<string, Stream>();
  /** Functions that remove remembered ids, least recently changed first. */
  readonly #forgetting = new Map<SentIds, () => void>();
  readonly #removed = new RemovedRooms();
  readonly #release: () => void;
  #isClosed = false;

  /** @throws {@link GaleError} `ROOM_ONE_PROCESS` in a program that `runProgram` runs in several processes. */
  constructor(options: MemoryBrokerOptions = {}) {
    const { now, log } = resolveMemoryBrokerOptions(options);
    const count = knownProcessCount();
    if (count !== undefined && count > 1) throw severalProcesses(count);
    this.#release = announceOneProcess(severalProcesses);
    if (count === undefined && cluster.isWorker) {
      log.warn(
        { broker: this.name },
        'MemoryBroker does not connect people of different workers; use RedisBroker for several workers',
      );
    }
    this.#now = now;
    this.#dispatcher = new LocalDispatcher(log);
    this.#cursors = new MemoryCursors((room) => this.#streams.get(room));
    this.cursors = this.#cursors;
    this.#holds = new MemoryHolds(now, this.#cursors, (room) => {
      this.#assertOpen();
      return this.#streamOf(room);
    });
    this.holds = this.#holds;
    this.presence = new MemoryPresence(options.now);
  }

  async publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    this.#assertOpen();
    const { historyCount, dedupeMs, dedupeCount } = options;
    const text = toEntryText(entry);
    const time = this.#now();
    if (this.#removed.has(room, time)) throw removedError(room);
    const stream = this.#streamOf(room);
    const { epoch, entries, kept } = stream;
    const key = exactly(entry.author.id, entry.id);
    const hash = toHashNumber(entry.author.id, entry.id);
    const sent = stream.sent.get(entry.author.id);
    const keptAt = kept.get(key);
    if (keptAt !== undefined) {
      const keptTime = entries[keptAt - stream.top + entries.length - 1]?.time ?? time;
      return { epoch, offset: keptAt, life: lifeAt(stream.lives, keptAt), time: keptTime, repeated: true };
    }
    const before = sent?.find(hash, time - dedupeMs);
    if (before) return { epoch, ...before, life: lifeAt(stream.lives, before.offset), repeated: true };
    if (options.retry && sent?.dropped && mayBeDropped(sent.dropped, stream, time, options)) {
      throw publishUnknown(room, entry.id);
    }
    const bytes = Buffer.byteLength(text);
    const { hold } = options;
    const ahead = hold && this.#holds.findAhead(room, stream, hold, bytes, historyCount);
    if (hold && ahead !== undefined) throw publishAhead(room, ahead, hold);
    const offset = ++stream.top;
    const life = this.#life;
    stream.lives = recordLife(stream.lives, life, offset);
    entries.push({ time, text, bytes, key, version: 0, amended: 0 });
    kept.set(key, offset);
    const keepCount = hold ? this.#holds.keepCount(room, stream, hold, historyCount) : historyCount;
    while (entries.length > keepCount) kept.delete(entries.shift()?.key ?? '');
    if (dedupeMs > 0) {
      this.#forgetUntil(time - dedupeMs);
      this.#sentBy(stream, entry.author.id).add(hash, { offset, time }, dedupeCount);
    }
    // After the turn of the caller, and before it sees the response.
    if (this.#dispatcher.has(room)) {
      const message = toMessage(offset, time, text, life);
      queueMicrotask(() => this.#dispatcher.message(room, epoch, message));
    }
    return { epoch, offset, life, time, repeated: false };
  }

  async amend(room: string, amendment: Amendment, hold?: Hold): Promise<Amended> {
    this.#assertOpen();
    const dataText = toDataText(amendment.data);
    const stream = this.#streamOf(room);
    const offset = stream.kept.get(exactly(amendment.author, amendment.id));
    const entry = offset === undefined ? undefined : stream.entries[offset - toHead(stream).first];
    if (offset === undefined || !entry) return assertAmended(room, amendment, { refused: 'gone' });
    const text = amendText(entry.text, dataText);
    const position = { epoch: stream.epoch, offset, life: lifeAt(stream.lives, offset) };
    const { version } = entry;
    if (text === entry.text) return { ...position, version, time: entry.amended || entry.time, repeated: true };
    if (amendment.version !== undefined && amendment.version !== version)
      return assertAmended(room, amendment, { refused: 'conflict', version });
    const change = { version: ++stream.version, amended: this.#now() };
    Object.assign(entry, { text, bytes: Buffer.byteLength(text), ...change });
    for (const consumer of hold?.consumers ?? []) this.#holds.note(consumer, room);
    if (this.#dispatcher.has(room)) {
      const message = toMessage(offset, entry.time, text, position.life, change);
      queueMicrotask(() => this.#dispatcher.amend(room, stream.epoch, message));
    }
    return { ...position, version: change.version, time: change.amended, repeated: false };
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
      const offset = head.first + index;
      messages.push(toMessage(offset, entry.time, entry.text, lifeAt(head.lives, offset), entry));
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
    queueMicrotask(() => this.#dispatcher.signal(room, JSON.parse(text)));
  }

  async listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    this.#assertOpen();
    return this.#dispatcher.listenAlone(room, listener);
  }

  async renewEpoch(room: string, epoch: string): Promise<void> {
    this.#assertOpen();
    const stream = this.#streams.get(room);
    if (stream?.epoch !== epoch) return;
    for (const ids of stream.sent.values()) this.#forgetting.delete(ids);
    const { first } = toHead(stream);
    const renewed = createStream();
    renewed.version = stream.version;
    if (stream.entries.length > 0) renewed.lives = [{ name: this.#life, first: 1 }];
    for (const entry of stream.entries) {
      renewed.entries.push(entry);
      renewed.kept.set(entry.key, ++renewed.top);
    }
    this.#streams.set(room, renewed);
    this.#cursors.renew(room, { from: epoch, first, to: renewed.epoch, count: renewed.top });
    queueMicrotask(() => this.#dispatcher.doubt(room));
  }

  /**
   * Drops the newest messages of a room, and begins another life: what a store does that is restored from a backup. For tests of
   * applications, which show how they behave after a reset. Nobody is notified.
   *
   * @param top - Offset of the newest message that stays.
   */
  goBack(room: string, top: number): void {
    this.#life = createLife();
    const stream = this.#streams.get(room);
    if (!stream || stream.top <= top) return;
    for (const lost of stream.entries.splice(-(stream.top - top))) stream.kept.delete(lost.key);
    for (const ids of stream.sent.values()) this.#forgetting.delete(ids);
    stream.sent.clear();
    stream.lives = stream.lives.filter(({ first }) => first <= top);
    stream.top = top;
    this.#cursors.goBack(room, { epoch: stream.epoch, offset: top });
  }

  async removeEmpty(room: string): Promise<boolean> {
    this.#assertOpen();
    if ((this.#streams.get(room)?.top ?? 0) > 0) return false;
    this.#streams.delete(room);
    this.#removed.add(room, this.#now());
    return true;
  }

  async remove(room: string): Promise<void> {
    this.#assertOpen();
    const stream = this.#streams.get(room);
    for (const ids of stream?.sent.values() ?? []) this.#forgetting.delete(ids);
    this.#streams.delete(room);
    this.#removed.add(room, this.#now());
  }

  async check(): Promise<void> {
    this.#assertOpen();
  }

  close(): Promise<void> {
    this.#isClosed = true;
    this.#release();
    this.#dispatcher.clear();
    return Promise.resolve();
  }

  #streamOf(room: string): Stream {
    if (this.#removed.has(room, this.#now())) return createStream(unstoredEpoch);
    let stream = this.#streams.get(room);
    if (!stream) this.#streams.set(room, (stream = createStream()));
    return stream;
  }

  /** The ids of an author, for adding one. */
  #sentBy({ sent }: Stream, author: string): SentIds {
    const ids = sent.get(author) ?? new SentIds();
    sent.set(author, ids);
    const forget = this.#forgetting.get(ids) ?? ((): void => void sent.delete(author));
    this.#forgetting.delete(ids);
    this.#forgetting.set(ids, forget);
    return ids;
  }

  /** Removes the ids of authors without a new id since a time. */
  #forgetUntil(time: number): void {
    for (const [ids, forget] of this.#forgetting) {
      if (ids.newestTime > time) return;
      forget();
      this.#forgetting.delete(ids);
    }
  }

  #assertOpen(): void {
    if (this.#isClosed) throw new GaleError('ROOM_UNAVAILABLE', 'The broker is closed; create another one.');
  }
}

function toHead({ epoch, lives, top, version, entries }: Stream): StreamHead {
  const head = { epoch, top, first: top - entries.length + 1, lives };
  return version === 0 ? head : { ...head, version };
}

function severalProcesses(count?: number): GaleError {
  const given = count === undefined ? '' : `; got ${count}`;
  return new GaleError(
    'ROOM_ONE_PROCESS',
    `The number of processes must be 1 with a MemoryBroker${given}: each process would have its own rooms, and people of different processes would not see each other. Use a RedisBroker (gale/redis), or processes: 1.`,
  );
}

function createStream(epoch: string = createEpoch()): Stream {
  return { epoch, lives: [], top: 0, version: 0, entries: [], kept: new Map(), sent: new Map() };
}
