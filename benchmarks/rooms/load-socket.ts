/**
 * One WebSocket of a load. It does little work: it uses bare `node:net`, all sockets of a load receive into one buffer, and frames are
 * read where they are.
 */
import { connect, type Socket } from 'node:net';
import { clientFrame, opcodes } from '../websocket/client-frame.ts';
import type { Dialect } from '../websocket/dialect.ts';
import { Opening } from '../websocket/opening.ts';
import { FrameReader } from './frame-reader.ts';

/** Shared by all sockets of a load. */
export interface LoadSetting {
  readonly port: number;
  /** Shared receive buffer; its content is read before the next socket receives. */
  readonly received: Buffer;
  /** Called on an unexpected event. */
  readonly onFailure: (error: Error) => void;
}

/** What a socket reports. */
export interface LoadSocketEvents {
  /** A text message arrived; its payload is `input` from `from` to `to`, until the call ends. */
  readonly onText: (input: Buffer, from: number, to: number) => void;
  /** All frames of a read were handled. */
  readonly onRead?: () => void;
}

/** A receive buffer for all sockets of a load. */
export function sharedBuffer(): Buffer {
  return Buffer.allocUnsafeSlow(256 * 1024);
}

/** One WebSocket. */
export class LoadSocket {
  readonly #setting: LoadSetting;
  readonly #events: LoadSocketEvents;
  readonly #opening: Opening;
  readonly #reader: FrameReader;
  #socket: Socket | undefined;
  #isOpen = false;
  #onOpen: (() => void) | undefined;
  #onClosed: (() => void) | undefined;

  constructor(setting: LoadSetting, dialect: Dialect, events: LoadSocketEvents) {
    this.#setting = setting;
    this.#events = events;
    this.#opening = new Opening(dialect, setting.port);
    this.#reader = new FrameReader((input, opcode, from, to) => this.#takeFrame(input, opcode, from, to));
  }

  /** Connects; resolves after the greeting of the dialect. */
  open(): Promise<void> {
    return new Promise((resolve) => {
      this.#onOpen = resolve;
      const { port, received } = this.#setting;
      const onread = { buffer: received, callback: (length: number) => this.#take(length) };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
      this.#socket = socket;
      socket.on('error', (error) => this.#end(error));
      socket.on('end', () => this.#end(new Error('The server closed a connection.')));
      socket.on('close', () => this.#onClosed?.());
      socket.write(this.#opening.request);
    });
  }

  /** Sends a text message below 64 KiB. */
  send(text: string): void {
    this.write(clientFrame(opcodes.text, Buffer.from(text)));
  }

  /** Sends complete frames. */
  write(frames: Buffer): void {
    this.#socket?.write(frames);
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  /** Resolves when the server has closed the connection, which is no failure then. */
  closed(): Promise<void> {
    return new Promise((resolve) => (this.#onClosed = resolve));
  }

  #end(error: Error): void {
    // A socket that Node.js already shuts down cannot be reset.
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
      input = this.#opening.take(bytes, (frame) => this.write(frame));
      if (input === undefined) return;
      this.#isOpen = true;
      this.#onOpen?.();
    }
    this.#reader.take(input);
    this.#events.onRead?.();
  }

  #takeFrame(input: Buffer, opcode: number, from: number, to: number): void {
    if (opcode === opcodes.text) this.#events.onText(input, from, to);
    else if (opcode === opcodes.ping) this.write(clientFrame(opcodes.pong, Buffer.from(input.subarray(from, to))));
    else throw new Error(`Unexpected frame with opcode ${opcode}.`);
  }
}
