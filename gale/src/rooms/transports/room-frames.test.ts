import assert from 'node:assert/strict';
import { test } from 'node:test';
import { messageFrame, peopleFrame, presenceFrame } from './room-frames.ts';

const ada = { id: 'ada', name: 'Ada', password: 'secret' };
const message = { offset: 1, id: 'm1', author: ada, time: 5, data: { text: '你好 👋' }, life: 'a' };

test('frames a message once for all receivers, with public fields only', () => {
  const { frame } = messageFrame('lobby', 'e', message);
  assert.equal(messageFrame('lobby', 'e', message).frame, frame);
  assert.equal(
    // Behind the head of a frame of 126 to 65 535 bytes.
    frame.subarray(4).toString(),
    '{"type":"message","room":"lobby","epoch":"e","offset":1,"life":"a","id":"m1",' +
      '"author":{"id":"ada","name":"Ada"},"time":5,"data":{"text":"你好 👋"}}',
  );
});

test('makes another frame for the same message in another room or epoch', () => {
  const { frame } = messageFrame('lobby', 'e', message);
  assert.notDeepEqual(messageFrame('attic', 'e', message).frame, frame);
  assert.notDeepEqual(messageFrame('lobby', 'f', message).frame, frame);
});

test('frames a batch of presence once for all, without names in a big room', () => {
  const batch = { room: 'lobby', count: 3, entered: [ada], left: [] };
  const { frame } = presenceFrame(batch);
  assert.equal(presenceFrame(batch).frame, frame);
  assert.equal(
    presenceFrame(batch).payload.toString(),
    '{"type":"presence","room":"lobby","count":3,"entered":[{"id":"ada","name":"Ada"}],"left":[]}',
  );
  assert.equal(
    presenceFrame({ room: 'lobby', count: 300, entered: undefined, left: undefined }).payload.toString(),
    '{"type":"presence","room":"lobby","count":300}',
  );
});

test('frames a list of people once for all, without names in a big room', () => {
  const list = { room: 'lobby', count: 1, people: [ada] };
  const { frame } = peopleFrame(list);
  assert.equal(peopleFrame(list).frame, frame);
  assert.equal(
    peopleFrame(list).payload.toString(),
    '{"type":"people","room":"lobby","count":1,"people":[{"id":"ada","name":"Ada"}]}',
  );
  assert.equal(
    peopleFrame({ room: 'lobby', count: 300, people: undefined }).payload.toString(),
    '{"type":"people","room":"lobby","count":300}',
  );
});
