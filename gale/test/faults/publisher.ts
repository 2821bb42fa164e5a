/**
 * Publishes messages as docs/wire.md §7 demands: one at a time, each with the same id until there is a final response,
 * with `retry` and `after` after an attempt that may have stored it. It records every attempt's outcome.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import type { History, PublishRecord, SeenPosition } from './history.ts';
import { ConnectionLost, RoomConnection } from './room-connection.ts';
import { addressOf } from './route.ts';
import type { Route } from './route.ts';

/** Who publishes where, and how fast. */
export interface PublisherOptions {
  readonly person: string;
  readonly room: string;
  readonly route: Route;
  /** Time between messages, in milliseconds; 0 sends the next one after the reply. @defaultValue 20 */
  readonly intervalMs?: number;
  /** Bytes of text in each message. @defaultValue 20 */
  readonly bytes?: number;
  /** Longest wait for a response before it reconnects, in milliseconds. @defaultValue 4000 */
  readonly replyMs?: number;
  readonly random: () => number;
}

/** A person who publishes until it is stopped. */
export class Publisher {
  readonly person: string;
  readonly room: string;
  readonly records: PublishRecord[] = [];
  /** Refusals with `retry`, by code. */
  readonly retried: Map<string, number> = new Map<string, number>();
  readonly #history: History;
  readonly #options: PublisherOptions;
  #connection: RoomConnection | undefined;
  #known: SeenPosition | undefined;
  #isRunning = false;
  #isEnded = false;
  #loop: Promise<void> = Promise.resolve();

  constructor(history: History, options: PublisherOptions) {
    this.#history = history;
    this.#options = options;
    this.person = options.person;
    this.room = options.room;
  }

  /** Begins to publish. */
  start(): this {
    this.#isRunning = true;
    this.#loop = this.#run();
    return this;
  }

  /** Stops to send new messages, and waits for the final response to the last one. */
  async stop(withinMs = 15_000): Promise<void> {
    this.#isRunning = false;
    const timer = setTimeout(() => this.end(), withinMs);
    await this.#loop;
    clearTimeout(timer);
    this.end();
  }

  /** Disconnects. A message without a response stays unknown. */
  end(): void {
    this.#isEnded = true;
    this.#isRunning = false;
    this.#connection?.drop();
  }

  /** Publishes `count` messages, one after the other. */
  async send(count: number): Promise<PublishRecord[]> {
    const records: PublishRecord[] = [];
    for (let index = 0; index < count && !this.#isEnded; index++) records.push(await this.publish());
    return records;
  }

  /** Publishes one message until there is a final response. */
  async publish(id: string = `${this.person}-${this.records.length + 1}`): Promise<PublishRecord> {
    const record = this.#history.publish(this.person, this.room, id);
    this.records.push(record);
    await this.settle(record, false);
    return record;
  }

  /** Sends a message until there is a final response. @param sent - Whether an earlier attempt may have stored it. */
  async settle(record: PublishRecord, sent: boolean): Promise<void> {
    const after = this.#known;
    let retry = sent;
    while (!this.#isEnded) {
      try {
        const connection = await this.#connect();
        const data = 'x'.repeat(this.#options.bytes ?? 20);
        const fields = {
          room: this.room,
          id: record.id,
          data,
          ...(retry ? { retry, ...(after ? { after } : {}) } : {}),
        };
        const sentBefore = retry;
        retry = true;
        const response = await this.#patient(connection, fields);
        if (response.type === 'reply') {
          const position = toPosition(response);
          record.replies.push(position);
          record.outcome = 'acknowledged';
          record.settledAt = performance.now();
          this.#known = position;
          return;
        }
        record.code = String(response['code']);
        if (response['retry'] !== true) {
          record.outcome = record.code === 'ROOM_PUBLISH_UNKNOWN' ? 'unknown' : 'refused';
          record.settledAt = performance.now();
          return;
        }
        if (record.code === 'ROOM_TOO_FAST') retry = sentBefore;
        this.retried.set(record.code, (this.retried.get(record.code) ?? 0) + 1);
        await wait(Math.max(Number(response['retryAfterMs'] ?? 0), 20 + this.#options.random() * 60));
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await wait(20 + this.#options.random() * 80);
      }
    }
  }

  /** Waits until it has this many acknowledgements. */
  acknowledged(count: number, withinMs = 20_000): Promise<void> {
    return eventually(
      () => this.acknowledgedCount >= count,
      () => `${this.person} has ${this.acknowledgedCount} of ${count} acknowledgements`,
      withinMs,
    );
  }

  get acknowledgedCount(): number {
    return this.records.filter(({ outcome }) => outcome === 'acknowledged').length;
  }

  /** Ends its connection, as if the network broke. */
  drop(): void {
    this.#connection?.drop();
  }

  async #run(): Promise<void> {
    while (this.#isRunning) {
      await this.publish();
      if (this.#isRunning) await wait(this.#options.intervalMs ?? 20);
    }
  }

  async #patient(connection: RoomConnection, fields: object): ReturnType<RoomConnection['ask']> {
    const timer = setTimeout(() => connection.drop(), this.#options.replyMs ?? 4000);
    return connection.ask('publish', fields).finally(() => clearTimeout(timer));
  }

  async #connect(): Promise<RoomConnection> {
    if (this.#connection && !this.#connection.isClosed) return this.#connection;
    const failed = this.#connection !== undefined;
    const opened = await RoomConnection.open(addressOf(this.#options.route(failed), this.person));
    this.#connection = opened;
    if (this.#isEnded) opened.drop();
    return opened;
  }
}

/** The position of a frame, with the fields that the protocol adds to it. */
export function toPosition(frame: Readonly<Record<string, unknown>>): SeenPosition {
  const { epoch, offset, life } = frame;
  return { epoch: String(epoch), offset: Number(offset), ...(life === undefined ? {} : { life }) };
}
