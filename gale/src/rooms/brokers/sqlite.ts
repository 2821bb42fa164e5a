/**
 * The broker of one server that must forget nothing: an SQLite file, written by a thread of its own.
 * Whatever it has acknowledged is on the disk. Messages are told live after they are stored; presence and signals
 * are in memory, since nobody is connected when the server starts.
 */
import { GaleError } from '../../errors.ts';
import { createLog } from '../../run/log.ts';
import type { Logger } from '../../run/log.ts';
import { announceOneProcess } from '../../run/one-process.ts';
import type { Broker, BrokerListener, Cursors, Presence, PublishOptions, ReadLimit } from '../broker.ts';
import type { Entry, Published, StreamHead, StreamPage } from '../stream.ts';
import { toEntryText, toMessage, toSignalText } from './entry-text.ts';
import { LocalLane } from './local-lane.ts';
import { MemoryPresence } from './memory-presence.ts';
import { OpenedFile } from './opened-file.ts';
import { publishUnknown } from './publish-unknown.ts';
import { removedError } from './removed-rooms.ts';
import { SqliteThread } from './sqlite-thread.ts';

/** Where a {@link SqliteBroker} keeps what it has. */
export interface SqliteBrokerOptions {
  /** The file; made if it is not there, in a folder that has to be. Beside it lies another one that ends in `-wal`. */
  readonly path: string;
  /** The clock, in milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Where faults are written. @defaultValue `createLog()` */
  readonly log?: Logger;
}

/** Rooms in an SQLite file. */
export class SqliteBroker implements Broker {
  readonly name: string = 'sqlite';
  readonly cursors: Cursors;
  readonly presence: Presence;
  readonly #thread: SqliteThread;
  readonly #file: OpenedFile;
  readonly #lane: LocalLane;
  readonly #release: () => void;

  private constructor(thread: SqliteThread, file: OpenedFile, lane: LocalLane, presence: Presence) {
    this.#thread = thread;
    this.#file = file;
    this.#release = announceOneProcess(severalProcesses);
    this.#lane = lane;
    this.presence = presence;
    this.cursors = {
      getAll: (person, rooms) => thread.call('getCursors', person, rooms),
      advance: (room, person, { epoch, offset }) => thread.call('advanceCursor', room, person, { epoch, offset }),
      delete: (room, person) => thread.call('deleteCursor', room, person),
    };
  }

  /**
   * Opens the file and holds it alone until {@link close}.
   *
   * @throws {@link GaleError} `ROOM_STORE_IN_USE` if another server has it, `ROOM_STORE_UNWRITABLE` if it cannot be
   * written, `ROOM_STORE_UNREADABLE` if it is something else, damaged, or from a newer Gale.
   */
  static async open(options: SqliteBrokerOptions): Promise<SqliteBroker> {
    const { path, now = Date.now, log = createLog() } = options;
    const lane = new LocalLane(log);
    const thread = await SqliteThread.open({ path, now, log, onReturn: () => lane.doubt() });
    return new SqliteBroker(thread, await OpenedFile.at(path), lane, new MemoryPresence(options.now));
  }

  async publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    const text = toEntryText(entry);
    const published = await this.#thread.call('publish', room, entry.author.id, entry.id, text, options);
    if (published === 'removed') throw removedError(room);
    if (published === 'unknown') throw publishUnknown(room, entry.id);
    if (!published.repeated && this.#lane.has(room)) {
      this.#lane.message(room, published.epoch, toMessage(published.offset, published.time, text));
    }
    return published;
  }

  async read(room: string, after: number, { count, bytes }: ReadLimit): Promise<StreamPage> {
    const { rows, ...page } = await this.#thread.call('read', room, after, { count, bytes });
    return { ...page, messages: rows.map(([offset, time, text]) => toMessage(offset, time, text)) };
  }

  heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    return this.#thread.call('heads', [...rooms]);
  }

  async signal(room: string, data: unknown): Promise<void> {
    this.#thread.assertOpen();
    const text = toSignalText(data);
    queueMicrotask(() => this.#lane.signal(room, JSON.parse(text)));
  }

  async listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    this.#thread.assertOpen();
    const stop = this.#lane.listen(room, listener);
    return async () => void stop();
  }

  async renewEpoch(room: string, epoch: string): Promise<void> {
    if (await this.#thread.call('renewEpoch', room, epoch)) this.#lane.doubt(room);
  }

  removeEmpty(room: string): Promise<boolean> {
    return this.#thread.call('removeEmpty', room);
  }

  async check(): Promise<void> {
    await this.#file.assertInPlace();
    await this.#thread.call('check');
  }

  async close(): Promise<void> {
    this.#release();
    await this.#thread.close();
    this.#lane.clear();
  }
}

function severalProcesses(): GaleError {
  return new GaleError(
    'ROOM_ONE_PROCESS',
    'The number of processes must be 1 with a SqliteBroker: one process holds its file. Use a RedisBroker (gale/redis), or processes: 1.',
  );
}
