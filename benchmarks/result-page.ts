/** A page of results/: the table, the machine, all versions and the command that repeats the measurement. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Presence } from './contestant.ts';
import type { ContestantFigures } from './figures.ts';
import { disturbanceOf, tableOf } from './table.ts';
import type { Work } from './work.ts';

/** Content of a page. */
export interface Result<W extends Work> {
  readonly protocol: 'HTTP' | 'WebSocket';
  readonly work: W;
  readonly table: string;
  readonly presence: Presence<W>;
  readonly settings: { readonly rounds: number; readonly seconds: number };
  readonly command: string;
}

/** The table of a work, with notes. */
export function tableWithNotes(
  work: Work,
  figures: readonly ContestantFigures[],
  references: readonly string[],
): string {
  return [tableOf(work, figures, references), disturbanceOf(work, figures)].join('\n\n').trimEnd();
}

/** Writes the page of a work and replaces an existing one. */
export async function saveResult<W extends Work>(result: Result<W>): Promise<void> {
  const name = `${result.protocol.toLowerCase()}-${result.work.name}`;
  await writeFile(new URL(`results/${name}.md`, import.meta.url), pageOf(result));
}

function pageOf<W extends Work>({ protocol, work, table, presence, settings, command }: Result<W>): string {
  const load = work.kind === 'idle' ? '' : ` of ${settings.seconds} s`;
  const present = presence.present.map(({ name, versionText }) => `- ${name}: ${versionText}`);
  const missing = presence.missing.map(({ name }) => `- ${name}: skipped, not installed`);
  return `# ${protocol}, ${work.name}: ${work.title}

${machineText()}; ${settings.rounds} interleaved rounds${load}; medians (least–greatest); ratios are computed within each round.

${table}

${[...present, ...missing].join('\n')}

Command: \`${command}\`; [method](../README.md).
`;
}

/** Short description of the machine. */
export function machineText(): string {
  return `${cpus()[0]?.model.trim()}, ${cpus().length} cores`;
}
