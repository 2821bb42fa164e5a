/**
 * One connection of the server, from the first byte to the last or to the upgrade. It owns the socket and its deadlines, feeds the parser, and
 * serves one request at a time: the next begins when the previous response is complete. parser.ts has the grammar of requests, response.ts
 * the format of responses, exchange.ts the state of one request.
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { clientGone } from './abort-reasons.ts';
import { resetSocket } from './socket/accepted-socket.ts';
import { copyOf } from './socket/shared-read-buffer.ts';
import type { AccessLog, RequestEnd } from './access-log.ts';
import type { BodyMemory } from './body-memory.ts';
import { Exchange } from './exchange.ts';
import { ClientDeadlines } from './timing/client-deadlines.ts';
import type { ClientWatcher } from './timing/client-deadlines.ts';
import { isGoneAfterGrace, mayFollow, stepAfterInput } from './half-close.ts';
import { respondToError, refusalResponse } from './error-response.ts';
import { readForwarded } from './proxy/forwarded.ts';
import type { Origin } from './proxy/forwarded.ts';
import type { HeadCaches, RequestHead } from './protocol/request-head.ts';
import type { HeaderList } from './protocol/header-list.ts';
import { SocketReader } from './socket/socket-reader.ts';
import { RequestParser } from './protocol/parser.ts';
import type { ParserEvents } from './protocol/parser.ts';
import type { ProxyHeader } from './proxy/proxy-header.ts';
import type { HttpRequest, RequestOwner, UpgradedConnection, UpgradeHandler } from './request.ts';
import type { HttpResponse, ResponseChannel } from './response.ts';
import type { ResolvedServerOptions } from './options/server-options.ts';
import { listenTo, stopListening } from './socket/socket-listeners.ts';
import { alreadyTaken, UpgradedOwner } from './upgraded-owner.ts';
import type { SocketOwner } from './socket/socket-listeners.ts';
import { SocketWriter } from './socket/socket-writer.ts';
import type { WriterOwner } from './socket/socket-writer.ts';
import { isThenable } from './thenable.ts';
import type { TimerWheel } from './timing/timer-wheel.ts';

/** Receives each request with its response. If it returns a promise, a rejection is handled like a thrown error. */
export type RequestListener = (request: HttpRequest, response: HttpResponse) => void;

/** What a connection needs from its server. */
export interface ConnectionHost {
  readonly listener: RequestListener;
  readonly settings: ResolvedServerOptions;
  readonly log: Logger;
  /** The access log; undefined if it is off. */
  readonly access: AccessLog | undefined;
  readonly wheel: TimerWheel;
  readonly headCaches: HeadCaches;
  readonly bodyMemory: BodyMemory;
  /** Whether every response is the last of its connection, because the server closes. */
  readonly isClosing: boolean;
  /** Whether idle connections are closed, and how long one stays open after a response that did not announce the close. */
  readonly isFinishing: boolean;
  readonly idleMs: number;
  /** The connection has closed. */
  onConnectionClosed(connection: HttpConnection): void;
  /** The connection was upgraded; its socket is still counted. */
  onUpgraded(connection: HttpConnection, socket: Socket): void;
  /** The handler of an upgraded socket wants to be notified when the server begins to close. */
  attach(socket: Socket, handler: UpgradeHandler): void;
}

/** Maximum bytes of pipelined requests that wait; above it the socket is paused. */
const maxPendingBytes = 16 * 1024;
/** Maximum bytes of an unread body that are read and dropped to keep the connection. */
const maxDrainBytes = 64 * 1024;
/**
 * Maximum bytes that are read and dropped after the last response. Closing with unread bytes makes TCP reset the connection, and the client
 * may lose the response (RFC 9112 §9.6).
 */
const maxLingerBytes = 16 * 1024 * 1024;

/** Pipelined requests of one connection after which other connections are served. */
const resumesInTurn = 16;

/** A connection that uses HTTP. */
export class HttpConnection
  implements SocketOwner, ParserEvents, RequestOwner, ResponseChannel, WriterOwner, ClientWatcher
{
  readonly protocol: 'http' | 'https';
  readonly isProxied: boolean;
  readonly writer: SocketWriter;
  readonly #host: ConnectionHost;
  readonly #socket: Socket;
  readonly #deadlines: ClientDeadlines;
  readonly #reader: SocketReader;
  #parser: RequestParser;
  /** The request that is being served; its response may already be complete while its body is still arriving. */
  #exchange: Exchange | undefined;
  #state: 'open' | 'lingering' | 'closed' | 'upgraded' = 'open';
  /** Whether the call stack includes the parser. */
  #isReading = false;
  /** Whether the client has sent its last byte. */
  #inputEnded = false;
  /** Whether further bytes cannot be parsed as HTTP. */
  #inputBroken = false;
  /** Whether the next request waits until the client has read earlier responses. */
  #isStalled = false;
  #resumeScheduled = false;
  #resumes = 0;
  #droppedBytes = 0;
  #remoteAddress: string | undefined;

  /**
   * Takes over a socket that was accepted with `allowHalfOpen`.
   *
   * @param proxied - The PROXY header, if there was one.
   */
  constructor(host: ConnectionHost, socket: Socket, proxied?: ProxyHeader) {
    const { settings, wheel } = host;
    this.#host = host;
    this.#socket = socket;
    this.#remoteAddress = proxied?.remoteAddress;
    this.protocol = socket instanceof TLSSocket || proxied?.isSecure === true ? 'https' : 'http';
    // Without a client address in its PROXY header, the connection belongs to the proxy itself or to an unknown client: no header is trusted.
    const isUnnamed = proxied !== undefined && proxied.remoteAddress === undefined;
    this.isProxied = !isUnnamed && settings.trustedProxies?.has(this.remoteAddress) === true;
    this.#parser = new RequestParser(this, settings, host.headCaches);
    this.writer = new SocketWriter(socket, this, wheel, settings.writeTimeoutMs);
    this.#deadlines = new ClientDeadlines(this, socket, settings, wheel);
    this.#reader = new SocketReader(socket, this.#deadlines, wheel);
    listenTo(socket, this);
    this.#deadlines.awaitRequest(settings.idleTimeoutMs);
  }

  // Called by the server.

  /** Closes the connection if nothing is in flight on it. */
  closeIfIdle(): void {
    if (this.#state === 'open' && this.#exchange === undefined && this.#parser.pendingBytes === 0) this.#close();
  }

  /** Notifies the handler of the current request that the server closes. */
  onServerClosing(): void {
    this.#exchange?.request.announceClosing();
  }

  /** Closes the connection at once, with a reset if an incomplete response could look complete. */
  destroy(): void {
    const response = this.#exchange?.response;
    const isBegun = response?.headSent === true && !response.finished;
    if (isBegun || this.writer.hasUnsent) resetSocket(this.#socket);
    else this.#socket.destroy();
  }

  /** Responds with the status of the error, whatever the client sends, and closes. */
  refuse(error: GaleError): void {
    const { status } = error;
    const fields = { code: error.code, status, reason: error.message, remoteAddress: this.remoteAddress };
    this.#host.log.info(fields, 'Request refused');
    this.writer.queueText(refusalResponse(error, this.#parser.isHead));
    this.#close();
  }

  // Events of the socket.

  /** The parser and the body copy what they keep. */
  get copiesBytes(): boolean {
    return true;
  }

  onData(bytes: Buffer): void {
    this.#reader.onRead();
    if (this.#state !== 'open' || this.#inputBroken) {
      this.#droppedBytes += bytes.length;
      if (this.#droppedBytes > maxLingerBytes) this.destroy();
      return;
    }
    this.#parse(bytes);
  }

  onInputEnd(): void {
    this.#inputEnded = true;
    this.#reader.onInputEnd();
    if (this.#state !== 'open') return;
    const step = stepAfterInput(this.#exchange, this.#inputBroken);
    if (step === 'continue') this.#settle();
    else if (step === 'respond') this.#deadlines.awaitHalfClosed();
    else if (step === 'close') this.#close();
    else this.destroy();
  }

  onDrain(): void {
    this.writer.onDrain();
    if (this.#isStalled && !this.writer.isFull) {
      this.#isStalled = false;
      this.#scheduleResume();
    }
    this.#settle();
  }

  /** Handles backpressure: reading pauses, so that bytes of the client do not count as progress. */
  onFull(): void {
    if (this.#state !== 'open') return;
    if (this.#exchange === undefined) this.#stall();
    else if (this.#exchange.requestEnded) this.#reader.pause();
  }

  onWriteTimeout(): void {
    this.#host.log.info({ remoteAddress: this.remoteAddress }, 'Connection reset: the client reads nothing');
    // Without a reset the system would keep the rest of the response and go on sending it.
    resetSocket(this.#socket);
  }

  onBroken(error: GaleError): void {
    this.logError(error);
    resetSocket(this.#socket);
  }

  onSocketClose(): void {
    if (this.#state === 'upgraded') return;
    this.#state = 'closed';
    this.#reader.stop();
    this.#deadlines.clear();
    this.#parser.stop();
    this.writer.onClose();
    if (this.#exchange?.abort(this.goneError()) === true) this.#logAccess(this.#exchange, 'Request aborted');
    this.#host.onConnectionClosed(this);
  }

  // Events of the deadlines.

  onIdle(): void {
    this.#close();
  }

  onSlowRequest(error: GaleError): void {
    if (this.#exchange === undefined) this.refuse(error);
    else this.#failBody(error);
  }

  onHalfClosed(): void {
    const exchange = this.#exchange;
    if (this.#state === 'open' && isGoneAfterGrace(exchange)) exchange.abort(this.goneError());
  }

  onAbandoned(): void {
    this.destroy();
  }

  // Events of the parser.

  onHead(head: RequestHead): void {
    const { access, listener, log } = this.#host;
    const exchange = new Exchange(this, head, access === undefined ? 0 : performance.now());
    this.#exchange = exchange;
    this.#deadlines.awaitNothing();
    // A socket that has closed no longer knows its address, and the log needs it then.
    if (access !== undefined) this.#remoteAddress ??= this.#socket.remoteAddress;
    const { request, response } = exchange;
    try {
      const result: unknown = listener(request, response);
      if (isThenable(result)) {
        result.then(undefined, (error: unknown) => respondToError(error, request, response, log));
      }
    } catch (error) {
      respondToError(error, request, response, log);
    }
  }

  onBody(bytes: Buffer): void {
    this.#deadlines.onBodyBytes(bytes.length);
    const exchange = this.#exchange;
    if (exchange?.body === undefined) return;
    exchange.owesContinue = false;
    if (exchange.response.finished) exchange.body.discardUnread();
    exchange.body.push(bytes);
  }

  onEnd(): void {
    this.#deadlines.endRequest();
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.requestEnded = true;
    exchange.body?.finish();
    if (exchange.response.finished) return this.#endExchange(exchange);
    this.#parser.pause();
    if (this.#inputEnded) this.#deadlines.awaitHalfClosed();
  }

  // Called by the request.

  get remoteAddress(): string {
    return (this.#remoteAddress ??= this.#socket.remoteAddress ?? '');
  }

  get bodyMemory(): BodyMemory {
    return this.#host.bodyMemory;
  }

  get maxResponseHeadBytes(): number {
    return this.#host.settings.maxResponseHeadBytes;
  }

  get maxBodyBytes(): number {
    return this.#host.settings.maxBodyBytes;
  }

  originOf(headers: HeaderList): Origin {
    const { trustedProxies, proxyHeaders } = this.#host.settings;
    const peer = this.remoteAddress;
    if (trustedProxies === undefined) return { address: peer, protocol: undefined, host: undefined };
    return readForwarded(headers, peer, trustedProxies, proxyHeaders);
  }

  get wheel(): TimerWheel {
    return this.#host.wheel;
  }

  get isServerClosing(): boolean {
    return this.#host.isClosing;
  }

  goneError(): GaleError {
    return clientGone();
  }

  resumeBody(): void {
    const exchange = this.#exchange;
    if (this.#state !== 'open' || exchange === undefined) return;
    // While bytes are parsed, they may include the body; otherwise #settle sends 100 Continue.
    if (exchange.owesContinue && !this.#isReading) this.#sendContinue(exchange);
    exchange.isBodyWanted = true;
    if (this.#inputBroken) return;
    this.#reader.resume();
    if (!exchange.requestEnded && !this.#isReading) this.#deadlines.awaitBody();
  }

  pauseBody(): void {
    if (this.#exchange?.requestEnded === false) this.#reader.pause();
  }

  rejectBody(): void {
    if (this.#state !== 'open' || this.#exchange?.requestEnded !== false) return;
    this.#breakInput();
  }

  upgrade(request: HttpRequest): UpgradedConnection {
    if (this.#state === 'closed' || this.#socket.destroyed || this.#inputEnded) throw this.goneError();
    const exchange = this.#exchange;
    if (this.#state !== 'open' || exchange?.request !== request || exchange.response.headSent) {
      throw alreadyTaken();
    }
    if (request.hasBody) {
      throw new GaleError('HTTP_UPGRADE', 'The request has a body; a request to upgrade has none.');
    }
    this.#logAccess(exchange, 'Connection upgraded');
    const socket = this.#socket;
    const head = copyOf(this.#parser.stop());
    // Request and response may live as long as the socket; the parser must not.
    this.#parser = released;
    this.#state = 'upgraded';
    request.leaveConnection(new UpgradedOwner(socket, this.#remoteAddress, this));
    exchange.response.detach();
    this.writer.release();
    this.#reader.stop();
    this.#deadlines.clear();
    stopListening(socket);
    socket.allowHalfOpen = false;
    // The socket flows at the end of this turn, when the listeners of the new owner are attached.
    if (this.#reader.isPaused) socket.resume();
    this.#host.onUpgraded(this, socket);
    return { socket, head, wheel: this.#host.wheel, attach: (handler) => this.#host.attach(socket, handler) };
  }

  // Called by the response.

  get isClosed(): boolean {
    return this.#state !== 'open' || this.#socket.destroyed;
  }

  mayKeepAlive(): boolean {
    const exchange = this.#exchange;
    if (exchange?.request.head.keepAlive !== true || this.#host.isClosing || this.#inputBroken) return false;
    return mayFollow(this.#inputEnded, this.#parser.pendingBytes) && exchange.canDropBody(maxDrainBytes);
  }

  onResponseEnd(keepAlive: boolean): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.keepAlive = keepAlive;
    this.#logAccess(exchange, 'Request completed');
    // While bytes are parsed, onEnd or #settle continues from here.
    if (this.#isReading) return;
    if (!exchange.requestEnded) return this.#settle();
    this.#endExchange(exchange);
    if (this.#state !== 'open') return;
    if (this.#isStalled) return this.#settle();
    if (this.#parser.pendingBytes > 0) return this.#scheduleResume();
    this.#parser.resume();
    this.#settle();
  }

  reset(): void {
    if (this.#state !== 'open') return;
    if (this.#exchange !== undefined) this.#logAccess(this.#exchange, 'Request aborted');
    this.writer.clear();
    // A reset, because the end of the connection could complete a response without a length.
    resetSocket(this.#socket);
  }

  logError(error: GaleError): void {
    this.#host.log.error({ err: error, code: error.code, requestId: this.#exchange?.request.id }, 'Response failed');
  }

  // Control flow.

  /** Feeds the parser, or lets it continue with its pending bytes. */
  #parse(bytes: Buffer | undefined): void {
    this.#isReading = true;
    try {
      if (bytes === undefined) this.#parser.resume();
      else this.#parser.feed(bytes);
    } catch (error) {
      this.#onProtocolError(error);
    }
    this.#isReading = false;
    this.#settle();
  }

  /** The request was read and its response is complete. */
  #endExchange(exchange: Exchange): void {
    this.#exchange = undefined;
    exchange.body?.release();
    if (!exchange.keepAlive) return this.#close();
    this.writer.flushIfLarge();
    if (this.writer.isFull) this.#stall();
  }

  /** A client that sends requests and takes no responses is not served further. */
  #stall(): void {
    this.#isStalled = true;
    this.#parser.pause();
    this.#reader.pause();
  }

  /** The last step of every turn: writes the responses, and decides what the connection waits for. */
  #settle(): void {
    if (this.#state !== 'open') return;
    this.writer.flush();
    if (this.#exchange !== undefined) return this.#settleExchange(this.#exchange);
    if (this.#isStalled) return;
    if (this.#resumeScheduled) {
      if (this.#hasEnoughPending()) this.#reader.pause();
      return;
    }
    if (this.#inputEnded) return this.#close();
    if (!this.writer.isFull) this.#reader.resume();
    if (this.#parser.pendingBytes > 0) {
      this.#deadlines.awaitHead();
    } else {
      this.#awaitRequest();
    }
  }

  #awaitRequest(): void {
    const { isFinishing, idleMs, settings } = this.#host;
    // The previous response did not announce the close, so a request may be on its way although the server closes.
    if (!isFinishing) this.#deadlines.awaitRequest(settings.idleTimeoutMs);
    else if (idleMs > 0) this.#deadlines.awaitRequest(idleMs);
    else this.#close();
  }

  #settleExchange(exchange: Exchange): void {
    if (exchange.owesContinue && exchange.isBodyWanted) this.#sendContinue(exchange);
    if (exchange.response.finished) {
      // The response is complete before the body: drop the rest if it is little, else close.
      if (!exchange.keepAlive || this.#inputBroken) return this.#close();
      exchange.body?.discardUnread();
      this.#reader.resume();
      this.#deadlines.awaitBody();
    } else if (this.#inputEnded && !exchange.requestEnded) {
      if (stepAfterInput(exchange, this.#inputBroken) === 'drop') this.destroy();
    } else if (exchange.requestEnded) {
      if (this.writer.isFull || this.#hasEnoughPending()) this.#reader.pause();
      else this.#reader.resume();
    } else if (!this.#reader.isPaused && !this.#inputBroken && !exchange.owesContinue) {
      this.#deadlines.awaitBody();
    }
  }

  /** Whether enough pipelined requests wait, so that the socket is paused. */
  #hasEnoughPending(): boolean {
    const { pendingBytes } = this.#parser;
    if (pendingBytes === 0) return false;
    // The request that is being served counts too.
    return (
      pendingBytes > maxPendingBytes || this.#parser.hasPendingRequests(this.#host.settings.maxPipelinedRequests - 1)
    );
  }

  #sendContinue(exchange: Exchange): void {
    exchange.owesContinue = false;
    if (exchange.response.headSent) return;
    this.writer.queueText('HTTP/1.1 100 Continue\r\n\r\n');
    this.writer.flush();
  }

  /** The client has broken the protocol; the following bytes are not parsed. */
  #onProtocolError(error: unknown): void {
    if (!(error instanceof GaleError)) {
      this.#host.log.error({ err: error }, 'Connection destroyed: unexpected error');
      this.destroy();
    } else if (this.#exchange === undefined) {
      this.refuse(error);
    } else {
      const fields = { code: error.code, reason: error.message, remoteAddress: this.remoteAddress };
      this.#host.log.info(fields, 'Request body refused');
      this.#failBody(error);
    }
  }

  /** The rest of the body will not arrive. Its reader is rejected and may respond; then the connection closes. */
  #failBody(error: GaleError): void {
    this.#breakInput();
    const exchange = this.#exchange;
    if (exchange?.response.finished === true) return this.#close();
    exchange?.body?.fail(error);
  }

  /** Parses nothing more. The rest is dropped after the response; until then it is not read. */
  #breakInput(): void {
    this.#inputBroken = true;
    this.#parser.stop();
    if (this.#inputEnded) this.#deadlines.awaitHalfClosed();
    else this.#deadlines.awaitNothing();
    this.#reader.pause();
  }

  /** Sends the queue and the end of the stream; bytes that still arrive are dropped for a while. */
  #close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'lingering';
    const body = this.#exchange?.body;
    if (body?.isComplete === false) body.fail(this.goneError());
    body?.release();
    this.#exchange = undefined;
    this.#parser.stop();
    this.writer.end();
    if (this.#socket.destroyed) return;
    this.#reader.resume();
    this.#deadlines.awaitEnd();
  }

  #scheduleResume(): void {
    if (this.#resumeScheduled) return;
    this.#resumeScheduled = true;
    // In a separate turn, so that a request does not run inside the call that completed the previous response. Every 16th time it waits
    // for the event loop: with ticks alone, all pipelined requests of one client would run before other connections.
    if (++this.#resumes % resumesInTurn === 0) setImmediate(resume, this);
    else process.nextTick(resume, this);
  }

  /** Continues with pending requests. @internal */
  resume(): void {
    this.#resumeScheduled = false;
    if (this.#state === 'open' && this.#exchange === undefined && !this.#isStalled) this.#parse(undefined);
  }

  #logAccess({ request, response, beganAt }: Exchange, end: RequestEnd): void {
    this.#host.access?.write(request, response, beganAt, end);
  }
}

/** Replaces the parsers of all upgraded connections; it is never fed. */
const released: RequestParser = new RequestParser(
  { onHead() {}, onBody() {}, onEnd() {} },
  { maxRequestLineBytes: 0, maxHeadBytes: 0, maxHeaderCount: 0 },
);

function resume(connection: HttpConnection): void {
  connection.resume();
}
