/** Measures contestants of the HTTP benchmark: each in a fresh process, checked, warmed up, in turn, round after round. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { checkAnswer } from './answer-check.ts';
import type { Contestant } from './contestants.ts';
import type { LoadFigures } from './http-load.ts';
import type { HttpWork } from './http-works.ts';
import { startServer } from './server-process.ts';

/** One contestant's figures, one for each round. */
export interface HttpFigures {
  readonly name: string;
  readonly rounds: LoadFigures[];
}

/**
 * Measures every contestant once in each round.
 *
 * @param onMeasured - Called after each measurement.
 * @throws If a server answers wrongly or breaks; the message names it.
 */
export async function measureHttp(
  contestants: readonly Contestant[],
  work: HttpWork,
  settings: { readonly rounds: number; readonly seconds: number },
  onMeasured: (name: string, round: number) => void,
): Promise<HttpFigures[]> {
  const all = contestants.map(({ name }): HttpFigures => ({ name, rounds: [] }));
  for (let round = 1; round <= settings.rounds; round += 1) {
    for (const [index, contestant] of contestants.entries()) {
      const figures = await measureOnce(contestant, work, settings.seconds).catch((error: unknown) => {
        throw new Error(`${contestant.name} failed the work ${work.name}.`, { cause: error });
      });
      all[index]?.rounds.push(figures);
      onMeasured(contestant.name, round);
    }
  }
  return all;
}

/** Starts one server, checks its answer and puts load on it. */
async function measureOnce(contestant: Contestant, work: HttpWork, seconds: number): Promise<LoadFigures> {
  const server = await startServer((port) => contestant.command(work, port));
  try {
    await checkAnswer(work, server.port);
    const file = fileURLToPath(new URL('http-load.ts', import.meta.url));
    const words = [work.name, server.port, server.pid, seconds].map(String);
    const { stdout } = await promisify(execFile)('taskset', ['--cpu-list', '1', process.execPath, file, ...words]);
    return JSON.parse(stdout) as LoadFigures;
  } finally {
    await server.stop();
  }
}
