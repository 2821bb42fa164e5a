/**
 * Start of a connection of the load: the opening handshake, then the greeting of the dialect, without I/O. Keys differ like
 * those of real clients, and repeat after 4,096 connections. RFC 6455 §4.1.
 */
import { createHash, randomBytes } from 'node:crypto';
import { clientFrame, opcodes, readServerFrame } from './client-frame.ts';
import type { Dialect } from './dialect.ts';

/** A key with its expected Sec-WebSocket-Accept. */
interface Key {
  readonly text: string;
  readonly accept: string;
}

const keys: readonly Key[] = Array.from({ length: 4096 }, () => {
  const text = randomBytes(16).toString('base64');
  const accept = createHash('sha1').update(`${text}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  return { text, accept };
});
let nextKey = 0;

/** The opening of one connection. */
export class Opening {
  readonly #dialect: Dialect;
  readonly #key: Key;
  readonly #request: string;
  #received: Buffer = Buffer.alloc(0);
  #isUpgraded = false;
  #greeted = 0;

  constructor(dialect: Dialect, port: number) {
    this.#dialect = dialect;
    this.#key = keys[nextKey++ % keys.length]!;
    this.#request =
      `GET ${dialect.target} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUser-Agent: load\r\nConnection: Upgrade\r\n` +
      `Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${this.#key.text}\r\n${dialect.headers ?? ''}\r\n`;
  }

  /** The handshake request. */
  get request(): string {
    return this.#request;
  }

  /**
   * Reads received bytes; they are not kept.
   *
   * @param send - Called with each frame to send.
   * @returns The bytes after the opening when it is complete, otherwise `undefined`.
   * @throws If the server refuses, does not accept the key, accepts an extension or sends another greeting.
   */
  take(bytes: Buffer, send: (frame: Buffer) => void): Buffer | undefined {
    this.#received = Buffer.concat([this.#received, bytes]);
    if (!this.#isUpgraded && !this.#readResponse()) return undefined;
    const { greeting } = this.#dialect;
    for (; this.#greeted < greeting.length; this.#greeted += 1) {
      const frame = readServerFrame(this.#received);
      if (frame === undefined) return undefined;
      const expected = greeting[this.#greeted]!;
      const text = frame.payload.toString();
      if (!text.startsWith(expected.begins)) throw new Error(`Unexpected greeting: ${text}`);
      if (expected.reply !== undefined) send(clientFrame(opcodes.text, Buffer.from(expected.reply)));
      this.#received = this.#received.subarray(frame.bytes);
    }
    return this.#received;
  }

  #readResponse(): boolean {
    const end = this.#received.indexOf('\r\n\r\n');
    if (end === -1) return false;
    const head = this.#received.toString('latin1', 0, end + 2);
    if (!head.startsWith('HTTP/1.1 101 ')) throw new Error(`The server refused the handshake: ${head}`);
    if (!head.includes(`: ${this.#key.accept}\r\n`)) throw new Error(`The server did not accept the key: ${head}`);
    if (/^sec-websocket-extensions:/im.test(head))
      throw new Error(`The server accepted an extension that was not offered: ${head}`);
    this.#received = this.#received.subarray(end + 4);
    this.#isUpgraded = true;
    return true;
  }
}
