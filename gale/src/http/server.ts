/**
 * The HTTP/1.1 server: makes a connection for each accepted socket, shares one timer wheel between them, counts them, and shuts down gracefully.
 */
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import { GaleError } from '../errors.ts';
import { wrongValue } from '../run/given-options.ts';
import type { Logger } from '../run/log.ts';
import { isOutOfFiles, openFilesLimit, warnOutOfFiles } from '../run/open-files.ts';
import type { OpenFilesLimit } from '../run/open-files.ts';
import { RateLimitedWarning } from '../run/rate-limited-warning.ts';
import { descriptorOf } from './socket/accepted-socket.ts';
import { AccessLog } from './access-log.ts';
import { BodyMemory } from './body-memory.ts';
import { Acceptor, closedError } from './socket/acceptor.ts';
import { AddressLimit, leaveAddress } from './socket/address-limit.ts';
import type { AcceptorHost, BoundAddress } from './socket/acceptor.ts';
import { HttpConnection } from './connection.ts';
import type { ConnectionHost, RequestListener } from './connection.ts';
import { HeadCaches } from './protocol/request-head.ts';
import { resolveCloseOptions } from './options/close-options.ts';
import type { CloseOptions } from './options/close-options.ts';
import { resolveListenOptions } from './options/listen-options.ts';
import type { ListenOptions, ResolvedListenOptions } from './options/listen-options.ts';
import type { ProxyHeader } from './proxy/proxy-header.ts';
import type { UpgradeHandler } from './request.ts';
import { resolveServerOptions } from './options/server-options.ts';
import type { HttpServerOptions, ResolvedServerOptions } from './options/server-options.ts';
import { notifyClose } from './socket/socket-listeners.ts';
import type { SocketCloseListener } from './socket/socket-listeners.ts';
import { TimerWheel } from './timing/timer-wheel.ts';
import { assertCertificate, withCertificate } from './options/tls-certificate.ts';

/** Connections above `maxConnections` that still get 503; further ones are destroyed without a response. */
const maxRefusedConnections = 1_000;
/** Open refused connections, above which connections refused for other reasons than `maxConnections` are closed without a response. */
const maxCrowdedConnections = 100;

/**
 * A server that calls a listener for each request. Requests of one connection run one at a time: the next begins when the previous response is
 * complete.
 *
 * @example
 * const server = new HttpServer((request, response) => {
 *   response.send(200, [['Content-Type', 'text/plain; charset=utf-8']], `${request.method} ${request.path}\n`);
 * });
 * const { port } = await server.listen(0);
 */
export class HttpServer {
  readonly #host: ServerHost;
  #closed: Promise<void> | undefined;

  /**
   * @param listener - Called for each request as soon as its head has arrived. If it throws or its promise rejects, the error is logged and its
   * status sent, 500 if it has none. If the response has begun, the connection is reset.
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; the errors of `node:tls` for an invalid certificate.
   */
  constructor(listener: RequestListener, options: HttpServerOptions = {}) {
    if (typeof listener !== 'function') throw wrongValue('listener', 'a function', listener);
    this.#host = new ServerHost(listener, resolveServerOptions(options));
  }

  /** The timer wheel for all deadlines of this server. */
  get wheel(): TimerWheel {
    return this.#host.wheel;
  }

  /** Connections that are open now, upgraded ones included. */
  get connectionCount(): number {
    return this.#host.count;
  }

  /** Bytes of the bodies of all requests now, as `maxBodyMemoryBytes` counts them. */
  get bodyMemoryBytes(): number {
    return this.#host.bodyMemory.usedBytes;
  }

  /**
   * Starts to accept connections. A server may listen at several addresses.
   *
   * @param port - A port, 0 for a free one; or options, which can also name a Unix socket.
   * @param host - Address to listen on. Default: all, IPv6 and IPv4.
   * @returns The bound address. Rejects with the error of the operating system, such as `EADDRINUSE`, with `OPTION_UNKNOWN` or
   * `OPTION_VALUE`, and with `HTTP_CLOSED` once `close` was called.
   */
  async listen(port: number | ListenOptions, host?: string): Promise<BoundAddress> {
    return this.#host.listen(resolveListenOptions(port, host));
  }

  /**
   * Serves a connection that was not accepted from the network: for gale/testing.
   *
   * @param isSecure - Whether its requests count as https.
   * @internal
   */
  serveSocket(socket: Socket, isSecure: boolean): void {
    this.#host.accept(socket, { byteLength: 0, remoteAddress: socket.remoteAddress, isSecure }, undefined);
  }

  /**
   * Uses another certificate for new connections; open ones do not change. The other values of the option `tls` stay in use, unless `options`
   * overrides them.
   *
   * @param options - `cert` and `key`, or `pfx`, and more options of `tls.createSecureContext`.
   * @throws {@link GaleError} `OPTION_VALUE` if the server does not use TLS or no certificate is given; the errors of `node:tls` for an
   * invalid certificate. The previous certificate stays in use then.
   */
  setCertificate(options: SecureContextOptions): void {
    this.#host.setCertificate(options);
  }

  /**
   * Shuts down gracefully: stops accepting and completes requests in flight with `Connection: close`; their `closing` aborts. Idle connections
   * stay open for `idleMs`.
   * Owners of upgraded connections are notified; WebSockets close with 1001. After `graceMs` the remaining connections are reset. Further
   * calls return the same promise.
   *
   * @returns Settles when every connection is closed. Rejects with `OPTION_UNKNOWN` or `OPTION_VALUE`; the server keeps running then.
   */
  close(options: CloseOptions = {}): Promise<void> {
    if (this.#closed !== undefined) return this.#closed;
    try {
      const { graceMs, idleMs } = resolveCloseOptions(options);
      this.#closed = this.#host.close(graceMs, idleMs);
      return this.#closed;
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

/** The server as its connections and acceptors see it; it counts them. */
class ServerHost implements ConnectionHost, AcceptorHost, SocketCloseListener {
  readonly listener: RequestListener;
  readonly settings: ResolvedServerOptions;
  readonly log: Logger;
  readonly access: AccessLog | undefined;
  readonly wheel: TimerWheel;
  readonly headCaches: HeadCaches = new HeadCaches();
  readonly bodyMemory: BodyMemory;
  isClosing = false;
  isFinishing = false;
  idleMs = 0;
  readonly #acceptors: Set<Acceptor> = new Set();
  /** The certificate that has replaced the one in the options. */
  #certificate: SecureContextOptions | undefined;
  readonly #connections: Set<HttpConnection> = new Set();
  /** Those of them that get 503. */
  readonly #refused: Set<HttpConnection> = new Set();
  /** Upgraded sockets with their handlers, once these are attached. */
  readonly #upgraded: Map<Socket, UpgradeHandler | undefined> = new Map();
  readonly #openFiles: OpenFilesLimit = openFilesLimit();
  readonly #addresses: AddressLimit;
  readonly #crowdedWarning: RateLimitedWarning;
  #onChange: (() => void) | undefined;

  constructor(listener: RequestListener, settings: ResolvedServerOptions) {
    this.listener = listener;
    this.settings = settings;
    this.log = settings.log;
    this.access = AccessLog.for(settings.log);
    this.wheel = settings.wheel ?? new TimerWheel();
    this.bodyMemory = new BodyMemory(settings.maxBodyMemoryBytes, settings.log);
    this.#addresses = new AddressLimit(settings);
    this.#crowdedWarning = new RateLimitedWarning(
      settings.log,
      'Connections refused: an address has reached maxConnectionsPerAddress',
    );
    // An invalid certificate throws now.
    if (settings.tls !== undefined) createSecureContext(settings.tls);
  }

  get count(): number {
    let arriving = 0;
    for (const acceptor of this.#acceptors) arriving += acceptor.pendingCount;
    return arriving + this.#connections.size + this.#upgraded.size;
  }

  async listen(settings: ResolvedListenOptions): Promise<BoundAddress> {
    if (this.isClosing) throw closedError();
    const acceptor = new Acceptor(this);
    if (this.#certificate !== undefined) acceptor.setCertificate(this.#certificate);
    this.#acceptors.add(acceptor);
    try {
      return await acceptor.listen(settings);
    } catch (error) {
      this.#acceptors.delete(acceptor);
      throw error;
    }
  }

  setCertificate(options: SecureContextOptions): void {
    const { tls } = this.settings;
    if (tls === undefined) {
      throw new GaleError('OPTION_VALUE', 'The server does not use TLS; pass the option tls to its constructor.');
    }
    assertCertificate('The certificate', options);
    createSecureContext(withCertificate(tls, options));
    this.#certificate = options;
    for (const acceptor of this.#acceptors) acceptor.setCertificate(options);
  }

  admits(socket: Socket): boolean {
    if (this.isClosing || this.count >= this.settings.maxConnections + maxRefusedConnections) return false;
    const { max, reserve } = this.#openFiles;
    // Refused connections use descriptors until they have closed: up to half of the reserve.
    if (descriptorOf(socket) < max - reserve / 2) return true;
    this.#warnOutOfFiles(descriptorOf(socket));
    return false;
  }

  onAcceptError(error: Error): void {
    if (isOutOfFiles(error)) this.#warnOutOfFiles(this.#openFiles.max - 1);
    else this.log.error({ err: error }, 'Accepting a connection failed');
  }

  #warnOutOfFiles(descriptor: number): void {
    warnOutOfFiles(this.log, { openFiles: descriptor + 1, connections: this.count });
  }

  onPendingClosed(): void {
    this.#onChange?.();
  }

  refusalOf(socket: Socket, proxied: ProxyHeader | undefined): string | undefined {
    const descriptor = descriptorOf(socket);
    if (descriptor >= this.#openFiles.max - this.#openFiles.reserve) {
      this.#warnOutOfFiles(descriptor);
      return 'The server has no file descriptors left';
    }
    const address = this.#addresses.enter(socket, proxied);
    if (address === undefined) return undefined;
    this.#crowdedWarning.note({ address });
    return `Your address has ${this.settings.maxConnectionsPerAddress} connections already`;
  }

  accept(socket: Socket, proxied: ProxyHeader | undefined, first: Buffer | undefined, refusal?: string): void {
    if (this.isClosing || (refusal !== undefined && this.#refused.size >= maxCrowdedConnections)) {
      leaveAddress(socket);
      socket.destroy();
      this.#onChange?.();
      return;
    }
    const { maxConnections } = this.settings;
    // Refused connections that stay open must not count against others.
    const isFull = this.count - this.#refused.size >= maxConnections;
    const connection = new HttpConnection(this, socket, proxied);
    this.#connections.add(connection);
    if (socket.isPaused()) socket.resume();
    if (!isFull && refusal === undefined) {
      if (first !== undefined) connection.onData(first);
      return;
    }
    this.#refused.add(connection);
    const reason = refusal ?? `The server has ${maxConnections} connections already`;
    connection.refuse(new GaleError('HTTP_OVERLOADED', `${reason}; try again later.`));
  }

  onConnectionClosed(connection: HttpConnection): void {
    this.#connections.delete(connection);
    this.#refused.delete(connection);
    this.#onChange?.();
  }

  onUpgraded(connection: HttpConnection, socket: Socket): void {
    this.#connections.delete(connection);
    this.#upgraded.set(socket, undefined);
    notifyClose(socket, this);
    this.#onChange?.();
  }

  attach(socket: Socket, handler: UpgradeHandler): void {
    if (!this.#upgraded.has(socket)) return;
    this.#upgraded.set(socket, handler);
    // Not at once: the handler is still being constructed.
    if (this.isClosing) process.nextTick(() => this.#notifyClosing(handler));
  }

  async close(graceMs: number, idleMs: number): Promise<void> {
    this.isClosing = true;
    this.idleMs = idleMs;
    const stopped = Array.from(this.#acceptors, (acceptor) => acceptor.close());
    for (const connection of this.#connections) connection.onServerClosing();
    for (const handler of this.#upgraded.values()) if (handler !== undefined) this.#notifyClosing(handler);
    let isOver = false;
    if (idleMs === 0) this.#finish();
    const timers = [
      setTimeout(() => this.#finish(), idleMs),
      setTimeout(() => {
        isOver = true;
        this.#onChange?.();
      }, graceMs),
    ];
    await this.#until(() => isOver || this.#connections.size === 0);
    // Upgraded sockets may send their queued bytes within the rest of the grace time. Handlers that were notified end their sockets.
    for (const [socket, handler] of this.#upgraded) if (handler === undefined) socket.destroySoon();
    await this.#until(() => isOver || this.count === 0);
    for (const timer of timers) clearTimeout(timer);
    for (const connection of this.#connections) connection.destroy();
    for (const socket of this.#upgraded.keys()) socket.destroy();
    await this.#until(() => this.count === 0);
    await Promise.all(stopped);
    this.#crowdedWarning.stop();
    this.bodyMemory.stop();
    if (this.settings.wheel === undefined) this.wheel.stop();
  }

  #notifyClosing(handler: UpgradeHandler): void {
    try {
      handler.onServerClosing();
    } catch (error) {
      this.log.error({ err: error }, 'Closing an upgraded connection failed');
    }
  }

  onSocketGone(socket: Socket): void {
    this.#upgraded.delete(socket);
    this.#onChange?.();
  }

  #finish(): void {
    this.isFinishing = true;
    for (const connection of this.#connections) connection.closeIfIdle();
  }

  #until(isDone: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        if (!isDone()) return;
        this.#onChange = undefined;
        resolve();
      };
      this.#onChange();
    });
  }
}
