/**
 * The HTTP/1.1 server: gives each socket that its acceptors hand on a connection and one wheel to all, counts them, and stops in good order.
 */
import type { Socket } from 'node:net';
import { createSecureContext } from 'node:tls';
import type { SecureContextOptions } from 'node:tls';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { AccessLog } from './access-log.ts';
import { Acceptor } from './acceptor.ts';
import type { AcceptorHost, BoundAddress, ListenOptions } from './acceptor.ts';
import { HttpConnection } from './connection.ts';
import type { ConnectionHost, RequestListener } from './connection.ts';
import { RecentHeads } from './head.ts';
import type { ProxyHeader } from './proxy-protocol.ts';
import type { UpgradeTaker } from './request.ts';
import { settingsFrom } from './server-options.ts';
import type { HttpServerOptions, HttpServerSettings } from './server-options.ts';
import { TimerWheel } from './timer-wheel.ts';

/** Connections above `maxConnections` that are still told 503; those above are cut without a word. */
const maxRefusedConnections = 1_000;
const defaultGraceMs = 10_000;
const defaultIdleMs = 500;

/** How a server stops. */
export interface CloseOptions {
  /** The longest that requests in flight are waited for, in milliseconds. @defaultValue 10 000 */
  readonly graceMs?: number;
  /**
   * How long connections without a request are kept, in milliseconds, because a request may be on its way that would find them closed;
   * no longer than `graceMs`. @defaultValue 500
   */
  readonly idleMs?: number;
}

/**
 * A server that hands each request to a listener. Requests of one connection come one at a time: the next when the answer before is complete.
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
   * @param listener - Called for each request as soon as its head is there. What it throws, or a promise it returns rejects with, is logged
   * and answered with the error's status, 500 where it has none; if an answer was begun, the connection is cut.
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; what `node:tls` throws for a wrong certificate.
   */
  constructor(listener: RequestListener, options: HttpServerOptions = {}) {
    this.#host = new ServerHost(listener, settingsFrom(options));
  }

  /** The wheel of all this server's deadlines. */
  get wheel(): TimerWheel {
    return this.#host.wheel;
  }

  /** Connections that are open now, upgraded ones included. */
  get connectionCount(): number {
    return this.#host.count;
  }

  /**
   * Starts to accept connections. A server may listen at several addresses.
   *
   * @param port - 0 takes a free one; options say more, and can name a Unix socket instead.
   * @param host - Address to listen on. Default all, IPv6 and IPv4.
   * @returns What it listens on; rejects with the operating system's error, `EADDRINUSE` above all.
   */
  listen(port: number | ListenOptions, host?: string): Promise<BoundAddress> {
    return this.#host.listen(typeof port === 'number' ? { port, ...(host !== undefined && { host }) } : port);
  }

  /**
   * Uses another certificate, or other options of `node:tls`, for connections that begin from now on; those that are open stay as they are.
   *
   * @throws {@link GaleError} `OPTION_VALUE` if the server does not speak TLS; what `node:tls` throws for a wrong certificate, and the
   * one before stays in use then.
   */
  setCertificate(options: SecureContextOptions): void {
    this.#host.setCertificate(options);
  }

  /**
   * Stops: accepts nothing new, answers what is in flight or on its way with `Connection: close`, then cuts the rest and the upgraded
   * connections, which those who took them should have closed before.
   *
   * @returns Settles when every connection is closed.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { graceMs = defaultGraceMs, idleMs = defaultIdleMs } = options;
    return (this.#closed ??= this.#host.close(graceMs, Math.min(graceMs, idleMs)));
  }
}

/** What the connections see of the server, and its count of them. */
class ServerHost implements ConnectionHost, AcceptorHost {
  readonly listener: RequestListener;
  readonly settings: HttpServerSettings;
  readonly log: Logger;
  readonly access: AccessLog | undefined;
  readonly wheel: TimerWheel;
  readonly recent: RecentHeads = new RecentHeads();
  isClosing = false;
  isFinishing = false;
  idleMs = 0;
  readonly #acceptors: Acceptor[] = [];
  /** The certificate that replaced the one of the options. */
  #certificate: SecureContextOptions | undefined;
  readonly #connections: Set<HttpConnection> = new Set();
  readonly #upgraded: Set<Socket> = new Set();
  #onChange: (() => void) | undefined;

  constructor(listener: RequestListener, settings: HttpServerSettings) {
    this.listener = listener;
    this.settings = settings;
    this.log = settings.log;
    this.access = AccessLog.for(settings.log);
    this.wheel = settings.wheel ?? new TimerWheel();
    // A wrong certificate is told now.
    if (settings.tls !== undefined) createSecureContext(settings.tls);
  }

  get count(): number {
    let arriving = 0;
    for (const acceptor of this.#acceptors) arriving += acceptor.arrivingCount;
    return arriving + this.#connections.size + this.#upgraded.size;
  }

  listen(options: ListenOptions): Promise<BoundAddress> {
    const acceptor = new Acceptor(this);
    if (this.#certificate !== undefined) acceptor.setCertificate(this.#certificate);
    this.#acceptors.push(acceptor);
    return acceptor.listen(options);
  }

  setCertificate(options: SecureContextOptions): void {
    if (this.settings.tls === undefined) {
      throw new GaleError('OPTION_VALUE', 'The server does not speak TLS; give the option tls when it is made.');
    }
    createSecureContext(options);
    this.#certificate = options;
    for (const acceptor of this.#acceptors) acceptor.setCertificate(options);
  }

  admits(): boolean {
    return !this.isClosing && this.count < this.settings.maxConnections + maxRefusedConnections;
  }

  take(socket: Socket, proxied: ProxyHeader | undefined, first: Buffer | undefined): void {
    if (this.isClosing) {
      socket.destroy();
      return;
    }
    const { maxConnections } = this.settings;
    const isFull = this.count >= maxConnections;
    const connection = new HttpConnection(this, socket, proxied);
    this.#connections.add(connection);
    if (socket.isPaused()) socket.resume();
    if (!isFull) {
      if (first !== undefined) connection.onData(first);
      return;
    }
    connection.refuse(
      new GaleError('HTTP_OVERLOADED', `The server has ${maxConnections} connections already; come back later.`),
    );
  }

  attach(_socket: Socket, _taker: UpgradeTaker): void {}

  forget(connection: HttpConnection): void {
    this.#connections.delete(connection);
    this.#onChange?.();
  }

  release(connection: HttpConnection, socket: Socket): void {
    this.#connections.delete(connection);
    this.#upgraded.add(socket);
    socket.once('close', () => {
      this.#upgraded.delete(socket);
      this.#onChange?.();
    });
    this.#onChange?.();
  }

  async close(graceMs: number, idleMs: number): Promise<void> {
    this.isClosing = true;
    this.idleMs = idleMs;
    const stopped = this.#acceptors.map((acceptor) => acceptor.close());
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
    // Upgraded sockets may send what they have queued, their goodbye, within what is left of the grace.
    for (const socket of this.#upgraded) socket.destroySoon();
    await this.#until(() => isOver || this.count === 0);
    for (const timer of timers) clearTimeout(timer);
    for (const connection of this.#connections) connection.destroy();
    for (const socket of this.#upgraded) socket.destroy();
    await this.#until(() => this.count === 0);
    await Promise.all(stopped);
    if (this.settings.wheel === undefined) this.wheel.stop();
  }

  #finish(): void {
    this.isFinishing = true;
    for (const connection of this.#connections) connection.finishUp();
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
