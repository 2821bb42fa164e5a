/**
 * Rooms over a WebSocket: speaks the protocol of docs/wire.md for one connection of one person.
 * An application extends it, says who the person is and what they may do, and adds commands of its own.
 * When the rooms close, their connections close with 1012.
 */
import { randomUUID } from 'node:crypto';
import { GaleError } from '../../errors.ts';
import { HttpError } from '../../web/http-error.ts';
import { WebSocketHandler } from '../../web/websocket-handler.ts';
import type { WebSocketOptions } from '../../websocket/websocket-options.ts';
import { CatchUpTurns } from '../catch-up-turns.ts';
import type { Rooms } from '../rooms.ts';
import { RoomError } from '../room-error.ts';
import type { Person, Position } from '../stream.ts';
import type { Subscription } from '../subscription.ts';
import { closeCodes, protocolVersion, wireLimits } from '../wire.ts';
import type { ErrorFrame, RoomCommands, RoomEvent, WelcomeFrame } from '../wire.ts';
import {
  BadFrame,
  parseCommand,
  readAfter,
  readData,
  readMessageId,
  readPeoplePage,
  readPosition,
  readRetry,
  readRoom,
} from './command.ts';
import type { Command } from './command.ts';
import { ConnectionLimits } from './connection-limits.ts';
import { toPublic } from './room-frames.ts';
import { RoomReceiver } from './room-receiver.ts';

/** Value of Retry-After for who has too many connections or could not be identified, in seconds. */
const retryAfter = '10';

interface Reply<Fields extends object = object> {
  readonly fields: Fields;
  /** Called after the reply was sent. */
  readonly afterwards?: () => void;
}

type ReplyTo<Type extends keyof RoomCommands> = Promise<Reply<RoomCommands[Type]['reply']>>;

/**
 * One connection to the rooms. Commands are carried out one at a time, in the order they came.
 *
 * @example
 * ```ts
 * class Socket extends RoomSocket {
 *   override get rooms(): Rooms {
 *     return rooms;
 *   }
 *   override person(): Person | undefined {
 *     const name = this.getSignedCookie('user');
 *     return name ? { id: name, name } : undefined;
 *   }
 * }
 * ```
 */
export abstract class RoomSocket<User = unknown, Data = unknown, Init = unknown> extends WebSocketHandler<User, Init> {
  /** Names this connection among all servers. */
  readonly connectionId: string = randomUUID();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #turns = new CatchUpTurns();
  /** Known from `open` on. */
  #person: Person = { id: '', name: '' };
  /** Events told before the welcome was sent. */
  #early: unknown[] | undefined = [];
  #stopNotifications: (() => void) | undefined;
  #stopWatching: (() => void) | undefined;
  #isGone = false;
  #knownLimits: ConnectionLimits | undefined;
  /** The room a subscribe is on its way for; undefined again if that has become void. */
  #subscribing: string | undefined;

  /** The rooms. */
  abstract get rooms(): Rooms<Data>;

  /** Who this is, as `prepare` found out. Nobody: answered 401, before the upgrade. */
  abstract person(): Person | undefined;

  /** Fields of the `welcome` frame beside `protocol`, `person` and `time`. */
  welcome(): object | Promise<object> {
    return {};
  }

  /** Throws a {@link RoomError} (`ROOM_UNKNOWN`, `ROOM_NOT_MEMBER`, …) unless the person may see the room. */
  async canSubscribe(_room: string): Promise<void> {}

  /** Throws a {@link RoomError} unless the person may write in the room. */
  async canPublish(_room: string): Promise<void> {}

  /** Throws a {@link RoomError} unless the person may have a cursor in the room. */
  async canRead(_room: string): Promise<void> {}

  /**
   * Validates the data of a message. Override it if `Data` is not `unknown`: by default the client's data is stored as it is.
   *
   * @returns The data to store.
   * @throws {@link RoomError} if it is refused.
   */
  checkData(_room: string, data: unknown): Data | Promise<Data> {
    return data as Data;
  }

  /**
   * Carries out a command of the application's own.
   *
   * @returns Fields of the reply.
   * @throws {@link RoomError} if it is refused. The fields were not checked by anyone.
   */
  async onCommand(type: string, _fields: Readonly<Record<string, unknown>>): Promise<object> {
    throw new RoomError('ROOM_UNKNOWN_COMMAND', `There is no command ${type.slice(0, 40)}; see docs/wire.md.`);
  }

  /** A notification for this person or everyone, by `rooms.notify` or `rooms.notifyEveryone`. By default it is sent as a frame. */
  onNotification(event: object): void {
    this.sendEvent(event);
  }

  /** A signal of a room this connection is subscribed to; sent on as a `signal` frame. */
  onSignal(room: string, data: unknown): void {
    this.sendEvent({ type: 'signal', room, data } satisfies RoomEvent);
  }

  /** Sends a frame: an object with a `type`. */
  sendEvent(event: object): void {
    this.connection.send(JSON.stringify(event));
  }

  /** Ends this connection's subscription of a room and its presence there at once, as when the person is no longer a member. */
  endSubscription(room: string): void {
    this.#end(room, { now: true });
  }

  /** Closes with 4401: the client does not come back before somebody signed in again. */
  endSession(reason = 'the session ended'): void {
    this.close(closeCodes.sessionEnded, reason);
  }

  override get websocketOptions(): WebSocketOptions {
    return { ...super.websocketOptions, maxMessageBytes: wireLimits.frameBytes };
  }

  /** Asks who this is, and gives up after `identifyTimeoutMs` of `Rooms`: 503 before the upgrade, close code 1013 after it. */
  override async loadCurrentUser(): Promise<void> {
    // From here on the time runs.
    void this.#limits;
    await super.loadCurrentUser();
  }

  /** Answers the handshake; 401 for nobody, 429 for a person with too many connections, or too many new ones. */
  override get(...values: never[]): void {
    const person = this.person();
    if (!person) throw new HttpError(401);
    const tooMany = this.#limits.takeSocket(person.id);
    if (tooMany) {
      const { retryAfterMs } = tooMany;
      this.setStatus(429);
      this.setHeader('Retry-After', retryAfterMs === undefined ? retryAfter : Math.ceil(retryAfterMs / 1000));
      this.setHeader('Content-Type', 'text/plain; charset=UTF-8');
      void this.finish(`${tooMany.message}\n`);
    } else super.get(...values);
  }

  /** Sends the welcome. An override has to call this one. */
  override async open(..._values: never[]): Promise<void> {
    const person = this.person();
    if (!person) {
      this.endSession();
      return;
    }
    this.#person = toPublic(person);
    this.#stopWatching = this.rooms.onClosing(() => this.close(closeCodes.restart, 'the server restarts; come back'));
    try {
      // Told before the welcome is made up, it may be in the welcome or not: so it is heard first and sent on after.
      this.#stopNotifications = await this.rooms.subscribeNotifications(person.id, (event) =>
        this.#onNotification(event),
      );
      if (this.#isGone) {
        this.#stopNotifications();
        return;
      }
      const welcome = { type: 'welcome', protocol: protocolVersion, person: this.#person } as const;
      // First, so that they are read first; and last, so that an application cannot change them.
      const frame: WelcomeFrame = { ...welcome, ...(await this.welcome()), ...welcome, time: Date.now() };
      if (this.#isGone) return;
      this.sendEvent(frame);
      this.#limits.welcomed();
      const early = this.#early ?? [];
      this.#early = undefined;
      for (const event of early) this.#onNotification(event);
    } catch (error) {
      this.log.error({ err: error, person: person.id }, 'a connection could not be welcomed');
      this.close(closeCodes.failed, 'the server could not welcome you; come back');
    }
  }

  /** Carries out one command; the next is not read before this one is answered. */
  override async onMessage(message: string | Buffer): Promise<void> {
    const tooFast = this.#limits.takeCommand(this.#person.id);
    let ref: number | null = null;
    let type = '';
    try {
      const command = parseCommand(message);
      ({ ref, type } = command);
      if (tooFast) throw tooFast;
      const reply = await this.#carryOut(command);
      this.sendEvent({ ...reply.fields, type: 'reply', ref });
      reply.afterwards?.();
    } catch (error) {
      this.#refuse(error instanceof BadFrame ? error.ref : ref, type, error);
    }
    const pause = this.#limits.pause();
    if (pause) await pause;
  }

  /** Lets go of all rooms. An override has to call this one. */
  override onClose(): void {
    this.#isGone = true;
    this.#knownLimits?.end();
    this.#stopWatching?.();
    this.#stopNotifications?.();
    for (const [room, subscription] of this.#subscriptions) {
      subscription.close();
      void this.rooms.leave(room, this.connectionId);
    }
    this.#subscriptions.clear();
  }

  /** The request was answered without a WebSocket, with whatever status. */
  protected override afterFinish(): void {
    this.#knownLimits?.end();
    super.afterFinish();
  }

  get #limits(): ConnectionLimits {
    return (this.#knownLimits ??= new ConnectionLimits(this.rooms.limits, () => this.#onNotIdentified()));
  }

  #onNotIdentified(): void {
    if (this.closeCode !== undefined) return;
    this.log.warn({}, 'a connection was not identified and welcomed in time');
    if (this.phase === 'upgraded')
      this.close(closeCodes.tryAgain, 'the server could not welcome you in time; come back');
    else void this.sendError(503, { error: new HttpError(503, undefined, { headers: [['Retry-After', retryAfter]] }) });
  }

  #onNotification(event: unknown): void {
    if (this.#early) this.#early.push(event);
    else if (typeof event === 'object' && event !== null) this.onNotification(event);
  }

  #carryOut({ type, fields }: Command): Promise<Reply> {
    switch (type) {
      case 'subscribe':
        return this.#subscribe(fields);
      case 'unsubscribe':
        return this.#unsubscribe(fields);
      case 'publish':
        return this.#publish(fields);
      case 'read':
        return this.#read(fields);
      case 'people':
        return this.#people(fields);
      case 'ping':
        return Promise.resolve({ fields: {} });
      default:
        return this.onCommand(type, fields).then((reply) => ({ fields: reply }));
    }
  }

  async #subscribe(fields: Command['fields']): ReplyTo<'subscribe'> {
    const room = readRoom(fields);
    const after = readAfter(fields);
    const replaced = this.#subscriptions.get(room);
    const most = this.rooms.limits.maxSubscriptionsPerConnection;
    if (!replaced && this.#subscriptions.size >= most) {
      throw new RoomError(
        'ROOM_TOO_MANY',
        `A connection subscribes to at most ${most} rooms (maxSubscriptionsPerConnection); end another.`,
      );
    }
    this.#subscribing = room;
    await this.canSubscribe(room);
    const { subscription, cursor } = await this.#enter(room, after);
    if (this.#subscribing !== room || this.#isGone) {
      subscription.close();
      void this.rooms.leave(room, this.connectionId, { now: !this.#isGone });
      throw new RoomError('ROOM_NOT_MEMBER', `The subscription of ${room} was ended meanwhile.`);
    }
    this.#subscribing = undefined;
    replaced?.close();
    this.#subscriptions.set(room, subscription);
    const { epoch, top, first, recovered, reset, dropped } = subscription;
    return {
      fields: { epoch, top, first, recovered, reset, dropped, cursor: cursor ?? null },
      afterwards: () => subscription.start(),
    };
  }

  /** Subscribes and enters; both or neither. */
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
    if (!this.#subscriptions.has(room)) void this.rooms.leave(room, this.connectionId);
    throw [subscribed, entered, cursor].find((result) => result.status === 'rejected')?.reason;
  }

  async #unsubscribe(fields: Command['fields']): ReplyTo<'unsubscribe'> {
    this.#end(readRoom(fields), { now: false });
    return { fields: {} };
  }

  #end(room: string, options: { readonly now: boolean }): void {
    if (this.#subscribing === room) this.#subscribing = undefined;
    this.#subscriptions.get(room)?.close();
    if (this.#subscriptions.delete(room)) void this.rooms.leave(room, this.connectionId, options);
  }

  /** A page of names. Only for subscribers: they were allowed to see the room, and this server has its people in memory. */
  async #people(fields: Command['fields']): ReplyTo<'people'> {
    const room = readRoom(fields);
    const { after, limit } = readPeoplePage(fields);
    if (!this.#subscriptions.has(room)) {
      throw new RoomError('ROOM_NOT_MEMBER', `Only subscribers see the people of a room; subscribe to ${room} first.`);
    }
    const { count, people, next } = await this.rooms.peoplePage(room, after, limit);
    return { fields: { count, people: people.map(toPublic), next } };
  }

  async #publish(fields: Command['fields']): ReplyTo<'publish'> {
    const room = readRoom(fields);
    const id = readMessageId(fields);
    const sent = readData(fields);
    const retry = readRetry(fields);
    const after = readAfter(fields);
    const { limits } = this.rooms;
    const early = limits.checkPublish(room, this.#person.id);
    if (early) throw early;
    await this.canPublish(room);
    const data = await this.checkData(room, sent);
    const tooFast = limits.takePublish(room, this.#person.id);
    if (tooFast) throw tooFast;
    const entry = { id, author: this.#person, data };
    const { epoch, offset, time } = await this.rooms.publish(room, entry, { retry, after });
    return { fields: { epoch, offset, time, id } };
  }

  async #read(fields: Command['fields']): ReplyTo<'read'> {
    const room = readRoom(fields);
    const position = readPosition(fields);
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
        'The server no longer knows whether this message was stored; publish it with a new id only if a person asks for it.',
      );
    }
    if (error instanceof GaleError && error.code === 'ROOM_UNAVAILABLE') {
      this.log.warn({ err: error, command: type }, 'a command waits for the store of rooms');
      return new RoomError('ROOM_UNAVAILABLE', 'The store of rooms does not answer; send the same again.', {
        retry: true,
      });
    }
    this.log.error({ err: error, command: type, person: this.#person.id }, 'a command failed');
    return new RoomError('ROOM_FAILED', 'The server failed; send the same again.', { retry: true });
  }
}
