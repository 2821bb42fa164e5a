import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts } from './drafts.ts';
import { MemoryStorage } from './memory-storage.ts';

test('a draft belongs to one room of one account and survives a reload', () => {
  const storage = new MemoryStorage();
  const drafts = new Drafts(storage, 'ada');
  drafts.set('lobby', '半句话 ');
  assert.equal(drafts.get('lobby'), '半句话 ');
  assert.equal(drafts.get('other'), '');
  assert.equal(new Drafts(storage, 'ada').get('lobby'), '半句话 ');
  assert.equal(new Drafts(storage, 'bo').get('lobby'), '');
});

test('removes an empty draft', () => {
  const storage = new MemoryStorage();
  const drafts = new Drafts(storage, 'ada');
  drafts.set('lobby', 'x');
  drafts.set('lobby', '');
  assert.equal(drafts.get('lobby'), '');
  assert.equal(storage.length, 0);
});

test('keeps a draft until the page is closed when the storage is full', () => {
  const storage = new MemoryStorage();
  storage.setItem = () => {
    throw new Error('full');
  };
  const drafts = new Drafts(storage, 'ada');
  drafts.set('lobby', 'x');
  assert.equal(drafts.get('lobby'), 'x');
});

test('a window that did not change a draft does not overwrite that of another window', () => {
  const storage = new MemoryStorage();
  const [one, other] = [new Drafts(storage, 'ada'), new Drafts(storage, 'ada')];
  assert.equal(other.get('lobby'), '');
  one.set('lobby', 'an hour of writing');
  other.set('lobby', '');
  assert.equal(new Drafts(storage, 'ada').get('lobby'), 'an hour of writing');
});

test('follows changes of drafts by another window, and reports the previous draft', () => {
  const drafts = new Drafts(new MemoryStorage(), 'ada');
  const changes: string[][] = [];
  const stop = drafts.onFollowed((...change) => changes.push(change));
  drafts.follow('gale-chat draft ada lobby', 'written elsewhere');
  assert.equal(drafts.get('lobby'), 'written elsewhere');
  drafts.follow('gale-chat draft ada lobby', null);
  drafts.follow('gale-chat draft bo lobby', 'of somebody else');
  drafts.follow(null, null);
  stop();
  drafts.follow('gale-chat draft ada lobby', 'later');
  assert.deepEqual(changes, [
    ['lobby', 'written elsewhere', ''],
    ['lobby', '', 'written elsewhere'],
  ]);
});

test('stores nothing after stop', () => {
  const storage = new MemoryStorage();
  const drafts = new Drafts(storage, 'ada');
  drafts.set('lobby', 'before');
  drafts.stop();
  storage.removeItem('gale-chat draft ada lobby');
  drafts.set('lobby', 'after');
  assert.equal(drafts.get('lobby'), 'after');
  assert.equal(storage.length, 0);
});
