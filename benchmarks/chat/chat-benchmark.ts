/**
 * `npm run bench -- chat`: what one server of the chat on one core holds, with SQLite. The rounds of all parts are interleaved, each with a
 * new server. `--browser` adds what a person in a browser waits for.
 */
import { writeFile } from 'node:fs/promises';
import { defineOptions, GaleError } from 'gale';
import { galeVersion, node } from '../installed.ts';
import { machineText } from '../result-page.ts';
import { linesOf, spreadText } from '../table.ts';
import { browserParts } from './browser-parts.ts';
import { partsOf, type Figure, type Part } from './parts.ts';
import type { Values } from './target.ts';

/** A part with its measurements. */
export interface Measured {
  readonly part: Pick<Part, 'name' | 'title' | 'figures'>;
  readonly rounds: Values[];
}

/** Measures, prints the tables and, with `--save`, writes them to results/. */
export async function runChatBenchmark(words: readonly string[]): Promise<void> {
  const options = defineOptions(
    {
      only: { type: 'text', default: '', help: 'Names of parts, separated by commas; all by default' },
      browser: { type: 'switch', default: false, help: 'Measure in a browser too, some minutes' },
      rounds: { type: 'integer', default: 3, min: 1, help: 'Measurements of each part' },
      seconds: { type: 'integer', default: 15, min: 1, max: 120, help: 'Seconds of messages in the part crowd' },
      people: { type: 'integer', default: 5000, min: 50, max: 20_000, help: 'People in crowd and window' },
      watching: { type: 'integer', default: 20, max: 100, help: 'Percentage of the crowd who look at their room' },
      profile: { type: 'text', default: '', help: 'Existing folder for CPU profiles of the server' },
      save: { type: 'switch', default: false, help: 'Write the tables to benchmarks/results/' },
    },
    'npm run bench -- chat [options]',
  );
  const { only, browser, rounds, seconds, people, watching, profile, save } = options.parse(words);
  const all = partsOf({
    crowd: { people, rooms: 50, messagesPerSecond: 200, seconds, watching },
    opening: { messages: 99_900, fewMessages: 900, turns: 100 },
    welcome: { people: 600, rooms: 200, windows: 300 },
    window: { people, messages: 100 },
  });
  const parts = selectParts([...all, ...browserParts()], only, browser ? [] : browserParts());
  const measured = parts.map((part): Measured & { part: Part } => ({ part, rounds: [] }));
  try {
    for (let round = 1; round <= rounds; round += 1) {
      for (const each of measured) {
        each.rounds.push(await each.part.measure(profile));
        console.error(`chat, round ${round} of ${rounds}: ${each.part.name}`);
      }
    }
  } finally {
    for (const part of parts) await part.close();
  }
  const text = measured.map(sectionOf).join('\n\n');
  console.log(`\n${text}\n`);
  if (!save) return;
  const page = `# Chat: what one server holds

One server on one core, with SQLite; the load on the other core. ${machineText()}; ${rounds} interleaved rounds, each with a new server;
medians (least–greatest). A goal is met if the median is not greater.

${text}

- gale: ${await galeVersion()}, ${node}

Command: \`${['npm run bench -- chat', ...words].join(' ')}\`; [method](../README.md#chat).
`;
  await writeFile(new URL('../results/chat.md', import.meta.url), page);
}

/**
 * The parts to measure, in their order.
 *
 * @param names - Separated by commas; empty for all except `extra`.
 * @throws {@link GaleError} `OPTION_VALUE` for an unknown name.
 */
export function selectParts<P extends { readonly name: string }>(
  parts: readonly P[],
  names: string,
  extra: readonly { readonly name: string }[],
): P[] {
  if (names === '') return parts.filter(({ name }) => !extra.some((each) => each.name === name));
  const wanted = names.split(',');
  for (const name of wanted) {
    if (parts.some((part) => part.name === name)) continue;
    const known = parts.map((part) => part.name).join(', ');
    throw new GaleError('OPTION_VALUE', `--only must be some of ${known}; got "${name}".`);
  }
  return parts.filter(({ name }) => wanted.includes(name));
}

/** The section of a part: its title and its table. */
export function sectionOf({ part, rounds }: Measured): string {
  const rows = part.figures.map((figure) => rowOf(figure, rounds));
  return `## ${part.name}: ${part.title}\n\n${linesOf(['figure', 'measured', 'goal', ''], rows)}`;
}

function rowOf({ value, title, digits, goal }: Figure, rounds: readonly Values[]): string[] {
  const values = rounds.map((round) => round[value] ?? Number.NaN);
  const text = spreadText(values, digits);
  if (goal === undefined) return [title, text, '', ''];
  return [title, text, `≤ ${goal}`, medianOf(values) <= goal ? 'met' : 'missed'];
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
