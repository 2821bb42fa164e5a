import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Drafts } from './drafts.ts';
import { KeptTexts } from './kept-texts.ts';
import { LastRoom } from './last-room.ts';
import { MemoryStorage } from './memory-storage.ts';
import { removeSignedOut } from './signed-out.ts';
import { StoredEntries } from './stored-entries.ts';

function storageOf(...people: readonly string[]): MemoryStorage {
  const storage = new MemoryStorage();
  for (const person of people) {
    new Drafts(storage, person).set('lobby', 'half a sen');
    new Drafts(storage, person).set('tea', '半句话');
    for (const kind of ['outbox', 'failed']) {
      new StoredEntries(storage, `${kind} ${person}`).save([{ room: 'lobby', id: '1', data: { text: 'x' }, time: 1 }]);
    }
    new LastRoom(storage, person, { cookie: '' }).set('tea');
  }
  return storage;
}

test('counts drafts, pending messages and refused messages of one account', () => {
  const storage = storageOf('ada', 'ad');
  assert.equal(new KeptTexts(storage, 'ada').count, 4);
  assert.equal(new KeptTexts(storage, 'bo').count, 0);
});

test('removes everything of one account and nothing of another', () => {
  const storage = storageOf('ada', 'ad', 'adah');
  new KeptTexts(storage, 'ada').remove();
  assert.equal(new KeptTexts(storage, 'ada').count, 0);
  assert.equal(new LastRoom(storage, 'ada', { cookie: '' }).get(), undefined);
  assert.equal(new KeptTexts(storage, 'ad').count, 4);
  assert.equal(new KeptTexts(storage, 'adah').count, 4);
  assert.equal(storage.length, 10);
});

test('removes the texts of accounts that a cookie names, and the cookies', () => {
  const storage = storageOf('ada', 'bo', 'cy');
  const written: string[] = [];
  const page = {
    get cookie() {
      return '_xsrf=1; signed-out-ada=1; lang=en; signed-out-cy=1; not-signed-out-bo=1';
    },
    set cookie(text: string) {
      written.push(text);
    },
  };
  removeSignedOut(storage, page);
  assert.deepEqual(
    ['ada', 'bo', 'cy'].map((person) => new KeptTexts(storage, person).count),
    [0, 4, 0],
  );
  assert.deepEqual(written, ['signed-out-ada=; Path=/; Max-Age=0', 'signed-out-cy=; Path=/; Max-Age=0']);
});
