/**
 * A client that sends one request after another on one connection until the server ends it. It counts requests and complete responses, and
 * checks that the server closes the connection as HTTP requires (RFC 9112 §9.6).
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Result of a {@link KeepAliveClient}. */
export interface Account {
  readonly sent: number;
  /** Complete responses with status 200. */
  readonly responses: number;
  /** Whether the last response had `Connection: close`. */
  readonly closeAnnounced: boolean;
  /** The first failure, if there was one. */
  readonly failure: string | undefined;
}

/** One connection; it sends its first request at once. */
export class KeepAliveClient {
  sent = 0;
  responses = 0;
  /** Settles when the connection is closed. */
  readonly ended: Promise<Account>;
  readonly #socket: Socket;
  readonly #path: string;
  readonly #most: number;
  #received = '';
  #isOutstanding = false;
  #closeAnnounced = false;
  #failure: string | undefined;

  /** @param most - Requests after which it keeps the connection but sends no more. */
  constructor(port: number, path: string, most: number = Infinity) {
    this.#path = path;
    this.#most = most;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => this.#sendRequest());
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => {
      this.#received += text;
      this.#read();
    });
    this.#socket.on('error', (error) => (this.#failure ??= error.message));
    this.ended = new Promise((resolve) => {
      this.#socket.on('close', () => {
        if (this.#isOutstanding)
          this.#failure ??= `closed without a response to the last request, after ${this.#received}`;
        const { sent, responses } = this;
        resolve({ sent, responses, closeAnnounced: this.#closeAnnounced, failure: this.#failure });
      });
    });
  }

  #sendRequest(): void {
    if (this.sent === this.#most) return;
    this.sent++;
    this.#isOutstanding = true;
    this.#socket.write(`GET ${this.#path} HTTP/1.1\r\nHost: test\r\n\r\n`);
  }

  #read(): void {
    const headEnd = this.#received.indexOf('\r\n\r\n');
    if (headEnd < 0) return;
    const head = this.#received.slice(0, headEnd);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    const end = headEnd + 4 + Number(length);
    if (this.#received.length < end) return;
    if (!this.#isOutstanding || !head.startsWith('HTTP/1.1 200 ') || this.#received.length !== end) {
      this.#failure ??= `an unexpected response, or one with another status or length: ${this.#received}`;
      this.#socket.destroy();
      return;
    }
    this.#received = '';
    this.#isOutstanding = false;
    this.responses++;
    this.#closeAnnounced = /\r\nconnection: close/i.test(head);
    if (!this.#closeAnnounced) this.#sendRequest();
  }
}
