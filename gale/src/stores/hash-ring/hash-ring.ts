/**
 * Consistent hashing: keys and nodes have positions on a ring, and a key belongs to the first node after its position. If a node is
 * added or removed, only its own keys move. The positions are those of the `HashRing` of Amir Salihefendic (2008), with which
 * Python programs distribute the same keys in the same way.
 */
import { createHash } from 'node:crypto';
import { GaleError } from '../../errors.ts';
import {
  assertFilledString,
  assertNames,
  assertNumber,
  assertObject,
  assertString,
  wrongValue,
} from '../../run/given-options.ts';

/** Options of a {@link HashRing}. */
export interface HashRingOptions {
  /**
   * Weights by node, from 0 to 1 000 000. A node of weight 2 gets about twice the keys of one of weight 1, a node of weight 0 none.
   * @defaultValue 1 each
   */
  readonly weights?: Readonly<Record<string, number>>;
}

/** Hashes of a node of average weight. Each hash makes three points. */
const hashesPerNode = 40;
const pointsPerHash = 3;

/** Most nodes of a ring, which bounds its points. */
const maxNodes = 1_000;

/**
 * A ring of nodes. It does not change: create another one for other nodes.
 *
 * @example
 * const ring = new HashRing(['10.0.0.1:6379', '10.0.0.2:6379'], { weights: { '10.0.0.2:6379': 2 } });
 * ring.getNode('my_key');
 */
export class HashRing {
  /** The points of all nodes, from 0 to 4 294 967 295, sorted. */
  readonly positions: readonly number[];
  readonly #nodes: readonly string[];

  /**
   * @param nodes - Names, such as addresses. Their order does not matter.
   * @throws {@link GaleError} `OPTION_VALUE` for a node that occurs twice, and a weight that is not in its range; `OPTION_UNKNOWN` for a
   *   weight of no node.
   */
  constructor(nodes: readonly string[], options: HashRingOptions = {}) {
    assertRing(nodes, options);
    const { weights = {} } = options;
    const weightOf = (node: string): number => (Object.hasOwn(weights, node) ? (weights[node] ?? 1) : 1);
    const total = nodes.reduce((sum, node) => sum + weightOf(node), 0);
    const points: (readonly [position: number, node: string])[] = [];
    for (const node of nodes) {
      const share = total === 0 ? 0 : (hashesPerNode * nodes.length * weightOf(node)) / total;
      for (let index = 0; index < Math.floor(share); index++) {
        const digest = md5(`${node}-${index}`);
        for (let point = 0; point < pointsPerHash; point++) points.push([digest.readUInt32LE(4 * point), node]);
      }
    }
    // Of two nodes at one position the one that is listed later has it.
    const owners = new Map(points);
    this.positions = Object.freeze(points.map(([position]) => position).sort((left, right) => left - right));
    this.#nodes = this.positions.map((position) => owners.get(position) ?? '');
  }

  /** The position of a key on the ring, from 0 to 4 294 967 295. @throws {@link GaleError} `OPTION_VALUE` for a key that is no string. */
  static positionOf(key: string): number {
    assertString('key', key);
    return md5(key).readUInt32LE(0);
  }

  /** The node of a key; `undefined` if the ring is empty. */
  getNode(key: string): string | undefined {
    const index = this.getNodePosition(key);
    return index === undefined ? undefined : this.#nodes[index];
  }

  /** The index in {@link HashRing.positions} of the first point after the position of a key; `undefined` if the ring is empty. */
  getNodePosition(key: string): number | undefined {
    if (this.positions.length === 0) return undefined;
    const position = HashRing.positionOf(key);
    let low = 0;
    let high = this.positions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (position < (this.positions[middle] ?? 0)) high = middle;
      else low = middle + 1;
    }
    return low === this.positions.length ? 0 : low;
  }

  /**
   * The nodes that can hold a key, from its own node around the ring.
   *
   * @param options - `distinct: false` repeats a node for each of its points.
   */
  *iterateNodes(key: string, options: { readonly distinct?: boolean } = {}): Generator<string, void, undefined> {
    const { distinct = true } = options;
    const start = this.getNodePosition(key);
    if (start === undefined) return;
    const seen = new Set<string>();
    for (let count = 0; count < this.#nodes.length; count++) {
      const node = this.#nodes[(start + count) % this.#nodes.length] ?? '';
      if (distinct && seen.has(node)) continue;
      seen.add(node);
      yield node;
    }
  }
}

function assertRing(nodes: readonly string[], options: HashRingOptions): void {
  if (!Array.isArray(nodes)) throw wrongValue('nodes', 'an array of names', nodes);
  if (nodes.length > maxNodes) throw wrongValue('nodes', `an array of at most ${maxNodes} names`, nodes);
  const seen = new Set<string>();
  for (const [index, node] of nodes.entries()) {
    assertFilledString(`nodes[${index}]`, node);
    if (seen.size === seen.add(node).size) throw wrongValue('nodes', 'names that differ', node);
  }
  assertNames('HashRing', options, ['weights']);
  const { weights } = options;
  if (weights === undefined) return;
  assertObject('weights', weights);
  for (const [node, weight] of Object.entries(weights)) {
    if (!seen.has(node)) {
      throw new GaleError(
        'OPTION_UNKNOWN',
        `weights has ${JSON.stringify(node)}, which is not a node; add it to nodes.`,
      );
    }
    assertNumber(`weights[${JSON.stringify(node)}]`, weight, 0, 1_000_000);
  }
}

function md5(text: string): Buffer {
  return createHash('md5').update(text).digest();
}
