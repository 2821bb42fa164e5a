import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ServingProcess, type ServingSettings, type Stoppable } from './serving-process.ts';

interface RecordedProcess {
  readonly serving: ServingProcess;
  /** Exit codes, in the order of the calls of `exit`. */
  readonly exits: number[];
  readonly warnings: string[];
  /** Settles with the first exit code. */
  readonly ended: Promise<number>;
}

function createProcess(settings: Partial<ServingSettings> = {}): RecordedProcess {
  const exits: number[] = [];
  const warnings: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const record = (_fields: object, message: string): void => void warnings.push(message);
  const serving = new ServingProcess({
    graceMs: 1000,
    hangMs: 5000,
    log: { debug() {}, info() {}, warn: record, error: record },
    explain: undefined,
    exit: (code) => {
      exits.push(code);
      resolve(code);
    },
    ...settings,
  });
  return { serving, exits, warnings, ended };
}

/** Collects what is written to standard error during the test. */
function recordErrors(t: TestContext): string[] {
  const written: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string) => written.push(text) > 0);
  return written;
}

test('closes what start returned once, with graceMs, also after repeated stops; exit code 0', async () => {
  const { serving, exits, warnings, ended } = createProcess();
  const graceTimes: number[] = [];
  assert.equal(await serving.start(() => ({ close: ({ graceMs }) => void graceTimes.push(graceMs) })), true);
  serving.stop();
  serving.stop();
  assert.equal(await ended, 0);
  serving.stop();
  assert.deepEqual([graceTimes, exits, warnings], [[1000], [0], []]);
});

test('logs the error of a close that rejects; exit code 1', async () => {
  const { serving, warnings, ended } = createProcess();
  await serving.start(() => ({ close: () => Promise.reject(new Error('the store is gone')) }));
  serving.stop();
  assert.equal(await ended, 1);
  assert.deepEqual(warnings, ['The process failed to stop cleanly']);
});

test('exits with code 1 if close hangs for 5 seconds longer than graceMs', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { serving, exits, warnings } = createProcess();
  await serving.start(() => ({ close: () => new Promise(() => {}) }));
  serving.stop();
  t.mock.timers.tick(5999);
  assert.deepEqual(exits, []);
  t.mock.timers.tick(1);
  assert.deepEqual([exits, warnings], [[1], ['The process did not stop in time; it is killed']]);
});

test('a stop during the start waits for the start, then closes what it returned', async () => {
  const { serving, exits, ended } = createProcess();
  const { promise, resolve } = Promise.withResolvers<Stoppable>();
  const starting = serving.start(() => promise);
  serving.stop();
  await new Promise(setImmediate);
  assert.deepEqual(exits, []);
  let closed = 0;
  resolve({ close: () => void closed++ });
  assert.equal(await starting, true);
  assert.deepEqual([await ended, closed], [0, 1]);
});

test('reports a start that fails after a stop, and exits first with code 1', async (t) => {
  const written = recordErrors(t);
  const { serving, exits } = createProcess();
  const { promise, reject } = Promise.withResolvers<Stoppable>();
  const starting = serving.start(() => promise);
  serving.stop();
  reject(Object.assign(new Error('listen EADDRINUSE'), { syscall: 'listen' }));
  assert.equal(await starting, false);
  assert.equal(exits[0], 1);
  assert.deepEqual(written, ['listen EADDRINUSE\n']);
});
