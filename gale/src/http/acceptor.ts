/**
 * One address that a server listens at: accepts sockets and hands each on when it is ready to speak HTTP, which is at once, or behind the
 * header of a proxy (proxy-protocol.ts) and the handshake of TLS.
 */
import { chmod, lstat, unlink } from 'node:fs/promises';
import { connect, createServer as createNetServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import type { SecureContextOptions, Server as TlsServer } from 'node:tls';
import type { Logger } from '../run/log.ts';
import { acceptedSocket } from './accepted-socket.ts';
import { ProxyGreeting } from './proxy-greeting.ts';
import type { ProxyHeader } from './proxy-protocol.ts';
import type { HttpServerSettings } from './server-options.ts';
import type { TimerWheel } from './timer-wheel.ts';

/** Where to listen. */
export interface ListenOptions {
  /** TCP port; 0 takes a free one. @defaultValue 0 */
  readonly port?: number;
  /** Address to listen on. @defaultValue all, IPv6 and IPv4 */
  readonly host?: string;
  /** Path of a Unix socket instead of port and host. A socket file that nobody listens at any more is replaced. */
  readonly path?: string;
  /** Rights of the Unix socket's file. @defaultValue 0o600 */
  readonly mode?: number;
  /** Let other sockets listen on the same port, between which the operating system divides connections (`SO_REUSEPORT`). @defaultValue false */
  readonly reusePort?: boolean;
  /** Connections that may wait to be accepted; the operating system has a limit of its own. @defaultValue 4 096 */
  readonly backlog?: number;
}

/** Where a server listens. */
export interface BoundAddress {
  /** TCP port; 0 for a Unix socket. */
  readonly port: number;
  /** Address; the path for a Unix socket. */
  readonly host: string;
}

/** What an acceptor needs of its server. */
export interface AcceptorHost {
  readonly settings: HttpServerSettings;
  readonly log: Logger;
  readonly wheel: TimerWheel;
  /** Whether one more socket is wanted at all. */
  admits(): boolean;
  /**
   * Takes a socket that is ready.
   *
   * @param proxied - What a proxy said of it.
   * @param first - The first bytes that came over it, if some did.
   */
  take(socket: Socket, proxied: ProxyHeader | undefined, first: Buffer | undefined): void;
}

const defaultBacklog = 4_096;

/** Listener at one address. */
export class Acceptor {
  readonly #host: AcceptorHost;
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;
  /** Sockets that are not ready yet, as they were accepted, with what their proxies said. */
  readonly #arriving: Map<Socket, ProxyHeader | undefined> = new Map();

  constructor(host: AcceptorHost) {
    this.#host = host;
    this.#server = createNetServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket));
    if (host.settings.tls !== undefined) this.#tls = this.#createTls(host.settings.tls);
  }

  /** Sockets that are not ready yet. */
  get arrivingCount(): number {
    return this.#arriving.size;
  }

  /** Starts to accept. Rejects with the operating system's error, `EADDRINUSE` above all. */
  async listen(options: ListenOptions): Promise<BoundAddress> {
    const { path } = options;
    try {
      await this.#bind(options);
    } catch (error) {
      if (path === undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      await removeIfAbandoned(path);
      await this.#bind(options);
    }
    // An error of accepting, such as too many open files, must not end the process.
    this.#server.on('error', (error) => this.#host.log.error({ err: error }, 'The server could not accept.'));
    if (path !== undefined) {
      // A name that begins with NUL is no file.
      if (!path.startsWith('\0')) await chmod(path, options.mode ?? 0o600);
      return { port: 0, host: path };
    }
    const { port, address } = this.#server.address() as AddressInfo;
    return { port, host: address };
  }

  /** Uses another certificate for connections that begin from now on. */
  setCertificate(options: SecureContextOptions): void {
    this.#tls?.setSecureContext(options);
  }

  /**
   * Accepts nothing more and cuts what is not ready yet.
   *
   * @returns Settles when every socket that was accepted here is closed.
   */
  close(): Promise<void> {
    const closed = this.#server.listening
      ? new Promise<void>((resolve) => this.#server.close(() => resolve()))
      : Promise.resolve();
    for (const socket of this.#arriving.keys()) socket.destroy();
    return closed;
  }

  #bind({ port = 0, host, path, reusePort, backlog = defaultBacklog }: ListenOptions): Promise<void> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(path === undefined ? { port, host, reusePort, backlog } : { path, backlog }, () => {
        server.off('error', reject);
        resolve();
      });
    });
  }

  #accept(socket: Socket): void {
    if (!this.#host.admits()) {
      socket.destroy();
    } else if (this.#host.settings.proxyProtocol) {
      this.#expect(socket, undefined);
      new ProxyGreeting(this.#host, socket, (header, rest) => this.#secure(socket, header, rest)).start();
    } else {
      this.#secure(socket, undefined, undefined);
    }
  }

  /** Begins the handshake, if there is one. */
  #secure(socket: Socket, proxied: ProxyHeader | undefined, rest: Buffer | undefined): void {
    if (this.#tls === undefined) {
      this.#arriving.delete(socket);
      this.#host.take(socket, proxied, rest);
      return;
    }
    this.#expect(socket, proxied);
    if (rest !== undefined) socket.unshift(rest);
    this.#tls.emit('connection', socket);
  }

  #expect(socket: Socket, proxied: ProxyHeader | undefined): void {
    if (!this.#arriving.has(socket)) socket.once('close', () => this.#arriving.delete(socket));
    this.#arriving.set(socket, proxied);
  }

  /** Never listens itself: it is given the sockets that were accepted. */
  #createTls(options: NonNullable<HttpServerSettings['tls']>): TlsServer {
    const { headTimeoutMs } = this.#host.settings;
    const handshakeTimeout = headTimeoutMs > 0 ? { handshakeTimeout: headTimeoutMs } : {};
    const server = createTlsServer({ ALPNProtocols: ['http/1.1'], ...handshakeTimeout, ...options });
    server.on('secureConnection', (socket) => {
      const accepted = acceptedSocket(socket);
      const proxied = this.#arriving.get(accepted);
      this.#arriving.delete(accepted);
      this.#host.take(socket, proxied, undefined);
    });
    server.on('tlsClientError', (error, socket) => {
      this.#host.log.info({ err: error, remoteAddress: socket.remoteAddress }, 'A TLS handshake failed.');
      socket.destroy();
    });
    return server;
  }
}

/** Removes a socket file at `path` unless somebody listens there. */
async function removeIfAbandoned(path: string): Promise<void> {
  if (await isListenedAt(path)) return;
  const entry = await lstat(path).catch(() => undefined);
  if (entry?.isSocket() === true) await unlink(path);
}

function isListenedAt(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect({ path });
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
