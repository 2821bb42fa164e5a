/**
 * The client's end of a connection in memory: writes one request at a time into the socket of the server and reads the response. The
 * bytes are those of a real connection, so a request takes the same way from the parser on.
 */
import { GaleError } from '../errors.ts';
import { MemorySocket, type MemoryPeer } from './memory-socket.ts';
import { ResponseReader, type ResponseEvents, type ResponseHead } from './response-reader.ts';

/** A request as it is written. */
export interface EncodedRequest {
  readonly method: string;
  /** Request line and fields, with the empty line; one byte for each character. */
  readonly head: string;
  /** A whole body, or its parts, which are then sent in chunks. */
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  /** Whether the body waits for `100 Continue`. */
  readonly expectsContinue: boolean;
}

/** The pool of a connection. */
export interface ConnectionPool {
  /** The connection can take another request. */
  onIdle(connection: MemoryConnection): void;
  /** The connection is closed. */
  onClosed(connection: MemoryConnection): void;
}

/** Bytes of a body that are passed to the server at once. */
const sliceBytes = 64 * 1024;
/** Bytes of a response that wait for the test, above which the server sees backpressure. */
const maxUnreadBytes = 64 * 1024;

/** A response that is being read. */
interface Exchange {
  readonly request: EncodedRequest;
  readonly reader: ResponseReader;
  readonly response: PromiseWithResolvers<Response>;
  readonly signal: AbortSignal | undefined;
  head: ResponseHead | undefined;
  /** Parts of the body before the Response is created. */
  parts: Buffer[];
  /** Once the Response is created and its body continues. */
  controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  isSent: boolean;
  keepsAlive: boolean;
}

/** One connection, used for one request after the other. */
export class MemoryConnection implements MemoryPeer, ResponseEvents {
  readonly socket: MemorySocket = new MemorySocket(this);
  readonly #pool: ConnectionPool;
  #exchange: Exchange | undefined;
  /** Reports to the server that its last write was taken. */
  #taken: (() => void) | undefined;
  #room: (() => void) | undefined;
  #continue: (() => void) | undefined;
  readonly #onAbort = (): void => this.#fail(this.#exchange?.signal?.reason);

  constructor(pool: ConnectionPool) {
    this.#pool = pool;
  }

  /**
   * Sends a request.
   *
   * @returns The response as soon as its head has arrived. Rejects with `TEST_RESPONSE` if the connection closes before, with the reason of
   * an aborted `signal`, and with the error of a body that fails.
   */
  send(request: EncodedRequest, signal?: AbortSignal): Promise<Response> {
    const exchange: Exchange = {
      request,
      reader: new ResponseReader(request.method, this),
      response: Promise.withResolvers<Response>(),
      signal,
      head: undefined,
      parts: [],
      controller: undefined,
      isSent: false,
      keepsAlive: false,
    };
    if (this.socket.destroyed) return Promise.reject(closedBy(exchange));
    this.#exchange = exchange;
    signal?.addEventListener('abort', this.#onAbort);
    const { head, body, expectsContinue } = request;
    if (body === undefined) {
      exchange.isSent = true;
      this.socket.receive(Buffer.from(head, 'latin1'));
    } else if (body instanceof Uint8Array && body.length <= sliceBytes && !expectsContinue) {
      exchange.isSent = true;
      this.socket.receive(Buffer.concat([Buffer.from(head, 'latin1'), body]));
    } else {
      this.#sendBody(exchange, body).catch((error: unknown) => {
        if (this.#exchange === exchange) this.#fail(error);
      });
    }
    return exchange.response.promise;
  }

  /** Closes the connection, as a client that goes away. */
  destroy(): void {
    this.socket.destroy();
  }

  // Events of the socket.

  onBytes(bytes: Buffer, taken: () => void): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return taken();
    try {
      exchange.reader.read(bytes);
      if (exchange.head !== undefined && exchange.controller === undefined) this.#respond(exchange, exchange.head);
    } catch (error) {
      taken();
      return this.#fail(error);
    }
    if (this.#exchange === exchange && (exchange.controller?.desiredSize ?? 1) <= 0) this.#taken = taken;
    else taken();
  }

  onOutputEnd(): void {
    const exchange = this.#exchange;
    if (exchange?.reader.end() === true && exchange.head !== undefined && exchange.controller === undefined) {
      this.#respond(exchange, exchange.head);
    }
    // A client closes its side too; then the server need not wait for it.
    process.nextTick(() => this.socket.receiveEnd());
  }

  onClose(): void {
    const exchange = this.#exchange;
    if (exchange !== undefined) this.#fail(closedBy(exchange));
    this.#room?.();
    this.#continue?.();
    this.#pool.onClosed(this);
  }

  onRoom(): void {
    this.#room?.();
    this.#room = undefined;
  }

  // Events of the reader.

  onHead(head: ResponseHead): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    if (head.status === 101) {
      throw new GaleError(
        'TEST_REQUEST',
        'The application upgraded the connection to a WebSocket; use connect(path) instead of request(path).',
      );
    }
    if (head.status >= 200) exchange.head = head;
    // The final response ends the waiting too: the body is then not sent.
    if (head.status >= 200 || head.status === 100) this.#continue?.();
  }

  onBody(bytes: Buffer): void {
    const exchange = this.#exchange;
    if (exchange?.controller === undefined) exchange?.parts.push(bytes);
    // The server uses the memory again.
    else exchange.controller.enqueue(new Uint8Array(bytes));
  }

  onComplete(keepsAlive: boolean): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.keepsAlive = keepsAlive;
    exchange.controller?.close();
    exchange.signal?.removeEventListener('abort', this.#onAbort);
    if (exchange.controller !== undefined) this.#release(exchange);
  }

  /** Creates the Response: with its whole body if that has arrived. */
  #respond(exchange: Exchange, { status, reason, fields }: ResponseHead): void {
    const { parts, reader, response } = exchange;
    exchange.parts = [];
    const init = { status, statusText: reason, headers: fields as [string, string][] };
    const hasNoBody = status === 204 || status === 205 || status === 304;
    if (reader.isDone) {
      // The constructor copies the bytes.
      const body = parts.length < 2 ? parts[0] : Buffer.concat(parts);
      response.resolve(new Response(hasNoBody ? null : ((body ?? null) as Uint8Array<ArrayBuffer> | null), init));
      return this.#release(exchange);
    }
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        start: (controller) => void (exchange.controller = controller),
        pull: () => this.#take(),
        cancel: () => this.destroy(),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: maxUnreadBytes }),
    );
    for (const part of parts) this.onBody(part);
    response.resolve(new Response(stream, init));
  }

  #take(): void {
    const taken = this.#taken;
    this.#taken = undefined;
    taken?.();
  }

  /** The response is complete. */
  #release(exchange: Exchange): void {
    this.#exchange = undefined;
    const isReusable = exchange.keepsAlive && exchange.isSent;
    // Not at once: the server may be in the call that completed the response.
    process.nextTick(() => {
      if (!isReusable) this.socket.receiveEnd();
      else if (!this.socket.destroyed && !this.socket.writableEnded) this.#pool.onIdle(this);
    });
  }

  #fail(error: unknown): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    exchange?.signal?.removeEventListener('abort', this.#onAbort);
    exchange?.response.reject(error);
    exchange?.controller?.error(error);
    this.destroy();
  }

  async #sendBody(exchange: Exchange, body: Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
    const { head, expectsContinue } = exchange.request;
    const isActive = (): boolean => this.#exchange === exchange;
    const continued = new Promise<void>((resolve) => void (this.#continue = resolve));
    await this.#pass(Buffer.from(head, 'latin1'));
    if (expectsContinue) await continued;
    if (exchange.head !== undefined) return;
    if (body instanceof Uint8Array) {
      for (let at = 0; at < body.length && isActive(); at += sliceBytes) {
        await this.#pass(Buffer.from(body.subarray(at, at + sliceBytes)));
      }
    } else {
      for await (const chunk of body) {
        if (!isActive()) return;
        if (chunk.length > 0) await this.#pass(inChunk(chunk));
      }
      if (isActive()) await this.#pass(Buffer.from('0\r\n\r\n'));
    }
    exchange.isSent = true;
  }

  /** Passes bytes to the server and waits until it has room for more. */
  async #pass(bytes: Buffer): Promise<void> {
    if (this.socket.receive(bytes)) return;
    await new Promise<void>((resolve) => void (this.#room = resolve));
  }
}

/** The error for a connection that the server has closed too early. */
function closedBy({ head, request }: Exchange): GaleError {
  const what = head === undefined ? 'without a response' : 'before the end of the response';
  const line = request.head.slice(0, request.head.indexOf(' HTTP/'));
  return new GaleError(
    'TEST_RESPONSE',
    `The server closed the connection ${what} to ${line}; its log may have the reason.`,
  );
}

function inChunk(bytes: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
}
