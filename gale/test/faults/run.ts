/**
 * `npm run test:faults`: runs the scenarios one after the other and prints what each showed. Ends with code 1 if an invariant
 * was broken. `--only=7,33` and `--group=redis` select scenarios, `--seed=N` repeats the choices of a run, `--times=N` repeats
 * each, `--write` writes docs/reference/faults.md.
 */
import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { seedOfRun } from '../support/seeded-random.ts';
import { faultsPage, resultHeading, resultLine, violationLines } from './report.ts';
import { runScenario } from './run-scenario.ts';
import type { Result } from './scenario.ts';
import { scenarios } from './scenarios/all.ts';

const { values } = parseArgs({
  options: {
    only: { type: 'string' },
    group: { type: 'string' },
    seed: { type: 'string' },
    times: { type: 'string', default: '1' },
    write: { type: 'boolean', default: false },
  },
});

const only = values.only?.split(',').map(Number);
const selected = scenarios.filter(
  ({ number, group }) => (only?.includes(number) ?? true) && (values.group === undefined || values.group === group),
);
if (selected.length === 0) throw new Error(`No scenario has this number or group; got ${values.only ?? values.group}.`);
const seed = values.seed === undefined ? seedOfRun() : Number(values.seed);
console.log(`seed ${seed}\n\n${resultHeading}`);
const results: Result[] = [];
for (let time = 0; time < Number(values.times); time++) {
  for (const scenario of selected) {
    const result = await runScenario(scenario, seed + time);
    results.push(result);
    console.log([resultLine(result), ...violationLines(result)].join('\n'));
  }
}
const failed = results.filter(({ violations }) => violations.length > 0);
console.log(`\n${results.length} scenarios, ${failed.length} with violations`);
if (values.write) {
  const version = /v=(\S+)/.exec(spawnSync('redis-server', ['--version']).stdout.toString())?.[1] ?? 'unknown';
  await writeFile(new URL('../../../docs/reference/faults.md', import.meta.url), faultsPage(results, seed, version));
}
// Without this, Node.js may wait at its end for requests of sockets that were reset.
process.exit(failed.length > 0 ? 1 : 0);
