/** The servers of one scenario: nodes, and the Redis or the SQLite file they share. Nodes reach Redis through proxies of their own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, redisCommand, startRedis } from 'gale/testing';
import type { RedisServer } from 'gale/testing';
import type { RoomsOptions } from 'gale/rooms';
import type { WebSocketOptions } from 'gale/websocket';
import { Node } from './node.ts';
import type { NodeWord } from './node-program.ts';
import { Proxy } from './proxy.ts';
import { roundRobin, sticky } from './route.ts';
import type { Route } from './route.ts';

/** What a scenario needs. */
export interface ClusterOptions {
  /** @defaultValue 'redis' */
  readonly broker?: 'memory' | 'sqlite' | 'redis';
  /** Number of nodes; more than one needs Redis. @defaultValue 2 with Redis, otherwise 1 */
  readonly nodes?: number;
  /** Whether Redis has every write on disk before it responds. @defaultValue true */
  readonly appendOnly?: boolean;
  /** Further arguments of `redis-server`. */
  readonly redisArgs?: readonly string[];
  /** Whether each node reaches Redis through a proxy. @defaultValue false */
  readonly redisProxies?: boolean;
  /** Whether clients reach each node through a proxy. @defaultValue false */
  readonly proxies?: boolean;
  readonly rooms?: Omit<RoomsOptions, 'log'>;
  readonly websocket?: WebSocketOptions;
  readonly redis?: NodeWord['redis'];
  readonly graceMs?: number;
  /** Flags of Node.js for the nodes. */
  readonly flags?: readonly string[];
}

/** Times of the suite: faults are noticed fast, so that a scenario takes seconds. */
const roomsDefaults = {
  historyCount: 20_000,
  presenceLeaseMs: 2000,
  presenceGraceMs: 800,
  presenceBatchMs: 50,
  positionCheckMs: 2000,
} as const;

const redisDefaults = { commandTimeoutMs: 1000, probeMs: 500 } as const;

/** Running servers. */
export class Cluster {
  readonly nodes: Node[] = [];
  /** Proxies between the nodes and Redis, one for each node. */
  readonly redisProxies: Proxy[] = [];
  readonly #options: ClusterOptions;
  readonly #folder: string;
  readonly #redis: RedisServer | undefined;

  private constructor(options: ClusterOptions, folder: string, redis: RedisServer | undefined) {
    this.#options = options;
    this.#folder = folder;
    this.#redis = redis;
  }

  /** Starts all servers. */
  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { broker = 'redis', appendOnly = true, redisArgs = [] } = options;
    const folder = await mkdtemp(join(tmpdir(), 'gale-faults-'));
    const redis = broker === 'redis' ? await startRedis({ appendOnly, args: redisArgs }) : undefined;
    const cluster = new Cluster(options, folder, redis);
    try {
      const count = options.nodes ?? (redis ? 2 : 1);
      await Promise.all(Array.from({ length: count }, () => cluster.addNode()));
      return cluster;
    } catch (error) {
      await cluster.close();
      throw error;
    }
  }

  /** The Redis of all nodes. */
  get redis(): RedisServer {
    if (!this.#redis) throw new Error('This scenario has no Redis.');
    return this.#redis;
  }

  /** The file of SQLite. */
  get file(): string {
    return join(this.#folder, 'rooms.sqlite');
  }

  /** A node; the first by default. */
  node(index = 0): Node {
    const node = this.nodes[index];
    if (!node) throw new Error(`There are ${this.nodes.length} nodes; got the index ${index}.`);
    return node;
  }

  /** The proxy between a node and Redis. */
  redisProxy(index = 0): Proxy {
    const proxy = this.redisProxies[index];
    if (!proxy) throw new Error('The nodes have no proxies to Redis; set redisProxies.');
    return proxy;
  }

  /** Starts one more node. */
  async addNode(changes: Partial<NodeWord> = {}): Promise<Node> {
    const { rooms, websocket, redis, graceMs, flags, proxies, redisProxies } = this.#options;
    let broker = this.#options.broker === 'memory' ? 'memory' : this.file;
    if (this.#redis) {
      let { port } = this.#redis;
      if (redisProxies) {
        const proxy = await Proxy.open(port);
        this.redisProxies.push(proxy);
        ({ port } = proxy);
      }
      broker = `redis://127.0.0.1:${port}`;
    }
    const word: NodeWord = {
      port: await freePort(),
      broker,
      rooms: { ...roomsDefaults, ...rooms },
      ...(websocket ? { websocket } : {}),
      redis: { ...redisDefaults, ...redis },
      ...(graceMs === undefined ? {} : { graceMs }),
      ...changes,
    };
    const node = new Node(word, flags);
    this.nodes.push(node);
    if (proxies) await node.openProxy();
    await node.start();
    return node;
  }

  /** Each connection goes to the next node. */
  spread(begin = 0): Route {
    return roundRobin(this.#addresses(), begin);
  }

  /** A client stays at a node while it accepts connections. */
  stay(begin = 0): Route {
    return sticky(this.#addresses(), begin);
  }

  /** All connections go to one node. */
  only(index = 0): Route {
    return () => this.#address(this.node(index));
  }

  /** Sends a command to Redis. */
  command(...args: string[]): Promise<unknown> {
    return redisCommand(this.redis, ...args);
  }

  /** Number of keys of Redis. */
  async keys(): Promise<number> {
    return Number(await this.command('DBSIZE'));
  }

  /** Ends all processes and removes all data. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => node.close()));
    await Promise.all(this.redisProxies.map((proxy) => proxy.close()));
    await this.#redis?.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }

  #addresses(): (() => string)[] {
    return this.nodes.map((node) => () => this.#address(node));
  }

  #address(node: Node): string {
    return this.#options.proxies ? node.proxied : node.url;
  }
}
