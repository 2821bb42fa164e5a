/**
 * Sends requests to a server in this process without sockets, over connections in memory that are used again.
 */
import type { HttpServer } from '../http/server.ts';
import { MemoryConnection, type ConnectionPool, type EncodedRequest } from './memory-connection.ts';

/** Idle connections that are kept; further ones are closed. */
const maxIdle = 64;

/** Connections to one server. */
export class MemoryTransport implements ConnectionPool {
  readonly #server: HttpServer;
  readonly #open: Record<'http' | 'https', Set<MemoryConnection>> = { http: new Set(), https: new Set() };
  readonly #idle: Record<'http' | 'https', MemoryConnection[]> = { http: [], https: [] };

  constructor(server: HttpServer) {
    this.#server = server;
  }

  /** See {@link MemoryConnection.send}. @param protocol - How the request counts for the application. */
  send(protocol: 'http' | 'https', request: EncodedRequest, signal: AbortSignal | undefined): Promise<Response> {
    const connection = this.#idle[protocol].pop() ?? this.#connect(protocol);
    return connection.send(request, signal);
  }

  onIdle(connection: MemoryConnection): void {
    const idle = this.#idle[this.#protocolOf(connection)];
    if (idle.length < maxIdle) idle.push(connection);
    else connection.destroy();
  }

  onClosed(connection: MemoryConnection): void {
    const protocol = this.#protocolOf(connection);
    this.#open[protocol].delete(connection);
    this.#idle[protocol] = this.#idle[protocol].filter((idle) => idle !== connection);
  }

  #connect(protocol: 'http' | 'https'): MemoryConnection {
    const connection = new MemoryConnection(this);
    this.#open[protocol].add(connection);
    this.#server.serveSocket(connection.socket, protocol === 'https');
    return connection;
  }

  #protocolOf(connection: MemoryConnection): 'http' | 'https' {
    return this.#open.https.has(connection) ? 'https' : 'http';
  }
}
