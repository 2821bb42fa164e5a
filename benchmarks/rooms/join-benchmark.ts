/**
 * `npm run bench -- rooms-join`: different people join one room of a server with the memory broker, in rounds, each with a
 * new server. Several numbers of people show whether the cost per person stays the same.
 */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defineOptions, GaleError } from 'gale';
import { galeProgram, galeVersion, node } from '../installed.ts';
import { machineText } from '../result-page.ts';
import { startServer } from '../server-process.ts';
import { linesOf, spreadText } from '../table.ts';
import type { JoinFigures } from './join-figures.ts';

/** Numbers of people who join, one measurement each. */
const crowds = [1000, 3000, 10_000];

/** Measures, prints the table and, with `--save`, writes it to results/. */
export async function runJoinBenchmark(words: readonly string[]): Promise<void> {
  const options = defineOptions(
    {
      people: { type: 'text', default: crowds.join(','), help: 'Numbers of people who join, separated by commas' },
      rounds: { type: 'integer', default: 3, min: 1, help: 'Measurements of each number' },
      save: { type: 'switch', default: false, help: 'Write the table to benchmarks/results/' },
    },
    'npm run bench -- rooms-join [options]',
  );
  const { people, rounds, save } = options.parse(words);
  const figures = crowdsOf(people).map((count): { people: number; rounds: JoinFigures[] } => {
    return { people: count, rounds: [] };
  });
  for (let round = 1; round <= rounds; round += 1) {
    for (const crowd of figures) {
      crowd.rounds.push(await measureJoin(crowd.people));
      console.error(`rooms-join, round ${round} of ${rounds}: ${crowd.people} people`);
    }
  }
  const text = [tableOf(figures.map((crowd) => crowd.rounds)), growthOf(figures)].join('\n\n').trimEnd();
  console.log(`\nrooms-join: different people join one room\n\n${text}\n`);
  if (!save) return;
  const page = `# WebSocket, rooms-join: different people join one room

${machineText()}; ${rounds} interleaved rounds; medians (least–greatest).

${text}

- gale: ${await galeVersion()}, memory broker, ${node}

Again: \`${['npm run bench -- rooms-join', ...words].join(' ')}\`; [how it is measured](../README.md).
`;
  await writeFile(new URL('../results/websocket-rooms-join.md', import.meta.url), page);
}

/**
 * Reads the option `--people`.
 *
 * @throws {@link GaleError} `OPTION_VALUE`.
 */
export function crowdsOf(list: string): readonly number[] {
  return list.split(',').map((count) => {
    if (/^[1-9]\d{0,6}$/.test(count)) return Number(count);
    throw new GaleError('OPTION_VALUE', `--people must be integers from 1, separated by commas; got "${count}".`);
  });
}

/** Lets `people` people join one room of a new server. */
export async function measureJoin(people: number): Promise<JoinFigures> {
  const server = await startServer((port) => [...galeProgram, 'servers/gale-rooms.ts', `--port=${port}`]);
  try {
    const load = fileURLToPath(new URL('join-load.ts', import.meta.url));
    const words = [server.port, server.pid, people].map(String);
    const program = [process.execPath, '--conditions=gale-source', load, ...words];
    const { stdout } = await promisify(execFile)('taskset', ['--cpu-list', '1', ...program]);
    return JSON.parse(stdout) as JoinFigures;
  } finally {
    await server.stop();
  }
}

/** A table with one row per crowd. */
export function tableOf(crowds: readonly (readonly JoinFigures[])[]): string {
  const columns: readonly [title: string, digits: number, figure: (round: JoinFigures) => number][] = [
    ['server CPU s', 2, ({ cpuSeconds }) => cpuSeconds],
    ['CPU µs per join', 0, cpuMicrosecondsEach],
    ['resident bytes each', 0, ({ residentBytesEach }) => residentBytesEach],
    ['wall s', 1, ({ wallSeconds }) => wallSeconds],
    ['message p50 ms', 0, ({ p50Milliseconds }) => p50Milliseconds],
    ['message p99 ms', 0, ({ p99Milliseconds }) => p99Milliseconds],
    ['events about people each', 1, ({ presenceEventsEach }) => presenceEventsEach],
    ['its core', 2, ({ cpuSeconds, wallSeconds }) => cpuSeconds / wallSeconds],
    ["load's core", 2, ({ loadShare }) => loadShare],
  ];
  const rows = crowds.map((rounds) => [
    (rounds[0]?.people ?? 0).toLocaleString('en'),
    ...columns.map(([, digits, figure]) => spreadText(rounds.map(figure), digits)),
  ]);
  return linesOf(['people', ...columns.map(([title]) => title)], rows);
}

/** Growth of the cost per join from the smallest crowd to the largest; empty for a single crowd. */
export function growthOf(
  figures: readonly { readonly people: number; readonly rounds: readonly JoinFigures[] }[],
): string {
  const sorted = figures.toSorted((a, b) => a.people - b.people);
  const [least, most] = [sorted[0], sorted.at(-1)];
  if (!least || !most || least === most) return '';
  const ratios = most.rounds.map((round, index) => {
    return cpuMicrosecondsEach(round) / cpuMicrosecondsEach(least.rounds[index] ?? round);
  });
  return `CPU per join with ${most.people.toLocaleString('en')} people: × ${spreadText(ratios, 2)} of that with ${least.people.toLocaleString('en')}.`;
}

function cpuMicrosecondsEach({ cpuSeconds, people }: JoinFigures): number {
  return (cpuSeconds * 1e6) / people;
}
