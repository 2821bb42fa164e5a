/**
 * `npm run bench -- http [--rounds=5] [--seconds=3] [--connections=64] [--depth=1]`: measures, prints a table of
 * medians; with `--save` it is written to benchmarks/results/ with the machine and the versions.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { defineOptions, GaleError } from 'gale';
import { measureHttp, type HttpRound } from './http.ts';

const options = defineOptions({
  rounds: { type: 'integer', default: 5, min: 1, help: 'How often every contestant is measured' },
  seconds: { type: 'integer', default: 3, min: 1, help: 'Seconds of load for each measurement' },
  connections: { type: 'integer', default: 64, min: 1, help: 'Connections open at once' },
  depth: { type: 'integer', default: 1, min: 1, help: 'Requests sent together on each connection' },
  save: { type: 'switch', default: false, help: 'Write the table to benchmarks/results/' },
});

try {
  await run(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof GaleError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

async function run([name, ...words]: readonly string[]): Promise<void> {
  if (name !== 'http' || words.includes('--help')) {
    console.log(options.help('npm run bench -- http [options]'));
    process.exitCode = name === 'http' ? 0 : 1;
    return;
  }
  const { rounds: count, save, ...shape } = options.parse(words);
  const rounds: HttpRound[][] = [];
  for (let round = 0; round < count; round += 1) rounds.push(await measureHttp(shape));
  const table = tableOf(rounds);
  console.log(table);
  if (!save) return;
  const machine = `${cpus()[0]?.model.trim()} (${cpus().length} cores), Node.js ${process.version}`;
  const settings = `${count} rounds of ${shape.seconds} s, ${shape.connections} connections, depth ${shape.depth}`;
  const command = ['npm run bench --', name, ...words].join(' ');
  await writeFile(
    new URL(`results/http-${shape.connections}x${shape.depth}.md`, import.meta.url),
    `# HTTP, hello\n\n${machine}; ${settings}; medians.\n\n${table}\n\nAgain: \`${command}\`\n`,
  );
}

function tableOf(rounds: readonly (readonly HttpRound[])[]): string {
  const names = rounds[0]?.map(({ name }) => name) ?? [];
  const of = (name: string, figure: (round: HttpRound) => number): number[] =>
    rounds.map((round) => figure(round.find((row) => row.name === name) as HttpRound)).toSorted((a, b) => a - b);
  const floor = median(of(names[0] ?? '', (round) => round.cpuMicrosecondsPerRequest));
  const rows = names.map((name) => {
    const cpu = of(name, (round) => round.cpuMicrosecondsPerRequest);
    const cells = [
      name,
      median(of(name, (round) => round.requestsPerSecond)).toFixed(0),
      `${median(cpu).toFixed(2)} (${cpu[0]?.toFixed(2)}–${cpu.at(-1)?.toFixed(2)})`,
      (median(cpu) / floor).toFixed(2),
      median(of(name, (round) => round.residentMegabytes)).toFixed(0),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const head = '| server | requests/s | CPU µs per request | × floor | MB resident |\n|---|---|---|---|---|';
  return [head, ...rows].join('\n');
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
