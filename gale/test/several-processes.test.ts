/** Brokers that work in one process only, in real programs of one and of two processes. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const fixture = programAt('rooms-program.ts');

interface Program {
  readonly output: () => string;
  readonly errors: () => string;
  /** Settles with the exit code after the program and all its processes have ended. */
  readonly ended: Promise<number | null>;
  /** Settles when its output matches. */
  prints(pattern: RegExp): Promise<void>;
  stop(): void;
}

function programAt(name: string): string {
  return fileURLToPath(new URL(`support/programs/${name}`, import.meta.url));
}

function start(t: TestContext, ...words: readonly string[]): Program {
  return startProgram(t, fixture, ...words);
}

function startProgram(t: TestContext, ...words: readonly string[]): Program {
  const child = spawn(process.execPath, ['--conditions=gale-source', ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  t.after(() => {
    try {
      process.kill(-(child.pid ?? 0), 'SIGKILL');
    } catch {
      // All its processes have ended.
    }
  });
  let output = '';
  let errors = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  return {
    output: () => output,
    errors: () => errors,
    ended: once(child, 'close').then(([code]) => code as number | null),
    prints: async (pattern) => {
      while (!pattern.test(output)) await once(child.stdout, 'data');
    },
    stop: () => child.kill('SIGTERM'),
  };
}

async function temporaryFile(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'gale-processes-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'rooms.sqlite');
}

for (const place of ['top', 'inside'] as const) {
  test(`refuses a MemoryBroker made ${place === 'top' ? 'before' : 'by'} start in a program of two processes`, async (t) => {
    const program = start(t, '2', 'memory', place);
    assert.equal(await program.ended, 1);
    assert.match(
      program.errors(),
      /^The number of processes must be 1 with a MemoryBroker.*Use a RedisBroker \(gale\/redis\), or processes: 1\.\n$/,
    );
    assert.equal(program.output(), '');
  });

  test(`serves with a MemoryBroker made ${place === 'top' ? 'before' : 'by'} start in a program of one process`, async (t) => {
    const program = start(t, '1', 'memory', place);
    await program.prints(/serving 0\n/);
    program.stop();
    assert.equal(await program.ended, 0);
    assert.equal(program.errors(), '');
  });
}

test('warns about a MemoryBroker in a worker of a program that uses node:cluster itself', async (t) => {
  const program = startProgram(t, programAt('clustered-broker.ts'));
  assert.equal(await program.ended, 0);
  const { level, msg, broker } = JSON.parse(program.output()) as Record<string, unknown>;
  assert.deepEqual(
    [level, msg, broker],
    [40, 'MemoryBroker does not connect people of different workers; use RedisBroker for several workers', 'memory'],
  );
});

test('refuses a SqliteBroker opened before start in a program of two processes', async (t) => {
  const program = start(t, '2', 'sqlite', 'top', await temporaryFile(t));
  assert.equal(await program.ended, 1);
  assert.match(program.errors(), /^The number of processes must be 1 with a SqliteBroker.*Use a RedisBroker.*\n$/);
  assert.equal(program.output(), '');
});

test('refuses the second process that opens the file of a SqliteBroker in start', async (t) => {
  const program = start(t, '2', 'sqlite', 'inside', await temporaryFile(t));
  assert.equal(await program.ended, 1);
  assert.match(program.errors(), /^\S+ is in use by another server or another process of this one; [^\n]*RedisBroker/);
  assert.equal(program.output(), 'serving 0\n');
});

test('serves if a broker was closed before runProgram', async (t) => {
  const program = start(t, '1', 'sqlite', 'closed', await temporaryFile(t));
  await program.prints(/serving 0\n/);
  program.stop();
  assert.equal(await program.ended, 0);
  const several = start(t, '2', 'sqlite', 'closed', await temporaryFile(t));
  assert.equal(await several.ended, 1);
  assert.match(
    several.errors(),
    /in use by another server or another process/,
    'the closed one is not what is refused',
  );
});
