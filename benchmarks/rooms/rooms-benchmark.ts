/**
 * `npm run bench -- rooms`: stored publishes, deliveries, memory of subscribed connections and a storm of reconnects. In each round each
 * server is measured once, one after the other, in a new process.
 */
import { writeFile } from 'node:fs/promises';
import { defineOptions } from 'gale';
import { named } from '../named.ts';
import { machineText } from '../result-page.ts';
import { linesOf, spreadText } from '../table.ts';
import { redisVersion, runLoad } from './room-contestants.ts';
import type { RoomContestant } from './room-contestants.ts';
import { roomsParts } from './rooms-parts.ts';
import type { AnyFigures, Part, Row } from './rooms-parts.ts';

/** A row and its figures, one for each round. */
export interface Measured {
  readonly row: Row;
  readonly rounds: AnyFigures[];
}

/** Share of a core from which it counts as full. */
const fullShare = 0.9;

const allContestants = [...new Set(roomsParts.flatMap(({ rows }) => rows.map(({ contestant }) => contestant)))];

/** Measures as the command line `words` specify, prints a table for each part, and with `--save` writes the pages. */
export async function runRoomsBenchmark(words: readonly string[]): Promise<void> {
  const options = defineOptions(
    {
      part: { type: 'text', default: 'all', help: `Parts, separated by commas: ${namesOf(roomsParts)}` },
      only: { type: 'text', default: 'all', help: `Servers, separated by commas: ${namesOf(allContestants)}` },
      rounds: { type: 'integer', default: 3, min: 1, help: 'Measurements of each server' },
      seconds: { type: 'integer', default: 2, min: 1, help: 'Seconds of load per measurement' },
      save: { type: 'switch', default: false, help: 'Write the tables to benchmarks/results/' },
    },
    'npm run bench -- rooms [options]',
  );
  const { part: partNames, only, rounds, seconds, save } = options.parse(words);
  const versions = await versionsOf(named('only', allContestants, only));
  for (const part of named('part', roomsParts, partNames)) {
    const rows = part.rows.filter(({ contestant }) => versions.has(contestant));
    const measured = rows.map((row): Measured => ({ row, rounds: [] }));
    for (let round = 1; round <= rounds; round += 1) {
      for (const { row, rounds: figures } of measured) {
        figures.push(await runLoad<AnyFigures>(row.contestant, part.load, { ...row.work, seconds }));
        console.error(`${part.name}, round ${round} of ${rounds}: ${row.contestant.name}, ${row.label}`);
      }
    }
    const table = [tableOf(part, measured), disturbanceOf(measured)].join('\n\n').trimEnd();
    console.log(`\nrooms, ${part.name}: ${part.title}\n\n${table}\n`);
    if (!save) continue;
    const used = [...versions].filter(([contestant]) => rows.some((row) => row.contestant === contestant));
    const page = `# WebSocket, rooms ${part.name}: ${part.title}

${machineText()}; ${rounds} interleaved rounds, ${seconds} s of load each; medians (least–greatest); ratios are computed within each round.

${table}

${used.map(([{ name }, version]) => `- ${name}: ${version}`).join('\n')}

Command: \`${['npm run bench -- rooms', ...words].join(' ')}\`; [method](../README.md).
`;
    await writeFile(new URL(`../results/websocket-rooms-${part.name}.md`, import.meta.url), page);
  }
}

/** The table of a part. The ratio of a row is that of its CPU time to the row that it is compared with. */
export function tableOf({ columns }: Part, measured: readonly Measured[]): string {
  const hasRatio = measured.some(({ row }) => row.against);
  const head = ['server', 'work', ...columns.map(({ title }) => title), ...(hasRatio ? ['× CPU of'] : [])];
  const rows = measured.map(({ row, rounds }) => {
    const cells = columns.map(({ digits, figure }) =>
      spreadText(
        rounds.map((round) => figure(round, row)),
        digits,
      ),
    );
    return [row.contestant.name, row.label, ...cells, ...(hasRatio ? [ratioText({ row, rounds }, measured)] : [])];
  });
  return linesOf(head, rows);
}

/** A note about measurements that neither core limited. Empty if there were none. */
function disturbanceOf(measured: readonly Measured[]): string {
  const shares = measured
    .filter(({ row }) => 'perSecond' in row.work && row.work.perSecond === 0)
    .flatMap(({ rounds }) => rounds.map(({ serverShare, loadShare }) => Math.max(serverShare, loadShare)));
  const free = shares.filter((share) => share < fullShare).length;
  if (free === 0) return '';
  return `In ${free} of ${shares.length} measurements no core was full: a disk limited the publishes, or another program used the machine.`;
}

function ratioText({ row, rounds }: Measured, all: readonly Measured[]): string {
  const { against, label, contestant } = row;
  const reference = all.find((other) => other.row.contestant === against && other.row.label === label);
  if (!reference || against === undefined || against === contestant) return '';
  const ratios = rounds.map((round, index) => round.cpuMicroseconds / (reference.rounds[index]?.cpuMicroseconds ?? 0));
  return `${spreadText(ratios, 2)} ${against.name}`;
}

/** The versions of those that are installed. */
async function versionsOf(wanted: readonly RoomContestant[]): Promise<Map<RoomContestant, string>> {
  const redis = await redisVersion().catch(() => undefined);
  const versions = new Map<RoomContestant, string>();
  for (const contestant of wanted) {
    const version = await contestant.version().catch(() => undefined);
    if (version === undefined)
      console.error(`${contestant.name} is skipped; to install it: npm ci --prefix benchmarks`);
    else if (!contestant.usesRedis) versions.set(contestant, version);
    else if (redis === undefined)
      console.error(`${contestant.name} is skipped; to install redis-server: apt-get install redis`);
    else versions.set(contestant, `${version}, Redis ${redis}`);
  }
  return versions;
}

function namesOf(all: readonly { readonly name: string }[]): string {
  return all.map(({ name }) => name).join(', ');
}
