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
import type { RequestBody } from './body.ts';
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
import { HttpRequest } from './request.ts';
import type { RequestOwner, UpgradedConnection, UpgradeTaker } from './request.ts';
import { HttpResponse } from './response.ts';
import type { ResponseChannel } from './response.ts';
import type { HttpServerSettings } from './options/server-options.ts';
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
  readonly settings: HttpServerSettings;
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
  /** The request being answered, its answer, and its body if it has one. */
  #request: HttpRequest | undefined;
  #response: HttpResponse | undefined;
  #body: RequestBody | undefined;
  /** Whether the last byte of that request has come. */
  #requestEnded = false;
  /** Whether the connection stays after that answer, once the answer is complete. */
  #keepAlive = false;
  /** Whether the client still waits for `100 Continue`, and whether somebody has asked for its body. */
  #owesContinue = false;
  #bodyWanted = false;
  #state: 'open' | 'lingering' | 'closed' | 'upgraded' = 'open';
  /** When the head of the request had come; noted only for the access log. */
  #beganAt = 0;
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
    this.#reader = new SocketReader(socket, this.#deadlines);
    listenTo(socket, this);
    this.#deadlines.awaitRequest(settings.idleTimeoutMs);
  }

  // What the server asks.

  /** Closes the connection if nothing is in flight on it. */
  closeIfIdle(): void {
    if (this.#state === 'open' && this.#request === undefined && this.#parser.pendingBytes === 0) this.#close();
  }

  /** Cuts the connection, so that an answer that is not complete does not look as if it were. */
  destroy(): void {
    const isBegun = this.#response?.headSent === true && !this.#response.finished;
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
    if (this.#state !== 'open') return;
    if (this.#request === undefined) return this.#settle();
    if (this.#requestEnded) return this.#deadlines.awaitHalfClosed();
    // The rest of the request will never come.
    if (this.#response?.finished === true) this.#close();
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
    if (this.#request === undefined) this.#stall();
    else if (this.#requestEnded) this.#reader.pause();
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
    this.#deadlines.clear();
    this.#parser.stop();
    this.writer.onClose();
    if (this.#request === undefined) return this.#host.onConnectionClosed(this);
    const error = this.goneError();
    this.#body?.fail(error);
    if (this.#response?.finished === false) {
      this.#request.abort(error);
      this.#logAccess('Cut');
    }
    this.#host.onConnectionClosed(this);
  }

  // What the deadlines tell.

  onIdle(): void {
    this.#close();
  }

  onSlowRequest(error: GaleError): void {
    if (this.#request === undefined) this.refuse(error);
    else this.#failBody(error);
  }

  onAbandoned(): void {
    this.destroy();
  }

  onProbeDue(): void {
    this.#reader.probe();
  }

  // What the parser tells.

  onHead(head: RequestHead): void {
    const request = new HttpRequest(this, head);
    const response = new HttpResponse(this, request);
    this.#request = request;
    this.#response = response;
    this.#requestEnded = false;
    this.#deadlines.awaitNothing();
    if (this.#host.access !== undefined) this.#noteBeginning();
    if (head.declaredBytes !== 0) {
      this.#body = request.body;
      this.#owesContinue = head.expectsContinue;
    }
    try {
      const result: unknown = this.#host.listener(request, response);
      if (isThenable(result)) {
        result.then(undefined, (error: unknown) => respondToError(error, request, response, this.#host.log));
      }
    } catch (error) {
      respondToError(error, request, response, this.#host.log);
    }
  }

  onBody(bytes: Buffer): void {
    this.#owesContinue = false;
    this.#deadlines.onBodyBytes(bytes.length);
    if (this.#response?.finished === true) this.#body?.discardUnread();
    this.#body?.push(bytes);
  }

  onEnd(): void {
    this.#requestEnded = true;
    this.#deadlines.endRequest();
    this.#body?.finish();
    if (this.#response?.finished === true) return this.#endExchange();
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
    return this.#state === 'closed' && this.#request === request && this.#response?.finished === false;
  }

  goneError(): GaleError {
    return clientGone();
  }

  resumeBody(): void {
    if (this.#state !== 'open') return;
    // While bytes are parsed, the body may be among them; the end of the parsing tells.
    if (this.#owesContinue && !this.#isReading) this.#sendContinue();
    this.#bodyWanted = true;
    if (this.#inputBroken) return;
    this.#reader.resume();
    if (!this.#requestEnded && !this.#isReading) this.#deadlines.awaitBody();
  }

  pauseBody(): void {
    if (!this.#requestEnded) this.#reader.pause();
  }

  rejectBody(): void {
    if (this.#requestEnded || this.#state !== 'open') return;
    this.#inputBroken = true;
    this.#parser.stop();
    this.#deadlines.awaitNothing();
    // The rest is dropped behind the answer; until then the client is not invited to send it.
    this.#reader.pause();
  }

  upgrade(request: HttpRequest): UpgradedConnection {
    if (this.#state === 'closed' || this.#socket.destroyed || this.#inputEnded) throw this.goneError();
    if (this.#state !== 'open' || this.#request !== request || this.#response?.headSent !== false) {
      throw alreadyTaken();
    }
    if (request.hasBody) {
      throw new GaleError('HTTP_UPGRADE', 'The request has a body; a request to upgrade has none.');
    }
    this.#logAccess('Upgraded');
    const socket = this.#socket;
    const head = this.#parser.stop();
    // Request and answer may live as long as the socket does; what stands behind them need not.
    this.#parser = released;
    this.#state = 'upgraded';
    request.leaveConnection(new UpgradedOwner(socket, this.#remoteAddress, this));
    this.#response.detach();
    this.writer.release();
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
    if (this.#request?.head.keepAlive !== true || this.#host.isClosing || this.#inputBroken) return false;
    if (this.#inputEnded && this.#parser.pendingBytes === 0) return false;
    const body = this.#body;
    if (body === undefined || body.isComplete) return true;
    return (
      !this.#owesContinue &&
      body.declaredBytes !== undefined &&
      body.declaredBytes - body.receivedBytes <= maxDrainBytes
    );
  }

  onResponseEnd(keepAlive: boolean): void {
    this.#keepAlive = keepAlive;
    this.#logAccess('Answered');
    // While bytes are parsed, the parser's end of the request or the end of the parsing goes on from here.
    if (this.#isReading) return;
    if (!this.#requestEnded) return this.#settle();
    this.#endExchange();
    if (this.#state !== 'open') return;
    if (this.#isStalled) return this.#settle();
    if (this.#parser.pendingBytes > 0) return this.#scheduleResume();
    this.#parser.resume();
    this.#settle();
  }

  reset(): void {
    if (this.#state !== 'open') return;
    this.#logAccess('Cut');
    this.writer.clear();
    // A reset, because without one the end of an answer that is bounded by the connection would look like a good one.
    resetSocket(this.#socket);
  }

  logError(error: GaleError): void {
    this.#host.log.error({ err: error, code: error.code, requestId: this.#request?.id }, error.message);
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

  /** The request was read and answered to the end. */
  #endExchange(): void {
    this.#request = undefined;
    this.#response = undefined;
    this.#body = undefined;
    this.#requestEnded = false;
    this.#owesContinue = false;
    this.#bodyWanted = false;
    if (!this.#keepAlive) return this.#close();
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
    if (this.#request !== undefined) return this.#settleExchange();
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

  #settleExchange(): void {
    if (this.#owesContinue && this.#bodyWanted) this.#sendContinue();
    if (this.#response?.finished === true) {
      // Answered before all of the body came: drop the rest if it is little, else close.
      if (!this.#keepAlive || this.#inputBroken) return this.#close();
      this.#body?.discardUnread();
      this.#reader.resume();
      this.#deadlines.awaitBody();
    } else if (this.#inputEnded && !this.#requestEnded) {
      // The rest of the request will never come.
      this.destroy();
    } else if (this.#requestEnded) {
      if (this.writer.isFull || this.#hasEnoughPending()) this.#reader.pause();
      else this.#reader.resume();
    } else if (!this.#reader.isPaused && !this.#inputBroken && !this.#owesContinue) {
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

  #sendContinue(): void {
    this.#owesContinue = false;
    if (this.#response?.headSent !== false) return;
    this.writer.queueText('HTTP/1.1 100 Continue\r\n\r\n');
    this.writer.flush();
  }

  /** The client broke a rule; nothing that follows is read. */
  #onProtocolError(error: unknown): void {
    if (!(error instanceof GaleError)) {
      this.#host.log.error({ err: error }, 'The HTTP connection failed; cut.');
      this.destroy();
    } else if (this.#request === undefined) {
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
    if (this.#response?.finished === true) return this.#close();
    this.#reader.pause();
    this.#body?.fail(error);
  }

  /** Sends what is queued and the end of the stream; what still comes is dropped for a while. */
  #close(): void {
    if (this.#state !== 'open') return;
    this.#state = 'lingering';
    if (this.#body?.isComplete === false) this.#body.fail(this.goneError());
    this.#request = undefined;
    this.#response = undefined;
    this.#body = undefined;
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
    if (this.#state === 'open' && this.#request === undefined && !this.#isStalled) this.#parse(undefined);
  }

  /** Time and address, for the line of the request; a socket that has closed no longer knows the second. */
  #noteBeginning(): void {
    this.#beganAt = performance.now();
    this.#remoteAddress ??= this.#socket.remoteAddress;
  }

  #logAccess(what: 'Answered' | 'Cut' | 'Upgraded'): void {
    const { access } = this.#host;
    if (access === undefined || this.#request === undefined || this.#response === undefined) return;
    access.write(this.#request, this.#response, this.#beganAt, what);
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
