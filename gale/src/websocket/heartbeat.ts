/**
 * The deadline of a connection: when to ping, how long to wait for a pong, and how long to wait for the peer to end its side.
 * It knows no frames: the connection reports activity, and the heartbeat calls what is due. RFC 6455 §5.5.2 (ping).
 */
import type { Deadline, TimerWheel, WheelNote } from '../http/timing/timer-wheel.ts';
import type { ResolvedWebSocketOptions } from './websocket-options.ts';

/** The part of a connection that its heartbeat uses. */
export interface HeartbeatOwner {
  /** Whether a silent peer may still be connected: the socket is paused, or the peer has taken pending data since the last ping. */
  readonly isSilenceExpected: boolean;
  /** A number that changes whenever the peer takes pending data; `undefined` while nothing is pending. */
  readonly progress: number | undefined;
  /** A ping is due. */
  onPingDue(): void;
  /** The peer did not respond in time. */
  onSilence(cause: string): void;
  /** The peer did not end in time. */
  onEndOverdue(): void;
}

/** What the next deadline is for. */
type Awaited = 'nothing' | 'time to ping' | 'pong' | 'end' | 'never again';

/** Pings one peer and waits for its end. */
export class Heartbeat implements Deadline {
  readonly #owner: HeartbeatOwner;
  readonly #wheel: TimerWheel;
  readonly #options: ResolvedWebSocketOptions;
  #awaited: Awaited = 'nothing';
  /** Whether anything was received since the last ping. */
  #hasActivity = false;
  /** {@link HeartbeatOwner.progress} at the last expected silence. */
  #progress: number | undefined = undefined;
  /** Used by the wheel. @internal */
  wheelNote: WheelNote | undefined = undefined;

  /** Starts: the first ping comes after half to all of the interval. */
  constructor(owner: HeartbeatOwner, wheel: TimerWheel, options: ResolvedWebSocketOptions) {
    this.#owner = owner;
    this.#wheel = wheel;
    this.#options = options;
    // Random, because thousands of connections may have opened at the same time.
    this.#pingAfter(options.pingIntervalMs * (0.5 + Math.random() / 2));
  }

  /** Records that the peer has sent something. */
  noteActivity(): void {
    this.#hasActivity = true;
  }

  /** Waits only for the end of the peer from now on, for `closeTimeoutMs`. */
  awaitEnd(): void {
    this.#await('end', this.#options.closeTimeoutMs);
  }

  /** Stops for good; later calls have no effect. */
  stop(): void {
    this.#awaited = 'never again';
    this.#wheel.clear(this);
  }

  /** Called by the wheel. @internal */
  onDeadline(): void {
    const { pingIntervalMs, pongTimeoutMs } = this.#options;
    if (this.#awaited === 'end') {
      this.#owner.onEndOverdue();
    } else if (this.#awaited === 'time to ping') {
      this.#hasActivity = false;
      this.#owner.onPingDue();
      if (pongTimeoutMs === 0) this.#pingAfter(pingIntervalMs);
      else this.#await('pong', this.#pongWaitMs);
    } else if (this.#hasActivity) {
      this.#pingAfter(pingIntervalMs - this.#pongWaitMs);
    } else if (!this.#owner.isSilenceExpected) {
      this.#owner.onSilence(`the peer sent nothing for ${this.#pongWaitMs} ms after a ping`);
    } else if (this.#isStuck()) {
      // The handler may be busy because the peer takes nothing, and would be busy forever.
      this.#owner.onSilence(`the peer took no data for ${pingIntervalMs} ms`);
    } else {
      // The pong may be unread while a handler is busy, or a slow peer may not have read the ping.
      this.#pingAfter(pingIntervalMs - this.#pongWaitMs);
    }
  }

  /** Whether the peer has taken no pending data since the last expected silence. */
  #isStuck(): boolean {
    const before = this.#progress;
    this.#progress = this.#owner.progress;
    return before !== undefined && this.#progress === before;
  }

  get #pongWaitMs(): number {
    return Math.min(this.#options.pongTimeoutMs, this.#options.pingIntervalMs);
  }

  #pingAfter(ms: number): void {
    if (this.#options.pingIntervalMs > 0) this.#await('time to ping', ms);
  }

  #await(awaited: Awaited, ms: number): void {
    if (this.#awaited === 'never again') return;
    this.#awaited = awaited;
    this.#wheel.set(this, ms);
  }
}
