/**
 * The client's connection to the server: connects, sends heartbeats, reconnects after random delays, short at first and then growing,
 * and matches responses to commands. It knows frames, not rooms.
 */
import { fullJitter } from '../../run/backoff.ts';
import { RoomError } from '../room-error.ts';
import { closeCodes, isWelcome } from '../wire.ts';
import type { CommandFields, CommandReply, ErrorFrame, ServerFrame, Unvalidated, WelcomeFrame } from '../wire.ts';
import type { ResolvedRoomsClientOptions } from './client-options.ts';
import { CommandQueue } from './command-queue.ts';

/** `connecting`: until the welcome. `waiting`: lost; the client reconnects at `retryAt`. `closed`: the client does not reconnect. */
export type ClientState = 'connecting' | 'open' | 'waiting' | 'closed';

/** Notified once how a command ended, in the turn in which the response arrived. The fields of a reply are the server's promise. */
export interface Waiter<Reply extends object = object> {
  onReply(reply: Reply): void;
  onError(error: RoomError): void;
}

/** Receives what happens on the connection. */
export interface ConnectionEvents {
  onState(state: ClientState): void;
  /** The first frame of a connection; the state is `open` now. */
  onWelcome(frame: WelcomeFrame): void;
  /** Any other frame that is not a response. */
  onFrame(frame: ServerFrame): void;
  /** The session ended: the state is `closed`, and the client does not reconnect. `reason` is that of the close frame. */
  onEnded(reason: string): void;
}

/** Code of the {@link RoomError} for a command whose connection ended before its response. */
export const lostCode = 'ROOM_CONNECTION_LOST';

/** The first delays before a reconnect do not grow, so that an interruption of 2 seconds ends half a second later. */
const quickRetries = 8;

/** One connection at a time, over any number of sockets. */
export class ClientConnection {
  readonly #options: ResolvedRoomsClientOptions;
  readonly #events: ConnectionEvents;
  readonly #waiters = new Map<number, Waiter>();
  readonly #queue: CommandQueue;
  #state: ClientState = 'closed';
  #retryAt: number | undefined;
  #socket: WebSocket | undefined;
  #attempts = 0;
  #lastRef = 0;
  #receivedAt = 0;
  /** Timer of the reconnect, the welcome or the next heartbeat; only one of them is pending. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Runs while a command waits for its response. */
  #responseTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ResolvedRoomsClientOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#queue = new CommandQueue({
      ...options,
      send: (type, fields, waiter) => this.request(type, fields, waiter),
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  /** Time of the next attempt, in milliseconds since 1970; undefined unless the state is `waiting`. */
  get retryAt(): number | undefined {
    return this.#retryAt;
  }

  /** Connects, if the state is `closed`. */
  connect(): void {
    if (this.#state === 'closed') this.#open();
  }

  /** Reconnects now, if the state is `waiting`. */
  retryNow(): void {
    if (this.#state === 'waiting') this.#open();
  }

  /** Closes the connection, and does not reconnect. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#abandon('The client was closed.');
    this.#setState('closed');
  }

  /**
   * Sends a command when its turn comes, and retries it while it is refused with `ROOM_TOO_FAST`. Notifies the waiter how it
   * ended; at once if the state is not `open`.
   *
   * @param isWanted - Called before each attempt. If it returns false, the command is dropped without a notification.
   */
  command<Type extends string>(
    type: Type,
    fields: CommandFields<Type> | undefined,
    waiter: Waiter<CommandReply<Type>>,
    isWanted: () => boolean = () => true,
  ): void {
    if (this.#state === 'open') this.#queue.add(type, fields ?? {}, waiter, isWanted);
    else this.request(type, fields, waiter);
  }

  /** Sends a command now, without retries. Notifies the waiter how it ended; at once if the state is not `open`. */
  request<Type extends string>(
    type: Type,
    fields: CommandFields<Type> | undefined,
    waiter: Waiter<CommandReply<Type>>,
  ): void {
    if (this.#state !== 'open' || !this.#socket) {
      waiter.onError(new RoomError(lostCode, `There is no connection for ${type}.`, { retry: true }));
      return;
    }
    const ref = ++this.#lastRef;
    this.#waiters.set(ref, waiter);
    this.#socket.send(JSON.stringify({ ...fields, type, ref }));
    if (this.#responseTimer === undefined) this.#expectResponse(this.#options.now());
  }

  /** If no frame arrives while a command waits, the connection is dead. This is known long before the next heartbeat. */
  #expectResponse(since: number): void {
    this.#responseTimer = setTimeout(() => {
      this.#responseTimer = undefined;
      if (this.#waiters.size === 0) return;
      if (this.#receivedAt < since) this.#onLost(closeCodes.abnormal);
      else this.#expectResponse(this.#options.now());
    }, this.#options.replyTimeoutMs);
  }

  #open(): void {
    this.#retryAt = undefined;
    this.#setState('connecting');
    if (this.#state !== 'connecting') return;
    let socket: WebSocket;
    try {
      socket = this.#options.webSocket(this.#options.url);
    } catch (error) {
      this.#setState('closed');
      throw error;
    }
    this.#socket = socket;
    const onLost = (code: number, reason?: string): void => {
      if (this.#socket === socket) this.#onLost(code, reason);
    };
    socket.addEventListener('message', (event: MessageEvent) => {
      if (this.#socket === socket) this.#onText(event.data);
    });
    socket.addEventListener('close', (event: CloseEvent) => onLost(event.code, event.reason));
    // A close event follows in most environments, but not in all.
    socket.addEventListener('error', () => onLost(closeCodes.abnormal));
    this.#wait(this.#options.replyTimeoutMs, () => onLost(closeCodes.abnormal));
  }

  #onText(data: unknown): void {
    this.#receivedAt = this.#options.now();
    const frame = toFrame(data);
    if (!frame) return;
    const { ref } = frame;
    if (isWelcome(frame) && this.#state === 'connecting') {
      this.#attempts = 0;
      this.#keepAlive(this.#options.heartbeatMs);
      this.#setState('open');
      // A listener of the state may have closed the client.
      if (this.#socket) this.#events.onWelcome(frame);
      return;
    }
    const waiter = typeof ref === 'number' ? this.#waiters.get(ref) : undefined;
    if (waiter && (frame.type === 'reply' || frame.type === 'error')) {
      this.#waiters.delete(ref as number);
      if (frame.type === 'reply') waiter.onReply(frame);
      else waiter.onError(toRoomError(frame));
      return;
    }
    if (this.#state === 'open' && frame.type !== 'reply') this.#events.onFrame(frame);
  }

  #keepAlive(afterMs: number): void {
    this.#wait(afterMs, () => {
      const silentMs = this.#options.now() - this.#receivedAt;
      if (silentMs < this.#options.heartbeatMs) {
        this.#keepAlive(this.#options.heartbeatMs - silentMs);
        return;
      }
      // Its response timeout detects a dead connection.
      this.request('ping', {}, { onReply() {}, onError() {} });
      this.#keepAlive(this.#options.heartbeatMs);
    });
  }

  #onLost(code: number, reason: string = ''): void {
    const wasOpen = this.#state === 'open';
    this.#abandon('The connection was lost.');
    if (code === closeCodes.sessionEnded) {
      this.#end(reason);
      return;
    }
    const waitMs = this.#nextWait();
    this.#retryAt = this.#options.now() + waitMs;
    this.#wait(waitMs, () => this.#open());
    this.#setState('waiting');
    if (!wasOpen) void this.#checkSignedIn();
  }

  /** Always random, since a server that restarts loses all its clients at once. */
  #nextWait(): number {
    const { minBackoffMs, maxBackoffMs, random } = this.#options;
    const attempt = this.#attempts++;
    if (attempt < quickRetries) return Math.round(minBackoffMs * (0.5 + random() / 2));
    return fullJitter(attempt - quickRetries + 1, minBackoffMs, maxBackoffMs, random);
  }

  async #checkSignedIn(): Promise<void> {
    const attempts = this.#attempts;
    const isSignedIn = await this.#options.isSignedIn?.().catch(() => true);
    // Another attempt may have succeeded in the meantime.
    if (isSignedIn !== false || this.#attempts < attempts || this.#state === 'open' || this.#state === 'closed') return;
    this.#abandon('The session ended.');
    this.#end('');
  }

  #end(reason: string): void {
    this.#setState('closed');
    this.#events.onEnded(reason);
  }

  /** Abandons the socket without waiting for its close, which takes minutes on a dead connection. */
  #abandon(why: string): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#responseTimer);
    this.#responseTimer = undefined;
    this.#retryAt = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    try {
      socket?.close();
    } catch {
      // It was closed before it was open.
    }
    const waiters = [...this.#waiters.values()];
    this.#waiters.clear();
    if (this.#state === 'open') this.#state = 'connecting';
    this.#queue.end(new RoomError(lostCode, why, { retry: true }));
    for (const waiter of waiters) waiter.onError(new RoomError(lostCode, why, { retry: true }));
  }

  #wait(afterMs: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, afterMs);
  }

  #setState(state: ClientState): void {
    this.#state = state;
    this.#events.onState(state);
  }
}

/** A frame as it arrives. It may be a response. */
type RawFrame = ServerFrame & Unvalidated<ErrorFrame>;

function toFrame(data: unknown): RawFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null && 'type' in frame && typeof frame.type === 'string'
      ? (frame as RawFrame)
      : undefined;
  } catch {
    return undefined;
  }
}

function toRoomError({ code, message, retry, retryAfterMs }: RawFrame): RoomError {
  return new RoomError(String(code), String(message), {
    retry: retry === true,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  });
}
