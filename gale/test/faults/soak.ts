/**
 * `npm run test:soak -- --minutes=N`: random faults of connections, nodes and Redis, one after the other, under load and churn.
 * At the end everything must be complete, and memory, connections and keys of Redis must be back. `--seed=N` repeats the choices.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seedOfRun } from '../support/seeded-random.ts';
import { judgeResources } from './measured-limits.ts';
import { resultHeading, resultLine, violationLines } from './report.ts';
import { runScenario } from './run-scenario.ts';
import type { Scenario } from './scenario.ts';
import { soakFaults } from './soak-faults.ts';

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' } } });
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error(`--minutes must be a number above 0; got ${values.minutes}.`);

const soak: Scenario = {
  number: 58,
  name: 'Soak',
  group: 'nodes',
  scale: `Random faults for ${minutes} minutes.`,
  timeoutMs: minutes * 60_000 + 180_000,
  async run(trial) {
    const cluster = await trial.start({ nodes: 3, proxies: true, redisProxies: true });
    await trial.crowd(24, { connection: { silenceMs: 2000 }, backoffMs: 200 });
    const client = { heartbeatMs: 1000, replyTimeoutMs: 2000 };
    for (let index = 0; index < 3; index++) trial.libraryClient({ client }).start();
    const writers = Array.from({ length: 4 }, () => trial.publisher({ intervalMs: 25 }).start());
    await writers[0]?.acknowledged(20);
    const before = await Promise.all(cluster.nodes.map((node) => node.measure()));
    const endsAt = performance.now() + minutes * 60_000;
    for (let number = 1; performance.now() < endsAt; number++) {
      const fault = soakFaults[trial.integer(0, soakFaults.length - 1)] ?? soakFaults[0];
      if (!fault) break;
      console.log(`${number} ${fault.name}`);
      await fault.run(trial);
      trial.healed();
      const acknowledged = writers[0]?.acknowledgedCount ?? 0;
      await writers[0]?.acknowledged(acknowledged + 10, 60_000);
      await Promise.all(trial.consumers.map((consumer) => consumer.ready(30_000)));
      await wait(trial.integer(0, 500));
    }
    await trial.complete(60_000);
    for (const consumer of trial.consumers) await consumer.leave();
    for (const page of trial.libraryClients) page.close();
    for (const writer of writers) writer.end();
    await trial.until(
      async () => (await Promise.all(cluster.nodes.map((node) => node.connections()))).every((count) => count === 0),
      'all connections end',
    );
    const after = await Promise.all(cluster.nodes.map((node) => node.measure()));
    for (const [index, resources] of after.entries()) {
      const start = before[index] ?? resources;
      trial.notes.push(`node ${index}: ${start.residentMiB} to ${resources.residentMiB} MiB`);
      trial.violations.push(...judgeResources({ ...start, connections: 0 }, resources, 96));
    }
    console.log(trial.notes.join('\n'));
  },
};

const seed = values.seed === undefined ? seedOfRun() : Number(values.seed);
console.log(`seed ${seed}`);
const result = await runScenario(soak, seed);
console.log([resultHeading, resultLine(result), ...violationLines(result)].join('\n'));
// As in run.ts: Node.js may wait at its end for requests of sockets that were reset.
process.exit(result.violations.length > 0 ? 1 : 0);
