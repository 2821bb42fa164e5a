import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { capacityTable, planOf, shapes } from './capacity.ts';

test('the tables of the guide are computed from the measured costs', async () => {
  const guide = await readFile(new URL('../../docs/guide/scaling.md', import.meta.url), 'utf8');
  for (const shape of shapes) {
    const table = capacityTable(shape);
    assert.ok(guide.includes(`**${shape.name[0]?.toUpperCase()}${shape.name.slice(1)}**\n\n${table}\n`), table);
  }
});

test('twice the people on twice the nodes need little more of each node, and less than three times as much of Redis', () => {
  const [rooms] = shapes;
  assert.ok(rooms);
  const [one, two] = [planOf(500_000, rooms), planOf(1_000_000, rooms)];
  assert.equal(two.nodes, 2 * one.nodes);
  assert.ok(two.nodeShare < 1.25 * one.nodeShare);
  assert.ok(two.redisShare < 3 * one.redisShare);
});
