/**
 * One person of the load of rooms-join: opens a WebSocket, subscribes to a room, and reads its events. It does little work: it
 * uses bare `node:net`, all members receive into one buffer, and of most frames it reads only the type. The protocol is in
 * docs/wire.md.
 */
import { connect, type Socket } from 'node:net';
import { clientFrame, opcodes, readServerFrame } from '../websocket/client-frame.ts';
import { Opening } from '../websocket/opening.ts';

const receivedTogether = 256 * 1024;

/** Shared by all members of a load. */
export interface MemberSetting {
  readonly port: number;
  readonly room: string;
  /** Shared receive buffer; its content is read before the next member receives. */
  readonly received: Buffer;
  /** Called for each message of the room. */
  readonly onMessage: (member: Member) => void;
  /** Called on an unexpected event. */
  readonly onFailure: (error: Error) => void;
}

/** Settings of members of a room on the server at `port`. */
export function memberSetting(options: Omit<MemberSetting, 'received'>): MemberSetting {
  return { ...options, received: Buffer.allocUnsafeSlow(receivedTogether) };
}

/** One person with one connection. */
export class Member {
  /** Received messages of the room. */
  messages = 0;
  /** Number of people in the room, from the last event. */
  peopleCount = 0;
  /** Received presence events. */
  presenceEvents = 0;
  readonly #setting: MemberSetting;
  readonly #opening: Opening;
  #isOpen = false;
  #rest: Buffer | undefined;
  #socket: Socket | undefined;
  #onJoined: (() => void) | undefined;

  constructor(setting: MemberSetting, id: string) {
    this.#setting = setting;
    const target = `/socket?id=${id}`;
    this.#opening = new Opening({ target, wrap: (text) => text, greeting: [] }, setting.port);
  }

  /** Connects and subscribes; resolves after the server's reply. */
  join(): Promise<void> {
    return new Promise((resolve) => {
      this.#onJoined = resolve;
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

  /** Publishes a message in the room. */
  publish(id: string): void {
    this.#command({ type: 'publish', ref: 2, room: this.#setting.room, id, data: { text: 'Is everybody here?' } });
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket?.resetAndDestroy();
  }

  #command(command: object): void {
    this.#socket?.write(clientFrame(opcodes.text, Buffer.from(JSON.stringify(command))));
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
      input = this.#opening.take(bytes, () => {});
      if (input === undefined) return;
      this.#isOpen = true;
    } else if (this.#rest !== undefined) input = Buffer.concat([this.#rest, bytes]);
    this.#rest = undefined;
    for (let frame; (frame = readServerFrame(input)); input = input.subarray(frame.bytes)) {
      if (frame.opcode === opcodes.ping) this.#socket?.write(clientFrame(opcodes.pong, frame.payload));
      else if (frame.opcode === opcodes.text) this.#takeFrame(frame.payload);
      else throw new Error(`Unexpected frame with opcode ${frame.opcode}.`);
    }
    if (input.length > 0) this.#rest = Buffer.from(input);
  }

  #takeFrame(payload: Buffer): void {
    const head = payload.toString('latin1', 0, 18);
    if (head.startsWith('{"type":"presence"') || head.startsWith('{"type":"people"')) {
      this.peopleCount = countIn(payload);
      this.presenceEvents += 1;
    } else if (head.startsWith('{"type":"message"')) {
      this.messages += 1;
      this.#setting.onMessage(this);
    } else if (head.startsWith('{"type":"welcome"')) {
      this.#command({ type: 'subscribe', ref: 1, room: this.#setting.room });
    } else this.#takeReply(payload.toString());
  }

  #takeReply(text: string): void {
    const { type, ref } = JSON.parse(text) as { type: string; ref: number };
    if (type !== 'reply') throw new Error(`Expected a reply; got ${text}`);
    if (ref === 1) this.#onJoined?.();
  }
}

const countField = Buffer.from('"count":');

function countIn(payload: Buffer): number {
  const at = payload.indexOf(countField) + countField.length;
  return Number.parseInt(payload.toString('latin1', at, at + 10), 10);
}
