/** A server to measure: the command that starts it, its version, and how to install it. */
import type { Work } from './work.ts';

/** One contestant of a benchmark. */
export interface Contestant<W extends Work> {
  readonly name: string;
  /** Program and arguments that start it for a work; paths are relative to this folder. */
  readonly command: (work: W, port: number) => readonly string[];
  /** Name and versions of its software; rejects if it is not installed. */
  readonly version: () => Promise<string>;
  /** Command that installs it. */
  readonly installation: string;
  /** Protocol on top of WebSocket, if it has one; the load knows it by this name. */
  readonly dialect?: string;
  /** Whether it takes part in a work. Left out: in all. */
  readonly takesPart?: (work: W) => boolean;
}

/** Contestants that are installed here, and those that are not. */
export interface Presence<W extends Work> {
  readonly present: readonly PresentContestant<W>[];
  readonly missing: readonly Contestant<W>[];
}

/** An installed contestant. */
export interface PresentContestant<W extends Work> extends Contestant<W> {
  readonly versionText: string;
}

/** Those that take part in a work. */
export function presenceIn<W extends Work>({ present, missing }: Presence<W>, work: W): Presence<W> {
  const takesPart = (contestant: Contestant<W>): boolean => contestant.takesPart?.(work) !== false;
  return { present: present.filter(takesPart), missing: missing.filter(takesPart) };
}

/** Checks which of `wanted` are installed. */
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
