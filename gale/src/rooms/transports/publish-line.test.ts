import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { maxPublishBytes, maxPublishes, PublishLine } from './publish-line.ts';
import type { Accepted } from './publish-line.ts';
import type { Published } from '../stream.ts';

/** A line whose store and checks respond when the test wants it. */
class TestLine {
  /** Publishes in the order in which they were accepted. */
  readonly accepted: string[] = [];
  /** Responses in the order in which they were sent. */
  readonly responses: string[] = [];
  readonly stores = new Map<string, PromiseWithResolvers<Published>>();
  readonly checks = new Map<string, PromiseWithResolvers<void>>();
  isOver = false;
  readonly line: PublishLine<string>;

  /** @param slow - Publishes whose check is asynchronous. */
  constructor(slow: readonly string[] = []) {
    for (const id of slow) this.checks.set(id, Promise.withResolvers());
    this.line = new PublishLine({
      isOver: () => this.isOver,
      accept: (id) => {
        const check = this.checks.get(id);
        return check ? check.promise.then(() => this.#accept(id)) : this.#accept(id);
      },
      reply: (ref, id, { offset }) => this.responses.push(`${ref} ${id} at ${offset}`),
      refuse: (ref, error) => this.responses.push(`${ref} ${(error as Error).message}`),
    });
  }

  /** @returns What the last `add` of the line returned. */
  add(...ids: readonly string[]): { readonly wait: Promise<void> | undefined } {
    let wait: Promise<void> | undefined;
    for (const id of ids) wait = this.line.add(Number(id), id, 10);
    return { wait };
  }

  store(id: string): void {
    this.stores.get(id)?.resolve({ epoch: 'e', offset: Number(id) * 10, life: 'a', time: 0, repeated: false });
  }

  #accept(id: string): Accepted {
    if (id === '13') throw new Error('not 13');
    const store = Promise.withResolvers<Published>();
    this.stores.set(id, store);
    this.accepted.push(id);
    return { id, stored: store.promise };
  }
}

test('publishes are accepted without waiting for the store, and answered in their order', async () => {
  const test = new TestLine();
  test.add('1', '2', '3');
  assert.deepEqual(test.accepted, ['1', '2', '3']);
  test.store('3');
  test.store('2');
  await turn();
  assert.deepEqual(test.responses, []);
  test.store('1');
  await turn();
  assert.deepEqual(test.responses, ['1 1 at 10', '2 2 at 20', '3 3 at 30']);
});

test('a slow check delays the publishes after it, and not those before it', async () => {
  const test = new TestLine(['2']);
  test.add('1', '2', '3', '4');
  assert.deepEqual(test.accepted, ['1']);
  test.checks.get('2')?.resolve();
  await turn();
  assert.deepEqual(test.accepted, ['1', '2', '3', '4']);
});

test('a refusal by the check or the store keeps its place, and does not stop the others', async () => {
  const test = new TestLine(['3']);
  test.add('1', '13', '2', '3', '4');
  test.checks.get('3')?.reject(new Error('no permission'));
  await turn();
  assert.deepEqual(test.accepted, ['1', '2', '4']);
  test.store('4');
  test.stores.get('2')?.reject(new Error('the disk is full'));
  await turn();
  assert.deepEqual(test.responses, []);
  test.store('1');
  await turn();
  assert.deepEqual(test.responses, ['1 1 at 10', '13 not 13', '2 the disk is full', '3 no permission', '4 4 at 40']);
});

test('settled() waits for every response; there is nothing to wait for without publishes', async () => {
  const test = new TestLine();
  assert.equal(test.line.settled(), undefined);
  test.add('1', '2');
  let isSettled = false;
  void test.line.settled()?.then(() => (isSettled = true));
  test.store('1');
  await turn();
  assert.equal(isSettled, false);
  test.store('2');
  await turn();
  assert.equal(isSettled, true);
  assert.equal(test.line.settled(), undefined);
});

test('a full line asks to wait until there is room: by count, and by bytes', async () => {
  const byCount = new TestLine();
  const ids = Array.from({ length: maxPublishes }, (_, index) => String(index + 100));
  assert.equal(byCount.add(...ids.slice(0, -1)).wait, undefined);
  const full = byCount.add(...ids.slice(-1)).wait;
  assert.ok(full);
  byCount.store('100');
  await full;
  const byBytes = new TestLine();
  assert.equal(byBytes.line.add(1, '1', maxPublishBytes - 1), undefined);
  const wait = byBytes.line.add(2, '2', 1);
  assert.ok(wait);
  byBytes.store('1');
  await wait;
  assert.deepEqual(byBytes.responses, ['1 1 at 10']);
});

test('after the connection closed, no publish is accepted that was waiting', async () => {
  const test = new TestLine(['2']);
  test.add('1', '2', '3');
  test.isOver = true;
  test.checks.get('2')?.resolve();
  await turn();
  assert.deepEqual(test.accepted, ['1', '2']);
  test.store('1');
  test.store('2');
  await test.line.settled();
  assert.equal(test.line.settled(), undefined);
});
