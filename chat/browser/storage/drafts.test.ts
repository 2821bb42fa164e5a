import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts } from './drafts.ts';
import { MemoryStorage } from './memory-storage.ts';

test('a draft belongs to one room of one account and outlives a reload', () => {
  const storage = new MemoryStorage();
  const drafts = new Drafts(storage, 'ada');
  drafts.set('lobby', '半句话 ');
  assert.equal(drafts.get('lobby'), '半句话 ');
  assert.equal(drafts.get('other'), '');
  assert.equal(new Drafts(storage, 'ada').get('lobby'), '半句话 ');
  assert.equal(new Drafts(storage, 'bo').get('lobby'), '');
});

test('an empty draft is forgotten', () => {
  const storage = new MemoryStorage();
  const drafts = new Drafts(storage, 'ada');
  drafts.set('lobby', 'x');
  drafts.set('lobby', '');
  assert.equal(drafts.get('lobby'), '');
  assert.equal(storage.length, 0);
});

test('in a full storage a draft lasts as long as the page', () => {
  const storage = new MemoryStorage();
  storage.setItem = () => {
    throw new Error('full');
  };
  const drafts = new Drafts(storage, 'ada');
  drafts.set('lobby', 'x');
  assert.equal(drafts.get('lobby'), 'x');
});
