/**
 * One request for a listener. Headers, body and signal are created on first use, so an unused part costs nothing.
 */
import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import { serverClosing } from './abort-reasons.ts';
import { RequestBody } from './body.ts';
import type { BodySource } from './body.ts';
import type { Origin } from './proxy/forwarded.ts';
import type { RequestHead } from './protocol/request-head.ts';
import { CompactHead } from './protocol/compact-head.ts';
import type { HeaderList } from './protocol/header-list.ts';
import type { TimerWheel } from './timing/timer-wheel.ts';

/** The handler of an upgraded connection, as the server notifies it. */
export interface UpgradeHandler {
  /**
   * The server begins to close: end the protocol and the socket, which is destroyed after `graceMs`. Called at most once, and not after the
   * socket has closed. Thrown errors are logged.
   */
  onServerClosing(): void;
}

/** An upgraded connection. It belongs to the caller of `upgrade`, which must close it. */
export interface UpgradedConnection {
  /**
   * Flowing; it ends by itself when the peer ends. The server's listeners are inactive. Attach your own before the current turn
   * ends. An error destroys the socket.
   */
  readonly socket: Socket;
  /** Bytes that arrived after the request; often none. */
  readonly head: Buffer;
  /** The timer wheel of the server, for deadlines of the new protocol. */
  readonly wheel: TimerWheel;
  /** Notifies `handler` when the server begins to close, or at once if it has begun. Without a handler the socket is ended then. */
  attach(handler: UpgradeHandler): void;
}

/** What a request needs from its connection. */
export interface RequestOwner extends BodySource {
  /** Address of the connection itself, whatever the request says. */
  readonly remoteAddress: string;
  readonly protocol: 'http' | 'https';
  readonly maxBodyBytes: number;
  readonly maxResponseHeadBytes: number;
  /** Whether the peer is a trusted proxy. */
  readonly isProxied: boolean;
  /** Origin of a request, from the headers of that proxy. */
  originOf(headers: HeaderList): Origin;
  /** Whether the server has begun to close. */
  readonly isServerClosing: boolean;
  upgrade(request: HttpRequest): UpgradedConnection;
  /** The timer wheel of the server; undefined after an upgrade. */
  readonly wheel: TimerWheel | undefined;
}

/** One HTTP request. */
export class HttpRequest {
  #owner: RequestOwner;
  #head: RequestHead;
  #body: RequestBody | undefined;
  #abort: AbortController | undefined;
  #closing: AbortController | undefined;
  #origin: Origin | undefined;
  #id: string | undefined;

  /** Created by connections of the server only. @internal */
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

  /** The part of the target after its first `?`; may be empty. */
  get query(): string {
    return this.#head.query;
  }

  /** HTTP version of the request. */
  get version(): '1.0' | '1.1' {
    return this.#head.version;
  }

  /** The header fields. */
  get headers(): HeaderList {
    return this.#head.fields.headers;
  }

  /**
   * Whether there is a precondition: If-Match, If-None-Match, If-Modified-Since or If-Unmodified-Since (RFC 9110 §13.1). Does not
   * parse the headers. False after an upgrade.
   */
  get isConditional(): boolean {
    return this.#head.fields.notes.isConditional;
  }

  /** Whether the request has a body; does not create {@link HttpRequest.body}. */
  get hasBody(): boolean {
    return this.#head.declaredBytes !== 0;
  }

  /** The body; {@link RequestBody.declaredBytes} is 0 if there is none. */
  get body(): RequestBody {
    return (this.#body ??= new RequestBody(this.#owner, this.#head.declaredBytes, this.#owner.maxBodyBytes, this));
  }

  /**
   * Address of the client: of the peer of the socket, or the one that a proxy in `trustedProxies` reports. Empty for a Unix socket and an
   * unknown address.
   */
  get remoteAddress(): string {
    return this.#owner.isProxied ? this.#forwarded().address : this.#owner.remoteAddress;
  }

  /** `https` if the client uses TLS, to this server or to a proxy in `trustedProxies`. */
  get protocol(): 'http' | 'https' {
    return (this.#owner.isProxied ? this.#forwarded().protocol : undefined) ?? this.#owner.protocol;
  }

  /**
   * Host and port that the client requested, in lower case: from a proxy in `trustedProxies`, else from an absolute target, else from Host.
   * Empty if the request names none.
   */
  get host(): string {
    return (this.#owner.isProxied ? this.#forwarded().host : undefined) ?? this.#head.host;
  }

  /**
   * Id of this request in the log: X-Request-Id of a proxy in `trustedProxies`, else a unique id of the server.
   */
  get id(): string {
    return (this.#id ??= this.#givenId() ?? `${processId}-${(requestCount++).toString(36)}`);
  }

  /**
   * Aborts when the client disconnects before its response is complete, with the reason `HTTP_CLIENT_GONE`. Also 250 ms after a client has
   * ended only its side of the connection, since TCP does not show the difference; a response can still be sent then. It does not abort for
   * that while a response with a Content-Length is sent. An error that a listener throws is an uncaught exception, which ends the process.
   */
  get signal(): AbortSignal {
    return (this.#abort ??= new AbortController()).signal;
  }

  /**
   * Aborts when the server begins to close, with the reason `HTTP_CLOSING`; at once if it has begun. A response that would otherwise stay open,
   * such as a stream of events, should end then. An error that a listener throws is an uncaught exception, which ends the process.
   */
  get closing(): AbortSignal {
    if (this.#closing === undefined) {
      this.#closing = new AbortController();
      if (this.#owner.isServerClosing) this.announceClosing();
    }
    return this.#closing.signal;
  }

  /**
   * Upgrades the connection to another protocol, such as WebSocket. The caller writes the response itself.
   *
   * @throws {@link GaleError} `HTTP_UPGRADE` if a response has begun, the request has a body, or it was upgraded before; `HTTP_CLIENT_GONE`.
   */
  upgrade(): UpgradedConnection {
    return this.#owner.upgrade(this);
  }

  /** The connection was upgraded: `owner` replaces it. @internal */
  leaveConnection(owner: RequestOwner): void {
    // Only the connection can read the headers of the proxy.
    if (this.#owner.isProxied) this.#forwarded();
    this.#body = undefined;
    this.#head = new CompactHead(this.#head);
    this.#owner = owner;
  }

  /** The timer wheel of the server, for deadlines of a response that stays open; undefined after an upgrade. @internal */
  get wheel(): TimerWheel | undefined {
    return this.#owner.wheel;
  }

  /** Maximum size of the head of its response. @internal */
  get maxResponseHeadBytes(): number {
    return this.#owner.maxResponseHeadBytes;
  }

  /** Head of the request, for its connection. @internal */
  get head(): RequestHead {
    return this.#head;
  }

  /** Aborts the signal: the client has gone. @internal */
  abort(reason: Error): void {
    (this.#abort ??= new AbortController()).abort(reason);
  }

  /** The server begins to close. @internal */
  announceClosing(): void {
    (this.#closing ??= new AbortController()).abort(serverClosing());
  }

  #forwarded(): Origin {
    return (this.#origin ??= this.#owner.originOf(this.headers));
  }

  #givenId(): string | undefined {
    const given = this.#owner.isProxied ? this.headers.get('x-request-id') : undefined;
    return given !== undefined && isRequestId.test(given) ? given : undefined;
  }
}

/** Unique for each process and each of its starts. */
const processId: string = randomBytes(6).toString('hex');
let requestCount = 0;
const isRequestId = /^[\w.:=+/-]{1,128}$/;
