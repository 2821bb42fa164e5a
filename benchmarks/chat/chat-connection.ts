/**
 * One window of the load of the chat, over bare `node:net`: it signs in with the cookie of a seeded session, and reads only the type of
 * most frames. All windows receive into one buffer. The protocol is in docs/wire.md.
 */
import { connect, type Socket } from 'node:net';
import type { ChatWelcome } from '../../chat/wire.ts';
import { FrameReader } from '../rooms/frame-reader.ts';
import { clientFrame, opcodes } from '../websocket/client-frame.ts';
import { Opening } from '../websocket/opening.ts';
import { tokenOf } from './seed.ts';

const receivedTogether = 256 * 1024;

/** Shared by all windows of a load. */
export interface WindowSetting {
  readonly port: number;
  /** Shared receive buffer; its content is read before the next window receives. */
  readonly received: Buffer;
  /** Called for each message, with where its frame is. */
  readonly onMessage: (window: ChatConnection, input: Buffer, from: number, to: number) => void;
  /** Called on an unexpected event. */
  readonly onFailure: (error: Error) => void;
}

/** A reply: its fields depend on the command. */
export type Reply = Readonly<Record<string, unknown>>;

/** Settings of windows on the server at `port`. */
export function windowSetting(options: Omit<WindowSetting, 'received'>): WindowSetting {
  return { ...options, received: Buffer.allocUnsafeSlow(receivedTogether) };
}

/** The window of a person. */
export class ChatConnection {
  readonly person: number;
  readonly #setting: WindowSetting;
  readonly #opening: Opening;
  readonly #replies = new Map<number, (reply: Reply) => void>();
  #reader: FrameReader | undefined;
  #socket: Socket | undefined;
  #onWelcome: ((welcome: ChatWelcome) => void) | undefined;
  #lastRef = 0;

  constructor(setting: WindowSetting, person: number) {
    this.#setting = setting;
    this.person = person;
    const headers = `Cookie: session=${tokenOf(person)}\r\n`;
    this.#opening = new Opening({ target: '/socket', headers, wrap: (text) => text, greeting: [] }, setting.port);
  }

  /** Connects; resolves with the welcome. */
  open(): Promise<ChatWelcome> {
    return new Promise((resolve) => {
      this.#onWelcome = resolve;
      const { port, received, onFailure } = this.#setting;
      const onread = { buffer: received, callback: (length: number) => this.#take(length) };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
      this.#socket = socket;
      socket.on('error', onFailure);
      socket.on('end', () => {
        // A socket that Node.js already shuts down cannot be reset.
        socket.destroy();
        onFailure(new Error('The server closed a connection.'));
      });
      socket.write(this.#opening.request);
    });
  }

  /** Sends a command. @returns Its reply. */
  call(type: string, fields: object): Promise<Reply> {
    return new Promise((resolve) => this.#replies.set(this.send(type, fields), resolve));
  }

  /** Sends a command whose reply is ignored. An error of the server is a failure. @returns Its `ref`. */
  send(type: string, fields: object): number {
    const ref = ++this.#lastRef;
    this.#socket?.write(clientFrame(opcodes.text, Buffer.from(JSON.stringify({ type, ref, ...fields }))));
    return ref;
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  #take(length: number): boolean {
    try {
      const bytes = this.#setting.received.subarray(0, length);
      if (this.#reader !== undefined) this.#reader.take(bytes);
      else {
        const rest = this.#opening.take(bytes, () => {});
        if (rest === undefined) return true;
        this.#reader = new FrameReader((input, opcode, from, to) => this.#takeFrame(input, opcode, from, to));
        this.#reader.take(rest);
      }
    } catch (error) {
      this.#setting.onFailure(error as Error);
    }
    return true;
  }

  #takeFrame(input: Buffer, opcode: number, from: number, to: number): void {
    if (opcode === opcodes.ping) {
      this.#socket?.write(clientFrame(opcodes.pong, input.subarray(from, to)));
      return;
    }
    if (opcode !== opcodes.text) throw new Error(`Unexpected frame with opcode ${opcode}.`);
    const head = input.toString('latin1', from, Math.min(to, from + 18));
    if (head.startsWith('{"type":"message"')) this.#setting.onMessage(this, input, from, to);
    else if (!eventHead.test(head)) this.#takeOther(input.toString('utf8', from, to));
  }

  #takeOther(text: string): void {
    const frame = JSON.parse(text) as Reply & { readonly type: string; readonly ref: number };
    if (frame.type === 'welcome') this.#onWelcome?.(frame as unknown as ChatWelcome);
    else if (frame.type !== 'reply') throw new Error(`Expected a reply; got ${text}`);
    this.#replies.get(frame.ref)?.(frame);
    this.#replies.delete(frame.ref);
  }
}

/** Events that a window of the load ignores. The type of a reply can be its last field. */
const eventHead = /^\{"type":"(?:people|presence|read|seen|signal|segments|joined|left|room)/;

/** Runs a step for all values, for `together` at the same time. */
export async function inTurn<T>(
  values: readonly T[],
  run: (value: T) => Promise<unknown>,
  together = 32,
): Promise<void> {
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < values.length) await run(values[next++]!);
  };
  await Promise.all(Array.from({ length: together }, work));
}
