/**
 * One connection of the load of rooms: opens a WebSocket, subscribes and publishes. It does little work: it uses bare `node:net`, all
 * connections receive into one buffer, and a publish is a copy of prepared bytes with another number.
 */
import { connect, type Socket } from 'node:net';
import { clientFrame, opcodes } from '../websocket/client-frame.ts';
import { Opening } from '../websocket/opening.ts';
import { FrameReader } from './frame-reader.ts';
import { firstNumber, type Position, type RoomDialect } from './room-dialect.ts';

/** Shared by all connections of a load. */
export interface RoomSetting {
  readonly port: number;
  readonly dialect: RoomDialect;
  readonly text: string;
  /** Shared receive buffer; its content is read before the next connection receives. */
  readonly received: Buffer;
  readonly onFailure: (error: Error) => void;
}

/** What a connection reports. */
export interface RoomEvents {
  /** The next publish was acknowledged. */
  onReply?: (client: RoomClient) => void;
  /** A message arrived; its payload is `input` from `from` to `to`. */
  onMessage?: (input: Buffer, from: number, to: number) => void;
  /** All bytes of a read were handled. */
  onRead?: (client: RoomClient) => void;
}

const digits = 9;

/** One connection of one person. */
export class RoomClient {
  readonly person: string;
  sent = 0;
  acknowledged = 0;
  /** Received messages. */
  messages = 0;
  readonly #setting: RoomSetting;
  readonly #events: RoomEvents;
  readonly #reader: FrameReader;
  readonly #opening: Opening;
  #isOpen = false;
  #socket: Socket | undefined;
  #onOpen: (() => void) | undefined;
  #onSubscribed: ((reply: string) => void) | undefined;
  #onClosed: (() => void) | undefined;
  #publish: Buffer | undefined;
  #numbersAt: readonly number[] = [];
  #mask: Buffer | undefined;
  #headBytes = 0;

  constructor(setting: RoomSetting, person: string, events: RoomEvents) {
    this.person = person;
    this.#setting = setting;
    this.#events = events;
    const { dialect, port } = setting;
    this.#opening = new Opening(
      { target: dialect.target(person), wrap: (text) => text, greeting: dialect.greeting },
      port,
    );
    this.#reader = new FrameReader((input, opcode, from, to) => this.#onFrame(input, opcode, from, to));
  }

  /** Connects; resolves after the greeting. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#onOpen = resolve;
      const { port, received } = this.#setting;
      const onread = { buffer: received, callback: (length: number) => this.#take(length) };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
      this.#socket = socket;
      socket.on('error', (error) => this.#onEnd(error));
      socket.on('end', () => this.#onEnd(new Error('The server closed a connection.')));
      socket.on('close', () => this.#onClosed?.());
      socket.write(this.#opening.request);
    });
  }

  /** Subscribes to a room. @returns The reply. */
  subscribe(room: string, position?: Position): Promise<string> {
    const { dialect } = this.#setting;
    const command = dialect.subscribe?.(room, position);
    if (command === undefined) return Promise.resolve('');
    return new Promise((resolve) => {
      this.#onSubscribed = resolve;
      this.#say(command);
    });
  }

  /** Prepares the publishes of {@link send}. */
  prepare(room: string): void {
    const { dialect, text } = this.#setting;
    const command = dialect.publish(room, this.person, firstNumber, text);
    const frame = clientFrame(opcodes.text, Buffer.from(command));
    const head = frame.length - command.length;
    this.#mask = frame.subarray(head - 4, head);
    this.#headBytes = head;
    this.#publish = frame;
    const at: number[] = [];
    for (let found = command.indexOf(String(firstNumber)); found >= 0;) {
      at.push(head + found);
      found = command.indexOf(String(firstNumber), found + 1);
    }
    this.#numbersAt = at;
  }

  /** Publishes the next `count` messages in one write. */
  send(count: number): void {
    const frame = this.#publish!;
    const mask = this.#mask!;
    const head = this.#headBytes;
    const bytes = Buffer.allocUnsafe(frame.length * count);
    for (let index = 0; index < count; index += 1) {
      const start = index * frame.length;
      frame.copy(bytes, start);
      for (const at of this.#numbersAt) {
        let rest = firstNumber + this.sent;
        for (let digit = digits - 1; digit >= 0; digit -= 1) {
          bytes[start + at + digit] = (48 + (rest % 10)) ^ mask[(at + digit - head) & 3]!;
          rest = Math.floor(rest / 10);
        }
      }
      this.sent += 1;
    }
    this.#socket!.write(bytes);
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  /** Resolves when the server has closed the connection, which is no failure then. */
  closed(): Promise<void> {
    return new Promise((resolve) => (this.#onClosed = resolve));
  }

  #say(text: string): void {
    this.#socket!.write(clientFrame(opcodes.text, Buffer.from(text)));
  }

  #onEnd(error: Error): void {
    this.#socket?.destroy();
    if (this.#onClosed === undefined) this.#setting.onFailure(error);
  }

  #take(length: number): boolean {
    try {
      this.#takeBytes(this.#setting.received.subarray(0, length));
    } catch (error) {
      this.#setting.onFailure(error as Error);
    }
    return true;
  }

  #takeBytes(bytes: Buffer): void {
    let input: Buffer | undefined = bytes;
    if (!this.#isOpen) {
      input = this.#opening.take(bytes, (frame) => this.#socket!.write(frame));
      if (input === undefined) return;
      this.#isOpen = true;
      this.#onOpen?.();
    }
    this.#reader.take(input);
    this.#events.onRead?.(this);
  }

  #onFrame(input: Buffer, opcode: number, from: number, to: number): void {
    const { dialect } = this.#setting;
    if (opcode === opcodes.ping) {
      this.#socket!.write(clientFrame(opcodes.pong, Buffer.from(input.subarray(from, to))));
      return;
    }
    const begin = input.toString('latin1', from, Math.min(to, from + 18));
    if (begin.startsWith(dialect.message)) {
      this.messages += 1;
      if (dialect.isEcho && this.sent > 0) this.#takeReply(input, from, to);
      this.#events.onMessage?.(input, from, to);
    } else if (this.#onSubscribed !== undefined && begin.startsWith(dialect.subscribed)) {
      const subscribed = this.#onSubscribed;
      this.#onSubscribed = undefined;
      subscribed(input.toString('utf8', from, to));
    } else if (begin.startsWith(dialect.refusal)) {
      throw new Error(`The server refused a command: ${input.toString('utf8', from, to)}`);
    } else if (dialect.heartbeat !== undefined && begin === dialect.heartbeat.text) {
      this.#say(dialect.heartbeat.reply);
    } else if (!dialect.ignored.some((ignored) => begin.startsWith(ignored))) this.#takeReply(input, from, to);
  }

  /** Replies come in the order of the publishes. */
  #takeReply(input: Buffer, from: number, to: number): void {
    const expected = String(firstNumber + this.acknowledged);
    if (this.acknowledged >= this.sent || !input.toString('latin1', from, to).includes(expected)) {
      throw new Error(`Expected the reply to ${expected}; got ${input.toString('utf8', from, to)}`);
    }
    this.acknowledged += 1;
    this.#events.onReply?.(this);
  }
}
