/**
 * The client's line to the server: opens it, keeps it alive, opens it again with growing, random waits,
 * and matches answers with what was asked. It knows frames, not rooms.
 */
import { fullJitter } from '../../run/backoff.ts';
import { RoomError } from '../room-error.ts';
import { closeCodes, isWelcome } from '../wire.ts';
import type { CommandFields, CommandReply, ServerFrame, WelcomeFrame } from '../wire.ts';
import type { ResolvedRoomsClientOptions } from './client-options.ts';
import { CommandQueue } from './command-queue.ts';

/** `waiting`: cut, and opened again at `retryAt`. `closed`: not wanted. */
export type ClientState = 'connecting' | 'open' | 'waiting' | 'closed';

/** Notified once how a command ended, in the turn in which the response arrived. */
export interface Waiter<Reply = ServerFrame> {
  onReply(reply: Reply): void;
  onError(error: RoomError): void;
}

/** What the line tells. */
export interface ConnectionEvents {
  onState(state: ClientState): void;
  /** The first frame of a connection; the line is open. */
  onWelcome(frame: ServerFrame & WelcomeFrame): void;
  /** Any other frame that is no answer. */
  onFrame(frame: ServerFrame): void;
  /** The session ended: the line is closed and stays so. */
  onEnded(): void;
}

/** The code of {@link RoomError}s for commands whose answer cannot come any more. */
export const lostCode = 'ROOM_CONNECTION_LOST';

/** One line, over as many sockets as it takes. */
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
  #heardAt = 0;
  /** The one thing that is waited for: a retry, the welcome or the next heartbeat. */
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Runs while a command waits for its answer. */
  #answerTimer: ReturnType<typeof setTimeout> | undefined;

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

  /** When the next try begins, in milliseconds since 1970; undefined unless `waiting`. */
  get retryAt(): number | undefined {
    return this.#retryAt;
  }

  /** Opens the line, unless it is open or being opened. */
  connect(): void {
    if (this.#state === 'closed') this.#open();
  }

  /** Ends the wait for the next try. */
  retryNow(): void {
    if (this.#state === 'waiting') this.#open();
  }

  /** Closes the line. */
  close(): void {
    if (this.#state === 'closed') return;
    this.#letGo('The client was closed.');
    this.#setState('closed');
  }

  /**
   * Sends a command in its turn, again and again while it is refused with `ROOM_TOO_FAST`; the waiter is notified how it ended.
   * Not open: notified at once.
   *
   * @param isWanted - Asked when it is about to be sent; if not, it is dropped without a notification.
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

  /** Sends a command at once and once; the waiter is told how it ended. Not open: told so at once. */
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
    if (this.#answerTimer === undefined) this.#expectAnswer(this.#options.now());
  }

  /** A line on which nothing at all is heard while a command waits is dead, long before the next heartbeat. */
  #expectAnswer(since: number): void {
    this.#answerTimer = setTimeout(() => {
      this.#answerTimer = undefined;
      if (this.#waiters.size === 0) return;
      if (this.#heardAt < since) this.#onLost(1006);
      else this.#expectAnswer(this.#options.now());
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
    const onLost = (code: number): void => {
      if (this.#socket === socket) this.#onLost(code);
    };
    socket.addEventListener('message', (event: MessageEvent) => {
      if (this.#socket === socket) this.#onText(event.data);
    });
    socket.addEventListener('close', (event: CloseEvent) => onLost(event.code));
    // A close follows, but not in every environment.
    socket.addEventListener('error', () => onLost(1006));
    this.#wait(this.#options.replyTimeoutMs, () => onLost(1006));
  }

  #onText(data: unknown): void {
    this.#heardAt = this.#options.now();
    const frame = toFrame(data);
    if (!frame) return;
    if (isWelcome(frame) && this.#state === 'connecting') {
      this.#attempts = 0;
      this.#keepAlive(this.#options.heartbeatMs);
      this.#setState('open');
      // A listener may have closed the client.
      if (this.#socket) this.#events.onWelcome(frame);
      return;
    }
    const waiter = typeof frame['ref'] === 'number' ? this.#waiters.get(frame['ref']) : undefined;
    if (waiter && (frame.type === 'reply' || frame.type === 'error')) {
      this.#waiters.delete(frame['ref'] as number);
      if (frame.type === 'reply') waiter.onReply(frame);
      else waiter.onError(toRoomError(frame));
      return;
    }
    if (this.#state === 'open' && frame.type !== 'reply') this.#events.onFrame(frame);
  }

  #keepAlive(afterMs: number): void {
    this.#wait(afterMs, () => {
      const silentMs = this.#options.now() - this.#heardAt;
      if (silentMs < this.#options.heartbeatMs) {
        this.#keepAlive(this.#options.heartbeatMs - silentMs);
        return;
      }
      // Like any command: if nothing is heard now, the line is given up.
      this.request('ping', {}, { onReply() {}, onError() {} });
      this.#keepAlive(this.#options.heartbeatMs);
    });
  }

  #onLost(code: number): void {
    const wasOpen = this.#state === 'open';
    this.#letGo('The connection was lost.');
    if (code === closeCodes.sessionEnded) {
      this.#end();
      return;
    }
    const waitMs = fullJitter(
      this.#attempts++,
      this.#options.minBackoffMs,
      this.#options.maxBackoffMs,
      this.#options.random,
    );
    this.#retryAt = this.#options.now() + waitMs;
    this.#wait(waitMs, () => this.#open());
    this.#setState('waiting');
    if (!wasOpen) void this.#askWhetherSignedIn();
  }

  async #askWhetherSignedIn(): Promise<void> {
    const attempts = this.#attempts;
    const isSignedIn = await this.#options.isSignedIn?.().catch(() => true);
    // Meanwhile another try may have succeeded.
    if (isSignedIn !== false || this.#attempts < attempts || this.#state === 'open' || this.#state === 'closed') return;
    this.#letGo('The session ended.');
    this.#end();
  }

  #end(): void {
    this.#setState('closed');
    this.#events.onEnded();
  }

  /** Forgets the socket, whatever becomes of it: closing a dead line may take minutes. */
  #letGo(why: string): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#answerTimer);
    this.#answerTimer = undefined;
    this.#retryAt = undefined;
    const socket = this.#socket;
    this.#socket = undefined;
    try {
      socket?.close();
    } catch {
      // It was closed already.
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

function toFrame(data: unknown): ServerFrame | undefined {
  if (typeof data !== 'string') return undefined;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null && 'type' in frame && typeof frame.type === 'string'
      ? (frame as ServerFrame)
      : undefined;
  } catch {
    return undefined;
  }
}

function toRoomError(frame: ServerFrame): RoomError {
  const { code, message, retry, retryAfterMs } = frame;
  return new RoomError(String(code), String(message), {
    retry: retry === true,
    ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
  });
}
