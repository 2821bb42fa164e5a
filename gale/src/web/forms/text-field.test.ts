import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sent } from '../../../test/support/web/form-request.ts';
import { emailField, hiddenField, passwordField, textareaField, textField } from './text-field.ts';

const label = 'Name';

test('a text is one line, trimmed, without control characters', () => {
  const field = textField({ label });
  for (const [text, value] of [
    ['Ann', 'Ann'],
    ['  Ann \t', 'Ann'],
    ['Ann\r\nBcc: all@example.com', 'Ann Bcc: all@example.com'],
    ['A\0n\x1bn', 'A n n'],
    ['张伟', '张伟'],
    ['a&b<c>"d"', 'a&b<c>"d"'],
  ] as const) {
    assert.deepEqual(field.read(sent(text)), { value }, JSON.stringify(text));
  }
});

test('white space alone is an empty text: an error, or undefined if the field is not required', () => {
  for (const texts of [[], [''], ['  '], ['\r\n'], ['\0']]) {
    assert.deepEqual(textField({ label }).read(sent(...texts)), { rule: 'required' });
    assert.deepEqual(textField({ label, required: false }).read(sent(...texts)), { value: undefined });
  }
});

test('lengths are counted in code points', () => {
  const field = textField({ label, minLength: 2, maxLength: 3 });
  assert.deepEqual(field.read(sent('a')), { rule: 'tooShort', values: { count: 2 } });
  assert.deepEqual(field.read(sent('🐋')), { rule: 'tooShort', values: { count: 2 } });
  assert.deepEqual(field.read(sent('🐋🐋🐋')), { value: '🐋🐋🐋' });
  assert.deepEqual(field.read(sent('abcd')), { rule: 'tooLong', values: { count: 3 } });
  assert.deepEqual(field.read(sent(` ${'🐋'.repeat(4)} `)), { rule: 'tooLong', values: { count: 3 } });
  assert.deepEqual(textField({ label }).read(sent('x'.repeat(201))), { rule: 'tooLong', values: { count: 200 } });
});

test('a text that is far too long is refused before it is searched, and the page shows the beginning of it', () => {
  const field = textField({ label, maxLength: 10, pattern: /(?:a+)+/ });
  const text = `${'a'.repeat(1_000_000)}!`;
  assert.deepEqual(field.read(sent(text)), { rule: 'tooLong', values: { count: 10 } });
  assert.deepEqual(field.keep(sent(text)), ['a'.repeat(20)]);
  assert.deepEqual(field.keep(sent('a'.repeat(500))), ['a'.repeat(500)]);
  assert.ok(field.keep(sent('🐋'.repeat(10_000)))[0]?.isWellFormed());
});

test('a pattern must match the whole text', () => {
  const field = textField({ label, pattern: /[a-z]+|\d+/ });
  assert.deepEqual(field.read(sent('abc')), { value: 'abc' });
  assert.deepEqual(field.read(sent('12')), { value: '12' });
  for (const text of ['abc!', '<abc', 'abc 12']) assert.deepEqual(field.read(sent(text)), { rule: 'pattern' }, text);
});

test('a textarea keeps its lines', () => {
  const field = textareaField({ label, maxLength: 10 });
  assert.deepEqual(field.read(sent('a\r\nb\rc\nd')), { value: 'a\nb\nc\nd' });
  // A line break counts once.
  assert.deepEqual(field.read(sent(`a${'\r\n'.repeat(8)}b`)), { value: `a${'\n'.repeat(8)}b` });
  assert.deepEqual(field.read(sent('01234567890')), { rule: 'tooLong', values: { count: 10 } });
});

test('a password is exactly what was typed, and is never kept', () => {
  const field = passwordField({ label, minLength: 3 });
  for (const text of ['  a  ', '\tabc ', '   ', 'é̂abc', 'pass\x7fword']) {
    assert.deepEqual(field.read(sent(text)), { value: text }, JSON.stringify(text));
    assert.deepEqual(field.keep(sent(text)), []);
  }
  assert.deepEqual(field.read(sent('ab')), { rule: 'tooShort', values: { count: 3 } });
  assert.deepEqual(field.read(sent('ab\0cd')), { rule: 'characters' });
  assert.deepEqual(field.read(sent('p'.repeat(257))), { rule: 'tooLong', values: { count: 256 } });
});

test('a raw text is exactly what was sent, except for the form of its line breaks', () => {
  for (const text of [' a ', '\ta\x1b', '   ', 'a\nb']) {
    assert.deepEqual(textField({ label, raw: true }).read(sent(text)), { value: text }, JSON.stringify(text));
    assert.deepEqual(textareaField({ label, raw: true }).read(sent(text)), { value: text }, JSON.stringify(text));
  }
  assert.deepEqual(textareaField({ label, raw: true }).read(sent('\r\n a\r\n')), { value: '\n a\n' });
  assert.deepEqual(textField({ label, raw: true }).read(sent('a\0')), { rule: 'characters' });
  assert.deepEqual(textField({ label, raw: true }).keep(sent('a\0')), ['a\ufffd']);
});

test('a hidden field keeps white space', () => {
  assert.deepEqual(hiddenField().read(sent(' a\r\n b ')), { value: ' a\n b ' });
  assert.deepEqual(hiddenField().read(sent()), { value: undefined });
  assert.deepEqual(hiddenField().read(sent('a\0')), { rule: 'characters' });
  assert.deepEqual(hiddenField({ required: true }).read(sent()), { rule: 'required' });
  assert.deepEqual(hiddenField().read(sent('x'.repeat(1001))), { rule: 'tooLong', values: { count: 1000 } });
});

test('a field with one value that was sent twice is wrong: a proxy may have checked the other one', () => {
  for (const field of [textField({ label }), textareaField({ label }), passwordField({ label }), hiddenField()]) {
    assert.deepEqual(field.read(sent('a', 'b')), { rule: 'several' });
    assert.deepEqual(field.read(sent('a', 'a')), { rule: 'several' });
  }
});

test('accepts e-mail addresses of all languages', () => {
  const field = emailField({ label });
  for (const text of [
    'ann@example.com',
    "o'neil+news@mail.example.co.uk",
    'a.b.c@x-y.example',
    '用户@例子.广告',
    'jörg@bücher.example',
    `${'a'.repeat(64)}@example.com`,
  ]) {
    assert.deepEqual(field.read(sent(text)), { value: text }, text);
  }
  assert.deepEqual(field.read(sent(' ann@example.com\n')), { value: 'ann@example.com' });
});

test('refuses what is no e-mail address', () => {
  const field = emailField({ label });
  for (const text of [
    'ann',
    '@example.com',
    'ann@',
    'ann@localhost',
    'ann@@example.com',
    'ann@b@example.com',
    'a b@example.com',
    'ann@exam ple.com',
    'ann@-example.com',
    'ann@example-.com',
    'ann@example..com',
    'ann@.example.com',
    'ann@example.com.',
    '"ann"@example.com',
    'Ann <ann@example.com>',
    'ann@example.com,bob@example.com',
    'ann@example.com%0d%0aBcc: bob@example.com',
    'ann\u202e@example.com',
    'ann@[127.0.0.1]',
    `${'a'.repeat(65)}@example.com`,
    `ann@${'a'.repeat(64)}.com`,
  ]) {
    assert.deepEqual(field.read(sent(text)), { rule: 'email' }, text);
  }
  assert.deepEqual(field.read(sent(`ann@${'a.'.repeat(150)}com`)), { rule: 'tooLong', values: { count: 254 } });
});

test('a megabyte of any character is refused in the time to read it', () => {
  const field = emailField({ label });
  for (const piece of ['a', '.', '-', 'a.', '@', 'a@', 'a-', ' ', '\n', '漢']) {
    const text = piece.repeat(1_000_000 / piece.length);
    const before = process.cpuUsage().user;
    assert.ok('rule' in field.read(sent(`x@${text}`)));
    assert.ok(process.cpuUsage().user - before < 100_000, piece);
  }
});
