/**
 * Rooms over a WebSocket: the server side of docs/wire.md, for one connection of one person.
 * An application extends {@link RoomSocket} of room-socket.ts, identifies and authorizes the person, and adds its own commands.
 */
import { randomUUID } from 'node:crypto';
import { GaleError } from '../../errors.ts';
import { toJsonText, type JsonRule } from '../../run/json-text.ts';
import { RateLimitedWarning } from '../../run/rate-limited-warning.ts';
import { isThenable } from '../../http/thenable.ts';
import { HttpError } from '../../web/http-error.ts';
import { WebSocketHandler } from '../../web/websocket-handler.ts';
import type { WebSocketOptions } from '../../websocket/websocket-options.ts';
import { CatchUpTurns } from '../catch-up-turns.ts';
import type { Rooms } from '../rooms.ts';
import { RoomError } from '../room-error.ts';
import type { Listening } from '../signal-channels.ts';
import type { Person, Position, Published } from '../stream.ts';
import type { Subscription } from '../subscription.ts';
import { closeCodes, protocolVersion, wireLimits } from '../wire.ts';
import type { ErrorFrame, RoomCommands, SignalFrame, WelcomeFrame } from '../wire.ts';
import { BadFrame, commandReaders, isRoomCommand, parseCommand } from './command.ts';
import type { Command } from './command.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { OpenSubscriptions } from './open-subscriptions.ts';
import { PublishLine } from './publish-line.ts';
import type { Accepted, PublishEnds } from './publish-line.ts';
import { toFields, toPublic } from './room-frames.ts';
import { RoomReceiver } from './room-receiver.ts';

/** Value of Retry-After for a person with too many connections, and after an identification timeout, in seconds. */
const retryAfter = '10';
/** Most bytes of the messages in a reply to `history`. */
const historyReplyBytes = 256 * 1024;
const eventRule: JsonRule = { must: 'event must be an object that JSON can represent', code: 'JSON_VALUE' };

interface Reply<Fields extends object = object> {
  readonly fields: Fields;
  /** Called after the reply was sent. */
  readonly afterwards?: () => void;
}

type ReplyTo<Type extends keyof RoomCommands> = Promise<Reply<RoomCommands[Type]['reply']>>;

/** Validated fields of a command. */
type Fields<Type extends keyof RoomCommands> = ReturnType<(typeof commandReaders)[Type]>;

/**
 * A {@link RoomSocket} that must override `checkData`: `RoomSocket<User, Data, Init>` is this class if `Data` is not `unknown`.
 * Extend it by this name only in a class that is generic in `Data` itself.
 */
export abstract class CheckedRoomSocket<User, Data, Init = unknown> extends WebSocketHandler<User, Init> {
  /** Identifies this connection on all servers. */
  readonly connectionId: string = randomUUID();
  readonly #subscriptions = new OpenSubscriptions();
  readonly #turns = new CatchUpTurns();
  /** Known after `open` began. */
  #person: Person = { id: '', name: '' };
  /** Notifications that arrived before the welcome was sent. */
  #early: unknown[] | undefined = [];
  #notifications: Listening | undefined;
  #isGone = false;
  #knownLimits: ConnectionLimits | undefined;
  /** Undefined until the first publish. */
  #publishes: PublishLine<Command['fields']> | undefined;
  /** The room of the subscribe that is under way; undefined if there is none, or if it was ended meanwhile. */
  #subscribing: string | undefined;

  /** The rooms. */
  abstract get rooms(): Rooms<Data>;

  /**
   * The person of this connection. Without one, the handshake gets 401. If the current user is a {@link Person}:
   * `return this.currentUser;`.
   */
  abstract person(): Person | false | '' | null | undefined;

  /** Additional fields of the `welcome` frame. It cannot replace `protocol`, `person` and `time`. */
  welcome(): object | Promise<object> {
    return {};
  }

  /** Authorizes `subscribe`. Throws a {@link RoomError} (`ROOM_UNKNOWN`, `ROOM_NOT_MEMBER`, …) to refuse. */
  async canSubscribe(_room: string): Promise<void> {}

  /** Authorizes `publish`. Throws a {@link RoomError} to refuse. */
  canPublish(_room: string): void | Promise<void> {}

  /**
   * Authorizes `amend`: whether this person may change a message. Without this override nobody may. `canPublish` is not asked, so check
   * here too that the person may write in the room.
   * Throws a {@link RoomError} to refuse.
   *
   * @param message - The message by the ids of its author and of itself. It may not exist.
   */
  async canAmend(_room: string, _message: { readonly author: string; readonly id: string }): Promise<void> {
    throw new RoomError(
      'ROOM_AMEND_REFUSED',
      'Messages cannot be amended here; the socket of the application has no canAmend.',
    );
  }

  /** Authorizes `read`, which moves the person's cursor. Throws a {@link RoomError} to refuse. */
  async canRead(_room: string): Promise<void> {}

  /**
   * Validates the data of a message, which the client may have sent wrong. If the rooms have a schema, it checks the result.
   *
   * @returns The data to store.
   * @throws {@link RoomError} if it is refused.
   */
  abstract checkData(_room: string, data: unknown): Data | Promise<Data>;

  /**
   * Executes a command of the application.
   *
   * @param fields - All fields of the frame, not validated.
   * @returns Fields of the reply.
   * @throws {@link RoomError} if it is refused.
   */
  async onCommand(type: string, _fields: Readonly<Record<string, unknown>>): Promise<object> {
    throw new RoomError('ROOM_UNKNOWN_COMMAND', `Unknown command ${type.slice(0, 40)}; see docs/wire.md.`);
  }

  /**
   * A notification for this person or everyone, by `rooms.notify` or `rooms.notifyEveryone`, or a {@link ReadFrame} of the rooms
   * if the person's cursor moved. By default it is sent as a frame.
   */
  onNotification(event: object): void {
    this.sendEvent(event);
  }

  /** A signal of a room that this connection is subscribed to. By default it is sent as a {@link SignalFrame}. */
  onSignal(room: string, data: unknown): void {
    this.sendEvent({ type: 'signal', room, data } satisfies SignalFrame);
  }

  /** Sends a frame: an object with a `type`. @throws {@link GaleError} `JSON_VALUE` if JSON would lose a part of it. */
  sendEvent(event: object): void {
    this.connection.send(toJsonText(event, eventRule));
  }

  /**
   * Ends this connection's subscription to a room and its presence there, without the grace. For a person who is no longer a member.
   *
   * @returns Whether there was one, or one was under way.
   */
  endSubscription(room: string): boolean {
    return this.#end(room, { now: true });
  }

  /** Closes with 4401: the client does not reconnect until the person has signed in again. It gets the reason, at most 123 bytes. */
  endSession(reason = 'the session ended'): void {
    this.close(closeCodes.sessionEnded, reason);
  }

  /** Closes with 1012: the server restarts, and the client reconnects. {@link Rooms.close} does it for all connections. */
  closeForRestart(): void {
    this.close(closeCodes.restart, 'the server restarts; reconnect');
  }

  override get websocketOptions(): WebSocketOptions {
    return { ...super.websocketOptions, maxMessageBytes: wireLimits.frameBytes };
  }

  /** Loads the current user. After `identifyTimeoutMs` of `Rooms` it responds with 503, or closes with 1013 after the upgrade. */
  override async loadCurrentUser(): Promise<void> {
    // Starts the timeout.
    void this.#limits;
    await super.loadCurrentUser();
  }

  /** Accepts the handshake. 401 without a person, 429 for a person with too many connections or too many new ones. */
  override get(...values: never[]): void {
    const person = this.person();
    if (!person) throw new HttpError(401, undefined, { problem: { detail: 'Sign in before you open a connection.' } });
    const tooMany = this.#limits.takeSocket(person.id);
    if (tooMany) {
      const { retryAfterMs } = tooMany;
      this.setStatus(429);
      this.setHeader('Retry-After', retryAfterMs === undefined ? retryAfter : Math.ceil(retryAfterMs / 1000));
      this.setHeader('Content-Type', 'text/plain; charset=UTF-8');
      void this.finish(`${tooMany.message}\n`);
    } else super.get(...values);
  }

  /** Sends the welcome. An override must call `super.open`. */
  override async open(..._values: never[]): Promise<void> {
    const person = this.person();
    if (!person) {
      this.endSession();
      return;
    }
    this.#person = toPublic(person);
    this.rooms.connections.add(this);
    try {
      // A change during `welcome` may be missing in its result. So subscribe first, and send those notifications after the welcome.
      this.#notifications = await this.rooms.listenToNotifications(person.id, (event) => this.#onNotification(event));
      if (this.#isGone) {
        this.#notifications.stop();
        return;
      }
      const welcome = { type: 'welcome', protocol: protocolVersion, person: this.#person } as const;
      // First, to be the first fields of the frame; and last, so that an application cannot replace them.
      const frame: WelcomeFrame = { ...welcome, ...(await this.welcome()), ...welcome, time: Date.now() };
      if (this.#isGone) return;
      this.sendEvent(frame);
      this.#limits.welcomed();
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const event of early) this.#onNotification(event);
    } catch (error) {
      this.log.error({ err: error, person: person.id }, 'Could not welcome a connection');
      this.close(closeCodes.failed, 'the server could not send the welcome; reconnect');
    }
  }

  /**
   * Executes one command. Publishes that follow each other wait for the store together; every other command waits for those before it,
   * and the next one is read after its response.
   */
  override onMessage(message: string | Buffer): void | Promise<void> {
    const tooFast = this.#limits.takeCommand(this.#person.id);
    let command: Command;
    try {
      command = parseCommand(message);
    } catch (error) {
      return this.#alone(error instanceof BadFrame ? error.ref : null, '', () => Promise.reject(error));
    }
    const { ref, type, fields } = command;
    if (tooFast) return this.#alone(ref, type, () => Promise.reject(tooFast));
    if (type !== 'publish') return this.#alone(ref, type, () => this.#execute(command));
    this.#publishes ??= new PublishLine(this.#publishEnds());
    return this.#publishes.add(ref, fields, message.length);
  }

  /** Ends all subscriptions. An override must call `super.onClose`. */
  override onClose(): void {
    this.#isGone = true;
    this.#knownLimits?.end();
    this.rooms.connections.delete(this);
    this.#notifications?.stop();
    for (const [room, subscription] of this.#subscriptions.clear()) {
      subscription.close();
      void this.rooms.leave(room, this.connectionId);
    }
  }

  /** Executes a command after the publishes before it. */
  async #alone(ref: number | null, type: string, execute: () => Promise<Reply>): Promise<void> {
    const before = this.#publishes?.settled();
    if (before) {
      await before;
      if (this.closeCode !== undefined) return;
    }
    try {
      const reply = await execute();
      this.sendEvent({ ...reply.fields, type: 'reply', ref });
      reply.afterwards?.();
    } catch (error) {
      this.#refuse(ref, type, error);
    }
    await this.#limits.pause();
  }

  #publishEnds(): PublishEnds<Command['fields']> {
    return {
      isOver: () => this.closeCode !== undefined,
      accept: (fields) => this.#publish(commandReaders.publish(fields)),
      reply: (ref, id, { epoch, offset, life, time }) =>
        this.sendEvent({ type: 'reply', ref, epoch, offset, life, time, id }),
      refuse: (ref, error) => this.#refuse(ref, 'publish', error),
    };
  }

  /** The response was sent without an upgrade. */
  protected override afterFinish(): void {
    this.#knownLimits?.end();
    super.afterFinish();
  }

  get #limits(): ConnectionLimits {
    return (this.#knownLimits ??= new ConnectionLimits(this.rooms.limits, () => this.#onIdentifyTimeout()));
  }

  #onIdentifyTimeout(): void {
    if (this.closeCode !== undefined) return;
    this.log.warn({}, 'Connection was not identified and welcomed in time');
    if (this.phase === 'upgraded')
      this.close(closeCodes.tryAgain, 'the server could not send the welcome in time; reconnect');
    else {
      const problem = { detail: 'The server could not find out in time who you are; try again later.' };
      const error = new HttpError(503, undefined, { headers: [['Retry-After', retryAfter]], problem });
      void this.sendError(503, { error });
    }
  }

  #onNotification(event: unknown): void {
    if (this.#early) this.#early.push(event);
    else if (typeof event === 'object' && event !== null) this.onNotification(event);
  }

  /** Any command except `publish`. The switch is exhaustive: a command of the wire without a case does not compile. */
  async #execute({ type, fields }: Command): Promise<Reply> {
    if (!isRoomCommand(type)) return { fields: await this.onCommand(type, fields) };
    const known = type as Exclude<typeof type, 'publish'>;
    switch (known) {
      case 'subscribe':
        return this.#subscribe(commandReaders.subscribe(fields));
      case 'unsubscribe':
        return this.#unsubscribe(commandReaders.unsubscribe(fields));
      case 'amend':
        return this.#amend(commandReaders.amend(fields));
      case 'read':
        return this.#read(commandReaders.read(fields));
      case 'people':
        return this.#people(commandReaders.people(fields));
      case 'history':
        return this.#history(commandReaders.history(fields));
      case 'ping':
        return { fields: commandReaders.ping(fields) };
      default:
        return known satisfies never;
    }
  }

  async #subscribe({ room, after }: Fields<'subscribe'>): ReplyTo<'subscribe'> {
    const replaced = this.#subscriptions.get(room);
    const most = this.rooms.limits.maxSubscriptionsPerConnection;
    if (!replaced && this.#subscriptions.size >= most) {
      throw new RoomError(
        'ROOM_TOO_MANY',
        `A connection can subscribe to ${most} rooms (maxSubscriptionsPerConnection); unsubscribe from another one first.`,
      );
    }
    this.#subscribing = room;
    await this.canSubscribe(room);
    const { subscription, cursor } = await this.#enter(room, after);
    if (this.#subscribing !== room || this.#isGone) {
      subscription.close();
      void this.rooms.leave(room, this.connectionId, { now: !this.#isGone });
      throw new RoomError('ROOM_NOT_MEMBER', `The subscription to ${room} was ended in the meantime.`);
    }
    this.#subscribing = undefined;
    replaced?.close();
    this.#subscriptions.set(room, subscription);
    const { epoch, top, first, life, recovered, reset, dropped } = subscription;
    const version = subscription.version === 0 ? {} : { version: subscription.version };
    const position = (cursor && subscription.withLife(cursor)) ?? null;
    return {
      fields: { epoch, top, first, life, recovered, reset, dropped, cursor: position, ...version },
      afterwards: () => subscription.start(),
    };
  }

  /** Subscribes to the room and enters it; both or neither. */
  async #enter(
    room: string,
    after: Position | undefined,
  ): Promise<{ subscription: Subscription; cursor?: Position | undefined }> {
    const person = this.#person;
    const [subscribed, entered, cursor] = await Promise.allSettled([
      this.rooms.subscribe(room, after, new RoomReceiver(room, this.connection, this.#turns, this)),
      this.rooms.enter(room, person, this.connectionId),
      this.rooms.cursor(room, person.id),
    ]);
    if (subscribed.status === 'fulfilled' && entered.status === 'fulfilled' && cursor.status === 'fulfilled') {
      return { subscription: subscribed.value, cursor: cursor.value };
    }
    if (subscribed.status === 'fulfilled') subscribed.value.close();
    if (!this.#subscriptions.get(room)) void this.rooms.leave(room, this.connectionId);
    throw [subscribed, entered, cursor].find((result) => result.status === 'rejected')?.reason;
  }

  async #unsubscribe({ room }: Fields<'unsubscribe'>): ReplyTo<'unsubscribe'> {
    this.#end(room, { now: false });
    return { fields: {} };
  }

  #end(room: string, options: { readonly now: boolean }): boolean {
    const isUnderWay = this.#subscribing === room;
    if (isUnderWay) this.#subscribing = undefined;
    this.#subscriptions.get(room)?.close();
    if (!this.#subscriptions.delete(room)) return isUnderWay;
    void this.rooms.leave(room, this.connectionId, options);
    return true;
  }

  /** One page of people. Only for subscribers: they are authorized, and this server has the room's people in memory. */
  async #people({ room, after, limit }: Fields<'people'>): ReplyTo<'people'> {
    this.#assertSubscribed(room, 'people');
    const { count, people, next } = await this.rooms.peoplePage(room, after, limit);
    return { fields: { count, people: people.map(toPublic), next } };
  }

  /** One page of the history. Waits for a slow reader, since pages are large. */
  async #history({ room, before, limit }: Fields<'history'>): ReplyTo<'history'> {
    this.#assertSubscribed(room, 'history');
    if (this.connection.bufferedAmount > historyReplyBytes) await this.connection.drained(historyReplyBytes);
    const page = await this.rooms.history(room, { before, limit, bytes: historyReplyBytes });
    const messages = page.messages.map(toFields);
    return { fields: { epoch: page.epoch, top: page.top, first: page.first, messages } };
  }

  #assertSubscribed(room: string, what: string): void {
    if (this.#subscriptions.get(room)) return;
    throw new RoomError(
      'ROOM_NOT_MEMBER',
      `Only subscribers can read the ${what} of a room; subscribe to ${room} first.`,
    );
  }

  /** Checks a publish, and gives it to the store in the same turn as the last check. */
  #publish(publish: Fields<'publish'>): Accepted | Promise<Accepted> {
    const { room, data } = publish;
    const early = this.rooms.limits.checkPublish(room, this.#person.id);
    if (early) throw early;
    const permission = this.canPublish(room);
    if (isThenable(permission)) return this.#publishLater(publish, permission);
    const checked = this.#check(room, data);
    return isThenable(checked) ? this.#publishLater(publish, undefined, checked) : this.#store(publish, checked);
  }

  async #publishLater(
    publish: Fields<'publish'>,
    permission: PromiseLike<unknown> | undefined,
    checked?: PromiseLike<Data>,
  ): Promise<Accepted> {
    await permission;
    return this.#store(publish, await (checked ?? this.#check(publish.room, publish.data)));
  }

  /** Checks data by the application, then by the schema of the rooms. */
  #check(room: string, sent: unknown): Data | PromiseLike<Data> {
    const data = this.checkData(room, sent);
    return isThenable(data) ? data.then((its) => this.rooms.check(room, its)) : this.rooms.check(room, data);
  }

  #store({ room, id, retry, after }: Fields<'publish'>, data: Data): Accepted {
    const tooFast = this.rooms.limits.takePublish(room, this.#person.id);
    if (tooFast) throw tooFast;
    const stored = this.rooms.publishChecked(room, { id, author: this.#person, data }, { retry, after });
    return { id, stored: this.rooms.hasConsumers ? this.#givingBack(room, stored) : stored };
  }

  /** A publish that a consumer refuses does not use the rates. */
  async #givingBack(room: string, stored: Promise<Published>): Promise<Published> {
    try {
      return await stored;
    } catch (error) {
      const isRefused = error instanceof RoomError && error.code === 'ROOM_TOO_FAST';
      if (isRefused) this.rooms.limits.givePublishBack(room, this.#person.id);
      throw error;
    }
  }

  /** An amendment counts as a publish in the rates. */
  async #amend({ room, author = this.#person.id, id, data: sent, version }: Fields<'amend'>): ReplyTo<'amend'> {
    const { limits } = this.rooms;
    const early = limits.checkPublish(room, this.#person.id);
    if (early) throw early;
    await this.canAmend(room, { author, id });
    const data = await this.#check(room, sent);
    const tooFast = limits.takePublish(room, this.#person.id);
    if (tooFast) throw tooFast;
    const amended = await this.rooms.amendChecked(room, { author, id, data, version });
    const { epoch, offset, life, time } = amended;
    return { fields: { epoch, offset, life, version: amended.version, time } };
  }

  async #read({ room, ...position }: Fields<'read'>): ReplyTo<'read'> {
    await this.canRead(room);
    const cursor = await this.rooms.advanceCursor(room, this.#person.id, position);
    return { fields: { cursor: cursor ?? null } };
  }

  #refuse(ref: number | null, type: string, error: unknown): void {
    const { code, message, retry, retryAfterMs } = this.#toRoomError(type, error);
    this.sendEvent({ type: 'error', ref, code, message, retry, retryAfterMs } satisfies ErrorFrame);
  }

  #toRoomError(type: string, error: unknown): RoomError {
    if (error instanceof RoomError) return error;
    if (error instanceof GaleError && error.code === 'ROOM_PUBLISH_UNKNOWN') {
      return new RoomError(
        'ROOM_PUBLISH_UNKNOWN',
        'The server no longer knows whether this message was stored; publish it with a new id only if a person asks for that.',
      );
    }
    if (error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE') {
      RateLimitedWarning.of(this.log, 'The store of the rooms is unavailable for commands').note({
        err: error,
        command: type,
      });
      return new RoomError('ROOM_UNAVAILABLE', 'The store of rooms is unavailable; send the same command again.', {
        retry: true,
      });
    }
    this.log.error({ err: error, command: type, person: this.#person.id }, 'Command failed');
    return new RoomError('ROOM_FAILED', 'The server failed; send the same command again.', { retry: true });
  }
}
