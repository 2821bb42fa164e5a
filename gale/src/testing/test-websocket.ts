/**
 * The client end of a WebSocket in a test. Messages wait in a queue, so a test reads them one by one, in any order with its sends.
 */
import { GaleError } from '../errors.ts';
import type { HeaderList } from '../http/protocol/header-list.ts';
import { assertNames, maxTimerMs, readIntegers } from '../run/given-options.ts';
import type { WebSocketClient } from '../websocket/client/client.ts';
import type { ClosePayload } from '../websocket/protocol/close-payload.ts';

/** Options of {@link TestWebSocket.next}. */
export interface NextOptions {
  /** Maximum time until a message arrives, in milliseconds. @defaultValue 5 000 */
  readonly timeoutMs?: number;
}

/** Messages that wait for a test; above it the WebSocket is not read. */
const maxWaiting = 10_000;

/** Messages of one WebSocket that wait for the test, and calls that wait for messages. @internal */
export class MessageQueue {
  readonly #messages: (string | Buffer)[] = [];
  readonly #readers: ((message: string | Buffer | undefined) => void)[] = [];
  #room: (() => void) | undefined;
  #isEnded = false;

  /** Adds a message. @returns Settles when the queue has room for more; `undefined` if it has. */
  put(message: string | Buffer): Promise<void> | undefined {
    const reader = this.#readers.shift();
    if (reader !== undefined) reader(message);
    else this.#messages.push(message);
    if (this.#messages.length < maxWaiting) return undefined;
    return new Promise((resolve) => void (this.#room = resolve));
  }

  /** No more messages follow. */
  end(): void {
    this.#isEnded = true;
    for (const reader of this.#readers.splice(0)) reader(undefined);
  }

  /** The next message; `undefined` after the last. @param onWait - Receives a function that gives up waiting. */
  take(onWait?: (cancel: () => void) => void): Promise<string | Buffer | undefined> {
    const message = this.#messages.shift();
    this.#room?.();
    if (message !== undefined || this.#isEnded) return Promise.resolve(message);
    return new Promise((resolve) => {
      this.#readers.push(resolve);
      onWait?.(() => this.#readers.splice(this.#readers.indexOf(resolve), 1));
    });
  }
}

/** An open WebSocket of a test client, created by its `connect`. */
export class TestWebSocket {
  readonly #client: WebSocketClient;
  readonly #queue: MessageQueue;

  /** Created by test clients only. @internal */
  constructor(client: WebSocketClient, queue: MessageQueue) {
    this.#client = client;
    this.#queue = queue;
  }

  /** The chosen subprotocol; `undefined` for none. */
  get protocol(): string | undefined {
    return this.#client.protocol;
  }

  /** Header fields of the handshake response. */
  get headers(): HeaderList {
    return this.#client.headers;
  }

  /** Settles with code and reason when the WebSocket has closed; never rejects. Messages before it can still be read. */
  get closed(): Promise<ClosePayload> {
    return this.#client.closed;
  }

  /**
   * The next message: text as a string, binary as a Buffer. Messages wait until they are read.
   *
   * @returns Rejects with `TEST_MESSAGE` if none arrives in time, or if the WebSocket has closed.
   */
  async next(options: NextOptions = {}): Promise<string | Buffer> {
    assertNames('next', options, ['timeoutMs']);
    const { timeoutMs } = readIntegers(options, { timeoutMs: [5_000, 1, maxTimerMs] });
    const late = Promise.withResolvers<never>();
    let timer: NodeJS.Timeout | undefined;
    const reading = this.#queue.take((cancel) => {
      timer = setTimeout(() => {
        cancel();
        late.reject(new GaleError('TEST_MESSAGE', `No message of the WebSocket arrived within ${timeoutMs} ms.`));
      }, timeoutMs);
    });
    const message = await Promise.race([reading, late.promise]).finally(() => clearTimeout(timer));
    if (message !== undefined) return message;
    const { code, reason } = await this.closed;
    const why = reason === '' ? '' : ` (${reason})`;
    throw new GaleError('TEST_MESSAGE', `The WebSocket closed with ${code}${why}, so no message follows.`);
  }

  /** Iterates over messages until the WebSocket has closed. Leaving the loop does not close it. */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Buffer, void, void> {
    for (let message = await this.#queue.take(); message !== undefined; message = await this.#queue.take())
      yield message;
  }

  /** Sends a message: a string as text, bytes as binary, any other object as JSON. */
  send(message: string | Uint8Array | object): void {
    void this.#client.writeMessage(message);
  }

  /** Closes the WebSocket after everything sent so far. @returns Settles as {@link TestWebSocket.closed}. */
  close(code?: number, reason?: string): Promise<ClosePayload> {
    return this.#client.close(code, reason);
  }

  /** Disconnects without a close frame, as a client that loses its network. */
  terminate(): void {
    this.#client.terminate();
  }
}
