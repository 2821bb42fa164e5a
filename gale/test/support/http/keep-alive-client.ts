/**
 * A client that asks for one thing after another on one connection until the server ends it, and keeps account: what was sent,
 * what was answered completely, and whether the server ended the connection as HTTP lets it (RFC 9112 §9.6).
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** What became of a {@link KeepAliveClient}. */
export interface Account {
  readonly sent: number;
  /** Answers with status 200 that came whole. */
  readonly answered: number;
  /** Whether the last answer said `Connection: close`. */
  readonly wasTold: boolean;
  /** What went wrong; undefined if nothing did. */
  readonly failure: string | undefined;
}

/** One connection; it asks from the beginning on. */
export class KeepAliveClient {
  sent = 0;
  answered = 0;
  /** Settles when the connection is closed. */
  readonly ended: Promise<Account>;
  readonly #socket: Socket;
  readonly #path: string;
  readonly #most: number;
  #received = '';
  #isOutstanding = false;
  #wasTold = false;
  #failure: string | undefined;

  /** @param most - Requests after which it keeps the connection but asks no more. */
  constructor(port: number, path: string, most: number = Infinity) {
    this.#path = path;
    this.#most = most;
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true }, () => this.#ask());
    this.#socket.setEncoding('latin1');
    this.#socket.on('data', (text: string) => {
      this.#received += text;
      this.#read();
    });
    this.#socket.on('error', (error) => (this.#failure ??= error.message));
    this.ended = new Promise((resolve) => {
      this.#socket.on('close', () => {
        if (this.#isOutstanding) this.#failure ??= `closed with a request unanswered, after ${this.#received}`;
        const { sent, answered } = this;
        resolve({ sent, answered, wasTold: this.#wasTold, failure: this.#failure });
      });
    });
  }

  #ask(): void {
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
      this.#failure ??= `an answer to nothing, not of 200, without or longer than its length: ${this.#received}`;
      this.#socket.destroy();
      return;
    }
    this.#received = '';
    this.#isOutstanding = false;
    this.answered++;
    this.#wasTold = /\r\nconnection: close/i.test(head);
    if (!this.#wasTold) this.#ask();
  }
}
