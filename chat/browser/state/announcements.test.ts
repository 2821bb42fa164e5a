import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Announcements, type Announcement } from './announcements.ts';

test('announces up to three messages per second one by one, then the number of others', () => {
  const announced: Announcement[] = [];
  const waiting: (() => void)[] = [];
  const announcements = new Announcements(
    (announcement) => announced.push(announcement),
    (then, afterMs) => {
      assert.equal(afterMs, 1000);
      waiting.push(then);
    },
  );
  for (const text of ['1', '2', '3', '4', '5']) announcements.take('Ada', text);
  assert.deepEqual(announced.splice(0), [
    { name: 'Ada', text: '1' },
    { name: 'Ada', text: '2' },
    { name: 'Ada', text: '3' },
  ]);
  waiting.shift()?.();
  assert.deepEqual(announced.splice(0), [{ more: 2 }]);
  announcements.take('Ada', '6');
  waiting.shift()?.();
  assert.deepEqual(announced, [{ name: 'Ada', text: '6' }]);
  assert.deepEqual(waiting, []);
});
