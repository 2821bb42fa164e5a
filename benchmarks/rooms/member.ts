/**
 * One person of the load of rooms-join: opens a WebSocket, subscribes to a room, and reads its events; of most frames only the type.
 * The protocol is in docs/wire.md.
 */
import { LoadSocket, sharedBuffer, type LoadSetting } from './load-socket.ts';

/** Shared by all members of a load. */
export interface MemberSetting extends LoadSetting {
  readonly room: string;
  /** Called for each message of the room. */
  readonly onMessage: (member: Member) => void;
}

/** Settings of members of a room on the server at `port`. */
export function memberSetting(options: Omit<MemberSetting, 'received'>): MemberSetting {
  return { ...options, received: sharedBuffer() };
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
  readonly #socket: LoadSocket;
  #onJoined: (() => void) | undefined;

  constructor(setting: MemberSetting, id: string) {
    this.#setting = setting;
    const target = `/socket?id=${id}`;
    this.#socket = new LoadSocket(
      setting,
      { target, wrap: (text) => text, greeting: [] },
      { onText: (input, from, to) => this.#takeFrame(input.subarray(from, to)) },
    );
  }

  /** Connects and subscribes; resolves after the server's reply. */
  join(): Promise<void> {
    return new Promise((resolve) => {
      this.#onJoined = resolve;
      void this.#socket.open();
    });
  }

  /** Publishes a message in the room. */
  publish(id: string): void {
    this.#command({ type: 'publish', ref: 2, room: this.#setting.room, id, data: { text: 'Is everybody here?' } });
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket.reset();
  }

  #command(command: object): void {
    this.#socket.send(JSON.stringify(command));
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
