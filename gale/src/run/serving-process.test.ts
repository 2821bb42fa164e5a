import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ServingProcess, type ServingSettings, type Stoppable } from './serving-process.ts';

interface Life {
  readonly serving: ServingProcess;
  /** Exit codes, in the order they were asked for. */
  readonly exits: number[];
  readonly complaints: string[];
  /** Settles with the first exit code. */
  readonly ended: Promise<number>;
}

function begin(settings: Partial<ServingSettings> = {}): Life {
  const exits: number[] = [];
  const complaints: string[] = [];
  const { promise: ended, resolve } = Promise.withResolvers<number>();
  const complain = (_fields: object, message: string): void => void complaints.push(message);
  const serving = new ServingProcess({
    graceMs: 1000,
    hangMs: 5000,
    log: { debug() {}, info() {}, warn: complain, error: complain },
    explain: undefined,
    exit: (code) => {
      exits.push(code);
      resolve(code);
    },
    ...settings,
  });
  return { serving, exits, complaints, ended };
}

/** What a process says on standard error while the test runs. */
function listen(t: TestContext): string[] {
  const said: string[] = [];
  t.mock.method(process.stderr, 'write', (text: string) => said.push(text) > 0);
  return said;
}

test('what was started is closed once, with the grace, however often it is told to stop; exit code 0', async () => {
  const { serving, exits, complaints, ended } = begin();
  const graces: number[] = [];
  assert.equal(await serving.start(() => ({ close: ({ graceMs }) => void graces.push(graceMs) })), true);
  serving.stop();
  serving.stop();
  assert.equal(await ended, 0);
  serving.stop();
  assert.deepEqual([graces, exits, complaints], [[1000], [0], []]);
});

test('a close that rejects is logged; exit code 1', async () => {
  const { serving, complaints, ended } = begin();
  await serving.start(() => ({ close: () => Promise.reject(new Error('the store is gone')) }));
  serving.stop();
  assert.equal(await ended, 1);
  assert.deepEqual(complaints, ['The process could not stop in good order.']);
});

test('a close that hangs for 5 seconds beyond the grace is cut; exit code 1', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { serving, exits, complaints } = begin();
  await serving.start(() => ({ close: () => new Promise(() => {}) }));
  serving.stop();
  t.mock.timers.tick(5999);
  assert.deepEqual(exits, []);
  t.mock.timers.tick(1);
  assert.deepEqual([exits, complaints], [[1], ['The process did not stop in time; it is ended.']]);
});

test('a stop while it starts waits for the start, then closes what was started', async () => {
  const { serving, exits, ended } = begin();
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

test('a start that fails after a stop is still said, and the first exit code is 1', async (t) => {
  const said = listen(t);
  const { serving, exits } = begin();
  const { promise, reject } = Promise.withResolvers<Stoppable>();
  const starting = serving.start(() => promise);
  serving.stop();
  reject(Object.assign(new Error('listen EADDRINUSE'), { syscall: 'listen' }));
  assert.equal(await starting, false);
  assert.equal(exits[0], 1);
  assert.deepEqual(said, ['listen EADDRINUSE\n']);
});
