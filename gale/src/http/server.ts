/**
 * The HTTP/1.1 server: accepts sockets, gives each a connection and one wheel to all, counts them, and stops in good order.
 */
import { createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { GaleError } from '../errors.ts';
import type { Logger } from '../run/log.ts';
import { HttpConnection } from './connection.ts';
import type { ConnectionHost, RequestListener } from './connection.ts';
import { RecentHeads } from './head.ts';
import { settingsFrom } from './server-options.ts';
import type { HttpServerOptions, HttpServerSettings } from './server-options.ts';
import { TimerWheel } from './timer-wheel.ts';

/** Connections above `maxConnections` that are still told 503; those above are cut without a word. */
const maxRefusedConnections = 1_000;
const defaultGraceMs = 10_000;

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
  readonly #server: Server;
  #closed: Promise<void> | undefined;

  /**
   * @param listener - Called for each request as soon as its head is there. What it throws, or a promise it returns rejects with, is logged
   * and answered with the error's status, 500 where it has none; if an answer was begun, the connection is cut.
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`.
   */
  constructor(listener: RequestListener, options: HttpServerOptions = {}) {
    const host = new ServerHost(listener, settingsFrom(options));
    this.#host = host;
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => host.accept(socket));
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
   * Starts to accept connections.
   *
   * @param port - 0 takes a free one.
   * @param host - Address to listen on. Default all, IPv6 and IPv4.
   * @returns What it listens on; rejects with the operating system's error, `EADDRINUSE` above all.
   */
  listen(port: number, host?: string): Promise<{ port: number; host: string }> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ port, host }, () => {
        this.#server.off('error', reject);
        // An error of accepting, such as too many open files, must not end the process.
        this.#server.on('error', (error) => this.#host.log.error({ err: error }, 'The server could not accept.'));
        const address = this.#server.address() as AddressInfo;
        resolve({ port: address.port, host: address.address });
      });
    });
  }

  /**
   * Stops: accepts nothing new, closes idle connections, finishes what is in flight with `Connection: close`, then cuts the rest
   * and the upgraded connections, which those who took them should have closed before.
   *
   * @param options - `graceMs`: the longest that requests in flight are waited for. Default 10 000.
   * @returns Settles when every connection is closed.
   */
  close(options: { readonly graceMs?: number } = {}): Promise<void> {
    return (this.#closed ??= this.#close(options.graceMs ?? defaultGraceMs));
  }

  async #close(graceMs: number): Promise<void> {
    const stopped = this.#server.listening
      ? new Promise<void>((resolve) => this.#server.close(() => resolve()))
      : Promise.resolve();
    await this.#host.close(graceMs);
    await stopped;
  }
}

/** What the connections see of the server, and its count of them. */
class ServerHost implements ConnectionHost {
  readonly listener: RequestListener;
  readonly settings: HttpServerSettings;
  readonly log: Logger;
  readonly wheel: TimerWheel;
  readonly recent: RecentHeads = new RecentHeads();
  isClosing = false;
  readonly #connections: Set<HttpConnection> = new Set();
  readonly #upgraded: Set<Socket> = new Set();
  #onChange: (() => void) | undefined;

  constructor(listener: RequestListener, settings: HttpServerSettings) {
    this.listener = listener;
    this.settings = settings;
    this.log = settings.log;
    this.wheel = settings.wheel ?? new TimerWheel();
  }

  get count(): number {
    return this.#connections.size + this.#upgraded.size;
  }

  accept(socket: Socket): void {
    const { maxConnections } = this.settings;
    if (this.isClosing || this.count >= maxConnections + maxRefusedConnections) {
      socket.destroy();
      return;
    }
    const isFull = this.count >= maxConnections;
    const connection = new HttpConnection(this, socket);
    this.#connections.add(connection);
    if (!isFull) return;
    connection.refuse(
      new GaleError('HTTP_OVERLOADED', `The server has ${maxConnections} connections already; come back later.`),
    );
  }

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

  async close(graceMs: number): Promise<void> {
    this.isClosing = true;
    for (const connection of this.#connections) connection.finishUp();
    let isOver = false;
    const timer = setTimeout(() => {
      isOver = true;
      this.#onChange?.();
    }, graceMs);
    await this.#until(() => isOver || this.#connections.size === 0);
    // Upgraded sockets may send what they have queued, their goodbye, within what is left of the grace.
    for (const socket of this.#upgraded) socket.destroySoon();
    await this.#until(() => isOver || this.count === 0);
    clearTimeout(timer);
    for (const connection of this.#connections) connection.destroy();
    for (const socket of this.#upgraded) socket.destroy();
    await this.#until(() => this.count === 0);
    if (this.settings.wheel === undefined) this.wheel.stop();
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
