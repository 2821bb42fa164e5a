/**
 * Reads rooms by the frames of docs/wire.md: subscribes, keeps a position for each room, reconnects after each lost
 * connection and continues there. It repairs nothing, so the checker sees what the server really sent.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import type { ConsumerRecord, History, SeenPosition } from './history.ts';
import { toPosition } from './publisher.ts';
import { RoomConnection } from './room-connection.ts';
import type { Frame, RoomConnectionOptions } from './room-connection.ts';
import { addressOf } from './route.ts';
import type { Route } from './route.ts';

/** Who reads what, from where. */
export interface ConsumerOptions {
  readonly person: string;
  readonly rooms: readonly string[];
  readonly route: Route;
  /** Longest delay before a reconnect, in milliseconds; it is random, from a tenth of this. @defaultValue 100 */
  readonly backoffMs?: number;
  readonly connection?: Omit<RoomConnectionOptions, 'onFrame'>;
  /** Positions to begin after. */
  readonly after?: ReadonlyMap<string, SeenPosition>;
  readonly random: () => number;
}

/** A person who is subscribed until it is stopped. */
export class Consumer {
  readonly person: string;
  readonly records: Map<string, ConsumerRecord> = new Map<string, ConsumerRecord>();
  /** Events without an offset: presence, people, signals, reads. */
  readonly others: Frame[] = [];
  readonly positions: Map<string, SeenPosition>;
  /** Connections that were welcomed. */
  connects = 0;
  /** Attempts that failed, and codes of closed connections. */
  readonly closeCodes: number[] = [];
  readonly #options: ConsumerOptions;
  #connection: RoomConnection | undefined;
  /** Rooms whose subscription was accepted on the current connection. */
  readonly #subscribed = new Set<string>();
  #isRunning = false;
  #pause: Promise<void> | undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(history: History, options: ConsumerOptions) {
    this.#options = options;
    this.person = options.person;
    this.positions = new Map(options.after);
    for (const room of options.rooms) this.records.set(room, history.consumer(options.person, room, 'wire'));
  }

  /** Begins to connect. */
  start(): this {
    this.#isRunning = true;
    this.#loop = this.#run();
    return this;
  }

  get connection(): RoomConnection | undefined {
    return this.#connection?.isClosed ? undefined : this.#connection;
  }

  get isSubscribed(): boolean {
    return this.connection !== undefined && this.#subscribed.size === this.records.size;
  }

  /** The record of a room; of the only one without an argument. */
  record(room: string = this.#options.rooms[0] as string): ConsumerRecord {
    return this.records.get(room) as ConsumerRecord;
  }

  /** Waits until it is subscribed to all rooms. */
  ready(withinMs = 15_000): Promise<void> {
    return eventually(
      () => this.isSubscribed,
      () => `${this.person} is subscribed to ${this.#subscribed.size} of ${this.records.size} rooms`,
      withinMs,
    );
  }

  /** Ends the connection, and reconnects after `awayMs`, or after the usual delay. */
  drop(awayMs?: number): void {
    if (awayMs !== undefined) this.#pause = wait(awayMs);
    this.#connection?.drop();
  }

  /** Ends the connection and waits; call {@link start} to return. */
  async leave(): Promise<void> {
    this.#isRunning = false;
    this.#connection?.drop();
    await this.#loop;
  }

  /** Leaves for good: it need not have everything at the end. */
  async quit(): Promise<void> {
    for (const record of this.records.values()) record.isExpected = false;
    await this.leave();
  }

  /** Subscribes to all rooms again on the same connection. */
  async resubscribe(): Promise<void> {
    const { connection } = this;
    if (connection) await this.#subscribe(connection);
  }

  /** Number of messages that it got in a room, repeats included. */
  count(room?: string): number {
    return this.record(room).events.filter(({ kind }) => kind === 'message').length;
  }

  async #run(): Promise<void> {
    const { random, backoffMs = 100 } = this.#options;
    let failed = false;
    while (this.#isRunning) {
      await this.#pause;
      this.#pause = undefined;
      failed = !(await this.#connect(failed));
      if (this.#isRunning) await wait(backoffMs * (0.1 + 0.9 * random()));
    }
  }

  /** One connection, from its opening to its end. @returns Whether it was welcomed. */
  async #connect(failed: boolean): Promise<boolean> {
    const url = addressOf(this.#options.route(failed), this.person);
    this.#subscribed.clear();
    let connection: RoomConnection;
    try {
      connection = await RoomConnection.open(url, {
        ...this.#options.connection,
        onFrame: (frame) => this.#onFrame(frame),
      });
    } catch {
      return false;
    }
    this.#connection = connection;
    this.connects += 1;
    if (!this.#isRunning) connection.drop();
    await this.#subscribe(connection).catch(() => connection.drop());
    const code = await connection.closed;
    this.closeCodes.push(code);
    for (const record of this.records.values()) record.events.push({ kind: 'lost', at: performance.now(), code });
    return true;
  }

  async #subscribe(connection: RoomConnection): Promise<void> {
    for (const [room, record] of this.records) {
      for (;;) {
        const after = this.positions.get(room);
        const response = await connection.ask('subscribe', { room, ...(after ? { after } : {}) }, (frame) => {
          if (frame.type === 'reply') this.#begin(room, record, after, frame);
        });
        if (response.type === 'reply') break;
        if (response['retry'] !== true) throw new Error(`subscribe was refused: ${JSON.stringify(response)}`);
        await wait(Math.max(Number(response['retryAfterMs'] ?? 0), 20 + this.#options.random() * 60));
      }
    }
  }

  #begin(room: string, record: ConsumerRecord, after: SeenPosition | undefined, frame: Frame): void {
    const [epoch, top, first] = [String(frame['epoch']), Number(frame['top']), Number(frame['first'])];
    const [reset, dropped] = [frame['reset'] === true, Number(frame['dropped'])];
    const recovered = frame['recovered'] === true;
    record.events.push({
      kind: 'subscribed',
      at: performance.now(),
      after,
      epoch,
      top,
      first,
      recovered,
      reset,
      dropped,
    });
    this.#subscribed.add(room);
    if (reset || !after) this.positions.set(room, { ...toPosition(frame), offset: first - 1 });
    else if (dropped > 0) this.positions.set(room, { ...toPosition(frame), offset: after.offset + dropped });
    else this.positions.set(room, after);
  }

  #onFrame(frame: Frame): void {
    const record = this.records.get(String(frame['room']));
    const at = performance.now();
    const epoch = String(frame['epoch']);
    if (!record) this.others.push(frame);
    else if (frame.type === 'message') {
      const { id: author } = frame['author'] as { id: string };
      record.events.push({ kind: 'message', at, ...toPosition(frame), id: String(frame['id']), author });
      this.positions.set(record.room, toPosition(frame));
    } else if (frame.type === 'dropped') {
      const [after, count] = [Number(frame['after']), Number(frame['count'])];
      record.events.push({ kind: 'dropped', at, epoch, after, count });
      this.positions.set(record.room, { ...toPosition(frame), offset: after + count });
    } else if (frame.type === 'reset') {
      const first = Number(frame['first']);
      record.events.push({ kind: 'reset', at, epoch, first });
      this.positions.set(record.room, { ...toPosition(frame), offset: first - 1 });
    } else this.others.push(frame);
  }
}
