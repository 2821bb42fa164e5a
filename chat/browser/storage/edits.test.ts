import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Edits } from './edits.ts';
import { Intents } from './intents.ts';
import { KeptTexts } from './kept-texts.ts';
import { MemoryStorage } from './memory-storage.ts';

test('changed texts survive a reload, each with its message, and are those of one account', () => {
  const storage = new MemoryStorage();
  const edits = new Edits(storage, 'me');
  edits.set('lobby', 3, { text: 'left', isSaved: false });
  edits.set('lobby', 4, { text: 'saved', isSaved: true });
  edits.set('tea', 3, { text: 'gone', isSaved: true });
  edits.remove('tea', 3);
  const after = new Edits(storage, 'me');
  assert.deepEqual(after.get('lobby', 3)?.text, 'left');
  assert.deepEqual(after.saved, [{ room: 'lobby', seq: 4, text: 'saved', isSaved: true }]);
  assert.equal(after.get('tea', 3), undefined);
  assert.equal(new Edits(storage, 'other').get('lobby', 3), undefined);
  const texts = new KeptTexts(storage, 'me');
  assert.equal(texts.count, 2);
  texts.remove();
  assert.equal(storage.length, 0);
});

test('stored values of another form are ignored', () => {
  const storage = new MemoryStorage();
  for (const value of ['', 'null', '{"room":"lobby","seq":"1","text":""}', '{"room":1,"seq":1,"text":""}']) {
    storage.setItem('gale-chat changed me lobby 1', value);
    assert.equal(new Edits(storage, 'me').get('lobby', 1), undefined);
  }
});

test('an edit that is left for another one or for a reply continues later, and a cancelled one does not', () => {
  const storage = new MemoryStorage();
  const intents = new Intents(storage, 'me');
  intents.edit('lobby', 3, 'three');
  intents.keepText('lobby', 'three, changed');
  intents.edit('lobby', 4, 'four');
  intents.set('lobby', { kind: 'reply', seq: 2 });
  const after = new Intents(storage, 'me');
  after.edit('lobby', 4, 'four');
  assert.deepEqual(after.get('lobby'), { kind: 'edit', seq: 4, text: 'four' }, 'it was not changed');
  after.edit('lobby', 3, 'three');
  assert.deepEqual(after.get('lobby'), { kind: 'edit', seq: 3, text: 'three, changed', isChanged: true });
  after.set('lobby', undefined);
  after.edit('lobby', 3, 'three');
  assert.deepEqual(after.get('lobby'), { kind: 'edit', seq: 3, text: 'three' });
});

test('what the composer shows is stored before an intent changes', () => {
  const intents = new Intents(new MemoryStorage(), 'me');
  intents.edit('lobby', 3, 'three');
  intents.flush = () => intents.keepText('lobby', 'three, just typed');
  assert.equal(intents.changedText('lobby', 3), 'three, just typed');
  intents.set('lobby', { kind: 'reply', seq: 2 });
  assert.equal(intents.edits.get('lobby', 3)?.text, 'three, just typed');
});
