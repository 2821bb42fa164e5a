/** A proxy between a client and a server that can close connections, also inside a frame, and stop forwarding. */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import type { TestContext } from 'node:test';

/** Forwards bytes between clients and one port of this machine. */
export class CuttingProxy {
  /** Port to connect to. */
  readonly port: number;
  /** Bytes from the server that the next connection forwards before it is closed; undefined: no limit. */
  nextBudget: () => number | undefined = () => undefined;
  /** Number of connections that have ended. */
  cuts = 0;
  readonly #server: Server;
  readonly #pairs = new Set<readonly [client: Socket, server: Socket]>();

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#join(client, connect(target, '127.0.0.1')));
  }

  /** Starts a proxy to the port `target`. It closes after the test. */
  static async open(t: TestContext, target: number): Promise<CuttingProxy> {
    const server = createServer({ noDelay: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const proxy = new CuttingProxy(server, target);
    t.after(() => proxy.close());
    return proxy;
  }

  /** Resets all connections. */
  cut(): void {
    for (const pair of this.#pairs) {
      this.cuts++;
      this.#pairs.delete(pair);
      for (const socket of pair) socket.resetAndDestroy();
    }
  }

  /** Stops forwarding bytes of the server; they fill the socket buffers, then wait in the server. */
  hold(): void {
    for (const [client, server] of this.#pairs) {
      server.unpipe(client);
      server.removeAllListeners('data');
      server.pause();
    }
  }

  /** Continues forwarding. */
  letGo(): void {
    for (const [client, server] of this.#pairs) server.pipe(client);
  }

  /** Resets all connections and stops accepting. */
  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #join(client: Socket, server: Socket): void {
    const pair = [client, server] as const;
    this.#pairs.add(pair);
    let budget = this.nextBudget();
    client.pipe(server);
    server.on('data', (bytes: Buffer) => {
      if (budget !== undefined && bytes.length > budget) {
        client.write(bytes.subarray(0, budget), () => this.#end(pair));
        server.pause();
        return;
      }
      if (budget !== undefined) budget -= bytes.length;
      if (!client.write(bytes)) {
        server.pause();
        client.once('drain', () => server.resume());
      }
    });
    for (const socket of pair) {
      socket.on('error', () => this.#end(pair));
      socket.on('close', () => this.#end(pair));
    }
  }

  #end(pair: readonly [Socket, Socket]): void {
    if (!this.#pairs.delete(pair)) return;
    this.cuts++;
    for (const socket of pair) socket.destroy();
  }
}
