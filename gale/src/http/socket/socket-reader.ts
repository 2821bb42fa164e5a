/**
 * Whether the socket of a connection is read. A paused socket does not report that its client has gone, so it is probed: read once, then
 * paused again.
 */
import type { Socket } from 'node:net';
import type { ClientDeadlines } from '../timing/client-deadlines.ts';
import type { Deadline, TimerWheel, WheelNote } from '../timing/timer-wheel.ts';

/** Time from a pause to the first probe, in milliseconds. The time doubles after each probe, up to {@link maxProbeMs}. */
const firstProbeMs = 1_000;
const maxProbeMs = 30_000;
/**
 * Number of probes after which {@link maxProbeMs} no longer applies. A client that has gone cannot have sent more than these probes read; one that is
 * still there and goes on sending must not fill the memory.
 */
const boundedProbes = 64;

/** Reader of one socket. */
export class SocketReader implements Deadline {
  wheelNote: WheelNote | undefined = undefined;
  readonly #socket: Socket;
  readonly #deadlines: ClientDeadlines;
  readonly #wheel: TimerWheel;
  #isPaused = false;
  #isProbing = false;
  /** Whether the end of the input was read: a probe can find nothing more. */
  #hasEnded = false;
  #probeMs = 0;
  #probeCount = 0;

  /** @param deadlines - Their clocks stop while the socket is paused. */
  constructor(socket: Socket, deadlines: ClientDeadlines, wheel: TimerWheel) {
    this.#socket = socket;
    this.#deadlines = deadlines;
    this.#wheel = wheel;
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Stops reading. Node.js itself still reads up to its high water mark ahead. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#socket.pause();
    if (this.#hasEnded) return;
    this.#deadlines.pause();
    this.#probeMs = firstProbeMs;
    this.#probeCount = 0;
    this.#wheel.set(this, firstProbeMs);
  }

  /** Continues reading. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#isProbing = false;
    this.#wheel.clear(this);
    this.#deadlines.resume();
    this.#socket.resume();
  }

  /** Handles bytes that the socket has read: a probe ends with the first of them. */
  onRead(): void {
    if (!this.#isProbing) return;
    this.#isProbing = false;
    this.#socket.pause();
  }

  /** Handles the end of the input. */
  onInputEnd(): void {
    this.#hasEnded = true;
    this.#wheel.clear(this);
  }

  /** A probe is due. Probes are rare, so that they read little however long the handler takes. */
  onDeadline(): void {
    this.#probeCount++;
    this.#probeMs *= 2;
    if (this.#probeCount <= boundedProbes) this.#probeMs = Math.min(this.#probeMs, maxProbeMs);
    this.#wheel.set(this, this.#probeMs);
    this.#isProbing = true;
    this.#socket.resume();
  }

  /** Ends probing: the socket has closed or belongs to another protocol. */
  stop(): void {
    this.#wheel.clear(this);
  }
}
