/** Whoever is measured: with the command that starts it and why it may be missing. */
import type { Work } from './work.ts';

/** One contestant of a benchmark. */
export interface Contestant<W extends Work> {
  readonly name: string;
  /** Program and arguments that start it for a work, from this folder. */
  readonly command: (work: W, port: number) => readonly string[];
  /** What it is, with versions; rejects if it is not installed. */
  readonly version: () => Promise<string>;
  /** What installs it. */
  readonly installation: string;
  /** What it speaks on top of the protocol that all speak, for those that do; the load must know it by this name. */
  readonly dialect?: string;
}

/** Contestants that can be measured here, and those that cannot. */
export interface Presence<W extends Work> {
  readonly present: readonly PresentContestant<W>[];
  readonly missing: readonly Contestant<W>[];
}

/** A contestant that is installed. */
export interface PresentContestant<W extends Work> extends Contestant<W> {
  readonly versionText: string;
}

/** Asks each of `wanted` whether it is there. */
export async function presenceOf<W extends Work>(wanted: readonly Contestant<W>[]): Promise<Presence<W>> {
  const present: PresentContestant<W>[] = [];
  const missing: Contestant<W>[] = [];
  for (const contestant of wanted) {
    const versionText = await contestant.version().catch(() => undefined);
    if (versionText === undefined) missing.push(contestant);
    else present.push({ ...contestant, versionText });
  }
  return { present, missing };
}
