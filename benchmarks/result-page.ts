/** A measured table as a page of results/: with the machine, everybody's version and the command that repeats it. */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Presence } from './contestants.ts';
import type { HttpWork } from './http-works.ts';

/** What a page is made of. */
export interface Result {
  readonly work: HttpWork;
  readonly table: string;
  readonly presence: Presence;
  readonly settings: { readonly rounds: number; readonly seconds: number };
  readonly command: string;
}

/** Writes the page of a work, over the one that was there. */
export async function saveResult(result: Result): Promise<void> {
  await writeFile(new URL(`results/http-${result.work.name}.md`, import.meta.url), pageOf(result));
}

function pageOf({ work, table, presence, settings, command }: Result): string {
  const machine = `${cpus()[0]?.model.trim()}, ${cpus().length} cores`;
  const load = work.kind === 'idle' ? '' : ` of ${settings.seconds} s`;
  const present = presence.present.map(({ name, versionText }) => `- ${name}: ${versionText}`);
  const missing = presence.missing.map(({ name }) => `- ${name}: left out, it was not installed`);
  return `# HTTP, ${work.name}: ${work.title}

${machine}; ${settings.rounds} interleaved rounds${load}; medians (least–greatest); ratios are made within each round.

${table}

${[...present, ...missing].join('\n')}

Again: \`${command}\`; [how it is measured](../README.md).
`;
}
