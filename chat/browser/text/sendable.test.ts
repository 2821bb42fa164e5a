import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkText } from '../../messages/text.ts';
import { limits } from '../../wire.ts';
import { measure, toSendable } from './sendable.ts';

const problemOf = (text: string): string | undefined => measure(text, limits).problem;

test('allows 10,000 code points and rejects one more; an emoji is one', () => {
  assert.equal(problemOf('x'.repeat(10_000)), undefined);
  assert.equal(problemOf('x'.repeat(10_001)), 'tooLong');
  assert.equal(problemOf('你'.repeat(10_000)), undefined);
  assert.equal(problemOf('🐳'.repeat(10_001)), 'tooLong');
  assert.equal(measure('🐳'.repeat(12), limits).codePoints, 12);
});

test('allows 48 KiB and rejects one byte more', () => {
  const tight = { ...limits, codePoints: 1_000_000 };
  assert.equal(measure('x'.repeat(49_152), tight).problem, undefined);
  assert.equal(measure(`${'x'.repeat(49_150)}你`, tight).problem, 'tooManyBytes');
});

test('a text without visible characters is empty', () => {
  for (const text of ['', ' \n\t ', '\u3000', '\u200b\u200d', '\u2800', '\u00ad'])
    assert.equal(problemOf(text), 'empty', JSON.stringify(text));
  for (const text of ['.', '你', '🐳', '0']) assert.equal(problemOf(text), undefined);
});

test('removes trailing white space, leading empty lines and control characters, and nothing else', () => {
  assert.equal(toSendable('\n  \n  if (x) {\r\n\tgo();\r}\n\n '), '  if (x) {\n\tgo();\n}');
  assert.equal(toSendable('a\u0000b\u0007\u009fc\ud800'), 'abc');
  assert.equal(toSendable('👨‍👩‍👧 é'), '👨‍👩‍👧 é');
});

test('the server accepts what the page accepts', () => {
  for (const text of ['你好 🐳', 'a\u0000b', 'x'.repeat(10_000), '\r\n a', '\ud800x', '👨‍👩‍👧']) {
    const sent = toSendable(text);
    assert.equal(problemOf(sent), undefined);
    assert.equal(checkText(sent), sent);
  }
});
