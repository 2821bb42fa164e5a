/**
 * Helpers for tests of http/: a server that ends with its test and fails it on an unexpected warning, and a client that sends
 * exactly the given bytes.
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { TestContext } from 'node:test';
import type { RequestListener } from '../../../src/http/connection.ts';
import type { HttpRequest } from '../../../src/http/request.ts';
import type { HttpResponse } from '../../../src/http/response.ts';
import { HttpServer } from '../../../src/http/server.ts';
import type { HttpServerOptions } from '../../../src/http/options/server-options.ts';
import { within } from '../eventually.ts';
import { messageForm } from '../recorded-log.ts';

export { eventually } from '../eventually.ts';

/** Time limit of a wait for more bytes, in milliseconds; less than the timeout of a test. */
const untilMs = 30_000;

/** Headers of a response in plain text. */
export const plain = [['Content-Type', 'text/plain']] as const;

/** A listener that responds with method, target and length of the body. */
export async function echo(request: HttpRequest, response: HttpResponse): Promise<void> {
  const body = await request.body.bytes();
  response.send(200, plain, `${request.method} ${request.target} ${body.length}`);
}

/** A server of one test. */
export interface TestServer {
  readonly server: HttpServer;
  readonly port: number;
  /** Warnings and errors so far, as `message`; a test that expects some removes them. */
  readonly complaints: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  /** Opens a connection that closes with the test. */
  connect(): Promise<RawClient>;
}

/** Starts a server on a free port and closes it after the test. An unexpected warning or error of the server fails the test. */
export async function serve(
  t: TestContext,
  listener: RequestListener,
  options: HttpServerOptions = {},
): Promise<TestServer> {
  const complaints: TestServer['complaints'] = [];
  const complain = (fields: object, message: string): void => {
    complaints.push({ message, fields: fields as Record<string, unknown> });
  };
  const messages: string[] = [];
  const note = (_: object, message: string): void => void messages.push(message);
  const log = { debug: note, info: note, warn: complain, error: complain };
  const server = new HttpServer(listener, { log, ...options });
  const { port } = await server.listen(0, '127.0.0.1');
  const clients: RawClient[] = [];
  t.after(async () => {
    for (const client of clients) client.socket.destroy();
    await server.close({ graceMs: 0 });
    assert.equal(server.connectionCount, 0, 'no connection is left');
    assert.equal(server.wheel.size, 0, 'no deadline is left');
    assert.deepEqual(complaints, [], 'no unexpected complaint');
    for (const message of messages) assert.match(message, messageForm);
  });
  return {
    server,
    port,
    complaints,
    async connect() {
      const client = new RawClient(port);
      clients.push(client);
      await client.opened;
      return client;
    },
  };
}

/** One response, as received. */
export interface RawResponse {
  readonly status: number;
  readonly reason: string;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Status line and headers as sent. */
  readonly head: string;
}

/** A client on a bare socket. Bytes are Latin-1 characters. */
export class RawClient {
  readonly socket: Socket;
  readonly opened: Promise<void>;
  /** Settles when the socket has closed: `true` if it was reset or failed in another way. */
  readonly closed: Promise<boolean>;
  /** Received text that was not yet taken. */
  received = '';
  /** Whether the server has sent its last byte. */
  ended = false;
  #changed: (() => void) | undefined;

  constructor(port: number) {
    // Without a delay, so that a part does not wait until the system of the server has acknowledged the previous part.
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
    this.opened = new Promise((resolve) => this.socket.once('connect', resolve));
    this.closed = new Promise((resolve) => this.socket.once('close', resolve));
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => {
      this.received += text;
      this.#changed?.();
    });
    this.socket.on('end', () => {
      this.ended = true;
      this.#changed?.();
    });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.ended = true;
      this.#changed?.();
    });
  }

  /** Sends text; settles when the operating system took it. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => this.socket.write(text, 'latin1', () => resolve()));
  }

  /** Waits until `isDone` is true for the received text, or until the connection ends. */
  async until(isDone: (received: string) => boolean): Promise<void> {
    while (!isDone(this.received) && !this.ended) {
      const changed = new Promise<void>((resolve) => {
        this.#changed = resolve;
      });
      await within(changed, () => `more than ${JSON.stringify(this.received.slice(-500))}, or the end`, untilMs);
    }
    assert.ok(isDone(this.received), `the connection ended with ${JSON.stringify(this.received)}`);
  }

  /** Waits for the last byte of the server and returns the rest of the text. */
  async rest(): Promise<string> {
    await this.until(() => this.ended);
    return this.take(this.received.length);
  }

  /** Takes the next `length` characters. */
  take(length: number): string {
    const text = this.received.slice(0, length);
    this.received = this.received.slice(length);
    return text;
  }

  /** Reads the next response. Set `hasBody` to false for a HEAD request. */
  async readResponse(hasBody = true): Promise<RawResponse> {
    await this.until((received) => received.includes('\r\n\r\n'));
    const head = this.take(this.received.indexOf('\r\n\r\n') + 4);
    const [line = '', ...lines] = head.slice(0, -4).split('\r\n');
    const match = /^HTTP\/1\.1 (\d{3}) ([^\r\n]*)$/.exec(line);
    assert.ok(match, line);
    const headers = new Map<string, string>();
    for (const field of lines) {
      const colon = field.indexOf(': ');
      assert.ok(colon > 0, field);
      const name = field.slice(0, colon).toLowerCase();
      assert.ok(name === 'set-cookie' || !headers.has(name), `${name} is sent once`);
      headers.set(name, field.slice(colon + 2));
    }
    const status = Number(match[1]);
    let body = '';
    if (hasBody && status >= 200 && status !== 204 && status !== 304) body = await this.#body(headers);
    return { status, reason: match[2] ?? '', headers, body, head };
  }

  async #body(headers: ReadonlyMap<string, string>): Promise<string> {
    const length = headers.get('content-length');
    if (length !== undefined) {
      await this.until((received) => received.length >= Number(length));
      return this.take(Number(length));
    }
    if (headers.get('transfer-encoding') !== 'chunked') return this.rest();
    let body = '';
    for (;;) {
      await this.until((received) => received.includes('\r\n'));
      const line = this.take(this.received.indexOf('\r\n') + 2);
      assert.match(line, /^[0-9a-f]+\r\n$/);
      const size = Number.parseInt(line, 16);
      await this.until((received) => received.length >= size + 2);
      body += this.take(size);
      assert.equal(this.take(2), '\r\n');
      if (size === 0) return body;
    }
  }
}

/** A request in HTTP/1.1 with Host and these further lines. */
export function requestText(line: string, ...headers: readonly string[]): string {
  return `${[`${line} HTTP/1.1`, 'Host: test', ...headers].join('\r\n')}\r\n\r\n`;
}

/** Waits until `count` has not changed for 50 turns of the event loop, and returns it. */
export async function untilStable(count: () => number): Promise<number> {
  let last = count();
  for (let turns = 0; turns < 50; turns++) {
    await new Promise(setImmediate);
    if (count() !== last) turns = 0;
    last = count();
  }
  return last;
}
