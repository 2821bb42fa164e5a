import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageFrame, peopleFrame, presenceFrame } from './room-frames.ts';

const ada = { id: 'ada', name: 'Ada', password: 'secret' };
const message = { offset: 1, id: 'm1', author: ada, time: 5, data: { text: '你好 👋' } };

test('a message is framed once for all who get it, and holds what others may know', () => {
  const { frame } = messageFrame('lobby', 'e', message);
  assert.equal(messageFrame('lobby', 'e', message).frame, frame);
  assert.equal(
    // Behind the head of a frame of 126 to 65 535 bytes.
    frame.subarray(4).toString(),
    '{"type":"message","room":"lobby","epoch":"e","offset":1,"id":"m1",' +
      '"author":{"id":"ada","name":"Ada"},"time":5,"data":{"text":"你好 👋"}}',
  );
});

test('the same object in another room or epoch is another frame', () => {
  const { frame } = messageFrame('lobby', 'e', message);
  assert.notDeepEqual(messageFrame('attic', 'e', message).frame, frame);
  assert.notDeepEqual(messageFrame('lobby', 'f', message).frame, frame);
});

test('somebody who came is framed once for all', () => {
  const { frame } = presenceFrame('lobby', 'enter', ada, 3);
  assert.equal(presenceFrame('lobby', 'enter', ada, 3).frame, frame);
  assert.notEqual(presenceFrame('lobby', 'leave', ada, 2).frame, frame);
  assert.match(frame.toString(), /\{"type":"enter","room":"lobby","person":\{"id":"ada","name":"Ada"\},"count":3\}$/);
});

test('of many people 200 are named and all counted', () => {
  const people = Array.from({ length: 250 }, (_, index) => ({ id: `p${index}`, name: 'P' }));
  const told = JSON.parse(peopleFrame('lobby', people)) as { count: number; people: object[] };
  assert.equal(told.count, 250);
  assert.equal(told.people.length, 200);
});
