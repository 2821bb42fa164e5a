/**
 * One connection of the server, from its first byte to its last or to the upgrade: owns the socket and its deadline, feeds the parser,
 * hands out one request at a time and lets the next one begin when the answer before it is complete.
 * It knows nothing of grammar (parser.ts) and nothing of what an answer looks like (response.ts).
 */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { resetSocket } from './socket/accepted-socket.ts';
import type { AccessLog } from './access-log.ts';
import { Exchange } from './exchange.ts';
import { ClientDeadlines } from './timing/client-deadlines.ts';
import type { ClientWatcher } from './timing/client-deadlines.ts';
import { respondToError, refusalResponse } from './error-response.ts';
import { readForwarded } from './proxy/forwarded.ts';
import type { Origin } from './proxy/forwarded.ts';
import type { HeadCaches, RequestHead } from './protocol/request-head.ts';
import type { HeaderList } from './protocol/header-list.ts';
import { SocketReader } from './socket/socket-reader.ts';
import { RequestParser } from './protocol/parser.ts';
import type { ParserEvents } from './protocol/parser.ts';
import type { ProxyHeader } from './proxy/proxy-header.ts';
import type { HttpRequest, RequestOwner, UpgradedConnection, UpgradeTaker } from './request.ts';
import type { HttpResponse, ResponseChannel } from './response.ts';
import type { ResolvedServerOptions } from './options/server-options.ts';
import { listenTo, stopListening } from './socket/socket-listeners.ts';
import { alreadyTaken, clientGone, UpgradedOwner } from './upgraded-owner.ts';
import type { SocketOwner } from './socket/socket-listeners.ts';
import { SocketWriter } from './socket/socket-writer.ts';
import type { WriterOwner } from './socket/socket-writer.ts';
import { isThenable } from './thenable.ts';
import type { TimerWheel } from './timing/timer-wheel.ts';

/** Receives each request with the answer that belongs to it. A promise it returns is watched for a rejection. */
export type RequestListener = (request: HttpRequest, response: HttpResponse) => void;

/** What a connection needs of its server. */
export interface ConnectionHost {
  readonly listener: RequestListener;
  readonly settings: ResolvedServerOptions;
  readonly log: Logger;
  /** Where the lines of requests go; undefined if nobody wants them. */
  readonly access: AccessLog | undefined;
  readonly wheel: TimerWheel;
  readonly headCaches: HeadCaches;
  /** Whether every answer is the last of its connection, because the server stops. */
  readonly isClosing: boolean;
  /** Whether connections without a request are closed, and how long one stays for the request behind an answer that did not say so. */
  readonly isFinishing: boolean;
  readonly idleMs: number;
  /** The connection has closed. */
  onConnectionClosed(connection: HttpConnection): void;
  /** The connection is no longer HTTP's; its socket is still counted. */
  onUpgraded(connection: HttpConnection, socket: Socket): void;
  /** Who took an upgraded socket wants to be told when the server begins to close. */
  attach(socket: Socket, taker: UpgradeTaker): void;
}

/** Bytes of requests behind the one that is being answered that may wait before the socket is paused. */
const maxPendingBytes = 16 * 1024;
/** Bytes of an unread body that are read and dropped so that the connection can be used again. */
const maxDrainBytes = 64 * 1024;
/**
 * What is still read and dropped when the server has sent its last answer: closing with unread bytes makes TCP reset the connection,
 * and the client may lose the answer it was just sent (RFC 9112 §9.6).
 */
const maxLingerBytes = 16 * 1024 * 1024;

/** Pipelined requests of one connection after which the other connections have their turn. */
const resumesInTurn = 16;

/** A connection that speaks HTTP. */
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
  /** Whether bytes are being parsed further up the stack. */
  #isReading = false;
  /** Whether the client has sent its last byte. */
  #inputEnded = false;
  /** Whether nothing that comes can be read as HTTP any more. */
  #inputBroken = false;
  /** Whether the next request waits for the client to take earlier answers. */
  #isStalled = false;
  #resumeScheduled = false;
  #resumes = 0;
  #droppedBytes = 0;
  #remoteAddress: string | undefined;

  /**
   * Takes over a socket that was accepted with `allowHalfOpen`.
   *
   * @param proxied - What the PROXY protocol said of it.
   */
  constructor(host: ConnectionHost, socket: Socket, proxied?: ProxyHeader) {
    const { settings, wheel } = host;
    this.#host = host;
    this.#socket = socket;
    this.#remoteAddress = proxied?.remoteAddress;
    this.protocol = socket instanceof TLSSocket || proxied?.isSecure === true ? 'https' : 'http';
    // A proxy that passes a connection on without saying whose it is vouches for nothing that comes over it.
    const isUnnamed = proxied !== undefined && proxied.remoteAddress === undefined;
    this.isProxied = !isUnnamed && settings.trustedProxies?.has(this.remoteAddress) === true;
    this.#parser = new RequestParser(this, settings, host.headCaches);
    this.writer = new SocketWriter(socket, this, wheel, settings.writeTimeoutMs);
    this.#deadlines = new ClientDeadlines(this, socket, settings, wheel);
    this.#reader = new SocketReader(socket, this.#deadlines, wheel);
    listenTo(socket, this);
    this.#deadlines.awaitRequest(settings.idleTimeoutMs);
  }

  // What the server asks.

  /** Closes the connection if nothing is in flight on it. */
  closeIfIdle(): void {
    if (this.#state === 'open' && this.#exchange === undefined && this.#parser.pendingBytes === 0) this.#close();
  }

  /** Cuts the connection, so that an answer that is not complete does not look as if it were. */
  destroy(): void {
    const response = this.#exchange?.response;
    const isBegun = response?.headSent === true && !response.finished;
    if (isBegun || this.writer.hasUnsent) resetSocket(this.#socket);
    else this.#socket.destroy();
  }

  /** Answers with the error's status, whatever the client may send, and closes. */
  refuse(error: GaleError): void {
    const { status } = error;
    this.#host.log.info({ code: error.code, status, remoteAddress: this.remoteAddress }, error.message);
    this.writer.queueText(refusalResponse(error));
    this.#close();
  }

  // What the socket tells.

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
    const exchange = this.#exchange;
    if (exchange === undefined) return this.#settle();
    if (exchange.requestEnded) return this.#deadlines.awaitHalfClosed();
    // The rest of the request will never come.
    if (exchange.response.finished) this.#close();
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

  /** Takes the news that the client should first take what was written. Reading pauses, so that what it sends does not count as life. */
  onFull(): void {
    if (this.#state !== 'open') return;
    if (this.#exchange === undefined) this.#stall();
    else if (this.#exchange.requestEnded) this.#reader.pause();
  }

  onWriteTimeout(): void {
    this.#host.log.info({ remoteAddress: this.remoteAddress }, 'A client took nothing of its answer in time; cut.');
    // Without a reset the system would go on offering what it holds of the answer, and keep it for as long.
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
    if (this.#exchange?.abort(this.goneError()) === true) this.#logAccess(this.#exchange, 'Cut');
    this.#host.onConnectionClosed(this);
  }

  // What the deadlines tell.

  onIdle(): void {
    this.#close();
  }

  onSlowRequest(error: GaleError): void {
    if (this.#exchange === undefined) this.refuse(error);
    else this.#failBody(error);
  }

  onAbandoned(): void {
    this.destroy();
  }

  // What the parser tells.

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

  // What the request asks.

  get remoteAddress(): string {
    return (this.#remoteAddress ??= this.#socket.remoteAddress ?? '');
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

  isGone(request: HttpRequest): boolean {
    const exchange = this.#exchange;
    return this.#state === 'closed' && exchange?.request === request && !exchange.response.finished;
  }

  goneError(): GaleError {
    return clientGone();
  }

  resumeBody(): void {
    const exchange = this.#exchange;
    if (this.#state !== 'open' || exchange === undefined) return;
    // While bytes are parsed, the body may be among them; #settle sends 100 Continue if it is not.
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
    this.#inputBroken = true;
    this.#parser.stop();
    this.#deadlines.awaitNothing();
    // The rest is dropped after the response; until then the client is not invited to send it.
    this.#reader.pause();
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
    this.#logAccess(exchange, 'Upgraded');
    const socket = this.#socket;
    const head = this.#parser.stop();
    // Request and answer may live as long as the socket does; what stands behind them need not.
    this.#parser = released;
    this.#state = 'upgraded';
    request.leaveConnection(new UpgradedOwner(socket, this.#remoteAddress, this));
    exchange.response.detach();
    this.writer.release();
    this.#reader.stop();
    this.#deadlines.clear();
    stopListening(socket);
    socket.allowHalfOpen = false;
    // It starts to flow at the end of this turn, when the taker's listeners are there.
    if (this.#reader.isPaused) socket.resume();
    this.#host.onUpgraded(this, socket);
    return { socket, head, wheel: this.#host.wheel, attach: (taker) => this.#host.attach(socket, taker) };
  }

  // What the answer asks.

  get isClosed(): boolean {
    return this.#state !== 'open' || this.#socket.destroyed;
  }

  mayKeepAlive(): boolean {
    const exchange = this.#exchange;
    if (exchange?.request.head.keepAlive !== true || this.#host.isClosing || this.#inputBroken) return false;
    if (this.#inputEnded && this.#parser.pendingBytes === 0) return false;
    return exchange.canDropBody(maxDrainBytes);
  }

  onResponseEnd(keepAlive: boolean): void {
    const exchange = this.#exchange;
    if (exchange === undefined) return;
    exchange.keepAlive = keepAlive;
    this.#logAccess(exchange, 'Answered');
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
    if (this.#exchange !== undefined) this.#logAccess(this.#exchange, 'Cut');
    this.writer.clear();
    // A reset, because without one the end of an answer that is bounded by the connection would look like a good one.
    resetSocket(this.#socket);
  }

  logError(error: GaleError): void {
    this.#host.log.error({ err: error, code: error.code, requestId: this.#exchange?.request.id }, error.message);
  }

  // How it goes on.

  /** Feeds the parser, or lets it go on with what it has kept. */
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

  /** The last step of every turn: writes what was answered, and decides what the connection waits for. */
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
    // The answer before did not say that it is the last, so the next request may be on its way even when the server stops.
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
      // The rest of the request will never come.
      this.destroy();
    } else if (exchange.requestEnded) {
      if (this.writer.isFull || this.#hasEnoughPending()) this.#reader.pause();
      else this.#reader.resume();
    } else if (!this.#reader.isPaused && !this.#inputBroken && !exchange.owesContinue) {
      this.#deadlines.awaitBody();
    }
  }

  /** Whether so much waits behind the request being answered that nothing more is read. */
  #hasEnoughPending(): boolean {
    const { pendingBytes } = this.#parser;
    if (pendingBytes === 0) return false;
    // The one that is being answered waits too.
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

  /** The client broke a rule; nothing that follows is read. */
  #onProtocolError(error: unknown): void {
    if (!(error instanceof GaleError)) {
      this.#host.log.error({ err: error }, 'The HTTP connection failed; cut.');
      this.destroy();
    } else if (this.#exchange === undefined) {
      this.refuse(error);
    } else {
      this.#host.log.info({ code: error.code, remoteAddress: this.remoteAddress }, error.message);
      this.#failBody(error);
    }
  }

  /** The rest of the body will not come. Whoever reads it is told and answers; the connection closes behind the answer. */
  #failBody(error: GaleError): void {
    this.#inputBroken = true;
    this.#parser.stop();
    this.#deadlines.awaitNothing();
    const exchange = this.#exchange;
    if (exchange?.response.finished === true) return this.#close();
    this.#reader.pause();
    exchange?.body?.fail(error);
  }

  /** Sends what is queued and the end of the stream; what still comes is dropped for a while. */
  #close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'lingering';
    const body = this.#exchange?.body;
    if (body?.isComplete === false) body.fail(this.goneError());
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
    // In a turn of its own, so that a request does not run inside the call that answered the one before it. Now and then after the other
    // connections: ticks alone would answer all that one client has pipelined first.
    if (++this.#resumes % resumesInTurn === 0) setImmediate(resume, this);
    else process.nextTick(resume, this);
  }

  /** Goes on with requests that were kept. @internal */
  resume(): void {
    this.#resumeScheduled = false;
    if (this.#state === 'open' && this.#exchange === undefined && !this.#isStalled) this.#parse(undefined);
  }

  #logAccess({ request, response, beganAt }: Exchange, what: 'Answered' | 'Cut' | 'Upgraded'): void {
    this.#host.access?.write(request, response, beganAt, what);
  }
}

/** Stands for the parsers of all connections that were upgraded; it is never fed. */
const released: RequestParser = new RequestParser(
  { onHead() {}, onBody() {}, onEnd() {} },
  { maxRequestLineBytes: 0, maxHeadBytes: 0, maxHeaderCount: 0 },
);

function resume(connection: HttpConnection): void {
  connection.resume();
}
