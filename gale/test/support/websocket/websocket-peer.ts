/** A WebSocket client of a plain socket, for tests: it sends exactly the given bytes and records what it receives. */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { constants, inflateRawSync } from 'node:zlib';
import type { FrameOptions, Opcode } from '../../../src/websocket/protocol/frame.ts';
import { opcodes } from '../../../src/websocket/protocol/frame.ts';
import { FrameParser } from '../../../src/websocket/protocol/frame-parser.ts';
import type { ParsedEvent } from '../../../src/websocket/protocol/frame-parser.ts';
import { untilLine } from '../eventually.ts';
import { clientFrame, wideLimits } from './websocket-bytes.ts';

/** A request that opens a WebSocket, with a constant key. */
export const upgradeRequest: string =
  'GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

/** The same with an offer of extensions. */
export function upgradeRequestOffering(extensions: string): string {
  return upgradeRequest.replace('\r\n\r\n', `\r\nSec-WebSocket-Extensions: ${extensions}\r\n\r\n`);
}

/** One end of a connection, controlled by a test. */
export class WebSocketPeer {
  readonly socket: Socket;
  /** One line for each event, as `text Hello`, `close 1000 bye` or `ping 31`. */
  readonly events: string[] = [];
  /** Number of events in each read of the socket. */
  readonly reads: number[] = [];
  /** The head of the response. */
  responseHead = '';
  /** Whether the server has ended its side. */
  ended = false;
  closed = false;
  /** Payload of each compressed message, as received. */
  readonly compressed: Buffer[] = [];
  /** The window of inflated bytes; only if the server uses context takeover. */
  #window: Buffer | undefined;
  #parser = new FrameParser(wideLimits, 'client');

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => undefined);
    socket.on('end', () => (this.ended = true));
    socket.on('close', () => (this.closed = true));
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
  }

  /** Sends bytes as they are. */
  write(bytes: string | Uint8Array): void {
    this.socket.write(bytes);
  }

  /** Sends one masked frame. */
  send(opcode: Opcode, payload: string | Uint8Array, options: FrameOptions = {}): void {
    this.socket.write(clientFrame(opcode, payload, options));
  }

  /** Sends a close frame. */
  close(code: number, reason = ''): void {
    const payload = Buffer.alloc(2 + Buffer.byteLength(reason));
    payload.writeUInt16BE(code);
    payload.write(reason, 2);
    this.send(opcodes.close, payload);
  }

  /** Settles when such a line was recorded. */
  async saw(line: string | RegExp): Promise<void> {
    await untilLine(this.events, line);
  }

  #read(bytes: Buffer): void {
    const before = this.events.length;
    if (!this.responseHead.endsWith('\r\n\r\n')) {
      const text = this.responseHead + bytes.toString('latin1');
      const end = text.indexOf('\r\n\r\n');
      this.responseHead = end < 0 ? text : text.slice(0, end + 4);
      if (end < 0) return;
      bytes = Buffer.from(text.slice(end + 4), 'latin1');
      if (this.responseHead.includes('permessage-deflate')) {
        this.#parser = new FrameParser(wideLimits, 'client', true);
        if (!this.responseHead.includes('server_no_context_takeover')) this.#window = Buffer.alloc(0);
      }
    }
    this.#parser.push(bytes);
    for (let event = this.#parser.next(); event !== undefined; event = this.#parser.next()) {
      this.events.push(this.#lineFor(event));
    }
    this.reads.push(this.events.length - before);
  }

  #lineFor(event: ParsedEvent): string {
    if (event.kind === 'text') return `text ${event.message}`;
    if (event.kind === 'binary') return `binary ${event.message.toString('hex')}`;
    if (event.kind === 'close') return `close ${event.code} ${event.reason}`.trimEnd();
    if (event.kind !== 'compressed') return `${event.kind} ${event.data.toString('hex')}`.trimEnd();
    this.compressed.push(Buffer.from(event.data));
    const message = inflateRawSync(Buffer.concat([event.data, Buffer.from('0000ffff', 'hex')]), {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#window && { dictionary: this.#window }),
    });
    if (this.#window !== undefined) this.#window = Buffer.concat([this.#window, message]).subarray(-(2 ** 15));
    return event.isText ? `text ${message.toString()}` : `binary ${message.toString('hex')}`;
  }
}

/** Connects to a local port. `first` is sent at once: the request, and optionally more after it. */
export async function connectPeer(port: number, first: string | Uint8Array = upgradeRequest): Promise<WebSocketPeer> {
  // Half-open, so that the test ends the side of the peer.
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const peer = new WebSocketPeer(socket);
  await once(socket, 'connect');
  peer.write(first);
  return peer;
}
