/**
 * One request, as a listener sees it. Costs little until something is asked of it: headers, body and signal are made on first use.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { RequestBody } from './body.ts';
import type { BodySource } from './body.ts';
import type { Origin } from './proxy/forwarded.ts';
import type { RequestHead } from './protocol/request-head.ts';
import { CompactHead } from './protocol/compact-head.ts';
import type { HeaderList } from './protocol/header-list.ts';
import type { TimerWheel } from './timing/timer-wheel.ts';

/** Who took a connection out of HTTP, as the server speaks to them. */
export interface UpgradeTaker {
  /**
   * The server begins to close: say goodbye now, and end the socket, which is cut when the grace is over. Called at most once, and not
   * after the socket has closed; what it throws is logged.
   */
  onServerClosing(): void;
}

/** A connection that was taken out of HTTP. It belongs to the taker, who also closes it. */
export interface UpgradedConnection {
  /**
   * Flowing, and ending by itself when the peer ends. The server's own listeners do nothing any more; those of the taker have to be
   * there before the current turn ends. An error of the socket destroys it.
   */
  readonly socket: Socket;
  /** Bytes that came behind the request; often none. */
  readonly head: Buffer;
  /** The server's wheel, for the taker's own deadlines. */
  readonly wheel: TimerWheel;
  /** The taker is told when the server begins to close; at once, if it has begun. Without it the socket is ended then. */
  attach(taker: UpgradeTaker): void;
}

/** What a request asks of the connection it came over. */
export interface RequestOwner extends BodySource {
  /** Of the connection itself, whatever the request says. */
  readonly remoteAddress: string;
  readonly protocol: 'http' | 'https';
  readonly maxBodyBytes: number;
  /** Whether it comes from a proxy that is believed. */
  readonly isProxied: boolean;
  /** Where a request came from, as that proxy says. */
  originOf(headers: HeaderList): Origin;
  /** Whether the client can no longer be answered. */
  isGone(request: HttpRequest): boolean;
  goneError(): Error;
  upgrade(request: HttpRequest): UpgradedConnection;
}

/** One HTTP request. */
export class HttpRequest {
  #owner: RequestOwner;
  #head: RequestHead;
  #body: RequestBody | undefined;
  #abort: AbortController | undefined;
  #origin: Origin | undefined;
  #id: string | undefined;

  /** Made by the server's connections only. */
  constructor(owner: RequestOwner, head: RequestHead) {
    this.#owner = owner;
    this.#head = head;
  }

  /** The method as sent; any token. */
  get method(): string {
    return this.#head.method;
  }

  /** The request target as sent. */
  get target(): string {
    return this.#head.target;
  }

  /** Path of the target, before the first `?`, still percent-encoded; `*` for `OPTIONS *`, empty for CONNECT. */
  get path(): string {
    return this.#head.path;
  }

  /** What stands behind the target's first `?`; empty if nothing does. */
  get query(): string {
    return this.#head.query;
  }

  /** Version of HTTP that the client speaks. */
  get version(): '1.0' | '1.1' {
    return this.#head.version;
  }

  /** The header fields. */
  get headers(): HeaderList {
    return this.#head.fields.headers;
  }

  /** Whether there is an If-None-Match field; costs nothing to ask. */
  get hasIfNoneMatch(): boolean {
    return this.#head.fields.notes.hasIfNoneMatch;
  }

  /** Whether a body was announced; costs nothing to ask. */
  get hasBody(): boolean {
    return this.#head.declaredBytes !== 0;
  }

  /** The body; {@link RequestBody.declaredBytes} is 0 if there is none. */
  get body(): RequestBody {
    return (this.#body ??= new RequestBody(this.#owner, this.#head.declaredBytes, this.#owner.maxBodyBytes));
  }

  /**
   * Address of the client: of the peer of the socket, or what a proxy says that is among `trustedProxies`. Empty over a Unix socket, and
   * if it was never known.
   */
  get remoteAddress(): string {
    return this.#owner.isProxied ? this.#forwarded().address : this.#owner.remoteAddress;
  }

  /** Whether the client speaks TLS, to this server or to a proxy that is among `trustedProxies`. */
  get protocol(): 'http' | 'https' {
    return (this.#owner.isProxied ? this.#forwarded().protocol : undefined) ?? this.#owner.protocol;
  }

  /**
   * Host and port the client meant, in lower case: of an absolute target, else of Host; empty if it named none. What a proxy says that
   * is among `trustedProxies` comes before both.
   */
  get host(): string {
    return (this.#owner.isProxied ? this.#forwarded().host : undefined) ?? this.#head.host;
  }

  /**
   * Name of this request in the log: X-Request-Id of a proxy that is among `trustedProxies`, else one of the server's own, which no other
   * request has.
   */
  get id(): string {
    return (this.#id ??= this.#givenId() ?? `${processId}-${(requestCount++).toString(36)}`);
  }

  /** Aborts when the client leaves before its answer is complete. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#owner.isGone(this)) this.#abort.abort(this.#owner.goneError());
    }
    return this.#abort.signal;
  }

  /**
   * Takes the connection out of HTTP, for a WebSocket. The taker writes the answer itself.
   *
   * @throws {@link GaleError} `HTTP_UPGRADE` if something was answered, the request has a body, or it was taken before; `HTTP_CLIENT_GONE`.
   */
  upgrade(): UpgradedConnection {
    return this.#owner.upgrade(this);
  }

  /** The connection is no longer HTTP's: `owner` takes its place. @internal */
  leaveConnection(owner: RequestOwner): void {
    // What the proxy said can be read by the connection alone.
    if (this.#owner.isProxied) this.#forwarded();
    this.#body = undefined;
    this.#head = new CompactHead(this.#head);
    this.#owner = owner;
  }

  /** Head of the request, for its connection. @internal */
  get head(): RequestHead {
    return this.#head;
  }

  /** Tells everybody who listens that the client has left. @internal */
  abort(reason: Error): void {
    this.#abort?.abort(reason);
  }

  #forwarded(): Origin {
    return (this.#origin ??= this.#owner.originOf(this.headers));
  }

  #givenId(): string | undefined {
    const given = this.#owner.isProxied ? this.headers.get('x-request-id') : undefined;
    return given !== undefined && isRequestId.test(given) ? given : undefined;
  }
}

/** Different for each process and each of its starts. */
const processId: string = randomBytes(6).toString('hex');
let requestCount = 0;
const isRequestId = /^[\w.:=+/-]{1,128}$/;
