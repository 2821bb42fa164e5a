/** A WebSocket server of plain sockets, for tests of clients: it sends exactly the given bytes and records what it receives. */
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { acceptKey } from '../../../src/websocket/protocol/handshake.ts';
import { FrameParser } from '../../../src/websocket/protocol/frame-parser.ts';
import { eventually, untilLine } from '../eventually.ts';
import { wideLimits } from './websocket-bytes.ts';

/** One connection of a client, controlled by a test. */
export class BareConnection {
  readonly socket: Socket;
  /** Head of the request, after all of it arrived. */
  request = '';
  /** One line for each event, as `text Hello`, `close 1000 bye` or `ping 31`. */
  readonly events: string[] = [];
  /** Whether the client has ended its side. */
  ended = false;
  closed = false;
  readonly #parser = new FrameParser(wideLimits, 'server');
  readonly #onRequest: (connection: BareConnection) => void;

  constructor(socket: Socket, onRequest: (connection: BareConnection) => void) {
    this.socket = socket;
    this.#onRequest = onRequest;
    socket.on('error', () => undefined);
    socket.on('end', () => (this.ended = true));
    socket.on('close', () => (this.closed = true));
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1');
    else this.socket.write(bytes);
  }

  /** Settles when such a line was recorded. */
  async saw(line: string | RegExp): Promise<void> {
    await untilLine(this.events, line);
  }

  #read(bytes: Buffer): void {
    if (!this.request.endsWith('\r\n\r\n')) {
      const text = this.request + bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      this.request = end < 0 ? text : text.slice(0, end + 4);
      if (end < 0) return;
      this.#onRequest(this);
      bytes = Buffer.from(text.slice(end + 4), 'latin1');
    }
    this.#parser.push(bytes);
    for (let event = this.#parser.next(); event !== undefined; event = this.#parser.next()) {
      if (event.kind === 'text') this.events.push(`text ${event.message}`);
      else if (event.kind === 'binary') this.events.push(`binary ${event.message.toString('hex')}`);
      else if (event.kind === 'close') this.events.push(`close ${event.code} ${event.reason}`.trimEnd());
      else this.events.push(`${event.kind} ${event.data.toString('hex')}`.trimEnd());
    }
  }
}

/** A server that closes with its test. */
export interface BareServer {
  readonly port: number;
  readonly url: string;
  readonly connections: BareConnection[];
  /** Waits for `count` connections and their requests. @returns The newest. */
  connected(count: number): Promise<BareConnection>;
}

/** The valid 101 for a request, with further header lines. */
export function goodResponse(request: string, ...lines: readonly string[]): string {
  const key = /^Sec-WebSocket-Key: (.*)\r$/m.exec(request)?.[1] ?? '';
  const fields = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${acceptKey(key)}`, ...lines];
  return `HTTP/1.1 101 Switching Protocols\r\n${fields.join('\r\n')}\r\n\r\n`;
}

/** Starts a server on a free port. @param onRequest - Called after the head of a request; sends {@link goodResponse} by default. */
export async function serveBare(
  t: TestContext,
  onRequest: (connection: BareConnection) => void = (connection) => connection.write(goodResponse(connection.request)),
): Promise<BareServer> {
  const connections: BareConnection[] = [];
  // Half-open, so that the test ends the side of the server.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    connections.push(new BareConnection(socket, onRequest));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    server.close();
    for (const { socket } of connections) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `ws://127.0.0.1:${port}/`,
    connections,
    async connected(count) {
      await eventually(
        () => connections.length >= count && connections.every(({ request }) => request.endsWith('\r\n\r\n')),
      );
      return connections[count - 1]!;
    },
  };
}
