/** Starts the programs of `examples/tutorials/` as readers start them. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { TestContext } from 'node:test';
import { promisify } from 'node:util';
import { eventually } from './eventually.ts';
import { root } from './repository.ts';

/** The environment of programs that need a secret, which `npx gale secret` has printed. */
export async function environmentWithSecret(): Promise<Readonly<Record<string, string>>> {
  const words = ['--conditions=gale-source', 'gale/src/command/gale.ts', 'secret'];
  const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: root });
  return { COOKIE_SECRET: stdout.trim() };
}

/** A program that listens. */
export interface StartedTutorial {
  readonly url: string;
  readonly port: number;
  /** What it has printed since. */
  output: string;
}

/** Starts a program as `npm run example -- tutorials/NAME` does, on a free port. */
export async function startTutorial(
  t: TestContext,
  name: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<StartedTutorial> {
  const child = spawn(process.execPath, wordsOf(name), {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  t.after(async () => {
    child.kill();
    await ended;
  });
  const started = { url: '', port: 0, output: '' };
  child.stdout.on('data', (chunk: Buffer) => (started.output += chunk.toString()));
  const pattern = new RegExp(`^tutorials/${name} listens on http://127\\.0\\.0\\.1:(\\d+)/\n`);
  await eventually(
    () => pattern.test(started.output) || child.exitCode !== null,
    () => `${name} does not listen`,
    40_000,
  );
  const [line, port] = pattern.exec(started.output) ?? assert.fail(`${name} has ended: ${started.output}`);
  started.output = started.output.slice(line.length);
  return Object.assign(started, { url: `http://localhost:${port}`, port: Number(port) });
}

/** The words of the command line that starts a program on a free port. */
export function wordsOf(name: string): readonly string[] {
  return ['--conditions=gale-source', 'examples/run.ts', `tutorials/${name}`, '--port=0'];
}
