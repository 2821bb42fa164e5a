/**
 * The client of rooms: subscribes and publishes, also over lost connections. The application gets each message of a room once
 * and in order, and each message it publishes is stored once or refused with an error.
 * Runs in browsers and in Node.js; docs/wire.md is the protocol.
 */
import { toJsonText, type JsonRule } from '../../run/json-text.ts';
import type { PeoplePage, PresenceBatch, RoomPeople } from '../presence/room-people.ts';
import { RoomError } from '../room-error.ts';
import type { Position, RoomMessage, StreamStart } from '../stream.ts';
import { isRoomEvent } from '../wire.ts';
import type {
  AmendReply,
  CommandFields,
  CommandReply,
  HistoryReply,
  ServerFrame,
  SubscribeReply,
  WelcomeFrame,
} from '../wire.ts';
import { resolveRoomsClientOptions } from './client-options.ts';
import type { ResolvedRoomsClientOptions, RoomsClientOptions } from './client-options.ts';
import { ClientConnection } from './connection.ts';
import type { ClientState } from './connection.ts';
import { Emitter } from './emitter.ts';
import { Outbox } from './outbox.ts';
import type { OutboxEntry, PublishedAt } from './outbox.ts';
import { PendingAmendments } from './pending-amendments.ts';
import { StreamFollower } from './stream-follower.ts';
import type { FollowerOptions } from './stream-follower.ts';

/** The events of a client by name; each listener gets one object. */
export interface RoomsClientEvents<Data = unknown> {
  /** The state of the connection changed. */
  readonly state: { readonly state: ClientState };
  /** The first frame of each connection: the person, and the fields that the application adds; narrow it to use those. */
  readonly welcome: WelcomeFrame;
  /** The server accepted a subscription, on each connection again. `reset` and `dropped` follow, then messages. */
  readonly subscribed: { readonly room: string; readonly reply: SubscribeReply };
  /** The server refused a subscription, which has ended. */
  readonly unsubscribed: { readonly room: string; readonly error: RoomError };
  /** The next message: each offset once and in order, without a hole unless `dropped` or `reset` came before. */
  readonly message: { readonly room: string; readonly epoch: string; readonly message: RoomMessage<Data> };
  /**
   * A message was amended: its new state, with its `version`. Replace the message with this offset if you show it. Each change once and in
   * order; a message that was amended several times while the client was away comes once.
   */
  readonly amended: { readonly room: string; readonly epoch: string; readonly message: RoomMessage<Data> };
  /** The `count` messages after offset `after` are no longer kept. */
  readonly dropped: { readonly room: string; readonly epoch: string; readonly after: number; readonly count: number };
  /**
   * The `count` messages after offset `after` may have been amended, and are no longer kept: if you show them, read them from where your
   * application keeps them.
   */
  readonly stale: { readonly room: string; readonly epoch: string; readonly after: number; readonly count: number };
  /** The store lost messages that were received: discard what was received. The kept messages follow, from `first`. */
  readonly reset: StreamStart & { readonly room: string };
  /** A message was stored; also one from the outbox of an earlier page load. */
  readonly published: { readonly entry: OutboxEntry; readonly at: PublishedAt };
  /** A message was refused for now, as with `ROOM_TOO_FAST`. It is sent again by itself, after `afterMs` milliseconds. */
  readonly delayed: { readonly entry: OutboxEntry; readonly error: RoomError; readonly afterMs: number };
  /** A message was refused for good. If `entry.sent` is true, an earlier attempt may have stored it. */
  readonly refused: { readonly entry: OutboxEntry; readonly error: RoomError };
  /**
   * The server no longer knows whether a message was stored (`ROOM_PUBLISH_UNKNOWN`). It is not retried:
   * show it, and publish it with a new id only if a person asks for that.
   */
  readonly unknown: { readonly entry: OutboxEntry; readonly error: RoomError };
  /** Who is in a room: after each subscription, and when a big room has become small enough for names. */
  readonly people: RoomPeople;
  /**
   * How the people of a room changed, at most once per second; only after `people`. It may repeat what `people` contained:
   * ignore people in `entered` that you have, and people in `left` that you do not have.
   */
  readonly presence: PresenceBatch;
  /** The person's cursor moved, in any of their windows. */
  readonly read: Position & { readonly room: string };
  /** A notification from the application to the people in a room: `rooms.signal`. */
  readonly signal: { readonly room: string; readonly data: unknown };
  /** A frame of the application, such as a notification by `rooms.notify`. Narrow it by its `type` to use its other fields. */
  readonly event: ServerFrame;
  /**
   * The session ended; the client is closed and does not reconnect. `reason` is the reason of the close with 4401, as the server
   * gave it to `endSession`; empty if the session ended while there was no connection.
   */
  readonly ended: { readonly reason: string };
}

const eventNames = Object.keys({
  state: true,
  welcome: true,
  subscribed: true,
  unsubscribed: true,
  message: true,
  amended: true,
  dropped: true,
  stale: true,
  reset: true,
  published: true,
  delayed: true,
  refused: true,
  unknown: true,
  people: true,
  presence: true,
  read: true,
  signal: true,
  event: true,
  ended: true,
} satisfies Readonly<Record<keyof RoomsClientEvents, true>>) as (keyof RoomsClientEvents)[];

/**
 * A connection to the rooms of a server, which reconnects until it is closed.
 *
 * @typeParam Data - Data of a message, as the server validates it; the client does not. Data in the outbox is `unknown`, since an
 * earlier version of the page may have written it.
 * @typeParam Input - What `publish` accepts: the input of the server's schema, if it differs from `Data`.
 *
 * @example
 * ```ts
 * const client = new RoomsClient<{ text: string }>({ url: 'wss://chat.example/socket' });
 * client.on('message', ({ room, message }) => console.log(room, message.offset, message.data.text));
 * client.subscribe('lobby');
 * client.connect();
 * await client.publish('lobby', { text: 'Hello' }).published;
 * ```
 */
export class RoomsClient<Data = unknown, Input = Data> {
  readonly #options: ResolvedRoomsClientOptions;
  readonly #emitter = new Emitter<RoomsClientEvents<Data>>(eventNames);
  readonly #connection: ClientConnection;
  readonly #followers = new Map<string, StreamFollower<Data>>();
  readonly #outbox: Outbox;
  readonly #amendments: PendingAmendments;

  /** @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`. */
  constructor(options: RoomsClientOptions) {
    this.#options = resolveRoomsClientOptions(options);
    this.#connection = new ClientConnection(this.#options, {
      onState: (state) => this.#emitter.emit('state', { state }),
      onWelcome: (frame) => this.#onWelcome(frame),
      onFrame: (frame) => this.#onFrame(frame),
      onEnded: (reason) => this.#emitter.emit('ended', { reason }),
    });
    this.#amendments = new PendingAmendments({
      ...this.#options,
      isClosed: () => this.#connection.state === 'closed',
      send: (fields, waiter) => this.#connection.command('amend', fields, waiter),
    });
    this.#outbox = new Outbox({
      ...this.#options,
      stored: options.outbox,
      isOpen: () => this.#connection.state === 'open',
      position: (room) => this.position(room),
      send: ({ room, id, data, sent, after }, waiter) => {
        const tooBig = this.#checkSize(room, id, data);
        // The server would close the connection, and again after each reconnect.
        if (tooBig) waiter.onError(tooBig);
        else {
          this.#connection.request('publish', sent ? { room, id, data, retry: true, after } : { room, id, data }, {
            onReply: ({ epoch, offset, life, time }) => waiter.onReply({ epoch, offset, life, time }),
            onError: (error) => waiter.onError(error),
          });
        }
      },
      onPublished: (entry, at) => this.#emitter.emit('published', { entry, at }),
      onDelayed: (entry, error, afterMs) => this.#emitter.emit('delayed', { entry, error, afterMs }),
      onRefused: (entry, error) =>
        this.#emitter.emit(error.code === 'ROOM_PUBLISH_UNKNOWN' ? 'unknown' : 'refused', { entry, error }),
    });
  }

  /** The state of the connection. */
  get state(): ClientState {
    return this.#connection.state;
  }

  /** Time of the next attempt to connect, in milliseconds since 1970; undefined unless the state is `waiting`. */
  get retryAt(): number | undefined {
    return this.#connection.retryAt;
  }

  /** Messages without a final response, oldest first. */
  get outbox(): readonly OutboxEntry[] {
    return this.#outbox.entries;
  }

  /**
   * Adds a listener of an event.
   *
   * @returns Removes it.
   * @throws {@link GaleError} `OPTION_VALUE` for an unknown event, or a listener that is not a function.
   */
  on<Name extends keyof RoomsClientEvents>(
    name: Name,
    listener: (event: RoomsClientEvents<Data>[Name]) => void,
  ): () => void {
    return this.#emitter.on(name, listener);
  }

  /** Connects, and reconnects after each lost connection. */
  connect(): void {
    this.#connection.connect();
  }

  /** Reconnects now instead of at {@link retryAt}; for a button, or when the network is back. */
  retryNow(): void {
    this.#connection.retryNow();
  }

  /** Disconnects. Pending messages stay in the outbox. {@link connect} can be called again. */
  close(): void {
    this.#connection.close();
    this.#outbox.stop();
    this.#amendments.stop();
  }

  /**
   * Subscribes to a room, on each connection again, from the messages after `after` or from the oldest message kept.
   * A second call for a room replaces the first.
   */
  subscribe(room: string, after?: Position): void {
    this.#followers.get(room)?.stop();
    const follower = new StreamFollower<Data>(room, after, this.#followerOptions());
    this.#followers.set(room, follower);
    if (this.state === 'open') follower.subscribe();
  }

  /** Ends the subscription to a room. */
  unsubscribe(room: string): void {
    const follower = this.#followers.get(room);
    if (!follower) return;
    follower.stop();
    this.#followers.delete(room);
    // If it is sent late, it must not end a newer subscription.
    const isWanted = (): boolean => !this.#followers.has(room);
    this.#connection.command('unsubscribe', { room }, { onReply() {}, onError() {} }, isWanted);
  }

  /** Position of the last message in a room; undefined without a subscription, or before its first reply. */
  position(room: string): Position | undefined {
    return this.#followers.get(room)?.position;
  }

  /**
   * Publishes a message. It stays in the outbox until the server stores or refuses it, and is retried with the same id after
   * each reconnect. Later messages of the room wait for it.
   *
   * @param id - 1 to 64 characters of A-Z a-z 0-9 _ -. Random by default.
   * @param options - For a message that was sent with this id before: `sent` and `after` of its {@link OutboxEntry}.
   * @returns The id, and a promise that rejects with a {@link RoomError} if the message is refused or discarded.
   * Its code is `ROOM_PUBLISH_UNKNOWN` if the server no longer knows whether the message was stored.
   * @throws {@link GaleError} `JSON_VALUE` if JSON would lose the data, such as a promise or a Map.
   */
  publish(
    room: string,
    data: Input,
    id: string = randomId(),
    options: Pick<OutboxEntry, 'sent' | 'after'> = {},
  ): { id: string; published: Promise<PublishedAt> } {
    toJsonText(data, dataRule);
    const { sent = false, after } = options;
    return { id, published: this.#outbox.add({ room, id, data, time: this.#options.now(), sent, after }) };
  }

  /**
   * Amends a message that the room still keeps: an edit, or a deletion by data that the application shows as one. The server decides who
   * may do that. After a lost connection and other errors with `retry`, the client sends it again until the server responds or the
   * client is closed. That is safe, since the server compares the version of the message.
   *
   * @param message - The message to amend, as the client got it last.
   * @returns The new version. Rejects with a {@link RoomError}: `ROOM_AMEND_CONFLICT` if the message has another version,
   * `ROOM_MESSAGE_GONE` if it is no longer kept.
   * @throws {@link GaleError} `JSON_VALUE` if JSON would lose the data, such as a promise or a Map.
   */
  amend(room: string, message: Pick<RoomMessage, 'id' | 'author' | 'version'>, data: Input): Promise<AmendReply> {
    toJsonText(data, dataRule);
    const { id, author, version = 0 } = message;
    const tooBig = this.#checkSize(room, id, { author: author.id, data });
    if (tooBig) return Promise.reject(tooBig);
    return this.#amendments.send({ room, author: author.id, id, data, version });
  }

  /** Removes a pending message from the outbox. If it was sent, it may still be stored. */
  discard(id: string): void {
    this.#outbox.discard(id, new RoomError('ROOM_DISCARDED', `Message ${id} was discarded before it was stored.`));
  }

  /**
   * Returns one page of the people in a subscribed room, in order of their ids. For rooms that are too large for names in events.
   *
   * @param page - `after`: the field `next` of the previous page, omitted for the first. `limit`: 1 to 200, by default 200.
   * @returns The page. Rejects like {@link call}.
   */
  async people(room: string, page: { readonly after?: string; readonly limit?: number } = {}): Promise<PeoplePage> {
    const { count, people, next } = await this.call('people', { room, ...page });
    return { count, people, next };
  }

  /**
   * Returns a page of the messages that a subscribed room keeps, oldest first: the newest ones before `before`. For the page before it,
   * pass the position of its first message; there is none if that message has the offset `first`.
   *
   * @param page - `before`: the position of a message, omitted for the newest page. `limit`: 1 to 100, by default 100. The page
   * has fewer messages if they are large.
   * @returns The page. Rejects like {@link call}; with `ROOM_POSITION_GONE` if the message at `before` is no longer kept, or belongs to another
   * epoch.
   */
  async history(
    room: string,
    page: { readonly before?: Position; readonly limit?: number } = {},
  ): Promise<HistoryReply<Data>> {
    const { epoch, top, first, messages } = await this.call('history', { room, ...page });
    // The server checked the data.
    return { epoch, top, first, messages: messages as HistoryReply<Data>['messages'] };
  }

  /**
   * Sends any other command. It is retried only after `ROOM_TOO_FAST`, since the server did not execute it.
   *
   * @returns The reply. Rejects with a {@link RoomError}: the server's, or `ROOM_CONNECTION_LOST`, after which the server
   * may have executed the command; or with a {@link GaleError} `JSON_VALUE`.
   */
  call<Type extends string>(type: Type, fields?: CommandFields<Type>): Promise<CommandReply<Type>> {
    return new Promise((resolve, reject) => {
      if (fields !== undefined) toJsonText(fields, fieldsRule);
      this.#connection.command(type, fields, { onReply: resolve, onError: reject });
    });
  }

  #checkSize(room: string, id: string, data: unknown): RoomError | undefined {
    const { maxFrameBytes } = this.#options;
    const bytes = utf8.encode(JSON.stringify({ room, id, data })).length + frameRestBytes;
    if (bytes <= maxFrameBytes) return undefined;
    return new RoomError(
      'ROOM_MESSAGE_TOO_BIG',
      `A message must have at most ${maxFrameBytes} bytes (maxFrameBytes); got ${bytes}. Send it in parts.`,
    );
  }

  #onWelcome(frame: WelcomeFrame): void {
    this.#emitter.emit('welcome', frame);
    // A listener may have subscribed to some of them; a second call has no effect.
    for (const follower of this.#followers.values()) follower.subscribe();
    this.#outbox.resume();
    this.#amendments.resume();
  }

  #onFrame(frame: ServerFrame): void {
    if (!isRoomEvent<Data>(frame)) {
      this.#emitter.emit('event', frame);
      return;
    }
    const follower = this.#followers.get(frame.room);
    switch (frame.type) {
      case 'message':
        follower?.onMessage(frame);
        break;
      case 'amend':
        follower?.onAmend(frame);
        break;
      case 'dropped':
        follower?.onDropped(frame);
        break;
      case 'reset':
        follower?.onReset(frame);
        break;
      case 'people':
        if (follower) this.#emitter.emit('people', toRoomPeople(frame));
        break;
      case 'presence':
        if (follower) this.#emitter.emit('presence', toPresenceBatch(frame));
        break;
      case 'stale': {
        const { room, epoch, after, count } = frame;
        this.#emitter.emit('stale', { room, epoch, after, count });
        break;
      }
      case 'read': {
        const { room, epoch, offset, life } = frame;
        this.#emitter.emit('read', { room, epoch, offset, life });
        break;
      }
      case 'signal':
        this.#emitter.emit('signal', { room: frame.room, data: frame.data });
        break;
      default:
        frame satisfies never;
    }
  }

  #followerOptions(): FollowerOptions<Data> {
    return {
      ...this.#options,
      subscribe: (fields, waiter, isWanted) => this.#connection.command('subscribe', fields, waiter, isWanted),
      onSubscribed: (room, reply) => this.#emitter.emit('subscribed', { room, reply }),
      onMessage: (room, epoch, message) => this.#emitter.emit('message', { room, epoch, message }),
      onAmended: (room, epoch, message) => this.#emitter.emit('amended', { room, epoch, message }),
      onDropped: (room, hole) => this.#emitter.emit('dropped', { room, ...hole }),
      onReset: (room, start) => this.#emitter.emit('reset', { room, ...start }),
      onRefused: (room, error) => {
        this.#followers.get(room)?.stop();
        this.#followers.delete(room);
        this.#emitter.emit('unsubscribed', { room, error });
      },
    };
  }
}

const dataRule: JsonRule = { must: 'data of a message must be a value that JSON can represent', code: 'JSON_VALUE' };
const fieldsRule: JsonRule = {
  must: 'fields of a command must be an object that JSON can represent',
  code: 'JSON_VALUE',
};
const utf8 = new TextEncoder();
/** Bytes of a publish without room, id and data: its type, the longest ref, `retry` and `after`. */
const frameRestBytes = 160;

function toRoomPeople({ room, count, people }: RoomPeople): RoomPeople {
  return { room, count, people };
}

function toPresenceBatch({ room, count, entered, left }: PresenceBatch): PresenceBatch {
  return { room, count, entered, left };
}

/** 128 random bits. `crypto.randomUUID` is missing on pages that were loaded over plain HTTP. */
function randomId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
