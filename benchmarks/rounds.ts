/** Measures contestants in rounds. In each round each runs in turn in a new process, is checked and warmed up. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Benchmark } from './benchmark.ts';
import type { Contestant } from './contestant.ts';
import type { ContestantFigures, Figures } from './figures.ts';
import { startServer } from './server-process.ts';
import type { Work } from './work.ts';

/**
 * Measures every contestant once in each round.
 *
 * @param onMeasured - Called after each measurement.
 * @throws If a server fails the check or the load; the message names it.
 */
export async function measureRounds<W extends Work>(
  benchmark: Benchmark<W>,
  contestants: readonly Contestant<W>[],
  work: W,
  settings: { readonly rounds: number; readonly seconds: number },
  onMeasured: (name: string, round: number) => void,
): Promise<ContestantFigures[]> {
  const all = contestants.map(({ name }): ContestantFigures => ({ name, rounds: [] }));
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      const figures = await measureOnce(benchmark, contestant, work, settings.seconds).catch((error: unknown) => {
        throw new Error(`${contestant.name} failed the work ${work.name}.`, { cause: error });
      });
      all[index]?.rounds.push(figures);
      onMeasured(contestant.name, round);
    }
  }
  return all;
}

/** Starts one server, checks its responses and runs the load. */
async function measureOnce<W extends Work>(
  { check, load }: Benchmark<W>,
  { command, dialect }: Contestant<W>,
  work: W,
  seconds: number,
): Promise<Figures> {
  const server = await startServer((port) => command(work, port));
  try {
    await check(work, server.port, dialect);
    const words = [work.name, String(server.port), String(server.pid), String(seconds)];
    if (dialect !== undefined) words.push(dialect);
    const program = [process.execPath, fileURLToPath(load), ...words];
    const { stdout } = await promisify(execFile)('taskset', ['--cpu-list', '1', ...program]);
    return JSON.parse(stdout) as Figures;
  } finally {
    await server.stop();
  }
}
