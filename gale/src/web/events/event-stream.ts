/**
 * A response of server-sent events that stays open: WHATWG HTML §9.2. It ends when the client leaves, the server begins to close, the verb
 * returns, or the client reads too slowly.
 */
import { GaleError } from '../../errors.ts';
import type { HttpRequest } from '../../http/request.ts';
import type { Deadline, WheelNote } from '../../http/timing/timer-wheel.ts';
import type { Logger } from '../../run/log.ts';
import { Finish } from '../http-error.ts';
import { eventText, type ServerEvent } from './event-text.ts';
import { resolveEventsOptions, type EventsOptions } from './events-options.ts';

/** What a stream needs from its handler. */
export interface EventsOwner {
  readonly request: HttpRequest;
  readonly log: Logger;
  readonly phase: string;
  getHeader(name: string): string | undefined;
  setHeader(name: string, value: string): void;
  write(text: string): void;
  flush(): Promise<void>;
  finish(): Promise<void>;
  abort(): void;
}

/** Writer of the events of one response. */
export class EventStream implements Deadline {
  /** Belongs to the timer wheel. @internal */
  wheelNote: WheelNote | undefined = undefined;
  /** Id of the last event that the client has received, from the header Last-Event-ID of a client that reconnects. It can be forged. */
  readonly lastEventId: string | undefined;
  readonly #owner: EventsOwner;
  readonly #heartbeatMs: number;
  readonly #maxBufferedBytes: number;
  #waitingBytes = 0;
  /** Why the stream has ended. */
  #end: GaleError | undefined;
  #controller: AbortController | undefined;
  #ended: PromiseWithResolvers<void> | undefined;

  /** Created by {@link RequestHandler.events}. @internal */
  constructor(owner: EventsOwner, options: EventsOptions) {
    const { heartbeatMs, maxBufferedBytes } = resolveEventsOptions(options);
    this.#owner = owner;
    this.#heartbeatMs = heartbeatMs;
    this.#maxBufferedBytes = maxBufferedBytes;
    const id = owner.request.headers.get('last-event-id');
    this.lastEventId = id === undefined || id === '' ? undefined : Buffer.from(id, 'latin1').toString('utf8');
  }

  /** Sends the head. @internal */
  async open(): Promise<void> {
    const owner = this.#owner;
    const { request } = owner;
    owner.setHeader('Content-Type', 'text/event-stream');
    if (owner.getHeader('cache-control') === undefined) owner.setHeader('Cache-Control', 'no-cache');
    // nginx would collect the events.
    owner.setHeader('X-Accel-Buffering', 'no');
    // The response to HEAD is only the head.
    if (request.method === 'HEAD') throw new Finish();
    await owner.flush();
    this.#awaitHeartbeat();
    onAbort(request.signal, (reason) => this.#stop(reason));
    onAbort(request.closing, (reason) => this.#complete(reason));
  }

  /** Aborts when the stream has ended, for whatever reason. Pass it to the operation that waits for the next event. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#end !== undefined) this.#controller.abort(this.#end);
    }
    return this.#controller.signal;
  }

  /** Resolves when the stream has ended, for whatever reason. */
  get ended(): Promise<void> {
    if (this.#ended === undefined) {
      this.#ended = Promise.withResolvers<void>();
      if (this.#end !== undefined) this.#ended.resolve();
    }
    return this.#ended.promise;
  }

  /**
   * Sends an event.
   *
   * @returns Resolves when the client has room for more: await it for backpressure. Rejects after the end of the stream. That error ends the
   *   verb without a line in the log, and an unhandled rejection has no effect.
   * @throws {@link GaleError} `OPTION_VALUE` or `OPTION_UNKNOWN` for a wrong field; `WEB_BODY` for data that JSON would lose.
   */
  send(event: ServerEvent): Promise<void> {
    const text = eventText(event);
    const end = this.#findEnd();
    return end === undefined ? this.#write(text) : harmless(Promise.reject(end));
  }

  /** Ends the stream and completes the response. The browser reconnects, unless it then gets 204. */
  close(): void {
    this.#complete(new GaleError('WEB_RESPONDED', 'send() was called after close() of its stream.'));
  }

  /** Sends a comment, unless events wait: a client that does not read needs none. @internal */
  onDeadline(): void {
    if (this.#findEnd() !== undefined) return;
    if (this.#waitingBytes === 0) void this.#write(':\n\n');
    else this.#awaitHeartbeat();
  }

  /** The response is complete or aborted. @internal */
  onFinish(): void {
    this.#stop(
      new GaleError(
        'WEB_RESPONDED',
        'send() was called after the verb has returned; await `ended` of the stream in it.',
      ),
    );
  }

  /** Why nothing more can be sent. After the verb, the rest of the response may still wait for the client. */
  #findEnd(): GaleError | undefined {
    if (this.#owner.phase !== 'started') this.onFinish();
    return this.#end;
  }

  #write(text: string): Promise<void> {
    const bytes = Buffer.byteLength(text);
    if (this.#waitingBytes > 0 && this.#waitingBytes + bytes > this.#maxBufferedBytes) {
      return harmless(Promise.reject(this.#refuseSlowClient()));
    }
    this.#waitingBytes += bytes;
    this.#awaitHeartbeat();
    this.#owner.write(text);
    return harmless(
      this.#owner.flush().then(() => {
        this.#waitingBytes -= bytes;
      }),
    );
  }

  #refuseSlowClient(): GaleError {
    const { request, log } = this.#owner;
    const bufferedBytes = this.#waitingBytes;
    log.info(
      { requestId: request.id, path: request.path, bufferedBytes },
      'Event stream reset: the client reads too slowly',
    );
    const error = new GaleError(
      'HTTP_CLIENT_GONE',
      `The client read too slowly: ${bufferedBytes} bytes of events waited, and more than maxBufferedBytes (${this.#maxBufferedBytes}) may not.`,
    );
    this.#stop(error);
    this.#owner.abort();
    return error;
  }

  #awaitHeartbeat(): void {
    if (this.#heartbeatMs > 0) this.#owner.request.wheel?.set(this, this.#heartbeatMs);
  }

  /** Ends the stream and the response. */
  #complete(reason: GaleError): void {
    this.#stop(reason);
    if (this.#owner.phase === 'started') void this.#owner.finish();
  }

  #stop(reason: GaleError): void {
    if (this.#end !== undefined) return;
    this.#end = reason;
    this.#owner.request.wheel?.clear(this);
    this.#controller?.abort(reason);
    this.#ended?.resolve();
  }
}

/** Calls `listener` with the reason when the signal aborts, or at once if it has. */
function onAbort(signal: AbortSignal, listener: (reason: GaleError) => void): void {
  const call = (): void => listener(signal.reason as GaleError);
  if (signal.aborted) call();
  else signal.addEventListener('abort', call, { once: true });
}

/** Marks rejections of the promise as handled. */
function harmless(promise: Promise<void>): Promise<void> {
  promise.catch(() => {});
  return promise;
}
