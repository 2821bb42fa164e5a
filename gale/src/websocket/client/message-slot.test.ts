import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MessageSlot } from './message-slot.ts';

/** Whether a promise has settled. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  const pending = Symbol('pending');
  return (await Promise.race([promise, Promise.resolve(pending)])) !== pending;
}

test('put() settles when the message is taken', async () => {
  const slot = new MessageSlot();
  const put = slot.put('one');
  assert.ok(put instanceof Promise);
  assert.equal(await hasSettled(put), false);
  assert.equal(await slot.take(), 'one');
  assert.equal(await hasSettled(put), true);
});

test('the first waiting take() receives a message at once', async () => {
  const slot = new MessageSlot();
  const taken = [slot.take(), slot.take()];
  assert.equal(slot.put('one'), undefined);
  assert.equal(slot.put(Buffer.from('two')), undefined);
  assert.ok(slot.put('three') instanceof Promise);
  assert.deepEqual(await Promise.all(taken), ['one', Buffer.from('two')]);
});

test('delivers an empty message', async () => {
  const slot = new MessageSlot();
  void slot.put('');
  assert.equal(await slot.take(), '');
});

test('end() gives null to waiting and later calls of take()', async () => {
  const slot = new MessageSlot();
  const taken = [slot.take(), slot.take()];
  slot.end();
  assert.deepEqual(await Promise.all([...taken, slot.take()]), [null, null, null]);
});

test('a waiting message can be taken after end()', async () => {
  const slot = new MessageSlot();
  void slot.put('last');
  slot.end();
  assert.deepEqual([await slot.take(), await slot.take()], ['last', null]);
});
