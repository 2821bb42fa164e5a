/**
 * A TCP proxy that breaks connections on demand: it resets them, also inside a frame, delays or throttles bytes, and stops
 * forwarding without closing, as a network without a route does. Held bytes continue after `heal`, as retransmissions do.
 */
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';

/** A direction of a connection. */
export type Direction = 'toClient' | 'toServer';

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
  /** First bytes of the client, to recognize what the connection is for. */
  beginning: string;
  /** Bytes to the client after which it is reset; undefined without a limit. */
  budget: number | undefined;
  readonly held: Set<Direction>;
  /** Delayed writes and ends of each direction, oldest first. */
  readonly delayed: Readonly<Record<Direction, (() => void)[]>>;
  /** One end was reset while the connection was held. The other end learns of it after {@link Proxy.heal}. */
  isBroken: boolean;
  /** Ends whose peer has ended while the connection was held. */
  readonly unended: Set<Socket>;
}

/** Bytes of the client that are kept to recognize a connection. */
const beginningBytes = 4096;

/** Forwards between clients and one port of this machine. */
export class Proxy {
  readonly port: number;
  /** Port of the server for new connections. */
  target: number;
  /** Bytes from the server after which a new connection is reset; undefined without a limit. */
  nextBudget: () => number | undefined = () => undefined;
  /** Delay of bytes in each direction, in milliseconds. */
  delayMs = 0;
  /** Bytes per second to each client; undefined without a limit. */
  bytesPerSecond: number | undefined;
  /** Connections that it has reset. */
  cuts = 0;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  /** Directions that new connections do not forward. */
  readonly #blocked = new Set<Direction>();
  /** Clients that connected while both directions were blocked. The server does not see them. */
  readonly #unrouted = new Set<Socket>();

  private constructor(server: Server, target: number) {
    this.#server = server;
    this.target = target;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.#join(client));
  }

  /** Opens a proxy to the port `target` of this machine. */
  static async open(target: number): Promise<Proxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new Proxy(server, target);
  }

  /** Resets all connections, or those whose first bytes contain `text`. */
  cut(text = ''): void {
    for (const pair of this.#matching(text)) this.#end(pair);
    this.#cutUnrouted();
  }

  /**
   * Stops forwarding without closing, in the given directions.
   *
   * @param text - Only open connections whose first bytes contain it. Without it, new connections are held too.
   */
  hold(directions: readonly Direction[] = ['toClient', 'toServer'], text = ''): void {
    if (text === '') for (const direction of directions) this.#blocked.add(direction);
    for (const pair of this.#matching(text)) {
      for (const direction of directions) this.#stop(pair, direction);
    }
  }

  /** Forwards again, the held bytes first. Removes the delay, the throttle and the budgets. */
  heal(): void {
    this.#blocked.clear();
    this.delayMs = 0;
    this.bytesPerSecond = undefined;
    this.nextBudget = () => undefined;
    this.#cutUnrouted();
    for (const pair of this.#pairs) {
      pair.budget = undefined;
      pair.held.clear();
      if (pair.isBroken) {
        this.#end(pair);
        continue;
      }
      pair.client.resume();
      pair.server.resume();
      for (const socket of pair.unended) socket.end();
      pair.unended.clear();
    }
  }

  /** Resets all connections and stops to listen. */
  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #matching(text: string): Pair[] {
    return [...this.#pairs].filter(({ beginning }) => beginning.includes(text));
  }

  #cutUnrouted(): void {
    for (const client of this.#unrouted) client.destroy();
    this.#unrouted.clear();
  }

  #join(client: Socket): void {
    if (this.#blocked.size === 2) {
      this.#unrouted.add(client);
      client.on('error', () => {});
      client.on('close', () => this.#unrouted.delete(client));
      client.resume();
      return;
    }
    const server = connect({ port: this.target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const pair: Pair = {
      client,
      server,
      beginning: '',
      budget: this.nextBudget(),
      held: new Set(),
      isBroken: false,
      unended: new Set(),
      delayed: { toClient: [], toServer: [] },
    };
    this.#pairs.add(pair);
    client.on('data', (bytes: Buffer) => {
      if (pair.beginning.length < beginningBytes) pair.beginning += bytes.toString('latin1');
      this.#forward(pair, 'toServer', bytes);
    });
    server.on('data', (bytes: Buffer) => this.#forward(pair, 'toClient', bytes));
    for (const socket of [client, server]) {
      socket.on('error', () => this.#onEnd(pair));
      socket.on('end', () => {
        const other = socket === client ? server : client;
        if (pair.held.size > 0) pair.unended.add(other);
        else this.#delay(pair, other === client ? 'toClient' : 'toServer', () => other.end());
      });
      socket.on('close', () => this.#onEnd(pair));
    }
    for (const direction of this.#blocked) this.#stop(pair, direction);
  }

  #stop(pair: Pair, direction: Direction): void {
    pair.held.add(direction);
    (direction === 'toClient' ? pair.server : pair.client).pause();
  }

  #forward(pair: Pair, direction: Direction, bytes: Buffer): void {
    const [source, sink] = direction === 'toClient' ? [pair.server, pair.client] : [pair.client, pair.server];
    if (pair.held.has(direction)) {
      // It was read before the pause.
      source.unshift(bytes);
      source.pause();
      return;
    }
    if (direction === 'toClient' && pair.budget !== undefined) {
      if (bytes.length > pair.budget) {
        sink.write(bytes.subarray(0, pair.budget), () => this.#end(pair));
        source.pause();
        return;
      }
      pair.budget -= bytes.length;
    }
    this.#delay(pair, direction, () => this.#write(pair, source, sink, bytes));
    if (direction === 'toClient' && this.bytesPerSecond !== undefined) {
      source.pause();
      const resume = (): void => void (pair.held.has(direction) || source.resume());
      setTimeout(resume, (bytes.length / this.bytesPerSecond) * 1000);
    }
  }

  /** Runs an action after the delay, and never before an earlier one of the same direction, whatever its delay was. */
  #delay(pair: Pair, direction: Direction, action: () => void): void {
    const delayed = pair.delayed[direction];
    if (this.delayMs === 0 && delayed.length === 0) {
      action();
      return;
    }
    delayed.push(action);
    setTimeout(() => delayed.shift()?.(), this.delayMs);
  }

  #write(pair: Pair, source: Socket, sink: Socket, bytes: Buffer): void {
    if (!this.#pairs.has(pair) || sink.write(bytes)) return;
    source.pause();
    sink.once('drain', () => {
      const direction = source === pair.server ? 'toClient' : 'toServer';
      if (!pair.held.has(direction)) source.resume();
    });
  }

  #onEnd(pair: Pair): void {
    // A network without a route delivers neither a reset nor an end.
    if (pair.held.size > 0) pair.isBroken = true;
    else this.#end(pair);
  }

  #end(pair: Pair): void {
    if (!this.#pairs.delete(pair)) return;
    this.cuts += 1;
    pair.client.resetAndDestroy();
    pair.server.resetAndDestroy();
  }
}
