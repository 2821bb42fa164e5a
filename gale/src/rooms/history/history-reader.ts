/**
 * Reads the streams of all rooms on this server with bounded memory: pages are limited in bytes, and few are read at once.
 * Subscribers at the same position share one read and one page, so its messages are parsed and framed once.
 */
import type { Broker, ReadLimit } from '../broker.ts';
import type { Position, StreamHead, StreamPage } from '../stream.ts';
import { readAmendments } from './amendments.ts';
import type { AmendedMessages, AmendmentsRequest } from './amendments.ts';
import { HeadReader } from './head-reader.ts';
import { readPageBefore } from './page-before.ts';
import { ReadGate } from './read-gate.ts';
import { SharedPages } from './shared-pages.ts';

/** Options of {@link HistoryReader}, as in `RoomsOptions`. */
export interface HistoryReaderOptions {
  readonly historyPageBytes: number;
  readonly maxHistoryReads: number;
}

/**
 * Most bytes of a page for subscribers. A connection takes no more before it waits for its reader,
 * and reads again afterwards, so the rest of a larger page would be read in vain.
 */
const sharedPageBytes = 256 * 1024;

/** Size of the cache of pages, in pages of the largest size. */
const keptPages = 4;

interface SharedRead {
  readonly page: Promise<StreamPage>;
  isBegun: boolean;
  /** Called when the read begins. */
  readonly waiting: (() => void)[];
}

/** The reads of one server. */
export class HistoryReader {
  readonly #broker: Broker;
  readonly #gate: ReadGate;
  readonly #heads: HeadReader;
  readonly #pages: SharedPages;
  readonly #limit: ReadLimit;
  readonly #sharedLimit: ReadLimit;
  /** Reads for subscribers that wait or are under way, by position and room. */
  readonly #shared = new Map<string, SharedRead>();

  constructor(broker: Broker, { historyPageBytes, maxHistoryReads }: HistoryReaderOptions) {
    this.#broker = broker;
    this.#gate = new ReadGate(maxHistoryReads);
    this.#heads = new HeadReader(broker);
    this.#pages = new SharedPages(keptPages * historyPageBytes);
    this.#limit = { count: 1000, bytes: historyPageBytes };
    this.#sharedLimit = { count: 100, bytes: Math.min(historyPageBytes, sharedPageBytes) };
  }

  /**
   * Reads the next page for a subscriber. The page may be up to a second old, or from a read that began before the call.
   * Its messages are part of the stream, but only {@link head} shows whether the stream was lost.
   *
   * @param after - The subscriber's position.
   * @param onBegin - Called when a read begins, whose page may end before the newest message. Not called for a cached page.
   */
  async sharedPage(room: string, after: Position, onBegin: () => void): Promise<StreamPage> {
    const known = this.#pages.find(room, after);
    if (known) return known;
    const key = `${after.offset} ${room}`;
    const shared = this.#shared.get(key) ?? this.#share(key, room, after.offset);
    if (shared.isBegun) onBegin();
    else shared.waiting.push(onBegin);
    return shared.page;
  }

  /** Reads one page with priority over pages for subscribers, by a read that begins after the call. */
  freshPage(room: string, after: number): Promise<StreamPage> {
    return this.#gate.run(() => this.#broker.read(room, after, this.#limit), { isUrgent: true });
  }

  /** Reads the newest messages before a position, or of the room: at most `limit`, and at most `historyPageBytes`. */
  pageBefore(room: string, before: Position | undefined, limit: ReadLimit): Promise<StreamPage> {
    const { bytes } = this.#limit;
    return readPageBefore(
      {
        head: () => this.head(room),
        page: (after, its) => this.#gate.run(() => this.#broker.read(room, after, its)),
      },
      before,
      { count: limit.count, bytes: Math.min(limit.bytes, bytes) },
    );
  }

  /**
   * Finds the amendments after a version for a subscriber. The pages are shared and cached.
   *
   * @param version - A version that is known to be stored. Pages from before are not used.
   */
  sharedAmendments(room: string, request: AmendmentsRequest, version: number): Promise<AmendedMessages | undefined> {
    const { epoch } = request;
    return readAmendments((offset) => this.sharedPage(room, { epoch, offset, version }, () => {}), request);
  }

  /** Finds the amendments after a version, by reads that begin after the call. */
  freshAmendments(room: string, request: AmendmentsRequest): Promise<AmendedMessages | undefined> {
    return readAmendments((offset) => this.freshPage(room, offset), request);
  }

  /** Reads the bounds of a stream, by a read that begins after the call. */
  head(room: string): Promise<StreamHead> {
    return this.#heads.read(room);
  }

  /** Drops the cached pages of a room whose stream was lost. */
  forget(room: string): void {
    this.#pages.forget(room);
  }

  /** Drops all cached pages. */
  close(): void {
    this.#pages.clear();
  }

  #share(key: string, room: string, after: number): SharedRead {
    const waiting: (() => void)[] = [];
    const read = async (): Promise<StreamPage> => {
      shared.isBegun = true;
      for (const onBegin of waiting.splice(0)) onBegin();
      const page = await this.#broker.read(room, after, this.#sharedLimit);
      this.#pages.add(room, page);
      return page;
    };
    const shared: SharedRead = { page: Promise.resolve().then(() => this.#gate.run(read)), isBegun: false, waiting };
    this.#shared.set(key, shared);
    const done = (): void => void this.#shared.delete(key);
    shared.page.then(done, done);
    return shared;
  }
}
