/** A person who uses `gale/client`: its promises are judged by the events that an application gets. */
import { RoomsClient } from 'gale/client';
import type { OutboxEntry, RoomsClientOptions } from 'gale/client';
import { WebSocket } from 'ws';
import type { ConsumerRecord, History, PublishRecord } from './history.ts';
import { toPosition } from './publisher.ts';
import { addressOf } from './route.ts';
import type { Route } from './route.ts';

/** Who reads and publishes where. */
export interface LibraryClientOptions {
  readonly person: string;
  readonly room: string;
  readonly route: Route;
  /** Where unsent messages are kept over a reload. */
  readonly outbox?: OutboxMemory;
  readonly client?: Partial<Omit<RoomsClientOptions, 'url' | 'webSocket' | 'outbox'>>;
}

/** What a page keeps over a reload. */
export class OutboxMemory {
  entries: OutboxEntry[] = [];

  load(): OutboxEntry[] {
    return this.entries;
  }

  save(entries: readonly OutboxEntry[]): void {
    this.entries = [...entries];
  }
}

/** One client of the library, subscribed to one room. */
export class LibraryClient {
  readonly client: RoomsClient;
  readonly person: string;
  readonly record: ConsumerRecord;
  /** Connections that were welcomed. */
  connects = 0;
  readonly #history: History;
  readonly #room: string;
  readonly #records = new Map<string, PublishRecord>();
  #socket: WebSocket | undefined;
  #number = 0;

  constructor(history: History, { person, room, route, outbox, client: options }: LibraryClientOptions) {
    this.#history = history;
    this.#room = room;
    this.person = person;
    this.record = history.consumer(person, room, 'library');
    let failed = false;
    this.client = new RoomsClient({
      url: 'ws://127.0.0.1/',
      webSocket: () => {
        const socket = new WebSocket(addressOf(route(failed), person), { perMessageDeflate: false });
        failed = true;
        socket.on('open', () => (failed = false));
        this.#socket = socket;
        return socket as unknown as globalThis.WebSocket;
      },
      minBackoffMs: 20,
      maxBackoffMs: 300,
      ...(outbox ? { outbox } : {}),
      ...options,
    });
    this.#follow();
  }

  /** Connects and subscribes. */
  start(): this {
    this.client.subscribe(this.#room);
    this.client.connect();
    return this;
  }

  /** Publishes one message; settles when it has a final response. A message of a closed client stays unknown. */
  async publish(id: string = `${this.person}-${++this.#number}`): Promise<PublishRecord> {
    const record = this.#history.publish(this.person, this.#room, id);
    this.#records.set(id, record);
    await this.client.publish(this.#room, 'text', id).published.catch(() => {});
    return record;
  }

  /** Continues the records of an earlier page of this person. */
  adopt(records: readonly PublishRecord[]): void {
    for (const record of records) this.#records.set(record.id, record);
  }

  /** Breaks its connection. */
  drop(): void {
    this.#socket?.terminate();
  }

  /** Closes the page. */
  close(): void {
    this.client.close();
  }

  #follow(): void {
    const { events } = this.record;
    const { client } = this;
    client.on('welcome', () => (this.connects += 1));
    client.on('state', ({ state }) => {
      if (state === 'waiting') events.push({ kind: 'lost', at: performance.now(), code: 0 });
    });
    client.on('subscribed', ({ reply }) => {
      const { epoch, top, first, recovered, reset, dropped } = reply;
      const after = undefined;
      events.push({ kind: 'subscribed', at: performance.now(), after, epoch, top, first, recovered, reset, dropped });
    });
    client.on('message', ({ epoch, message }) => {
      const position = toPosition({ ...message, epoch });
      events.push({ kind: 'message', at: performance.now(), ...position, id: message.id, author: message.author.id });
    });
    client.on('dropped', ({ epoch, after, count }) =>
      events.push({ kind: 'dropped', at: performance.now(), epoch, after, count }),
    );
    client.on('reset', ({ epoch, first }) => events.push({ kind: 'reset', at: performance.now(), epoch, first }));
    client.on('published', ({ entry, at: stored }) => {
      const record = this.#records.get(entry.id);
      record?.replies.push(toPosition({ ...stored }));
      if (record) Object.assign(record, { outcome: 'acknowledged', settledAt: performance.now() });
    });
    client.on('refused', ({ entry, error: { code } }) => {
      const record = this.#records.get(entry.id);
      if (record) Object.assign(record, { outcome: 'refused', code, settledAt: performance.now() });
    });
    client.on('unknown', ({ entry, error: { code } }) => {
      const record = this.#records.get(entry.id);
      if (record) Object.assign(record, { code, settledAt: performance.now() });
    });
  }
}
