import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Intents } from './intents.ts';
import { KeptTexts } from './kept-texts.ts';
import { MemoryStorage } from './memory-storage.ts';

test('an intent survives a reload, and its room has one at a time', () => {
  const storage = new MemoryStorage();
  const before = new Intents(storage, 'me');
  before.set('tea', { kind: 'reply', seq: 3 });
  before.set('lobby', { kind: 'edit', seq: 4, text: 'helo' });
  before.keepText('lobby', 'hello');
  before.keepText('tea', 'not an edit');
  const after = new Intents(storage, 'me');
  assert.deepEqual(after.get('tea'), { kind: 'reply', seq: 3 });
  assert.deepEqual(after.get('lobby'), { kind: 'edit', seq: 4, text: 'hello', isChanged: true });
  after.set('lobby', { kind: 'reply', seq: 9 });
  after.forget('lobby', 4);
  assert.deepEqual(new Intents(storage, 'me').get('lobby'), { kind: 'reply', seq: 9 });
  after.forget('lobby', 9);
  after.set('tea', undefined);
  assert.equal(storage.length, 0);
});

test('stored values of another form and those of other accounts are ignored', () => {
  const storage = new MemoryStorage();
  for (const value of ['', 'null', '{}', '{"seq":"1"}', '{"seq":1}']) storage.setItem('gale-chat edit me lobby', value);
  new Intents(storage, 'other').set('tea', { kind: 'reply', seq: 1 });
  assert.equal(new Intents(storage, 'me').store.value.size, 0);
});

test('the text of an edit is an unsent text, and a log-out removes it and the replies', () => {
  const storage = new MemoryStorage();
  const intents = new Intents(storage, 'me');
  intents.set('tea', { kind: 'reply', seq: 3 });
  intents.set('lobby', { kind: 'edit', seq: 4, text: 'hello' });
  const texts = new KeptTexts(storage, 'me');
  assert.equal(texts.count, 1);
  texts.remove();
  assert.equal(storage.length, 0);
});
