/** One connection of the load of rooms: subscribes and publishes. A publish is a copy of prepared bytes with another number. */
import { clientFrame, opcodes } from '../websocket/client-frame.ts';
import { LoadSocket, type LoadSetting } from './load-socket.ts';
import { firstNumber, type Position, type RoomDialect } from './room-dialect.ts';

/** Shared by all connections of a load. */
export interface RoomSetting extends LoadSetting {
  readonly dialect: RoomDialect;
  readonly text: string;
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
  readonly #socket: LoadSocket;
  #onSubscribed: ((reply: string) => void) | undefined;
  #publish: Buffer | undefined;
  #numbersAt: readonly number[] = [];
  #mask: Buffer | undefined;
  #headBytes = 0;

  constructor(setting: RoomSetting, person: string, events: RoomEvents) {
    this.person = person;
    this.#setting = setting;
    this.#events = events;
    const { dialect } = setting;
    this.#socket = new LoadSocket(
      setting,
      { target: dialect.target(person), wrap: (text) => text, greeting: dialect.greeting },
      {
        onText: (input, from, to) => this.#onFrame(input, from, to),
        onRead: () => this.#events.onRead?.(this),
      },
    );
  }

  /** Connects; resolves after the greeting. */
  open(): Promise<void> {
    return this.#socket.open();
  }

  /** Subscribes to a room. @returns The reply. */
  subscribe(room: string, position?: Position): Promise<string> {
    const { dialect } = this.#setting;
    const command = dialect.subscribe?.(room, position);
    if (command === undefined) return Promise.resolve('');
    return new Promise((resolve) => {
      this.#onSubscribed = resolve;
      this.#socket.send(command);
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
    this.#socket.write(bytes);
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket.reset();
  }

  /** Resolves when the server has closed the connection, which is no failure then. */
  closed(): Promise<void> {
    return this.#socket.closed();
  }

  #onFrame(input: Buffer, from: number, to: number): void {
    const { dialect } = this.#setting;
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
      this.#socket.send(dialect.heartbeat.reply);
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
