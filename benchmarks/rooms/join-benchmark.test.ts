import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowdsOf, growthOf, measureJoin, tableOf } from './join-benchmark.ts';
import type { JoinFigures } from './join-figures.ts';

const figures: JoinFigures = {
  people: 1000,
  wallSeconds: 2,
  cpuSeconds: 0.5,
  residentBytesEach: 8000.4,
  p50Milliseconds: 10,
  p99Milliseconds: 20,
  presenceEventsEach: 3.25,
  loadShare: 0.5,
};

test(
  '30 people join a room of a new server, and all figures are measured',
  { skip: process.platform !== 'linux' },
  async () => {
    const measured = await measureJoin(30);
    assert.equal(measured.people, 30);
    for (const [name, value] of Object.entries(measured)) {
      assert.ok(Number.isFinite(value), name);
      if (name !== 'residentBytesEach' && name !== 'cpuSeconds') assert.ok(value > 0, name);
    }
  },
);

test('numbers of people are integers from 1', () => {
  assert.deepEqual(crowdsOf('10,2000'), [10, 2000]);
  for (const list of ['abc', '', '10,', '0', '1.5', '-1', '1e3', '99999999']) {
    assert.throws(() => crowdsOf(list), { code: 'OPTION_VALUE', message: /^--people must be integers from 1/ });
  }
});

test('the table has one row per crowd, with medians', () => {
  const rows = tableOf([[figures, { ...figures, cpuSeconds: 0.7 }, { ...figures, cpuSeconds: 0.6 }]]).split('\n');
  assert.equal(rows.length, 3);
  assert.match(rows[2] ?? '', /^\| 1,000 \| 0\.60 \(0\.50–0\.70\) \| 600 \(500–700\) \| 8000 \| 2\.0 \| 10 \| 20 \|/);
});

test('growth is the ratio of the cost per join in the largest and the smallest crowd, by round', () => {
  const large = { people: 10_000, rounds: [{ ...figures, people: 10_000, cpuSeconds: 6 }] };
  const growth = growthOf([large, { people: 1000, rounds: [figures] }]);
  assert.equal(growth, 'CPU per join with 10,000 people: × 1.20 of that with 1,000.');
  assert.equal(growthOf([large]), '');
});
