/**
 * One person of the load of rooms-join: opens a WebSocket, subscribes to a room, and reads what comes. Lean: bare
 * `node:net`, one buffer that receives for all, and of most frames only the type is read. The protocol is docs/wire.md.
 */
import { connect, type Socket } from 'node:net';
import { clientFrame, opcodes, readServerFrame } from '../websocket/client-frame.ts';
import { Opening } from '../websocket/opening.ts';

const receivedTogether = 256 * 1024;

/** What all members of a load share. */
export interface MemberSetting {
  readonly port: number;
  readonly room: string;
  /** Receives for everybody; read before the next one receives. */
  readonly received: Buffer;
  /** Called for each message of the room. */
  readonly onMessage: (member: Member) => void;
  /** Called for what should not happen. */
  readonly onFailure: (error: Error) => void;
}

/** What members of a room on the server at `port` share. */
export function memberSetting(options: Omit<MemberSetting, 'received'>): MemberSetting {
  return { ...options, received: Buffer.allocUnsafeSlow(receivedTogether) };
}

/** One person with one connection. */
export class Member {
  /** Messages of the room that came. */
  messages = 0;
  /** How many people are in the room, as the last event said. */
  peopleCount = 0;
  /** Events about people that came. */
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

  /** Connects and subscribes; resolves when the server has answered that. */
  join(): Promise<void> {
    return new Promise((resolve) => {
      this.#onJoined = resolve;
      const { port, received, onFailure } = this.#setting;
      const onread = { buffer: received, callback: (length: number) => this.#take(length) };
      const socket = connect({ port, host: '127.0.0.1', noDelay: true, onread });
      this.#socket = socket;
      socket.on('error', onFailure);
      socket.on('end', () => {
        // A socket that Node.js is shutting down already cannot be reset.
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

  /** Ends it by a TCP reset: no port is left waiting. */
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
      else throw new Error(`A frame with opcode ${frame.opcode} was not expected.`);
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
    } else this.#takeAnswer(payload.toString());
  }

  #takeAnswer(text: string): void {
    const { type, ref } = JSON.parse(text) as { type: string; ref: number };
    if (type !== 'reply') throw new Error(`A reply was expected, and this came: ${text}`);
    if (ref === 1) this.#onJoined?.();
  }
}

const countField = Buffer.from('"count":');

function countIn(payload: Buffer): number {
  const at = payload.indexOf(countField) + countField.length;
  return Number.parseInt(payload.toString('latin1', at, at + 10), 10);
}
