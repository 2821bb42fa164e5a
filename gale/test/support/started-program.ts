/**
 * Starts gale/test/support/programs/program.ts as a separate process and reads its output. Its remaining
 * processes are killed after the test.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { eventually } from './eventually.ts';
import type { ProgramWord } from './programs/program.ts';

const fixture = fileURLToPath(new URL('programs/program.ts', import.meta.url));

/** The line of a process that serves. */
export interface Serving {
  readonly port: number;
  readonly index: number;
  readonly count: number;
  readonly restarts: number;
  readonly pid: number;
}

/** Exit code or signal of the program. */
export interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
}

/** A program that was started. */
export class StartedProgram {
  /** Lines of standard output, log lines among them. */
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  /** Standard error. */
  errors = '';
  /** Settles when it has ended and all its output was read. */
  readonly ended: Promise<Ended>;
  readonly #child: ChildProcess;

  constructor(t: TestContext, word: ProgramWord = {}) {
    const child = spawn(process.execPath, ['--conditions=gale-source', fixture, JSON.stringify(word)], {
      stdio: ['ignore', 'pipe', 'pipe'],
      // A separate process group, so that a test can signal all of it as a terminal does.
      detached: true,
    });
    this.#child = child;
    let rest = '';
    child.stdout.on('data', (chunk: Buffer) => {
      const texts = (rest + chunk.toString()).split('\n');
      rest = texts.pop() ?? '';
      for (const text of texts) this.lines.push(JSON.parse(text) as Record<string, unknown>);
    });
    child.stderr.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.ended = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    t.after(async () => {
      if (!this.hasEnded) child.kill('SIGKILL');
      for (const { pid } of this.served) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
      await this.ended;
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** All processes that have reported that they serve. */
  get served(): readonly Serving[] {
    return this.lines.flatMap((line) => (line['serves'] === undefined ? [] : [line['serves'] as Serving]));
  }

  /** Log lines at warning or above. */
  get logged(): readonly Readonly<Record<string, unknown>>[] {
    return this.lines.filter((line) => Number(line['level']) >= 40);
  }

  /** Waits until `count` processes have reported that they serve. */
  async serving(count = 1): Promise<readonly Serving[]> {
    await this.until(() => this.served.length >= count);
    return this.served;
  }

  /** Waits for a line that has `name`. */
  async says(name: string): Promise<unknown> {
    await this.until(() => this.lines.some((line) => name in line));
    return this.lines.find((line) => name in line)?.[name];
  }

  /** Waits until `isDone` is true; fails if the program ends first. */
  async until(isDone: () => boolean | Promise<boolean>): Promise<void> {
    await eventually(
      async () => (await isDone()) || this.hasEnded,
      () => JSON.stringify([this.lines, this.errors]),
      20_000,
    );
    assert.ok(await isDone(), `it ended: ${JSON.stringify([this.lines, this.errors])}`);
  }

  /** Signals the started process or all of its group. */
  signal(signal: NodeJS.Signals, who: 'one' | 'group' = 'one'): void {
    process.kill(who === 'one' ? this.pid : -this.pid, signal);
  }
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  const file = `/proc/${pid}/stat`;
  if (!existsSync('/proc/self/stat')) return true;
  try {
    return !readFileSync(file, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}
