import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { HashRing } from './hash-ring.ts';

const servers = ['192.168.1.1:6379', '192.168.1.2:6379', '192.168.1.3:6379'];

test('has the points of the ring in Python', () => {
  const { positions } = new HashRing(servers);
  assert.equal(positions.length, 360);
  assert.deepEqual([positions[0], positions.at(-1)], [3_869_027, 4_291_937_060]);
  assert.deepEqual(
    positions,
    positions.toSorted((left, right) => left - right),
  );
});

test('finds the node of a key as the ring in Python does', () => {
  const ring = new HashRing(servers);
  for (const [key, position, node] of [
    ['my_key', 1_793_382_046, servers[0]],
    ['session-1', 892_186_567, servers[2]],
    ['随机字符串', 1_636_167_785, servers[0]],
  ] as const) {
    assert.equal(HashRing.positionOf(key), position, key);
    assert.equal(ring.getNode(key), node, key);
    const index = ring.getNodePosition(key) ?? 0;
    assert.ok((ring.positions[index] ?? 0) > position && (ring.positions[index - 1] ?? 0) <= position, key);
  }
});

test('a key at a point belongs to the next point, and a key after the last point to the first', () => {
  const ring = new HashRing(['a']);
  // `0` of `a-0` is the key whose position is a point.
  const index = ring.getNodePosition('a-0') ?? 0;
  assert.equal(ring.positions[(index + ring.positions.length - 1) % ring.positions.length], HashRing.positionOf('a-0'));
  const last = ring.positions.at(-1) ?? 0;
  const key = Array.from({ length: 10_000 }, (_, number) => `${number}`).find((one) => HashRing.positionOf(one) > last);
  assert.ok(key !== undefined);
  assert.equal(ring.getNodePosition(key), 0);
});

test('a weight gives a node its share of the points', () => {
  const [first = '', second = '', third = ''] = servers;
  const ring = new HashRing(servers, { weights: { [first]: 3 } });
  assert.deepEqual(
    servers.map((node) => count(ring, node)),
    [216, 72, 72],
  );
  const without = new HashRing(servers, { weights: { [second]: 0 } });
  assert.deepEqual([count(without, first), count(without, second), count(without, third)], [180, 0, 180]);
});

test('iterates the nodes from the one of the key, each once', () => {
  const ring = new HashRing(servers);
  for (const key of ['my_key', 'session-1', 'x', 'y']) {
    const nodes = [...ring.iterateNodes(key)];
    assert.equal(nodes[0], ring.getNode(key));
    assert.deepEqual(nodes.toSorted(), servers);
  }
  assert.equal([...ring.iterateNodes('my_key', { distinct: false })].length, 360);
});

test('an empty ring has no node', () => {
  for (const ring of [new HashRing([]), new HashRing(['a'], { weights: { a: 0 } })]) {
    assert.equal(ring.getNode('key'), undefined);
    assert.equal(ring.getNodePosition('key'), undefined);
    assert.deepEqual([...ring.iterateNodes('key')], []);
  }
});

/** Points of a node. */
function count(ring: HashRing, node: string): number {
  return [...ring.iterateNodes('', { distinct: false })].filter((other) => other === node).length;
}

const someNodes = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 12 });
const someKeys = fc.array(fc.string(), { minLength: 1, maxLength: 50 });

test('removing a node moves only its own keys, each to the node that follows it', () => {
  fc.assert(
    fc.property(someNodes, someKeys, fc.nat(), (nodes, keys, choice) => {
      const removed = nodes[choice % nodes.length] ?? '';
      const [before, after] = [new HashRing(nodes), new HashRing(nodes.filter((node) => node !== removed))];
      for (const key of keys) {
        const [own, next] = before.iterateNodes(key);
        assert.equal(after.getNode(key), own === removed ? next : own);
      }
    }),
  );
});

test('the order of the nodes does not matter', () => {
  fc.assert(
    fc.property(someNodes, someKeys, (nodes, keys) => {
      const [ring, turned] = [new HashRing(nodes), new HashRing(nodes.toReversed())];
      for (const key of keys) assert.deepEqual([...ring.iterateNodes(key)], [...turned.iterateNodes(key)]);
    }),
  );
});

test('adding a node to ten moves at most 12 % of the keys', () => {
  const keys = Array.from({ length: 20_000 }, (_, index) => `session-${index}`);
  const nodes = Array.from({ length: 10 }, (_, index) => `10.0.0.${index + 1}:6379`);
  const [before, after] = [new HashRing(nodes), new HashRing([...nodes, '10.0.0.11:6379'])];
  const moved = keys.filter((key) => before.getNode(key) !== after.getNode(key));
  assert.ok(moved.length > 0 && moved.length <= 0.12 * keys.length, `${moved.length} of ${keys.length} moved`);
  for (const key of moved) assert.equal(after.getNode(key), '10.0.0.11:6379');
});

test('refuses a key that is no string', () => {
  const code = { code: 'OPTION_VALUE', message: /^key must be a string; got / };
  assert.throws(() => new HashRing(['a']).getNode(7 as never), code);
  assert.throws(() => HashRing.positionOf(undefined as never), code);
});
