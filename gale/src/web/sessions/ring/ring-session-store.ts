/**
 * Sessions on several stores, by consistent hashing. While a node is down, new sessions of its keys begin on the next node. They stay there
 * when it is up again: a session that its own node does not have is asked from the nodes that follow.
 */
import { GaleError } from '../../../errors.ts';
import {
  assertFilledString,
  assertFunctions,
  assertLog,
  assertNames,
  assertNumber,
  readIntegers,
  wrongValue,
} from '../../../run/given-options.ts';
import { createLogger, type Logger } from '../../../run/log.ts';
import { HashRing } from '../../../stores/hash-ring/hash-ring.ts';
import type { ListedSession, SaveResult, SessionChange, SessionStore, StoredSession } from '../session-store.ts';
import { RingNode, type RingNodeHealth } from './ring-node.ts';

/** A node of the ring. */
export interface RingNodeInit {
  /** Name of the node, such as its address; the same in all processes. It decides which keys the node has. */
  readonly name: string;
  /** Share of the keys, from 0 to 1 000 000. @defaultValue 1 */
  readonly weight?: number;
  /** Opens its store. Called again while it fails. */
  readonly open: () => Promise<SessionStore>;
}

/** Options of {@link RingSessionStore.open}. */
export interface RingSessionStoreOptions {
  /** The nodes, at least one. */
  readonly nodes: readonly RingNodeInit[];
  /** Time between two attempts to reach a node that is down, in milliseconds. @defaultValue 1 000 */
  readonly probeMs?: number;
  /** Log for nodes that fail and come back. @defaultValue JSON lines on standard output, from `warn` on */
  readonly log?: Logger;
}

/** Nodes after its own one that can have a session. */
const followers = 2;

/** Distributes sessions over several stores. */
export class RingSessionStore implements SessionStore {
  readonly #ring: HashRing;
  readonly #nodes: ReadonlyMap<string, RingNode>;

  private constructor(ring: HashRing, nodes: ReadonlyMap<string, RingNode>) {
    this.#ring = ring;
    this.#nodes = nodes;
  }

  /**
   * Opens the stores. A store that is unavailable is opened later.
   *
   * @throws {@link GaleError} `OPTION_UNKNOWN` or `OPTION_VALUE`; `SESSION_STORE` if no node works; the error of a node with a wrong
   *   configuration.
   * @example
   * const store = await RingSessionStore.open({
   *   nodes: ['10.0.0.1', '10.0.0.2'].map((name) => ({ name, open: () => RedisSessionStore.open({ url: `redis://${name}` }) })),
   * });
   */
  static async open(options: RingSessionStoreOptions): Promise<RingSessionStore> {
    const { nodes, weights, probeMs, log } = resolveOptions(options);
    const ring = new HashRing(
      nodes.map(({ name }) => name),
      { weights },
    );
    const opened = new Map(
      nodes.map(({ name, open }) => [name, new RingNode({ name, open, probeMs, log, weight: weights[name] ?? 1 })]),
    );
    const store = new RingSessionStore(ring, opened);
    const results = await Promise.allSettled([...opened.values()].map((node) => node.open()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed === undefined && [...opened.values()].some((node) => node.isUp)) return store;
    await store.close();
    throw failed?.reason ?? allDown([...opened.values()]);
  }

  /** The state of each node, for pages of operators. */
  health(): RingNodeHealth[] {
    return [...this.#nodes.values()].map((node) => node.health);
  }

  async load(id: string, now: number): Promise<StoredSession | undefined> {
    return (await this.#search(id, (store) => store.load(id, now)))?.result;
  }

  async save(change: SessionChange, now: number): Promise<SaveResult> {
    const result = await this.#save(change, now);
    // A store limits the sessions of a person that it has; the others are on other nodes.
    if (result.state !== 'saved' || !change.isLogin || change.person === undefined) return result;
    const ended = await this.#limit(change.person, change, now);
    return { state: 'saved', ended: [...result.ended, ...ended] };
  }

  /** @throws {@link GaleError} `SESSION_STORE` if a node is down: the list would not be complete. */
  async list(person: string, now: number): Promise<readonly ListedSession[]> {
    const lists = await Promise.all(
      [...this.#nodes.values()].map((node) => node.run((store) => store.list(person, now))),
    );
    return lists.flat();
  }

  /** @throws {@link GaleError} `SESSION_STORE` if a session was not found and a node that can have it is down. */
  async end(ids: readonly string[], now: number): Promise<readonly string[]> {
    const ended = await Promise.all(ids.map((id) => this.#end(id, now)));
    return ended.flat();
  }

  /** Rejects if no node works. A node that is down is in {@link RingSessionStore.health}. */
  async check(): Promise<void> {
    const nodes = [...this.#nodes.values()];
    const results = await Promise.allSettled(nodes.map((node) => node.run((store) => store.check())));
    if (results.every(({ status }) => status === 'rejected')) throw allDown(nodes);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#nodes.values()].map((node) => node.close()));
  }

  async #save(change: SessionChange, now: number): Promise<SaveResult> {
    if (change.from === 'new') return this.#create(change, now);
    if (change.from !== undefined) return this.#rename(change, change.from.id, now);
    const found = await this.#search(change.id, async (store) => {
      const result = await store.save(change, now);
      return result.state === 'gone' ? undefined : result;
    });
    if (found !== undefined) return found.result;
    this.#assertUp(change.id);
    return { state: 'gone' };
  }

  /** Stores a new session on the first node that works. */
  async #create(change: SessionChange, now: number): Promise<SaveResult> {
    let failure: unknown;
    for (const node of this.#nodesOf(change.id)) {
      if (!node.isUp) continue;
      try {
        return await node.run((store) => store.save(change, now));
      } catch (error) {
        failure = error;
      }
    }
    throw failure ?? allDown([...this.#nodes.values()]);
  }

  /** The session with its new id can belong to another node. */
  async #rename(change: SessionChange, from: string, now: number): Promise<SaveResult> {
    const found = await this.#search(from, (store) => store.load(from, now));
    if (found === undefined) {
      this.#assertUp(from);
      return { state: 'gone' };
    }
    const { node, result } = found;
    const [target] = this.#nodesOf(change.id).filter((other) => other.isUp);
    if (node === target) return node.run((store) => store.save(change, now));
    const values = new Map<string, string | undefined>(change.clears ? [] : result.values);
    for (const [key, text] of change.values) {
      if (text === undefined) values.delete(key);
      else values.set(key, text);
    }
    const saved = await this.#create({ ...change, from: 'new', clears: false, values }, now);
    if (saved.state === 'saved') await node.run((store) => store.end([from], now));
    return saved;
  }

  /**
   * Ends the sessions of a person over the limit, on the nodes that work. Logins at the same time on several nodes do not end each other:
   * only sessions that began before end.
   */
  async #limit(person: string, { id, createdAt, limits }: SessionChange, now: number): Promise<string[]> {
    const nodes = [...this.#nodes.values()].filter((node) => node.isUp);
    const lists = await Promise.allSettled(nodes.map((node) => node.run((store) => store.list(person, now))));
    const listed = lists.flatMap((list) => (list.status === 'fulfilled' ? list.value : []));
    // A login on the same node has ended this session already.
    if (!listed.some((session) => session.id === id)) return [];
    const others = listed.filter((session) => session.id !== id).toSorted((left, right) => right.seenAt - left.seenAt);
    const ended = others
      .slice(limits.maxPerPerson - 1)
      .filter((other) => other.createdAt < createdAt || (other.createdAt === createdAt && other.id < id))
      .map((other) => this.#end(other.id, now));
    return (await Promise.allSettled(ended)).flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  }

  async #end(id: string, now: number): Promise<readonly string[]> {
    const found = await this.#search(id, async (store) => {
      const ended = await store.end([id], now);
      return ended.length === 0 ? undefined : ended;
    });
    if (found !== undefined) return found.result;
    this.#assertUp(id);
    return [];
  }

  /**
   * Runs an operation on the own node of a key, and if that has no result on the nodes that follow, at the same time. Nodes that are down
   * are skipped.
   *
   * @throws {@link GaleError} `SESSION_STORE` if no node works.
   */
  async #search<Result>(
    id: string,
    operation: (store: SessionStore) => Result | undefined | Promise<Result | undefined>,
  ): Promise<{ readonly node: RingNode; readonly result: Result } | undefined> {
    const [own, ...others] = this.#nodesOf(id).filter((node) => node.isUp);
    if (own === undefined) throw allDown([...this.#nodes.values()]);
    const runOn = async (node: RingNode): Promise<{ readonly node: RingNode; readonly result: Result } | undefined> => {
      const result = await node.run(operation);
      return result === undefined ? undefined : { node, result };
    };
    const first = await runOn(own).catch(() => undefined);
    if (first !== undefined) return first;
    const rest = await Promise.allSettled(others.slice(0, followers).map(runOn));
    const found = rest.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
    if (found.length === 0 && [own, ...others].every((node) => !node.isUp)) throw allDown([...this.#nodes.values()]);
    return found[0];
  }

  /** @throws {@link GaleError} `SESSION_STORE` if a node that can have the session is down. */
  #assertUp(id: string): void {
    const down = this.#nodesOf(id)
      .slice(0, followers + 1)
      .find((node) => !node.isUp);
    if (down !== undefined) throw allDown([down]);
  }

  #nodesOf(id: string): RingNode[] {
    return [...this.#ring.iterateNodes(id)].map((name) => this.#nodes.get(name)).filter((node) => node !== undefined);
  }
}

function allDown(nodes: readonly RingNode[]): GaleError {
  const names = nodes.map(({ name }) => name).join(', ');
  const reason = nodes[0]?.health.reason ?? 'it failed';
  return new GaleError('SESSION_STORE', `Nodes of the sessions are down: ${names}. The first reason: ${reason}`);
}

interface ResolvedOptions {
  readonly nodes: readonly RingNodeInit[];
  readonly weights: Readonly<Record<string, number>>;
  readonly probeMs: number;
  readonly log: Logger;
}

function resolveOptions(options: RingSessionStoreOptions): ResolvedOptions {
  assertNames('RingSessionStore', options, ['nodes', 'probeMs', 'log']);
  const { nodes, log = createLogger() } = options;
  const { probeMs } = readIntegers(options, { probeMs: [1_000, 10, 600_000] });
  assertLog(log);
  if (!Array.isArray(nodes) || nodes.length === 0) throw wrongValue('nodes', 'an array of at least one node', nodes);
  const weights: Record<string, number> = {};
  for (const [index, node] of (nodes as readonly RingNodeInit[]).entries()) {
    assertNames(`nodes[${index}]`, node, ['name', 'weight', 'open']);
    const { name, weight = 1, open } = node;
    assertFilledString(`nodes[${index}].name`, name);
    assertNumber(`nodes[${index}].weight`, weight, 0, 1_000_000);
    if (open === undefined) throw wrongValue(`nodes[${index}].open`, 'a function', open);
    assertFunctions({ [`nodes[${index}].open`]: open }, [`nodes[${index}].open`]);
    weights[name] = weight;
  }
  return { nodes, weights, probeMs, log };
}
