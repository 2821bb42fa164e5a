/** The short set of the fault suite. `npm run test:faults` runs all scenarios; docs/guide/faults.md explains them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisMissing } from 'gale/testing';
import { seedOfRun } from '../support/seeded-random.ts';
import { resultLine, violationLines } from './report.ts';
import { runScenario } from './run-scenario.ts';
import { scenarios } from './scenarios/all.ts';

const seed = seedOfRun();

for (const scenario of scenarios.filter(({ isShort }) => isShort)) {
  const skip = scenario.needsRedis === false ? false : redisMissing();
  test(`scenario ${scenario.number}: ${scenario.name}`, { skip }, async (t) => {
    const result = await runScenario(scenario, seed);
    t.diagnostic(resultLine(result));
    assert.deepEqual(violationLines(result), []);
  });
}

test('every scenario has its own number, and a name that fits the report', () => {
  const numbers = scenarios.map(({ number }) => number);
  assert.equal(new Set(numbers).size, numbers.length);
  assert.deepEqual(
    scenarios.filter(({ number, name }) => `${number} ${name}`.length > 40).map(({ name }) => name),
    [],
  );
});
