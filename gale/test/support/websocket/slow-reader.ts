/** A client that reads only the portions a test allows; the rest stays in the buffers before it. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

const portion = new Uint8Array(1024);
const all = new Uint8Array(64 * 1024);

/** One connection. It reads nothing by itself. */
export class SlowReader {
  readonly socket: Socket;
  readonly opened: Promise<void>;
  /** Settles when the connection has closed: `true` if it was reset. */
  readonly closed: Promise<boolean>;
  /** Bytes read so far. */
  takenBytes = 0;
  #isGreedy = false;

  constructor(port: number) {
    const take = (bytes: number): boolean => {
      this.takenBytes += bytes;
      return this.#isGreedy;
    };
    this.socket = connect({
      port,
      host: '127.0.0.1',
      onread: { buffer: () => (this.#isGreedy ? all : portion), callback: take },
    });
    this.socket.pause();
    this.opened = new Promise((resolve) => this.socket.once('connect', resolve));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.on('error', () => {});
  }

  /** Sends text; settles when the operating system took it. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => this.socket.write(text, 'latin1', () => resolve()));
  }

  /** Reads a kilobyte, if there is one. */
  take(): void {
    this.socket.resume();
  }

  /** Reads everything. */
  takeAll(): void {
    this.#isGreedy = true;
    this.socket.resume();
  }
}
