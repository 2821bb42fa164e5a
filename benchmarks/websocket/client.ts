/**
 * One WebSocket of the load. It does little work: it uses bare `node:net`, and all clients receive into one buffer. Any
 * unexpected event is a failure.
 */
import { connect, type Socket } from 'node:net';
import { clientFrame, opcodes } from './client-frame.ts';
import { DeliveryCounter } from './delivery-counter.ts';
import { dialectNamed, type Dialect } from './dialect.ts';
import { MessageRing } from './message-ring.ts';
import { Opening } from './opening.ts';
import type { WebSocketWork } from './works.ts';

const receivedTogether = 256 * 1024;
/** Connections opened at once, fewer than any server's backlog. */
const openedTogether = 50;

/** Shared by all clients of a load. */
export interface ClientSetting {
  readonly port: number;
  readonly dialect: Dialect;
  readonly ring: MessageRing;
  /** Shared receive buffer; its content is read before the next client receives. */
  readonly received: Buffer;
}

/** Settings of clients for a work with the server on `port`. */
export function clientSetting(work: WebSocketWork, port: number, dialectName: string | undefined): ClientSetting {
  const dialect = dialectNamed(dialectName);
  const ring = new MessageRing(work.payloadBytes, receivedTogether, dialect);
  return { port, dialect, ring, received: Buffer.allocUnsafeSlow(receivedTogether) };
}

/** Opens `count` clients, 50 at a time. @param onMessages - As of {@link Client}. */
export async function openClients(
  setting: ClientSetting,
  count: number,
  onMessages: (client: Client, count: number) => void,
): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => new Client(setting, onMessages));
  for (let at = 0; at < clients.length; at += openedTogether) {
    await Promise.all(clients.slice(at, at + openedTogether).map((client) => client.open()));
  }
  return clients;
}

/** One client. */
export class Client {
  /** Messages received so far, without those of the current `onMessages` call. */
  received = 0;
  /** Messages sent so far. */
  sent = 0;
  readonly #setting: ClientSetting;
  readonly #onMessages: (client: Client, count: number) => void;
  readonly #onFailure: (error: Error) => void;
  readonly #counter: DeliveryCounter;
  readonly #opening: Opening;
  #socket: Socket | undefined;
  #onOpen: (() => void) | undefined;

  /**
   * @param onMessages - Called with the number of messages that became complete.
   * @param onFailure - Called on an unexpected event; by default the error is thrown, which ends the process.
   */
  constructor(
    setting: ClientSetting,
    onMessages: (client: Client, count: number) => void,
    onFailure: (error: Error) => void = rethrow,
  ) {
    this.#setting = setting;
    this.#onMessages = onMessages;
    this.#onFailure = onFailure;
    this.#opening = new Opening(setting.dialect, setting.port);
    this.#counter = new DeliveryCounter(setting.ring, (opcode, payload) => this.#takeOther(opcode, payload));
  }

  readonly #onEnd = (): void => {
    // A socket that Node.js already shuts down cannot be reset.
    this.#socket?.destroy();
    this.#onFailure(new Error('The server closed a connection.'));
  };

  /** Connects and opens the WebSocket; resolves when it is open. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#onOpen = resolve;
      const { port, received } = this.#setting;
      const onread = { buffer: received, callback: (length: number) => this.#take(length) };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
      this.#socket = socket;
      socket.on('error', this.#onFailure);
      socket.on('end', this.#onEnd);
      socket.write(this.#opening.request);
    });
  }

  /** Sends the next `count` messages, 1 to 64, in one write. */
  send(count: number): void {
    this.#socket?.write(this.#setting.ring.toSend(this.sent, count));
    this.sent += count;
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  #take(length: number): boolean {
    const { received } = this.#setting;
    try {
      if (this.#onOpen === undefined) this.#count(this.#counter.take(received, length));
      else this.#takeOpening(received.subarray(0, length));
    } catch (error) {
      this.#onFailure(error as Error);
    }
    return true;
  }

  #takeOpening(bytes: Buffer): void {
    const rest = this.#opening.take(bytes, (frame) => this.#socket?.write(frame));
    if (rest === undefined) return;
    this.#onOpen?.();
    this.#onOpen = undefined;
    if (rest.length > 0) this.#count(this.#counter.take(rest, rest.length));
  }

  #count(complete: number): void {
    if (complete === 0) return;
    this.#onMessages(this, complete);
    this.received += complete;
  }

  #takeOther(opcode: number, payload: Buffer): void {
    const { heartbeat } = this.#setting.dialect;
    if (opcode === opcodes.ping) this.#socket?.write(clientFrame(opcodes.pong, payload));
    else if (opcode === opcodes.text && heartbeat !== undefined && payload.toString() === heartbeat.text) {
      this.#socket?.write(clientFrame(opcodes.text, Buffer.from(heartbeat.reply)));
    } else throw new Error(`Unexpected frame (opcode ${opcode}): ${payload.toString('latin1')}`);
  }
}

function rethrow(error: Error): never {
  throw error;
}
