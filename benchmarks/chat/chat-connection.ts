/**
 * One window of the load of the chat: it signs in with the cookie of a seeded session, and reads only the type of most frames. The
 * protocol is in docs/wire.md.
 */
import type { ChatWelcome } from '../../chat/wire.ts';
import { LoadSocket, sharedBuffer, type LoadSetting } from '../rooms/load-socket.ts';
import { tokenOf } from './seed.ts';

/** Shared by all windows of a load. */
export interface WindowSetting extends LoadSetting {
  /** Called for each message, with where its frame is. */
  readonly onMessage: (window: ChatConnection, input: Buffer, from: number, to: number) => void;
}

/** A reply: its fields depend on the command. */
export type Reply = Readonly<Record<string, unknown>>;

/** Settings of windows on the server at `port`. */
export function windowSetting(options: Omit<WindowSetting, 'received'>): WindowSetting {
  return { ...options, received: sharedBuffer() };
}

/** The window of a person. */
export class ChatConnection {
  readonly person: number;
  readonly #setting: WindowSetting;
  readonly #socket: LoadSocket;
  readonly #replies = new Map<number, (reply: Reply) => void>();
  #onWelcome: ((welcome: ChatWelcome) => void) | undefined;
  #lastRef = 0;

  constructor(setting: WindowSetting, person: number) {
    this.#setting = setting;
    this.person = person;
    const headers = `Cookie: session=${tokenOf(person)}\r\n`;
    this.#socket = new LoadSocket(
      setting,
      { target: '/socket', headers, wrap: (text) => text, greeting: [] },
      { onText: (input, from, to) => this.#takeFrame(input, from, to) },
    );
  }

  /** Connects; resolves with the welcome. */
  open(): Promise<ChatWelcome> {
    return new Promise((resolve) => {
      this.#onWelcome = resolve;
      void this.#socket.open();
    });
  }

  /** Sends a command. @returns Its reply. */
  call(type: string, fields: object): Promise<Reply> {
    return new Promise((resolve) => this.#replies.set(this.send(type, fields), resolve));
  }

  /** Sends a command whose reply is ignored. An error of the server is a failure. @returns Its `ref`. */
  send(type: string, fields: object): number {
    const ref = ++this.#lastRef;
    this.#socket.send(JSON.stringify({ type, ref, ...fields }));
    return ref;
  }

  /** Closes it with a TCP reset, so that no port stays in TIME_WAIT. */
  reset(): void {
    this.#socket.reset();
  }

  #takeFrame(input: Buffer, from: number, to: number): void {
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
