/**
 * `npm run faults -- --count=20 --seed=7 --groups=2 --under=gale/src/rooms/`: plants random single-line faults in a copy of the repository, one
 * after the other, and runs the tests near each until one fails. Prints each fault with its verdict, and the totals.
 */
import { execFile, spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { defineOptions, GaleError } from 'gale';
import { seededRandom } from '../../gale/test/support/seeded-random.ts';
import { mutations } from './mutation.ts';
import { codeLines, isSource, testsNear } from './place.ts';

/** What became of a fault: a test failed, none did, or the tests ended only by a timeout. */
type Verdict = 'noticed' | 'unnoticed' | 'hang';

const repository = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);
/** Test files that run together. The nearest are in the first group, where most faults are noticed. */
const groupSize = 6;
const testTimeoutMs = 60_000;
/** Six browser tests on a busy machine need minutes; each test has its own limit. */
const groupTimeoutMs = 400_000;

const options = defineOptions(
  {
    count: { type: 'integer', default: 20, min: 1, max: 1000, help: 'Faults to plant' },
    seed: { type: 'integer', default: 1, min: 0, max: 2 ** 32 - 1, help: 'Seed of the random numbers' },
    groups: {
      type: 'integer',
      default: 0,
      min: 0,
      max: 100,
      help: 'Groups of six test files to run at most; 0 runs all',
    },
    under: { type: 'text', default: '', help: 'Only files whose path starts with this' },
  },
  'npm run faults -- [options]',
);

try {
  const { count, seed, groups, under } = options.parse(process.argv.slice(2));
  await measure(count, seed, { groups, under });
} catch (error) {
  console.error(error instanceof GaleError ? error.message : error);
  process.exitCode = 1;
}

async function measure(
  count: number,
  seed: number,
  { groups, under }: { readonly groups: number; readonly under: string },
): Promise<void> {
  const copy = await copyRepository();
  try {
    const { stdout } = await run('git', ['ls-files'], { cwd: copy });
    const files = stdout.trim().split('\n');
    const tests = files.filter((file) => file.endsWith('.test.ts'));
    const sources = files.filter((file) => isSource(file) && file.startsWith(under));
    const places: { file: string; index: number }[] = [];
    for (const file of sources) {
      for (const index of codeLines(await readFile(join(copy, file), 'utf8'))) places.push({ file, index });
    }
    if (places.length === 0) throw new Error(`No source file starts with ${JSON.stringify(under)}.`);
    const random = seededRandom(seed);
    const totals: Record<Verdict, number> = { noticed: 0, unnoticed: 0, hang: 0 };
    for (let planted = 0; planted < count;) {
      const place = places[Math.floor(random() * places.length)];
      if (place === undefined) continue;
      const path = join(copy, place.file);
      const text = await readFile(path, 'utf8');
      const lines = text.split('\n');
      const before = lines[place.index] ?? '';
      const possible = mutations.flatMap(({ name, apply }) => {
        const after = apply(before, random);
        return after === undefined || after === before ? [] : [{ name, after }];
      });
      const fault = possible[Math.floor(random() * possible.length)];
      if (fault === undefined) continue;
      await writeFile(path, lines.with(place.index, fault.after).join('\n'));
      if (await compiles(copy)) {
        planted++;
        const nearest = testsNear(place.file, tests);
        const verdict = await judge(copy, place.file, nearest.slice(0, groups === 0 ? undefined : groups * groupSize));
        totals[verdict]++;
        console.log(`${planted} ${verdict}: ${fault.name}, ${place.file}:${place.index + 1}`);
        console.log(`  - ${before.trim()}\n  + ${fault.after.trim()}`);
      }
      await writeFile(path, text);
    }
    console.log(
      `seed ${seed}: ${totals.noticed} noticed, ${totals.unnoticed} unnoticed, ${totals.hang} only by a hang`,
    );
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

/** A clone of the last commit, with the same node_modules, except for links to the workspaces. */
async function copyRepository(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'gale-faults-'));
  await run('git', ['clone', '--quiet', repository, copy]);
  await mkdir(join(copy, 'node_modules'));
  for (const name of await readdir(join(repository, 'node_modules'))) {
    const from = join(repository, 'node_modules', name);
    const to = join(copy, 'node_modules', name);
    if (name.startsWith('gale')) await cp(from, to, { verbatimSymlinks: true });
    else await symlink(from, to);
  }
  return copy;
}

async function compiles(copy: string): Promise<boolean> {
  return run('node_modules/.bin/tsc', ['--noEmit'], { cwd: copy }).then(
    () => true,
    () => false,
  );
}

/** Runs the tests, the nearest first, until one fails. */
async function judge(copy: string, file: string, tests: readonly string[]): Promise<Verdict> {
  if (file.startsWith('chat/')) {
    // The page is built from the changed source.
    await run('npm', ['run', '--silent', 'build', '-w', 'chat'], { cwd: copy }).catch(() => undefined);
  }
  for (let from = 0; from < tests.length; from += groupSize) {
    const verdict = await runTests(copy, tests.slice(from, from + groupSize));
    if (verdict !== 'unnoticed') return verdict;
  }
  return 'unnoticed';
}

async function runTests(copy: string, tests: readonly string[]): Promise<Verdict> {
  const words = [
    '--conditions=gale-source',
    '--test',
    `--test-timeout=${testTimeoutMs}`,
    '--test-force-exit',
    ...tests,
  ];
  const child = spawn(join(dirname(process.execPath), 'node'), words, {
    cwd: copy,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  const timer = setTimeout(() => resolve('hang'), groupTimeoutMs);
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    const failed = /^\s*✖ .*?\((\d+)(?:\.\d+)?ms\)/m.exec(output);
    if (failed !== null) resolve(Number(failed[1]) >= testTimeoutMs ? 'hang' : 'noticed');
  });
  child.on('exit', (code) => resolve(code === 0 ? 'unnoticed' : 'noticed'));
  const verdict = await promise;
  clearTimeout(timer);
  try {
    // The whole group: tests start programs of their own.
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
  // Detached programs are in groups of their own, but the path of the copy is in their command line.
  await run('pkill', ['-KILL', '-f', copy]).catch(() => undefined);
  return verdict;
}
