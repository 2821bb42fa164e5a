import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { ReadGate } from './read-gate.ts';

/** A gate, and reads that end when the test says so. */
function open(places: number): {
  begun: string[];
  run(name: string, isUrgent?: boolean): Promise<string>;
  end(name: string, error?: Error): Promise<void>;
} {
  const gate = new ReadGate(places);
  const begun: string[] = [];
  const reads = new Map<string, PromiseWithResolvers<string>>();
  return {
    begun,
    run: (name, isUrgent = false) =>
      gate.run(
        () => {
          begun.push(name);
          const read = Promise.withResolvers<string>();
          reads.set(name, read);
          return read.promise;
        },
        { isUrgent },
      ),
    async end(name, error) {
      if (error) reads.get(name)?.reject(error);
      else reads.get(name)?.resolve(name);
      await nextTurn();
    },
  };
}

test('runs at most as many reads as there are places, and urgent ones first', async () => {
  const { begun, run, end } = open(2);
  const results = [run('a'), run('b'), run('c'), run('urgent 1', true), run('d'), run('urgent 2', true)];
  assert.deepEqual(begun, ['a', 'b']);
  for (const name of ['b', 'urgent 1', 'a', 'c', 'urgent 2']) await end(name);
  assert.deepEqual(begun, ['a', 'b', 'urgent 1', 'urgent 2', 'c', 'd']);
  await end('d');
  assert.deepEqual(await Promise.all(results), ['a', 'b', 'c', 'urgent 1', 'd', 'urgent 2']);
});

test('gives every place back, also after a read that failed', async () => {
  const { begun, run, end } = open(1);
  const failing = assert.rejects(run('a'), /as the test wants it/);
  const second = run('b');
  await end('a', new Error('as the test wants it'));
  await failing;
  await end('b');
  assert.equal(await second, 'b');
  void run('c');
  void run('d');
  assert.deepEqual(begun, ['a', 'b', 'c']);
  await end('c');
  assert.deepEqual(begun, ['a', 'b', 'c', 'd']);
  await end('d');
});
