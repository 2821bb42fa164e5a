/**
 * One WebSocket of docs/wire.md without any logic of a client: it sends commands and passes every frame on, so that a
 * scenario sees exactly what the server sent. A silent connection is closed after a ping without a frame.
 */
import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';

/** A frame of the server. */
export type Frame = Readonly<Record<string, unknown>> & { readonly type: string };

/** The connection ended before the response. The command may have been executed. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

/** What a connection needs. */
export interface RoomConnectionOptions {
  /** Events: frames without a response. */
  readonly onFrame?: (frame: Frame) => void;
  /** Time without a frame after which it sends a ping; after the same time again the connection is dead. @defaultValue 4000 */
  readonly silenceMs?: number;
  /** Longest wait for the welcome. @defaultValue 4000 */
  readonly welcomeMs?: number;
  readonly webSocket?: ClientOptions;
}

interface Waiter {
  readonly resolve: (frame: Frame) => void;
  readonly reject: (error: Error) => void;
}

/** An open connection that was welcomed. */
export class RoomConnection {
  readonly socket: WebSocket;
  /** Resolves with the close code. */
  readonly closed: Promise<number>;
  isClosed = false;
  readonly #waiting = new Map<number, Waiter>();
  readonly #onFrame: (frame: Frame) => void;
  readonly #welcome: PromiseWithResolvers<Frame> = Promise.withResolvers<Frame>();
  readonly #silenceTimer: NodeJS.Timeout;
  #lastRef = 0;
  #lastFrameAt = performance.now();

  private constructor(url: string, { onFrame, silenceMs = 4000, webSocket = {} }: RoomConnectionOptions) {
    this.#onFrame = onFrame ?? (() => {});
    this.socket = new WebSocket(url, { perMessageDeflate: false, ...webSocket });
    this.socket.on('error', () => {});
    this.socket.on('message', (data) => this.#receive(JSON.parse(String(data)) as Frame));
    this.#silenceTimer = setInterval(() => this.#checkSilence(silenceMs), silenceMs / 4);
    this.#welcome.promise.catch(() => {});
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code) => {
        this.isClosed = true;
        clearInterval(this.#silenceTimer);
        const error = new ConnectionLost(`closed with ${code}`);
        this.#welcome.reject(error);
        for (const { reject } of this.#waiting.values()) reject(error);
        this.#waiting.clear();
        resolve(code);
      });
    });
  }

  /** Connects and waits for the welcome. Rejects with {@link ConnectionLost}. */
  static async open(url: string, options: RoomConnectionOptions = {}): Promise<RoomConnection> {
    const connection = new RoomConnection(url, options);
    const timer = setTimeout(() => connection.drop(), options.welcomeMs ?? 4000);
    await connection.#welcome.promise.finally(() => clearTimeout(timer));
    return connection;
  }

  /**
   * Sends a command.
   *
   * @param onResponse - Called with the response before any frame after it.
   * @returns Its response, a reply or an error. Rejects with {@link ConnectionLost} if the connection ends first.
   */
  ask(type: string, fields: object = {}, onResponse: (frame: Frame) => void = () => {}): Promise<Frame> {
    const ref = ++this.#lastRef;
    return new Promise((resolve, reject) => {
      if (this.isClosed) {
        reject(new ConnectionLost('closed already'));
        return;
      }
      const settle = (frame: Frame): void => {
        onResponse(frame);
        resolve(frame);
      };
      this.#waiting.set(ref, { resolve: settle, reject });
      this.socket.send(JSON.stringify({ type, ref, ...fields }), () => {});
    });
  }

  /** Ends it without a close frame. */
  drop(): void {
    this.socket.terminate();
  }

  #receive(frame: Frame): void {
    this.#lastFrameAt = performance.now();
    const ref = frame['ref'];
    if (frame.type === 'welcome') this.#welcome.resolve(frame);
    else if (typeof ref === 'number') {
      const waiter = this.#waiting.get(ref);
      this.#waiting.delete(ref);
      waiter?.resolve(frame);
    } else this.#onFrame(frame);
  }

  #checkSilence(silenceMs: number): void {
    // A paused socket does not read on purpose.
    if (this.socket.isPaused) return;
    const silentMs = performance.now() - this.#lastFrameAt;
    if (silentMs > 2 * silenceMs) this.drop();
    else if (silentMs > silenceMs && this.socket.readyState === WebSocket.OPEN) this.ask('ping').catch(() => {});
  }
}
