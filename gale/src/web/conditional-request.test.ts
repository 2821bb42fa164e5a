import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { HeaderList } from '../http/protocol/header-list.ts';
import { evaluateConditions, isRangeCurrent, toCurrentVersion, type ConditionResult } from './conditional-request.ts';

const modified = Date.UTC(2026, 0, 2, 3, 4, 5);
const second = (offset: number): string => new Date(modified + offset * 1000).toUTCString();
const current = { etag: '"a"', lastModified: modified, exists: true };
const missing = { etag: undefined, lastModified: undefined, exists: false };

function evaluate(method: string, fields: Record<string, string>, version: typeof current | typeof missing = current) {
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return evaluateConditions(method, new HeaderList(`${lines.join('')}\r\n`), version);
}

const writing = ['PUT', 'PATCH', 'DELETE', 'POST', 'MOVE'];
const reading = ['GET', 'HEAD'];
const all = [...reading, ...writing];

/** Checks the result of these methods for one header. */
function expect(methods: readonly string[], fields: Record<string, string>, result: ConditionResult): void {
  for (const method of methods) assert.equal(evaluate(method, fields), result, `${method} ${JSON.stringify(fields)}`);
}

test('If-Match compares strongly, and fails for a list that is malformed or empty', () => {
  for (const list of ['"a"', '"b", "a"', '*', 'W/"a", "a"']) expect(all, { 'If-Match': list }, 'perform');
  for (const list of ['"b"', 'W/"a"', '', 'a', '"a" x', '*, "a"', '"a", *', '"A"', '"a']) {
    expect(all, { 'If-Match': list }, 'failed');
  }
});

test('If-Unmodified-Since fails for an earlier date, and is ignored if it is not a date of HTTP', () => {
  expect(all, { 'If-Unmodified-Since': second(-1) }, 'failed');
  expect(all, { 'If-Unmodified-Since': second(0) }, 'perform');
  expect(all, { 'If-Unmodified-Since': second(1) }, 'perform');
  expect(all, { 'If-Unmodified-Since': 'Friday, 02-Jan-26 03:04:04 GMT' }, 'failed');
  expect(all, { 'If-Unmodified-Since': 'Fri Jan  2 03:04:04 2026' }, 'failed');
  for (const date of ['1999', 'foo 1999', '1999-01-01', '', `${second(-1)}, ${second(-1)}`]) {
    expect(all, { 'If-Unmodified-Since': date }, 'perform');
  }
});

test('If-Unmodified-Since is ignored if there is an If-Match', () => {
  expect(all, { 'If-Match': '"a"', 'If-Unmodified-Since': second(-1) }, 'perform');
  expect(all, { 'If-Match': '"b"', 'If-Unmodified-Since': second(1) }, 'failed');
});

test('If-None-Match compares weakly: 304 for methods that read, 412 for methods that write', () => {
  for (const list of ['"a"', 'W/"a"', '"b", W/"a"', '*']) {
    expect(reading, { 'If-None-Match': list }, 'unchanged');
    expect(writing, { 'If-None-Match': list }, 'failed');
  }
  for (const list of ['"b"', '', '"b", W/"c"']) expect(all, { 'If-None-Match': list }, 'perform');
});

test('a malformed If-None-Match gives the whole response, and lets no write through', () => {
  for (const list of ['a', '"a" "b"', '*, "b"', '"b', 'w/"b"']) {
    expect(reading, { 'If-None-Match': list, 'If-Modified-Since': second(1) }, 'perform');
    expect(writing, { 'If-None-Match': list }, 'failed');
  }
});

test('If-Modified-Since concerns methods that read, without If-None-Match', () => {
  expect(reading, { 'If-Modified-Since': second(0) }, 'unchanged');
  expect(reading, { 'If-Modified-Since': second(1) }, 'unchanged');
  expect(reading, { 'If-Modified-Since': second(-1) }, 'perform');
  expect(reading, { 'If-Modified-Since': second(1), 'If-None-Match': '"b"' }, 'perform');
  expect(writing, { 'If-Modified-Since': second(1) }, 'perform');
  for (const date of ['9999', 'foo 2030', '', 'Thu, 31 Feb 2030 00:00:00 GMT']) {
    expect(reading, { 'If-Modified-Since': date }, 'perform');
  }
});

test('the conditions that guard a version come first', () => {
  expect(reading, { 'If-None-Match': '"a"', 'If-Match': '"b"' }, 'failed');
  expect(reading, { 'If-Modified-Since': second(1), 'If-Unmodified-Since': second(-1) }, 'failed');
  expect(reading, { 'If-Match': '"a"', 'If-None-Match': '"a"' }, 'unchanged');
  expect(writing, { 'If-Match': '"a"', 'If-None-Match': '"a"' }, 'failed');
});

test('without a version, If-Match fails and If-None-Match is met', () => {
  for (const list of ['*', '"a"', '']) assert.equal(evaluate('PUT', { 'If-Match': list }, missing), 'failed', list);
  for (const list of ['*', '"a"', ''])
    assert.equal(evaluate('PUT', { 'If-None-Match': list }, missing), 'perform', list);
  assert.equal(evaluate('PUT', { 'If-None-Match': 'a' }, missing), 'failed');
  assert.equal(evaluate('PUT', { 'If-Unmodified-Since': second(-1) }, missing), 'perform');
});

test('a version without a tag matches only the asterisk', () => {
  const untagged = { ...current, etag: undefined };
  for (const method of all) {
    assert.equal(evaluateConditions(method, new HeaderList('If-Match: *\r\n\r\n'), untagged), 'perform');
    assert.equal(evaluateConditions(method, new HeaderList('If-Match: ""\r\n\r\n'), untagged), 'failed');
    assert.equal(evaluateConditions(method, new HeaderList('If-None-Match: ""\r\n\r\n'), untagged), 'perform');
  }
});

test('several fields are one list', () => {
  const headers = new HeaderList('If-Match: "b"\r\nIf-Match: "a"\r\n\r\n');
  assert.equal(evaluateConditions('PUT', headers, current), 'perform');
  assert.equal(evaluateConditions('PUT', new HeaderList('If-Match: "a"\r\nIf-Match: *\r\n\r\n'), current), 'failed');
});

test('If-Range needs a strong tag, or the exact date of a version that is a second old', () => {
  assert.ok(isRangeCurrent('"a"', current));
  for (const condition of ['"b"', 'W/"a"', '"a", "a"', '*', 'a', '', second(1), second(-1), '2026-01-02T03:04:05Z']) {
    assert.ok(!isRangeCurrent(condition, current), condition);
  }
  assert.ok(!isRangeCurrent('W/"a"', { ...current, etag: 'W/"a"' }));
  for (const condition of [second(0), 'Friday, 02-Jan-26 03:04:05 GMT', 'Fri Jan  2 03:04:05 2026']) {
    assert.ok(isRangeCurrent(condition, current, modified + 1000), condition);
    assert.ok(!isRangeCurrent(condition, current, modified + 999), condition);
  }
  assert.ok(!isRangeCurrent(second(0), { etag: '"a"', lastModified: undefined }));
  assert.ok(!isRangeCurrent('"a"', { etag: undefined, lastModified: modified }));
});

test('reads what a handler knows of the current version', () => {
  assert.deepEqual(toCurrentVersion(undefined, undefined, undefined), missing);
  assert.deepEqual(toCurrentVersion(undefined, undefined, true), { ...missing, exists: true });
  assert.deepEqual(toCurrentVersion('"a"', new Date(modified + 678), undefined), current);
  assert.deepEqual(toCurrentVersion('W/"a"', undefined, false), { ...missing, etag: 'W/"a"' });
  const { lastModified } = toCurrentVersion(undefined, new Date(Date.now() + 3_600_000), undefined);
  assert.ok((lastModified ?? Infinity) <= Date.now());
});

const refuse = ({ etag, lastModified }: { etag?: string; lastModified?: unknown }, reason: RegExp): void => {
  assert.throws(
    () => toCurrentVersion(etag, lastModified as Date, undefined),
    (error) => error instanceof GaleError && error.code === 'WEB_HEADER' && reason.test(error.message),
  );
};

test('refuses a tag without quotes and a change that is not a Date', () => {
  refuse({ etag: 'v1' }, /ETag must be in double quotes.*got v1\./);
  refuse({ etag: '' }, /must be in double quotes/);
  refuse({ etag: '*' }, /must be in double quotes/);
  refuse({ lastModified: modified }, /lastModified must be a Date; got a number/);
  refuse({ lastModified: '2026-01-02' }, /lastModified must be a Date; got a string/);
  refuse({ lastModified: new Date(Number.NaN) }, /got an invalid date/);
});
