/**
 * The one deadline of a connection: when to ping, how long to wait for an answer, and, once the end has begun, how long for the
 * peer to end its side. It knows no frames; it is told what was heard and tells what is due. RFC 6455 §5.5.2 (ping).
 */
import type { Deadline, TimerWheel, WheelNote } from '../http/timing/timer-wheel.ts';
import type { ResolvedWebSocketOptions } from './websocket-options.ts';

/** The connection, as its heartbeat sees it. */
export interface HeartbeatOwner {
  /** Whether silence is no sign of death: nothing is read just now, or the peer has taken what waited for it since the last ping. */
  readonly isSilenceExpected: boolean;
  /** A number that changes whenever the peer takes some of what waits for it; `undefined` while nothing waits. */
  readonly progress: number | undefined;
  /** A ping is due. */
  onPingDue(): void;
  /** The peer gives no sign of life. */
  onSilence(why: string): void;
  /** The time in which the peer was to end is over. */
  onEndOverdue(): void;
}

/** What the next deadline means. */
type Awaited = 'nothing' | 'time to ping' | 'pong' | 'end' | 'never again';

/** Pings one peer, and waits for its end. */
export class Heartbeat implements Deadline {
  readonly #owner: HeartbeatOwner;
  readonly #wheel: TimerWheel;
  readonly #options: ResolvedWebSocketOptions;
  #awaited: Awaited = 'nothing';
  /** Whether anything came since the last ping. */
  #hasActivity = false;
  /** {@link HeartbeatOwner.progress} when the owner was last excused. */
  #progress: number | undefined = undefined;
  /** The wheel's own. @internal */
  wheelNote: WheelNote | undefined = undefined;

  /** Begins: the first ping comes after half to all of the interval. */
  constructor(owner: HeartbeatOwner, wheel: TimerWheel, options: ResolvedWebSocketOptions) {
    this.#owner = owner;
    this.#wheel = wheel;
    this.#options = options;
    // In step with thousands of others that came back at the same time, each ping would be a storm.
    this.#pingAfter(options.pingIntervalMs * (0.5 + Math.random() / 2));
  }

  /** Something came: the peer lives. */
  noteActivity(): void {
    this.#hasActivity = true;
  }

  /** From now on only the peer's end is awaited, for `closeTimeoutMs`. */
  awaitEnd(): void {
    this.#await('end', this.#options.closeTimeoutMs);
  }

  /** Nothing is awaited any more, whatever is asked for later. */
  stop(): void {
    this.#awaited = 'never again';
    this.#wheel.clear(this);
  }

  /** The wheel's call. @internal */
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
      this.#owner.onSilence(`nothing came for ${this.#pongWaitMs} ms after a ping`);
    } else if (this.#isStuck()) {
      // Its handler may be busy for the very reason that the peer takes nothing, and would be for ever.
      this.#owner.onSilence(`it took nothing of what it was sent for ${pingIntervalMs} ms`);
    } else {
      // A pong may wait unread behind what a busy handler holds up, and a ping behind what a slow peer has not read.
      this.#pingAfter(pingIntervalMs - this.#pongWaitMs);
    }
  }

  /** Whether the peer has taken nothing since the owner was last excused, though something waits. */
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
