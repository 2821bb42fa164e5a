/**
 * Figures as a Markdown table: the median of all rounds, followed by minimum and maximum. Ratios are computed within each
 * round, between servers that ran one after the other; the table has their median.
 */
import type { ContestantFigures, Figures } from './figures.ts';
import type { Unit, Work } from './work.ts';

/** Share of a core from which it counts as full; the resolution of the accounting is 10 ms. */
const fullShare = 0.9;

/**
 * Returns the table of a work.
 *
 * @param references - Names of contestants to compare the others with, if they took part.
 */
export function tableOf(work: Work, all: readonly ContestantFigures[], references: readonly string[]): string {
  const columns = work.kind === 'idle' ? idleColumns(all, references) : loadColumns(work.unit, all, references);
  const head = ['server', ...columns.map((column) => column.title)];
  const rows = all.map((figures) => [figures.name, ...columns.map((column) => column.cell(figures))]);
  return linesOf(head, rows);
}

/** A Markdown table. All columns except the first are right-aligned. */
export function linesOf(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows]
    .map((cells) => `| ${cells.join(' | ')} |`)
    .join('\n');
}

function cpuOf(round: Figures): number {
  return round.cpuMicrosecondsPerUnit;
}

function bytesOf(round: Figures): number {
  return round.residentBytesEach;
}

/**
 * A note about measurements during which another program used the machine: neither the server's core nor the load's core
 * was full. Empty if there were none.
 */
export function disturbanceOf(work: Work, all: readonly ContestantFigures[]): string {
  if (work.kind === 'idle') return '';
  const rounds = all.flatMap((figures) => figures.rounds);
  const disturbed = rounds.filter(({ serverShare, loadShare }) => Math.max(serverShare, loadShare) < fullShare).length;
  if (disturbed === 0) return '';
  return `In ${disturbed} of ${rounds.length} measurements no core was full: another program used the machine, so measure again.`;
}

interface Column {
  readonly title: string;
  readonly cell: (figures: ContestantFigures) => string;
}

function loadColumns(unit: Unit, all: readonly ContestantFigures[], references: readonly string[]): Column[] {
  return [
    spread(`CPU µs per ${unit.one}`, 2, cpuOf),
    ...references.flatMap((name) => ratio(all, name, cpuOf)),
    spread(`${unit.many}/s`, 0, (round) => round.unitsPerSecond),
    spread('p50 ms', 2, (round) => round.p50Milliseconds),
    spread('p99 ms', 2, (round) => round.p99Milliseconds),
    spread('MB resident', 0, (round) => round.residentBytes / 1e6),
    share('its core', (round) => round.serverShare),
    share("load's core", (round) => round.loadShare),
  ];
}

function idleColumns(all: readonly ContestantFigures[], references: readonly string[]): Column[] {
  return [
    spread('resident bytes each', 0, bytesOf),
    ...references.flatMap((name) => ratio(all, name, bytesOf)),
    spread('MB resident, all', 1, (round) => round.residentBytes / 1e6),
  ];
}

function spread(title: string, digits: number, figure: (round: Figures) => number): Column {
  return { title, cell: ({ rounds }) => spreadText(rounds.map(figure), digits) };
}

function share(title: string, figure: (round: Figures) => number): Column {
  return { title, cell: ({ rounds }) => `${(median(rounds.map(figure)) * 100).toFixed(0)} %` };
}

function ratio(all: readonly ContestantFigures[], name: string, figure: (round: Figures) => number): Column[] {
  const reference = all.find((figures) => figures.name === name);
  if (reference === undefined) return [];
  const cell = ({ rounds }: ContestantFigures): string =>
    spreadText(
      rounds.map((round, index) => figure(round) / figure(reference.rounds[index] ?? round)),
      2,
    );
  return [{ title: `× ${name}`, cell }];
}

/** The median of some values, followed by minimum and maximum. */
export function spreadText(values: readonly number[], digits: number): string {
  const middle = median(values).toFixed(digits);
  const [least, greatest] = [Math.min(...values).toFixed(digits), Math.max(...values).toFixed(digits)];
  return least === greatest ? middle : `${middle} (${least}–${greatest})`;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}
