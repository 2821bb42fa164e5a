/**
 * A consumer that holds the history: it reads all rooms from the positions that it saved, in order in each room, at least once.
 * One server at a time has a consumer; the others wait for their turn.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import type { Broker, HeldRooms, Holds } from './broker.ts';
import { ConsumerClaim } from './consumer-claim.ts';
import { readAmendments } from './history/amendments.ts';
import { isPartOf, lifeAt } from './lives.ts';
import { retryUntilDone } from './retry.ts';
import type { Position, RoomMessage, StreamHead } from './stream.ts';

/** Messages of one room, for a consumer. */
export interface ConsumerBatch<Data = unknown> {
  readonly room: string;
  /** Offsets of messages count in it. A room that lost messages gets a new one. */
  readonly epoch: string;
  /**
   * `messages`: the next messages of the room, in order and without a gap. `amendments`: the new state of messages that came before,
   * in order of `version`; of several amendments of a message, the newest.
   */
  readonly kind: 'messages' | 'amendments';
  /** At least one. After a crash, messages come again that were not saved; their author and `id` are the same. */
  readonly messages: readonly RoomMessage<Data>[];
  /**
   * Saves that everything in the room up to this batch is stored elsewhere. The room may be trimmed up to here.
   *
   * @throws {@link GaleError} `ROOM_CONSUMER_LOST` if another server has the consumer: it gets the messages again.
   * `ROOM_UNAVAILABLE` if the store does not respond; try again.
   */
  save(): Promise<void>;
}

/** What a consumer needs. */
export interface ConsumerOptions {
  readonly broker: Broker;
  readonly holds: Holds;
  /** How long a server that does not renew its claim keeps the consumer, in milliseconds. */
  readonly leaseMs: number;
  readonly log: Logger;
}

/** Limits of a batch. */
const batchLimit = { count: 500, bytes: 1024 * 1024 };
/** Wait after a pass over all rooms that found nothing, in milliseconds. */
const pollMs = 200;
/** How long a room stays in the list after its last message, in milliseconds: a room that is in the list costs less for each publish. */
const idleMs = 10_000;

/** The consumer with one name, on one server. */
export class Consumer<Data = unknown> implements AsyncIterable<ConsumerBatch<Data>> {
  readonly name: string;
  readonly #options: ConsumerOptions;
  readonly #closing = new AbortController();
  readonly #iterations = new Set<Promise<void>>();
  #current: ConsumerClaim | undefined;

  /** @internal */
  constructor(name: string, options: ConsumerOptions) {
    this.name = name;
    this.#options = options;
  }

  /**
   * Waits until no other server has the consumer, then reads batches. Ends when the rooms close.
   *
   * @throws {@link GaleError} `ROOM_CONSUMER_LOST` if another server has the consumer now, because this one was stopped for too long.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ConsumerBatch<Data>, void, undefined> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#iterations.add(promise);
    let claim: ConsumerClaim | undefined;
    try {
      claim = await this.#claim();
      this.#current = claim;
      if (claim) yield* this.#readAll(claim);
    } finally {
      if (this.#current === claim) this.#current = undefined;
      await claim?.end();
      this.#iterations.delete(promise);
      resolve();
    }
  }

  /**
   * Whether this server reads the consumer now, as far as it knows: for other work that one server at a time should do. A server that was
   * stopped may believe it for too long, so that work must be safe if two servers do it.
   */
  get isOwned(): boolean {
    return this.#current?.isLost === false && !this.#isClosed;
  }

  /** Whether there is an iteration that has not ended. @internal */
  get isRead(): boolean {
    return this.#iterations.size > 0;
  }

  /** Ends the iterations. Resolves when the code of the application is ready with its batches. @internal */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.all(this.#iterations);
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  /** @returns Undefined if the rooms close. */
  async #claim(): Promise<ConsumerClaim | undefined> {
    const { holds, leaseMs, log } = this.#options;
    const waitMs = Math.min(1000, leaseMs / 3);
    const closing = this.#closing.signal;
    while (!this.#isClosed) {
      const number = await this.#retry(() => holds.claim(this.name, leaseMs));
      if (number !== undefined) return new ConsumerClaim(this.name, number, { holds, leaseMs, log, closing });
      await this.#pause(waitMs);
    }
    return undefined;
  }

  /** Passes over the rooms with something to save, again and again. */
  async *#readAll(claim: ConsumerClaim): AsyncGenerator<ConsumerBatch<Data>, void, undefined> {
    const rooms = new Map<string, ReadRoom>();
    while (!this.#isClosed) {
      const listed = new Set<string>();
      let hasFound = false;
      let from: string | undefined;
      do {
        const page: HeldRooms | undefined = await this.#retry(() => this.#options.holds.rooms(this.name, from), claim);
        const news = (page?.rooms ?? []).filter((room) => !listed.has(room));
        for (const room of news) listed.add(room);
        const heads = await this.#retry(() => this.#options.broker.heads(news), claim);
        for (const [room, head] of heads ?? []) {
          const state = rooms.get(room) ?? { position: undefined, idleFrom: performance.now() };
          rooms.set(room, state);
          for await (const batch of this.#readRoom(room, head, state, claim)) {
            hasFound = true;
            state.idleFrom = performance.now();
            yield batch;
            if (this.#isClosed) return;
          }
          if (state.idleFrom + idleMs < performance.now()) await this.#forget(room, state);
        }
        from = page?.next;
      } while (from !== undefined && !this.#isClosed);
      // A room that is not in the list has nothing to save.
      for (const room of rooms.keys()) if (!listed.has(room)) rooms.delete(room);
      if (!hasFound) await this.#pause(pollMs);
      claim.assertNewest();
    }
  }

  /** Reads at most one batch of amendments and one of messages. */
  async *#readRoom(
    room: string,
    head: StreamHead,
    state: ReadRoom,
    claim: ConsumerClaim,
  ): AsyncGenerator<ConsumerBatch<Data>, void, undefined> {
    const { broker } = this.#options;
    const { epoch, version = 0 } = head;
    const isUnknown = !state.position || !isPartOf(head, state.position);
    if (!state.position || isUnknown) {
      state.position = await this.#saved(room, head, claim);
      if (state.position?.epoch !== epoch) return;
    }
    if (version > (state.position.version ?? 0)) {
      const request = { epoch, after: state.position.version ?? 0, upTo: state.position.offset };
      const read = (after: number) => broker.read(room, after, batchLimit);
      const found = await this.#retry(() => readAmendments(read, request), claim);
      if (!found) return;
      state.position = { ...state.position, version: Math.max(request.after, found.version) };
      // Nothing of these versions is kept, so there is no batch that saves them: they would hold the room.
      if (found.messages.length === 0 && isUnknown) await this.#saveQuietly(room, state.position, claim);
      if (found.messages.length > 0) yield this.#toBatch(room, 'amendments', found.messages, state.position, claim);
    }
    const { position } = state;
    if (head.top <= position.offset) return;
    const page = await this.#retry(() => broker.read(room, position.offset, batchLimit), claim);
    const last = page?.messages.at(-1);
    if (!page || !last || !isPartOf(page, position)) return;
    const missing = (page.messages[0]?.offset ?? 0) - position.offset - 1;
    if (missing > 0) {
      this.#options.log.error(
        { consumer: this.name, room, missing },
        'Messages were trimmed before a consumer read them; all servers must have the same consumers',
      );
    }
    state.position = { ...position, offset: last.offset, life: last.life || undefined };
    yield this.#toBatch(room, 'messages', page.messages, state.position, claim);
  }

  /** The saved position, with its life in the stream. */
  async #saved(room: string, { epoch, lives }: StreamHead, claim: ConsumerClaim): Promise<Position | undefined> {
    const reply = await this.#retry(
      async () => ({ saved: await this.#options.holds.saved(this.name, claim.number, room) }),
      claim,
    );
    if (!reply) return undefined;
    if (!reply.saved) throw claim.lose();
    const { saved } = reply;
    return saved.epoch === epoch ? { ...saved, life: lifeAt(lives, saved.offset) || undefined } : saved;
  }

  async #saveQuietly(room: string, position: Position, claim: ConsumerClaim): Promise<void> {
    const { holds } = this.#options;
    const isSaved = await this.#retry(() => holds.save(this.name, claim.number, room, position), claim);
    if (isSaved === false) throw claim.lose();
  }

  async #forget(room: string, state: ReadRoom): Promise<void> {
    state.idleFrom = performance.now();
    try {
      await this.#options.holds.forget(this.name, room);
    } catch (error) {
      this.#options.log.warn(
        { err: error, room },
        'Could not remove a room from the list of a consumer; retrying later',
      );
    }
  }

  #toBatch(
    room: string,
    kind: ConsumerBatch['kind'],
    messages: readonly RoomMessage[],
    position: Position,
    claim: ConsumerClaim,
  ): ConsumerBatch<Data> {
    const { holds } = this.#options;
    return {
      room,
      epoch: position.epoch,
      kind,
      // The data is what `publish` stored.
      messages: messages as readonly RoomMessage<Data>[],
      save: async () => {
        claim.assertNewest();
        if (!(await holds.save(this.name, claim.number, room, position))) throw claim.lose();
      },
    };
  }

  /** Runs something until the store responds. @returns Undefined if the rooms close. */
  async #retry<Result>(run: () => Promise<Result>, claim?: ConsumerClaim): Promise<Result | undefined> {
    const result = await retryUntilDone(run, {
      isOver: () => this.#isClosed || claim?.isLost === true,
      onFailure: (error, attempt) => {
        if (!(error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE')) throw error;
        if (attempt > 0) return;
        this.#options.log.warn({ err: error, consumer: this.name }, 'A consumer could not read; retrying');
      },
    });
    claim?.assertNewest();
    return result;
  }

  async #pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#closing.signal }).catch(() => {});
  }
}

/** A room that is in the list. */
interface ReadRoom {
  /** Everything up to here was in a batch. Undefined before the first. */
  position: Position | undefined;
  /** When its last batch came, on the monotonic clock. */
  idleFrom: number;
}
