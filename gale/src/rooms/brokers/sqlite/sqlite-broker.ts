/**
 * The durable broker for one server: an SQLite file, written by one thread and read by another, so reads never delay a publish.
 * Acknowledged messages are on disk. Live delivery follows after a message is stored. Presence and signals
 * are in memory, since nobody is connected when the server starts.
 */
import { GaleError } from '../../../errors.ts';
import { assertFunctions, assertLog, assertNames, wrongValue } from '../../../run/given-options.ts';
import { createLogger } from '../../../run/log.ts';
import type { Logger } from '../../../run/log.ts';
import { announceOneProcess } from '../../../run/one-process.ts';
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
import { toDataText, toEntryText, toMessage, toSignalText } from '../entry-text.ts';
import { lifeAt } from '../../lives.ts';
import { LocalClaims, publishAhead } from '../holds.ts';
import { LocalDispatcher } from '../local-dispatcher.ts';
import { MemoryPresence } from '../memory/memory-presence.ts';
import { OpenedFile } from '../../../stores/opened-file.ts';
import { publishUnknown } from '../publish-unknown.ts';
import { removedError } from '../removed-rooms.ts';
import type { ReadCalls } from './sqlite-read-worker.ts';
import { SqliteThread } from '../../../stores/sqlite-thread.ts';
import type { StoreCalls } from './sqlite-worker.ts';

/** Options of {@link SqliteBroker.open}. */
export interface SqliteBrokerOptions {
  /** Path of the file. It is created if missing; its folder must exist, on a local disk. Files that end in `-wal`, `-shm` and `-lock` are next to it. */
  readonly path: string;
  /** The clock, in milliseconds since 1970. @defaultValue `Date.now` */
  readonly now?: () => number;
  /** Log for faults. @defaultValue `createLogger()` */
  readonly log?: Logger;
}

/** Most reads in the reading thread at once. Bounds the pages in transit. */
const readsAtOnce = 4;

function resolveSqliteBrokerOptions(options: SqliteBrokerOptions): Readonly<Required<SqliteBrokerOptions>> {
  assertNames('SqliteBroker', options, ['path', 'now', 'log']);
  assertFunctions(options, ['now']);
  assertLog(options.log);
  const { path, now = Date.now, log = createLogger() } = options;
  if (typeof path !== 'string' || path === '') throw wrongValue('path', 'the path of a file', path);
  return { path, now, log };
}

/** Rooms in an SQLite file. */
export class SqliteBroker implements Broker {
  readonly name: string = 'sqlite';
  readonly cursors: Cursors;
  readonly presence: Presence;
  readonly holds: Holds;
  readonly #thread: SqliteThread<StoreCalls>;
  readonly #reads: SqliteThread<ReadCalls>;
  readonly #file: OpenedFile;
  readonly #dispatcher: LocalDispatcher;
  readonly #release: () => void;

  private constructor(
    thread: SqliteThread<StoreCalls>,
    reads: SqliteThread<ReadCalls>,
    file: OpenedFile,
    dispatcher: LocalDispatcher,
    presence: Presence,
    claims: LocalClaims,
  ) {
    this.#thread = thread;
    this.#reads = reads;
    this.#file = file;
    this.#release = announceOneProcess(severalProcesses);
    this.#dispatcher = dispatcher;
    this.presence = presence;
    this.cursors = {
      getAll: (person, rooms) => thread.call('getCursors', person, [...rooms]),
      advance: (room, person, { epoch, offset, life }) =>
        thread.call('advanceCursor', room, person, { epoch, offset, life }),
      delete: (room, person) => thread.call('deleteCursor', room, person),
    };
    // Claims are in memory: only this process has the file.
    this.holds = {
      claim: async (consumer, leaseMs) => claims.claim(consumer, leaseMs),
      renew: async (consumer, claim, leaseMs) => claims.renew(consumer, claim, leaseMs),
      release: async (consumer, claim) => claims.release(consumer, claim),
      rooms: (consumer, from = '') => thread.call('heldRooms', consumer, from),
      saved: async (consumer, claim, room) =>
        claims.isNewest(consumer, claim) ? thread.call('savedHold', consumer, room) : undefined,
      async save(consumer, claim, room, { epoch, offset, life, version }) {
        if (!claims.isNewest(consumer, claim)) return false;
        await thread.call('saveHold', consumer, room, { epoch, offset, life, version });
        return true;
      },
      forget: (consumer, room) => thread.call('forgetHold', consumer, room),
    };
  }

  /**
   * Opens the file and locks it until {@link close}.
   *
   * @throws {@link GaleError} `ROOM_STORE_IN_USE` if another server has it, `ROOM_STORE_UNWRITABLE` if it cannot be
   * written, `ROOM_STORE_UNREADABLE` if it is not a store of rooms, damaged, or from a newer Gale; `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  static async open(options: SqliteBrokerOptions): Promise<SqliteBroker> {
    const { path, now, log } = resolveSqliteBrokerOptions(options);
    const dispatcher = new LocalDispatcher(log);
    const thread = await SqliteThread.open<StoreCalls>({
      path,
      now,
      log,
      name: 'gale-sqlite-worker',
      program: urlOf('sqlite-worker'),
      maxAtOnce: Infinity,
      maxWaiting: 100_000,
      advice: 'It is unknown whether the message was stored; retry with the same id.',
      onRestart: () => dispatcher.doubt(),
    });
    let reads: SqliteThread<ReadCalls> | undefined;
    try {
      reads = await SqliteThread.open<ReadCalls>({
        path,
        now,
        log,
        name: 'gale-sqlite-read-worker',
        program: urlOf('sqlite-read-worker'),
        maxAtOnce: readsAtOnce,
        maxWaiting: 10_000,
        advice: 'Retry the read.',
        onRestart: () => {},
      });
      const presence = new MemoryPresence(options.now);
      return new SqliteBroker(thread, reads, await OpenedFile.at(path), dispatcher, presence, new LocalClaims(now));
    } catch (error) {
      await reads?.close();
      await thread.close();
      throw error;
    }
  }

  publish(room: string, entry: Entry, options: PublishOptions): Promise<Published> {
    return new Promise((resolve, reject) => {
      const text = toEntryText(entry);
      const { id, author } = entry;
      const dispatcher = this.#dispatcher;
      this.#thread.send(
        {
          // Delivered here, so that everything of one commit is delivered in one turn.
          resolve(published) {
            if (published === 'removed') reject(removedError(room));
            else if (published === 'unknown') reject(publishUnknown(room, id));
            else if ('ahead' in published) reject(publishAhead(room, published.ahead, options.hold));
            else {
              resolve(published);
              if (published.repeated || !dispatcher.has(room)) return;
              const { epoch, offset, time, life } = published;
              dispatcher.message(room, epoch, toMessage(offset, time, text, life));
            }
          },
          reject,
        },
        'publish',
        room,
        author.id,
        id,
        text,
        options,
      );
    });
  }

  amend(room: string, amendment: Amendment, hold?: Hold): Promise<Amended> {
    return new Promise((resolve, reject) => {
      const { id, author, version } = amendment;
      const dispatcher = this.#dispatcher;
      this.#thread.send(
        {
          // Delivered here, in the order of the store.
          resolve({ reply, text, sent }) {
            try {
              const amended = assertAmended(room, amendment, reply);
              resolve(amended);
              if (text === undefined || sent === undefined || !dispatcher.has(room)) return;
              const { epoch, offset, life, time } = amended;
              const change = { version: amended.version, amended: time };
              dispatcher.amend(room, epoch, toMessage(offset, sent, text, life, change));
            } catch (error) {
              reject(error as Error);
            }
          },
          reject,
        },
        'amend',
        room,
        { id, author, version },
        toDataText(amendment.data),
        ...(hold ? [hold] : []),
      );
    });
  }

  async read(room: string, after: number, { count, bytes }: ReadLimit): Promise<StreamPage> {
    const found = await this.#reads.call('read', room, after, { count, bytes });
    if (found) {
      const { rows, ...page } = found;
      const { lives } = page;
      const messages = rows.map(([offset, time, text, , version, amended]) =>
        toMessage(offset, time, text, lifeAt(lives, offset), { version, amended }),
      );
      return { ...page, messages };
    }
    const head = (await this.#thread.call('heads', [room])).get(room);
    if (head?.top === 0) return { ...head, messages: [], bytes: 0 };
    // A message was stored meanwhile.
    return this.read(room, after, { count, bytes });
  }

  async heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    const heads = await this.#reads.call('heads', [...rooms]);
    const others = rooms.filter((room) => !heads.has(room));
    if (others.length === 0) return heads;
    for (const [room, head] of await this.#thread.call('heads', others)) heads.set(room, head);
    return heads;
  }

  async signal(room: string, data: unknown): Promise<void> {
    this.#thread.assertOpen();
    const text = toSignalText(data);
    queueMicrotask(() => this.#dispatcher.signal(room, JSON.parse(text)));
  }

  async listen(room: string, listener: BrokerListener): Promise<() => Promise<void>> {
    this.#thread.assertOpen();
    return this.#dispatcher.listenAlone(room, listener);
  }

  async renewEpoch(room: string, epoch: string): Promise<void> {
    if (await this.#thread.call('renewEpoch', room, epoch)) this.#dispatcher.doubt(room);
  }

  removeEmpty(room: string): Promise<boolean> {
    return this.#thread.call('removeEmpty', room);
  }

  async remove(room: string): Promise<void> {
    await this.#thread.call('remove', room);
  }

  async check(): Promise<void> {
    await this.#file.assertInPlace();
    await this.#thread.call('check');
  }

  async close(): Promise<void> {
    this.#release();
    await this.#thread.close(this.#reads.close());
    this.#dispatcher.clear();
  }
}

function severalProcesses(): GaleError {
  return new GaleError(
    'ROOM_ONE_PROCESS',
    'The number of processes must be 1 with a SqliteBroker: one process holds its file. Use a RedisBroker (gale/redis), or processes: 1.',
  );
}

/** A thread runs the .ts file in the sources, and the .js file in a build. */
function urlOf(program: string): URL {
  return new URL(`./${program}${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url);
}
