/** All scenarios of the fault suite, each as a test. `npm run test:faults` runs the same with a table of what they showed. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { redisMissing } from 'gale/testing';
import { seedOfRun } from '../support/seeded-random.ts';
import { resultHeading, resultLine, violationLines } from './report.ts';
import { runScenario } from './run-scenario.ts';
import { scenarios } from './scenarios/all.ts';

const seed = seedOfRun();

for (const scenario of scenarios) {
  const skip = scenario.needsRedis === false ? false : redisMissing();
  test(`scenario ${scenario.number}: ${scenario.name}`, { skip }, async (t) => {
    const result = await runScenario(scenario, seed);
    t.diagnostic(`${resultHeading}\n${resultLine(result)}`);
    assert.deepEqual(violationLines(result), []);
  });
}
