import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ResponseCounter } from './response-counter.ts';

const plain = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\nHello, Ada!\n');
const dated = Buffer.from('HTTP/1.1 200 OK\r\nDate: today\r\ncontent-length:12\r\n\r\n\r\n\r\nhello\r\n\r');

function counter(): ResponseCounter {
  return new ResponseCounter({ headBytes: 0, bodyBytes: 0 });
}

test('counts a response when its last byte arrives, split at every byte', () => {
  const responses = [plain, dated, plain, plain];
  const ends = responses.map((_, index) => Buffer.concat(responses.slice(0, index + 1)).length);
  const received = Buffer.concat(responses);
  for (let cut = 1; cut < received.length; cut += 1) {
    const counted = counter();
    const before = counted.take(received, cut);
    assert.equal(before, ends.filter((end) => end <= cut).length, `before the cut at ${cut}`);
    const rest = received.subarray(cut);
    assert.equal(before + counted.take(rest, rest.length), responses.length, `cut at ${cut}`);
  }
});

test('ignores bytes after the given length', () => {
  const counted = counter();
  const received = Buffer.concat([plain, Buffer.from('HTTP/1.1 500 left from before')]);
  assert.equal(counted.take(received, plain.length), 1);
  assert.equal(counted.take(received, plain.length - 1), 0);
  assert.equal(counted.take(Buffer.from('\n'), 1), 1);
});

test('rejects another status, a missing or different length, and a body that is too long', () => {
  const bad: readonly [RegExp, string][] = [
    [/not 200/, 'HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n'],
    [/no Content-Length/, 'HTTP/1.1 200 OK\r\n\r\n'],
    [/5 bytes, and an earlier one 12/, `${plain.toString()}HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHello`],
    [/not 200/, `${plain.toString()}more\r\n\r\n`],
  ];
  for (const [complaint, text] of bad) assert.throws(() => counter().take(Buffer.from(text), text.length), complaint);
});
