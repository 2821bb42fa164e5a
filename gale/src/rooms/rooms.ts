/**
 * The rooms of one server: publish, subscribe, history, the offline inbox, cursors and presence, over any broker.
 * It does not know connections: transports subscribe for them. All durable state is in the broker,
 * so any number of servers may share one.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { assertMethods, wrongValue } from '../run/given-options.ts';
import type { Broker, Hold, PublishOptions } from './broker.ts';
import { assertSignalData } from './brokers/entry-text.ts';
import { Consumer } from './consumer.ts';
import { readHistoryRequest, type HistoryRequest } from './history/history-request.ts';
import { HistoryReader } from './history/history-reader.ts';
import { topOf, withLife } from './lives.ts';
import { readKept, readMissed } from './inbox.ts';
import type { Missed, ReadPage } from './inbox.ts';
import { everyoneChannel, personChannel } from './signal-envelope.ts';
import type { Envelope, PresenceChange } from './signal-envelope.ts';
import { pageOfPeople } from './presence/people-pages.ts';
import type { PeoplePage } from './presence/room-people.ts';
import { assertAmendment } from './brokers/amendments.ts';
import { checkMessage, type MessageSchema } from './message-schema.ts';
import { PresenceKeeper } from './presence/presence-keeper.ts';
import { RateLimits } from './rate-limits.ts';
import { ReadCursors } from './read-cursors.ts';
import { RoomChannel } from './room-channel.ts';
import { RoomChannels } from './room-channels.ts';
import { resolveRoomsOptions } from './rooms-options.ts';
import type { ResolvedRoomsOptions, TypedRoomsOptions } from './rooms-options.ts';
import { RoomError } from './room-error.ts';
import { roomsClosed } from './rooms-closed.ts';
import { SignalChannels } from './signal-channels.ts';
import type { Listening } from './signal-channels.ts';
import type { Amended, Amendment, Entry, Person, Position, Published, StreamHead, StreamPage } from './stream.ts';
import { beginAt, Subscription } from './subscription.ts';
import type { Subscriber } from './subscription.ts';
import type { ReadFrame } from './wire.ts';

/** Longest wait for the store when rooms close, in milliseconds. */
const closeMs = 2000;

/**
 * Rooms that lose no message.
 *
 * @typeParam Data - Data of a message: what the application publishes, as it reads back from JSON. With the option `schema`, it is
 * the output of the schema. Otherwise it is not checked; see `checkData` of {@link RoomSocket}.
 * @typeParam Input - What `publish` accepts: the input of the schema.
 *
 * @example
 * ```ts
 * const rooms = new Rooms(new MemoryBroker());
 * await rooms.publish('lobby', { id: 'a1', author: { id: 'ada', name: 'Ada' }, data: { text: 'Hello' } });
 * const subscription = await rooms.subscribe('lobby', undefined, {
 *   deliver: (message) => console.log(message.offset, message.data),
 *   dropped: (after, count) => console.log(count, 'are no longer kept'),
 *   reset: () => console.log('starting again'),
 * });
 * subscription.start();
 * ```
 */
export class Rooms<Data = unknown, Input = Data> {
  readonly broker: Broker;
  /** Limits of people and rooms. A transport checks them before any work for a command. */
  readonly limits: RateLimits;
  /** Connections that {@link close} closes. @internal */
  readonly connections: Set<{ closeForRestart(): void }> = new Set();
  readonly #options: ResolvedRoomsOptions;
  readonly #schema: MessageSchema<Data, Input> | undefined;
  /** The options of publishes that are no retries: one object, so that many in one batch cost little. */
  readonly #firstPublish: PublishOptions;
  /** What the consumers hold; undefined without consumers. */
  readonly #hold: Hold | undefined;
  readonly #consumers = new Map<string, Consumer<Data>>();
  readonly #channels: RoomChannels;
  readonly #signals: SignalChannels;
  readonly #onClosing = new Set<() => void>();
  readonly #history: HistoryReader;
  /** Undefined if the rooms keep no read positions. */
  readonly #readCursors: ReadCursors | undefined;
  readonly #presence: PresenceKeeper;
  readonly #renewTimer: NodeJS.Timeout;
  readonly #checkTimer: NodeJS.Timeout;
  #isRenewing = false;
  #isChecking = false;
  #isClosed = false;

  /**
   * @param broker - Stores everything. Its creator closes it, after the rooms.
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  constructor(broker: Broker, options: TypedRoomsOptions<Data, Input> = {}) {
    assertMethods(
      'broker',
      broker,
      ['publish', 'read', 'heads', 'signal', 'listen'],
      'a Broker, such as a MemoryBroker',
    );
    this.broker = broker;
    this.#options = resolveRoomsOptions(options);
    this.#schema = options.schema;
    const { historyCount, dedupeMs, dedupeCount } = this.#options;
    this.#firstPublish = { historyCount, dedupeMs, dedupeCount, retry: false, after: undefined };
    this.#hold = this.#openConsumers();
    if (this.#hold) this.#firstPublish = { ...this.#firstPublish, hold: this.#hold };
    this.limits = new RateLimits(this.#options);
    if (this.#options.limits === 'off') {
      this.#options.log.warn(
        { limits: 'off' },
        'Rooms has no rate limits: publishes and commands of a person, publishes in a room and sockets of a person are not limited',
      );
    }
    this.#history = new HistoryReader(broker, this.#options);
    if (this.#options.cursors === 'on') this.#readCursors = new ReadCursors(broker.cursors, this.#options.log);
    this.#channels = new RoomChannels((room) => this.#createChannel(room), this.#options.log);
    this.#signals = new SignalChannels(broker, this.#options.log);
    this.#presence = new PresenceKeeper(broker.presence, {
      ...this.#options,
      notify: (room, change, person) => this.#notifyPresence(room, change, person),
    });
    this.#renewTimer = setInterval(() => void this.renewLeases(), this.#options.presenceRenewMs).unref();
    this.#checkTimer = setInterval(() => void this.checkPositions(), this.#options.positionCheckMs).unref();
  }

  /**
   * Stores a message. Resolves after the broker stored it. Idempotent: a second call with the same author and id returns the same response.
   * If the author had read everything before this message, their cursor moves to it.
   * This method has no rate limits, since it trusts its caller. Transports check {@link Rooms.limits} first.
   *
   * @param options - `retry`: an earlier call may have stored this message, so it is refused rather than stored twice.
   * `after`: a position known before the first call, so that fewer retries are refused.
   * @throws {@link RoomError} `ROOM_BAD_DATA` if the data does not match the schema; it names the path of each wrong value.
   * {@link GaleError} `ROOM_UNAVAILABLE` if the broker does not respond. It is then unknown whether the message was stored.
   * `JSON_VALUE` if JSON would lose the data, such as a promise or a Map. `ROOM_PUBLISH_UNKNOWN` if a retry has an unknown id and ids of this person in this room were dropped (`dedupeCount`).
   * {@link RoomError} `ROOM_TOO_FAST` if a consumer has too many messages of the room to save (`maxUnsavedMessages`, `maxUnsavedBytes`); nothing was stored.
   */
  async publish(
    room: string,
    entry: Entry<Input>,
    options: Pick<PublishOptions, 'retry' | 'after'> = {},
  ): Promise<Published> {
    return this.publishChecked(
      room,
      this.#schema ? { ...entry, data: await this.check(room, entry.data) } : entry,
      options,
    );
  }

  /**
   * Checks the data of a message with the schema of the rooms, without publishing it.
   *
   * @returns The output of the schema; the data itself without a schema.
   * @throws {@link RoomError} `ROOM_BAD_DATA`.
   */
  check(room: string, data: unknown): Data | Promise<Data> {
    return this.#schema ? checkMessage(this.#schema, room, data) : (data as Data);
  }

  /** Publishes an entry whose data {@link check} returned, as {@link publish} does. */
  async publishChecked(
    room: string,
    entry: Entry,
    options: Pick<PublishOptions, 'retry' | 'after'> = {},
  ): Promise<Published> {
    const { retry = false, after } = options;
    const isFirst = !retry && after === undefined;
    const published = await this.broker.publish(
      room,
      entry,
      isFirst ? this.#firstPublish : { ...this.#firstPublish, retry, after },
    );
    this.#channels.get(room)?.expect(published);
    this.#readCursors?.followOwn(room, entry.author.id, published);
    return published;
  }

  /**
   * Replaces the data of a kept message, for an edit or a deletion: its old data is gone from the stream. The message keeps its offset,
   * author and time, and nothing is trimmed. Subscribers get its new state once and in order of `version`, also after they were away.
   * Idempotent by value. This method has no rate limits, since it trusts its caller.
   *
   * @throws {@link RoomError} `ROOM_MESSAGE_GONE` if the room keeps no such message, `ROOM_AMEND_CONFLICT` if it has another version than
   * `version`, `ROOM_BAD_DATA` if the data does not match the schema. {@link GaleError} `ROOM_UNAVAILABLE` if the broker does not respond;
   * with `version`, a retry is safe. `JSON_VALUE` if JSON would lose the data. `OPTION_VALUE` if an id is no string, or `version` no integer.
   */
  async amend(room: string, amendment: Amendment<Input>): Promise<Amended> {
    const data = this.#schema ? await this.check(room, amendment.data) : amendment.data;
    return this.amendChecked(room, { ...amendment, data });
  }

  /** Amends a message with data that {@link check} returned, as {@link amend} does. */
  async amendChecked(room: string, amendment: Amendment): Promise<Amended> {
    assertAmendment(amendment);
    const amended = await (this.#hold
      ? this.broker.amend(room, amendment, this.#hold)
      : this.broker.amend(room, amendment));
    this.#channels.get(room)?.expect(amended);
    return amended;
  }

  /** Whether there are consumers. */
  get hasConsumers(): boolean {
    return this.#hold !== undefined;
  }

  /**
   * A consumer of the option `consumers`: reads all messages of all rooms from the positions that it saved, in order in each room,
   * at least once. A room is not trimmed past a saved position. One server at a time reads; the others wait.
   *
   * @example
   * ```ts
   * const rooms = new Rooms(broker, { consumers: ['archive'] });
   * for await (const batch of rooms.consumer('archive')) {
   *   await archive.insert(batch.room, batch.messages);
   *   await batch.save();
   * }
   * ```
   * @throws {@link GaleError} `OPTION_VALUE` for an unknown name.
   */
  consumer(name: string): Consumer<Data> {
    const consumer = this.#consumers.get(name);
    if (!consumer) throw wrongValue('name', 'one of the option consumers of Rooms', name);
    return consumer;
  }

  /**
   * Notifies all subscribers of the room, on all servers. Not stored, has no offset, may get lost.
   *
   * @throws {@link GaleError} `JSON_VALUE` if JSON would lose `data`, such as a promise or a Map.
   */
  async signal(room: string, data: unknown): Promise<void> {
    assertSignalData(data);
    await this.broker.signal(room, { app: data } satisfies Envelope);
  }

  /** Notifies one person on all their connections, on all servers. Not stored, may get lost. */
  notify(personId: string, event: object): Promise<void> {
    return this.signal(personChannel(personId), event);
  }

  /** Notifies everyone on all servers, in any room or none. Not stored, may get lost. */
  notifyEveryone(event: object): Promise<void> {
    return this.signal(everyoneChannel, event);
  }

  /**
   * Subscribes to what {@link notify} and {@link notifyEveryone} send to a person, until the returned function is called.
   * Resolves when the subscription is active: later notifications arrive unless they get lost.
   */
  async subscribeNotifications(personId: string, listener: (event: unknown) => void): Promise<() => void> {
    const listening = await this.listenToNotifications(personId, listener);
    return () => listening.stop();
  }

  /** As {@link subscribeNotifications}, for a connection: the result has no closure. @internal */
  listenToNotifications(personId: string, listener: (event: unknown) => void): Promise<Listening> {
    return this.#signals.listen([everyoneChannel, personChannel(personId)], listener);
  }

  /**
   * Kept messages of a room, oldest first. Without a `request`, all of them: at most `historyCount`, read in pages of `historyPageBytes`.
   * With one, a page: the newest messages before `before`. For the page before it, pass the position of its first message. There is none
   * if that message has the offset `first`.
   *
   * @throws {@link RoomError} `ROOM_POSITION_GONE` if the message at `before` is no longer kept, or belongs to another epoch.
   */
  async history(room: string, request?: HistoryRequest): Promise<StreamPage<Data>> {
    if (!request) return readKept(this.#reader(room), 0);
    const { before, ...limit } = readHistoryRequest(request);
    // The data of its messages is what `publish` stored.
    return (await this.#history.pageBefore(room, before, limit)) as StreamPage<Data>;
  }

  /**
   * Subscribes after a position, or from the oldest kept message. Nothing is delivered before
   * {@link Subscription.start}, so a transport can first send a response that says where the subscription begins.
   *
   * @throws {@link GaleError} `ROOM_UNAVAILABLE` if the broker does not respond, or the rooms close. Later reads are retried.
   */
  async subscribe(room: string, after: Position | undefined, subscriber: Subscriber<Data>): Promise<Subscription> {
    const { channel, release } = await this.#channels.use(room);
    try {
      const head = await channel.head();
      if (this.#isClosed) throw roomsClosed();
      return new Subscription(channel, subscriber, beginAt(head, after), release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** The offline inbox: all kept messages after the cursor of a person, and the exact count of those no longer kept. */
  async missed(room: string, personId: string): Promise<Missed<Data>> {
    const cursor = await this.cursor(room, personId);
    return readMissed(this.#reader(room), cursor);
  }

  /** The end of the stream of a room, as far as this server knows. Live delivery may be a moment late. */
  async position(room: string): Promise<Position> {
    const known = this.#channels.get(room)?.position;
    if (known) return known;
    return topOf(await this.#history.head(room));
  }

  /** {@link position} of several rooms. Those that have no subscribers on this server are read, and concurrent calls share a read. */
  async positions(rooms: readonly string[]): Promise<Map<string, Position>> {
    const positions = new Map<string, Position>();
    const unknown: Promise<void>[] = [];
    for (const room of rooms) {
      const known = this.#channels.get(room)?.position;
      if (known) positions.set(room, known);
      else unknown.push(this.#history.head(room).then((head) => void positions.set(room, topOf(head))));
    }
    await Promise.all(unknown);
    return positions;
  }

  /** The current bounds of several streams, by room. Concurrent calls share a read of the broker. */
  async heads(rooms: readonly string[]): Promise<Map<string, StreamHead>> {
    return new Map(await Promise.all(rooms.map(async (room) => [room, await this.#history.head(room)] as const)));
  }

  /** The read position of a person in a room, without its life; undefined without a cursor. */
  async cursor(room: string, personId: string): Promise<Position | undefined> {
    return this.#readCursors?.get(room, personId);
  }

  /** The read positions of a person in those of the rooms in which they have a cursor, without their lives. */
  async cursors(personId: string, rooms: readonly string[]): Promise<Map<string, Position>> {
    return this.#readCursors?.getAll(personId, rooms) ?? new Map();
  }

  /**
   * Moves the cursor of a person to a position. If it moved, notifies the person (`{ type: 'read', room, epoch, offset, life }`).
   * It never moves backwards or past the newest message. A position that is not part of the stream has no effect.
   *
   * @returns The cursor now; undefined if there is none.
   * @throws {@link RoomError} `ROOM_UNKNOWN_COMMAND` with the option `cursors: 'off'`.
   */
  async advanceCursor(room: string, personId: string, position: Position): Promise<Position | undefined> {
    const cursors = this.#keptCursors;
    let stream = this.#channels.get(room)?.known ?? (await this.#history.head(room));
    if (stream.epoch === position.epoch && stream.top < position.offset) {
      // Another server may have shown the person a message that live delivery has not brought here yet.
      stream = await this.#history.head(room);
    }
    if (stream.epoch !== position.epoch) {
      const current = await cursors.get(room, personId);
      return current && withLife(current, stream);
    }
    const { epoch, life } = position;
    const asked = { epoch, offset: Math.min(position.offset, stream.top), life };
    const { cursor, moved } = await cursors.advance(room, personId, asked);
    if (!cursor) return undefined;
    const known =
      cursor.offset === position.offset && life !== undefined ? { ...cursor, life } : withLife(cursor, stream);
    if (moved) this.#send(personChannel(personId), { app: { type: 'read', room, ...known } satisfies ReadFrame });
    return known;
  }

  /** Deletes the cursor of a person in a room. @throws As {@link advanceCursor}. */
  async forgetCursor(room: string, personId: string): Promise<void> {
    await this.#keptCursors.delete(room, personId);
  }

  /**
   * Adds a connection of a person to a room, until {@link leave}. Notifies the room if it is their first connection.
   *
   * @param connection - Unique name of the connection on all servers, for example a random UUID.
   */
  enter(room: string, person: Person, connection: string): Promise<void> {
    return this.#presence.enter(room, person, connection);
  }

  /** Removes a connection from a room, after the grace unless `now`. Notifies the room if it was the last connection of the person. */
  leave(room: string, connection: string, options: { readonly now?: boolean } = {}): Promise<void> {
    return this.#presence.leave(room, connection, options);
  }

  /** The people in a room on all servers, each once. Reads all of them; for a large room see {@link peoplePage}. */
  people(room: string): Promise<Person[]> {
    return this.broker.presence.list(room);
  }

  /**
   * A page of the people in a room, ordered by id. If the room has subscribers on this server, the page comes from memory
   * and may miss people who entered since the last batch of presence. Otherwise the broker reads all people.
   *
   * @param after - The page has people with greater ids. Undefined for the first page.
   * @param limit - Most people in the page, at least 1.
   */
  async peoplePage(room: string, after: string | undefined, limit: number): Promise<PeoplePage> {
    const roster = this.#channels.get(room)?.roster;
    if (!roster) return pageOfPeople(await this.people(room), after, limit);
    await roster.load();
    return roster.page(after, limit);
  }

  /** Renews the leases of this server and sweeps expired ones. A timer calls it. Never throws. */
  async renewLeases(): Promise<void> {
    if (this.#isRenewing) return;
    this.#isRenewing = true;
    try {
      await this.#presence.renew();
      const streams = this.#channels.all.filter(({ epoch }) => epoch !== undefined);
      const rooms = new Set([...this.#presence.rooms, ...streams.map(({ room }) => room)]);
      await inBatches(rooms, (room) => this.#presence.sweep(room));
    } catch (error) {
      this.#options.log.warn({ err: error }, 'Could not renew presence leases; retrying later');
    }
    this.#isRenewing = false;
  }

  /** Compares each room that has subscribers on this server with its stream. A timer calls it. Never throws. */
  async checkPositions(): Promise<void> {
    if (this.#isChecking) return;
    this.#isChecking = true;
    await inBatches(this.#channels.all, (channel) => channel.compare());
    this.#isChecking = false;
  }

  /** Calls a listener when the rooms begin to close. @returns A function that removes the listener. */
  onClosing(listener: () => void): () => void {
    this.#onClosing.add(listener);
    return () => void this.#onClosing.delete(listener);
  }

  /**
   * Closes all subscriptions. People stay present for the grace, since they may reconnect to another server. Waits for the store, and for
   * loops over consumers, 2 seconds at most, so that they delay a shutdown little.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearInterval(this.#renewTimer);
    clearInterval(this.#checkTimer);
    for (const connection of this.connections) connection.closeForRestart();
    for (const listener of this.#onClosing) listener();
    const closed = Promise.allSettled([
      ...[...this.#consumers.values()].map((consumer) => consumer.close()),
      this.#channels.close(),
      this.#signals.close(),
      this.#presence.close().catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'Could not shorten presence leases; they will expire');
      }),
      this.#readCursors?.settled(),
    ]);
    const isLate = await Promise.race([closed.then(() => false), delay(closeMs, true, { ref: false })]);
    const read = [...this.#consumers.values()].filter(({ isRead }) => isRead).map(({ name }) => name);
    if (isLate && read.length > 0) {
      this.#options.log.warn(
        { waitedMs: closeMs, consumers: read },
        'Loops over consumers did not end while the rooms closed',
      );
    } else if (isLate) {
      this.#options.log.warn({ waitedMs: closeMs }, 'The store did not respond while the rooms closed');
    }
    this.#history.close();
  }

  get #keptCursors(): ReadCursors {
    if (this.#readCursors) return this.#readCursors;
    throw new RoomError('ROOM_UNKNOWN_COMMAND', 'These rooms keep no read positions (cursors: off).');
  }

  /** @throws {@link GaleError} `OPTION_VALUE` if the broker cannot have consumers. */
  #openConsumers(): Hold | undefined {
    const { consumers, maxUnsavedMessages, maxUnsavedBytes, consumerLeaseMs: leaseMs, log } = this.#options;
    if (consumers.length === 0) return undefined;
    const { broker } = this;
    const { holds } = broker;
    if (!holds) throw wrongValue('consumers', 'empty with a broker that has no holds', consumers);
    for (const name of consumers) this.#consumers.set(name, new Consumer(name, { broker, holds, leaseMs, log }));
    return { consumers, maxMessages: maxUnsavedMessages, maxBytes: maxUnsavedBytes };
  }

  #createChannel(room: string): RoomChannel {
    return new RoomChannel(room, this.broker, {
      ...this.#options,
      history: this.#history,
      onLeave: (left, person) => this.#correctLeave(left, person),
      onDoubt: () => this.#presence.renewAgain(),
    });
  }

  /** Reads pages of a room's stream. The data of its messages is what {@link publish} stored. */
  #reader(room: string): ReadPage<Data> {
    return async (after) => (await this.#history.freshPage(room, after)) as StreamPage<Data>;
  }

  #notifyPresence(room: string, change: PresenceChange, person: Person): void {
    this.#channels.get(room)?.roster.apply(change, person);
    this.#send(room, { presence: change, person });
  }

  /** The signals of a leave and an enter on two servers may arrive in the wrong order, so the server with the connection signals again. */
  #correctLeave(room: string, person: Person): void {
    if (this.#presence.holds(room, person.id)) this.#notifyPresence(room, 'enter', person);
  }

  #send(room: string, envelope: Envelope): void {
    this.broker.signal(room, envelope).catch((error: unknown) => {
      this.#options.log.warn({ err: error, room }, 'Could not send a signal');
    });
  }
}

/** Runs a task for many items, at most 32 at once. */
async function inBatches<Item>(items: Iterable<Item>, run: (item: Item) => Promise<void>): Promise<void> {
  const waiting = [...items];
  while (waiting.length > 0) await Promise.all(waiting.splice(0, 32).map(run));
}
