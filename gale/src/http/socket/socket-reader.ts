/**
 * Whether a connection's socket is read. While it is not, nothing tells of a client that has left, since only reading finds the end;
 * so it is looked at now and then: read once, and paused again.
 */
import type { Socket } from 'node:net';
import type { ClientDeadlines } from '../timing/client-deadlines.ts';

/** The way in of one connection. */
export class SocketReader {
  readonly #socket: Socket;
  readonly #deadlines: ClientDeadlines;
  #isPaused = false;
  #isProbing = false;

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
    this.#deadlines.pause();
    this.#socket.pause();
  }

  /** Reads on. */
  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#isProbing = false;
    this.#deadlines.resume();
    this.#socket.resume();
  }

  /** Reads once although paused. */
  probe(): void {
    this.#isProbing = true;
    this.#socket.resume();
  }

  /** Takes the news that something was read. */
  onRead(): void {
    if (!this.#isProbing) return;
    this.#isProbing = false;
    this.#socket.pause();
  }
}
