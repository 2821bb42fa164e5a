import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Arguments, decodeValue, tidyValue } from './arguments.ts';
import { HttpError } from './http-error.ts';

function read(text: string): Record<string, string[]> {
  const found = new Arguments();
  found.add(Buffer.from(text).toString('latin1'), 1000);
  return Object.fromEntries(
    [...found.names()].map((name) => [name, found.all(name).map((value) => decodeValue(value, name))]),
  );
}

const is400 = (error: unknown): boolean => error instanceof HttpError && error.status === 400;

test('reads the arguments of an urlencoded text', () => {
  assert.deepEqual(read('a=1&b=2&a=3'), { a: ['1', '3'], b: ['2'] });
  assert.deepEqual(read('foo=&foo='), { foo: ['', ''] });
  assert.deepEqual(read('&&a&b=x=y;c=1&'), { a: [''], b: ['x=y;c=1'] });
  assert.deepEqual(read('%3F=%3F&q=a+b%2Bc'), { '?': ['?'], q: ['a b+c'] });
  assert.deepEqual(read(''), {});
});

test('decodes names and values as UTF-8, percent-encoded or not', () => {
  assert.deepEqual(read('wd=%E4%B8%AD%E6%96%87&名=字'), { wd: ['中文'], 名: ['字'] });
  assert.deepEqual(read('x=100%&y=%zz'), { x: ['100%'], y: ['%zz'] });
  assert.throws(() => decodeValue('invalid%FF', 'x'), is400);
  assert.throws(() => decodeValue('\xff', 'x'), is400);
  assert.throws(() => read('%FF=1'), is400);
});

test('accepts names of properties that every object has', () => {
  assert.equal(read('__proto__=1&constructor=2')['constructor']?.[0], '2');
  assert.deepEqual(new Arguments().all('toString'), []);
  assert.equal(new Arguments().last('__proto__'), undefined);
});

test('passes the bytes to another decoder', () => {
  const gbk = new TextDecoder('gbk');
  assert.equal(
    decodeValue('%D6%D0+\xce\xc4', 'q', (bytes) => gbk.decode(bytes)),
    '中 文',
  );
});

test('refuses more than maxArguments', () => {
  const found = new Arguments();
  found.add('a&'.repeat(1000), 1000);
  assert.throws(() => new Arguments().add('a&'.repeat(1001), 1000), is400);
  assert.throws(() => new Arguments().add('&'.repeat(1001), 1000), is400);
});

test('replaces control characters by spaces and trims white space', () => {
  assert.equal(tidyValue(' a\0b\x1fc\td\n'), 'a b c\td');
  assert.equal(tidyValue(' a ', { strip: false, raw: false }), ' a ');
});
