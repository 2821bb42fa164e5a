/** A benchmark as the command line runs it: its works, its contestants, its check and its load. */
import { defineOptions } from 'gale';
import { presenceIn, presenceOf, type Contestant } from './contestant.ts';
import { named } from './named.ts';
import { saveResult, tableWithNotes } from './result-page.ts';
import { measureRounds } from './rounds.ts';
import type { Work } from './work.ts';

/** One benchmark. */
export interface Benchmark<W extends Work> {
  /** Name on the command line. */
  readonly name: string;
  readonly protocol: 'HTTP' | 'WebSocket';
  /** In the order of measurement, as are the contestants. */
  readonly works: readonly W[];
  readonly contestants: readonly Contestant<W>[];
  /** Names of contestants to compare the others with, if they take part. */
  readonly references: readonly string[];
  /** Rejects if the server on `port` does not do the complete work. */
  readonly check: (work: W, port: number, dialect: string | undefined) => Promise<void>;
  /**
   * The load: a program with the arguments work, port and process id of the server, seconds, and the dialect if any. It
   * prints one line of JSON, a `Figures`.
   */
  readonly load: URL;
}

/** Measures as the command line `words` specify, prints a table for each work, and with `--save` writes the pages. */
export async function runBenchmark<W extends Work>(benchmark: Benchmark<W>, words: readonly string[]): Promise<void> {
  const { name, works: allWorks, contestants } = benchmark;
  const options = defineOptions(
    {
      work: {
        type: 'text',
        default: 'all',
        help: `Works, separated by commas: ${allWorks.map((work) => work.name).join(', ')}`,
      },
      only: {
        type: 'text',
        default: 'all',
        help: `Servers, separated by commas: ${contestants.map((one) => one.name).join(', ')}`,
      },
      rounds: { type: 'integer', default: 5, min: 1, help: 'Measurements of each server' },
      seconds: { type: 'integer', default: 3, min: 1, help: 'Seconds of load per measurement' },
      save: { type: 'switch', default: false, help: 'Write the tables to benchmarks/results/' },
    },
    `npm run bench -- ${name} [options]`,
  );
  const { work: workNames, only, save, rounds, seconds } = options.parse(words);
  const works = named('work', allWorks, workNames);
  const installed = await presenceOf(named('only', contestants, only));
  for (const { name: missing, installation } of installed.missing) {
    console.error(`${missing} is not installed and is skipped; to install it: ${installation}`);
  }
  const quoted = words.map((word) => (word.includes(' ') ? `'${word}'` : word));
  const command = ['npm run bench --', name, ...quoted].join(' ');
  for (const work of works) {
    const presence = presenceIn(installed, work);
    // Memory is noisier than time, and a round of it is short.
    const settings = { seconds, rounds: work.kind === 'idle' ? rounds * 3 : rounds };
    const figures = await measureRounds(benchmark, presence.present, work, settings, (server, round) => {
      console.error(`${work.name}, round ${round} of ${settings.rounds}: ${server}`);
    });
    const table = tableWithNotes(work, figures, benchmark.references);
    console.log(`\n${work.name}: ${work.title}\n\n${table}\n`);
    if (save) await saveResult({ protocol: benchmark.protocol, work, table, presence, settings, command });
  }
}
