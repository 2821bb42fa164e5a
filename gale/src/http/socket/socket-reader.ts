/**
 * Whether a connection's socket is read. While it is not, nothing tells of a client that has left, since only reading finds the end;
 * so it is looked at now and then: read once, and paused again.
 */
import type { Socket } from 'node:net';
import type { ClientDeadlines } from '../timing/client-deadlines.ts';

/** The way in of one connection. */
export class Intake {
  readonly #socket: Socket;
  readonly #deadlines: ClientDeadlines;
  #isPaused = false;
  #isLooking = false;

  constructor(socket: Socket, deadlines: ClientDeadlines) {
    this.#socket = socket;
    this.#deadlines = deadlines;
  }

  /** Whether nothing is wanted of the client for now. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** Reads no further. Node.js itself still reads some 64 KiB ahead. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#deadlines.hold();
    this.#socket.pause();
  }

  /** Reads on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#isLooking = false;
    this.#deadlines.release();
    this.#socket.resume();
  }

  /** Reads once although paused. */
  look(): void {
    this.#isLooking = true;
    this.#socket.resume();
  }

  /** Takes the news that something was read. */
  onRead(): void {
    if (!this.#isLooking) return;
    this.#isLooking = false;
    this.#socket.pause();
  }
}
