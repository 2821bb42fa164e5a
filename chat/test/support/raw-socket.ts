/**
 * The WebSocket of a visitor without a client: sends any frame, and waits for frames with given fields.
 */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Visitor } from './chat-server.ts';

/** A received frame. */
export type Frame = Readonly<Record<string, unknown>>;

/** Timeout of a wait for a frame. */
const timeoutMs = 15_000;

export class RawSocket {
  /** All frames so far. */
  readonly frames: Frame[] = [];
  /** Settles when the socket is closed. */
  readonly closed: Promise<{ code: number; reason: string }>;
  readonly #socket: WebSocket;
  readonly #waiting = new Set<() => void>();
  #ref = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener('message', (event) => {
      this.frames.push(JSON.parse(event.data as string) as Frame);
      this.#settle();
    });
    this.closed = once(socket, 'close').then(([event]) => {
      this.#settle();
      const { code, reason } = event as CloseEvent;
      return { code, reason };
    });
  }

  /** Opens the socket and waits for its welcome. */
  static async open(visitor: Visitor): Promise<RawSocket> {
    const socket = new RawSocket(visitor.socket());
    await socket.frame({ type: 'welcome' });
    return socket;
  }

  send(frame: string | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(frame);
  }

  /** Sends a command. @returns The `reply` or `error` to it. */
  async ask(type: string, fields: object = {}): Promise<Frame> {
    const ref = ++this.#ref;
    this.send(JSON.stringify({ type, ref, ...fields }));
    return this.#until(
      () => this.frames.find((frame) => frame['ref'] === ref),
      () => `a response to ${type}`,
    );
  }

  /** As {@link ask}, but fails if the result is an `error`. */
  async do(type: string, fields: object = {}): Promise<Frame> {
    const reply = await this.ask(type, fields);
    assert.equal(reply['type'], 'reply', JSON.stringify(reply));
    return reply;
  }

  /** Waits for a frame with these fields. Also finds a frame that is already in `frames`, at index `from` or later. */
  frame(fields: Frame, from: number = 0): Promise<Frame> {
    return this.#until(
      () => this.frames.slice(from).find((frame) => fits(frame, fields)),
      () => `a frame with ${JSON.stringify(fields)}`,
    );
  }

  close(): void {
    this.#socket.close();
  }

  async #until<Found>(find: () => Found | undefined, describe: () => string): Promise<Found> {
    const late = AbortSignal.timeout(timeoutMs);
    late.addEventListener('abort', () => this.#settle());
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const isClosed = this.#socket.readyState > WebSocket.OPEN;
      if (isClosed || late.aborted) {
        const why = isClosed ? 'The socket closed' : `${timeoutMs} ms passed`;
        throw new Error(`${why} without ${describe()}; received ${JSON.stringify(this.frames)}`);
      }
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  #settle(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }
}

/** Whether a frame has all of the fields. */
function fits(frame: Frame, fields: Frame): boolean {
  return Object.entries(fields).every(([name, value]) => {
    try {
      assert.deepEqual(frame[name], value);
      return true;
    } catch {
      return false;
    }
  });
}
