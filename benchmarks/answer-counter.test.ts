import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerCounter } from './answer-counter.ts';

const short = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello');
const long = Buffer.from('HTTP/1.1 200 OK\r\nDate: today\r\ncontent-length:12\r\n\r\n\r\n\r\nhello\r\n\r');

function counter(): AnswerCounter {
  return new AnswerCounter({ headBytes: 0, bodyBytes: 0 });
}

test('answers are counted when their last byte is there, wherever they are cut', () => {
  const answers = Buffer.concat([short, long, short, short]);
  for (let cut = 1; cut < answers.length; cut += 1) {
    const counted = counter();
    const [first, second] = [answers.subarray(0, cut), answers.subarray(cut)];
    const before = counted.take(first, first.length);
    assert.equal(
      before,
      [short.length, short.length + long.length, answers.length - short.length].filter((end) => end <= cut).length,
    );
    assert.equal(before + counted.take(second, second.length), 4, `cut at ${cut}`);
  }
});

test('bytes behind the given length are not looked at', () => {
  const counted = counter();
  const received = Buffer.concat([short, Buffer.from('HTTP/1.1 500 left from before')]);
  assert.equal(counted.take(received, short.length), 1);
  assert.equal(counted.take(received, short.length - 1), 0);
  assert.equal(counted.take(Buffer.from('o'), 1), 1);
});

test('another status, a missing length and a body that is too long are no answers', () => {
  const bad = [
    'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n',
    'HTTP/1.1 200 OK\r\n\r\n',
    `${short.toString()}more\r\n\r\n`,
  ];
  for (const text of bad) {
    assert.throws(() => counter().take(Buffer.from(text), text.length), /No (200|Content-Length) came/, text);
  }
});
