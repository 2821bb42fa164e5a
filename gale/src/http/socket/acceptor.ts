/**
 * Listens at one address, accepts sockets and passes each on when it is ready for HTTP: at once, or after the PROXY header
 * (proxy-header-reader.ts) and the TLS handshake.
 */
import { createServer as createNetServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { SecureContextOptions, Server as TlsServer, TlsOptions } from 'node:tls';
import { GaleError } from '../../errors.ts';
import type { Logger } from '../../run/log.ts';
import { acceptedSocket } from './accepted-socket.ts';
import { leaveAddress } from './address-limit.ts';
import type { ResolvedListenOptions } from '../options/listen-options.ts';
import { ProxyHeaderReader } from './proxy-header-reader.ts';
import type { ProxyHeader } from '../proxy/proxy-header.ts';
import type { ResolvedServerOptions } from '../options/server-options.ts';
import type { TimerWheel } from '../timing/timer-wheel.ts';
import { withCertificate } from '../options/tls-certificate.ts';
import { bindWithPermissions, removeIfAbandoned, setPermissions } from './unix-socket.ts';

/**
 * Bytes that Node.js buffers for one socket before it stops reading, and before a write reports backpressure. In either direction one more
 * read or write may exceed it. The default of Node.js is 64 KiB.
 */
const highWaterMark = 16 * 1024;

/** Where a server listens. */
export interface BoundAddress {
  /** TCP port; 0 for a Unix socket. */
  readonly port: number;
  /** Address; the path for a Unix socket. */
  readonly host: string;
}

/** What an acceptor needs from its server. */
export interface AcceptorHost {
  readonly settings: ResolvedServerOptions;
  readonly log: Logger;
  readonly wheel: TimerWheel;
  /** Whether the server can accept one more socket. */
  admits(socket: Socket): boolean;
  /**
   * Counts a socket for its address.
   *
   * @returns The reason if it is refused; otherwise undefined.
   */
  refusalOf(socket: Socket, proxied: ProxyHeader | undefined): string | undefined;
  /** The operating system could not accept a connection. */
  onAcceptError(error: Error): void;
  /** A socket has closed before it was ready. */
  onPendingClosed(): void;
  /**
   * Takes over a socket that is ready.
   *
   * @param proxied - The PROXY header, if there was one.
   * @param first - Bytes that were read already.
   * @param refusal - The reason if the socket is refused.
   */
  accept(socket: Socket, proxied: ProxyHeader | undefined, first: Buffer | undefined, refusal?: string): void;
}

/** Listener at one address. */
export class Acceptor {
  readonly #host: AcceptorHost;
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;
  /** Accepted sockets that are not ready yet, with their PROXY headers. */
  readonly #pending: Map<Socket, ProxyHeader | undefined> = new Map();
  /** Settles when listening has begun or failed. */
  #bound: Promise<void> = Promise.resolve();
  #isListening = false;
  #isClosed = false;

  constructor(host: AcceptorHost) {
    this.#host = host;
    this.#server = createNetServer({ allowHalfOpen: true, noDelay: true, highWaterMark }, (socket) =>
      this.#accept(socket),
    );
    if (host.settings.tls !== undefined) this.#tls = this.#createTls(host.settings.tls);
  }

  /** Number of sockets that are not ready yet. */
  get pendingCount(): number {
    return this.#pending.size;
  }

  /** Starts to accept. Rejects with the error of the operating system, such as `EADDRINUSE`, or with `HTTP_CLOSED` if it was closed meanwhile. */
  async listen(settings: ResolvedListenOptions): Promise<BoundAddress> {
    const binding = this.#bindOrReplace(settings);
    this.#bound = binding.catch(() => {});
    try {
      await binding;
    } catch (error) {
      await this.close();
      throw error;
    }
    if (this.#isClosed) throw closedError();
    this.#isListening = true;
    // An error while accepting, such as too many open files, must not end the process.
    this.#server.on('error', (error) => this.#host.onAcceptError(error));
    if (settings.path !== undefined) return { port: 0, host: settings.path };
    const { port, address } = this.#server.address() as AddressInfo;
    return { port, host: address };
  }

  /** Uses another certificate for new connections. */
  setCertificate(options: SecureContextOptions): void {
    const { tls } = this.#host.settings;
    if (tls !== undefined) this.#tls?.setSecureContext(withCertificate(tls, options));
  }

  /**
   * Stops accepting and destroys the sockets that are not ready yet.
   *
   * @returns Settles when every socket that was accepted here is closed.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const socket of this.#pending.keys()) socket.destroy();
    // A server that is closed while it binds never emits `close`.
    if (!this.#isListening) await this.#bound;
    if (this.#server.listening) await this.#closeServer();
  }

  #closeServer(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #bindOrReplace(settings: ResolvedListenOptions): Promise<void> {
    const { path, mode } = settings;
    if (path === undefined) return this.#bind(settings);
    try {
      await this.#bind(settings);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await removeIfAbandoned(path);
      if (this.#isClosed) throw closedError();
      await this.#bind(settings);
    }
    await setPermissions(path, mode);
  }

  #bind({ port, host, path, mode, reusePort, backlog }: ResolvedListenOptions): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      const onListening = (): void => {
        server.off('error', reject);
        resolve();
      };
      if (path === undefined) server.listen({ port, host, reusePort, backlog }, onListening);
      else bindWithPermissions(mode, () => server.listen({ path, backlog }, onListening));
    });
  }

  #accept(socket: Socket): void {
    if (!this.#host.admits(socket)) {
      socket.destroy();
    } else if (this.#host.settings.proxyProtocol) {
      this.#trackPending(socket, undefined);
      new ProxyHeaderReader(this.#host, socket, (header, rest) => this.#secure(socket, header, rest)).start();
    } else {
      this.#secure(socket, undefined, undefined);
    }
  }

  /** Starts the TLS handshake, if the server uses TLS. */
  #secure(socket: Socket, proxied: ProxyHeader | undefined, rest: Buffer | undefined): void {
    const refusal = this.#host.refusalOf(socket, proxied);
    if (this.#tls === undefined) {
      this.#pending.delete(socket);
      this.#host.accept(socket, proxied, rest, refusal);
      return;
    }
    // A handshake costs more than most responses, so there is no 503.
    if (refusal !== undefined) return void socket.destroy();
    this.#trackPending(socket, proxied);
    // A client that ends its side during the handshake has gone.
    socket.allowHalfOpen = false;
    if (rest !== undefined) socket.unshift(rest);
    this.#tls.emit('connection', socket);
  }

  #trackPending(socket: Socket, proxied: ProxyHeader | undefined): void {
    if (!this.#pending.has(socket)) {
      socket.once('close', () => {
        leaveAddress(socket);
        if (this.#pending.delete(socket)) this.#host.onPendingClosed();
      });
    }
    this.#pending.set(socket, proxied);
  }

  /** Makes a TLS server that never listens: it receives accepted sockets. */
  #createTls(options: TlsOptions): TlsServer {
    const { headTimeoutMs } = this.#host.settings;
    const handshakeTimeout = headTimeoutMs > 0 ? { handshakeTimeout: headTimeoutMs } : {};
    const server = createTlsServer({ ALPNProtocols: ['http/1.1'], ...handshakeTimeout, ...options });
    server.on('secureConnection', (socket) => {
      const accepted = acceptedSocket(socket);
      socket.allowHalfOpen = true;
      const proxied = this.#pending.get(accepted);
      this.#pending.delete(accepted);
      this.#host.accept(socket, proxied, undefined);
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      const { remoteAddress } = acceptedSocket(socket);
      this.#host.log.info({ code: error.code, reason: error.message, remoteAddress }, 'TLS handshake failed');
      socket.destroy();
    });
    return server;
  }
}

/** The error of `listen` on a closed server. */
export function closedError(): GaleError {
  return new GaleError('HTTP_CLOSED', 'The server is closed; create another HttpServer to listen.');
}
