import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { runInWorker } from '../../../test/support/run-in-worker.ts';
import { GaleError } from '../../errors.ts';
import { formatCookie, parseCookies } from './cookies.ts';

const parsed = (header: string): Record<string, string> => Object.fromEntries(parseCookies(header));

test('reads a Cookie header as browsers write it', () => {
  assert.deepEqual(parsed('a=1; b=2;c=3'), { a: '1', b: '2', c: '3' });
  assert.deepEqual(parsed('foo=a=b'), { foo: 'a=b' });
  assert.deepEqual(parsed('foo="bar"'), { foo: 'bar' });
  assert.deepEqual(parsed('foo="a;b"'), { foo: '"a' });
  assert.deepEqual(parsed('foo=a\\073b'), { foo: 'a\\073b' });
  assert.deepEqual(parsed('foo="a\\073b"'), { foo: 'a;b' });
  assert.deepEqual(parsed('foo="\\377\\400\\42"'), { foo: 'ÿ40042' });
  assert.deepEqual(parsed('a=b; h=i; a=c'), { a: 'c', h: 'i' });
  assert.deepEqual(parsed('expires=x; path=y'), { expires: 'x', path: 'y' });
});

test('strips spaces and tabs around a value and no other character', () => {
  assert.deepEqual(parsed(' a\t=\t1 ;b = 2\t'), { a: '1', b: '2' });
  // The UTF-8 bytes of à are C3 A0, and A0 is white space to String.trim.
  assert.equal(parseCookies('a=\u00c3\u00a0').get('a'), '\u00c3\u00a0');
  assert.deepEqual(parsed('\u00a0a=1'), {});
});

test('ignores malformed cookies and keeps the others', () => {
  assert.deepEqual(parsed('abc=def; unnamed; x=en'), { abc: 'def', x: 'en' });
  assert.deepEqual(parsed('/=exception; ; = ; =b; ok=1'), { ok: '1' });
  assert.deepEqual(parsed(''), {});
  assert.equal(parseCookies('__proto__=x').get('__proto__'), 'x');
});

test('keeps a single quote as a value', () => {
  assert.equal(parseCookies('a="').get('a'), '"');
  assert.equal(parseCookies('a=""').get('a'), '');
});

test('reads a long header in linear time', async (t) => {
  // A quadratic reader takes 10^12 steps, so the test would run into its timeout.
  const size = 1_000_000;
  const escapes = '\\'.repeat(size);
  const spaces = ' '.repeat(size);
  const quotes = '"'.repeat(size);
  const header = [
    `escapes="${escapes}"`,
    `${spaces}spaces${spaces}=${spaces}x${spaces}x${spaces}`,
    'many=1;'.repeat(size) + ';'.repeat(size),
    `quotes=x${quotes}`,
    `unnamed${spaces}unnamed`,
  ].join(';');
  const cookies = await runInWorker(
    t,
    import.meta.resolve('./cookies.ts'),
    (module: typeof import('./cookies.ts'), long: string) => module.parseCookies(long),
    header,
  );
  assert.deepEqual([...cookies.keys()], ['escapes', 'spaces', 'many', 'quotes']);
  assert.ok(cookies.get('escapes') === escapes.slice(size / 2));
  assert.ok(cookies.get('spaces') === `x${spaces}x`);
  assert.equal(cookies.get('many'), '1');
  assert.ok(cookies.get('quotes') === `x${quotes}`);
});

test('writes the attributes of Set-Cookie in alphabetical order', () => {
  assert.equal(formatCookie('str', 'asdf'), 'str=asdf; Path=/');
  assert.equal(formatCookie('foo', 'bar', { domain: 'foo.com', path: '/foo' }), 'foo=bar; Domain=foo.com; Path=/foo');
  assert.equal(formatCookie('foo', 'bar', { maxAge: 10 }), 'foo=bar; Max-Age=10; Path=/');
  assert.equal(
    formatCookie('a', 'b', { expires: 0, expiresDays: 3, httpOnly: true, secure: true, sameSite: 'Lax' }),
    'a=b; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly; Path=/; SameSite=Lax; Secure',
  );
  assert.equal(formatCookie('a', 'b', { expiresDays: 1 }, 0), 'a=b; Expires=Fri, 02 Jan 1970 00:00:00 GMT; Path=/');
  assert.equal(formatCookie('a', '', { expires: new Date(0) }), 'a=""; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/');
});

test('reads back every value that can be set', () => {
  for (const value of ['', 'a=b', '"', '\\', 'a;b', 'a,b', 'é', '\xff"\\;', '{"a":1}', '2|1:0|x=|']) {
    const header = formatCookie('a', value).replace('; Path=/', '');
    assert.match(header, /^[!-~]*$/);
    assert.equal(parseCookies(header).get('a'), value);
  }
});

const isCookieError = (error: unknown): boolean => error instanceof GaleError && error.code === 'WEB_COOKIE';

test('refuses values that could become another attribute or header', () => {
  const refused: [string, string, object?][] = [
    ['', 'x'],
    ['a b', 'x'],
    ['a;b', 'x'],
    ['a\r\n', 'x'],
    ['a=b', 'x'],
    ['a', 'x\r\ny: z'],
    ['a', 'x y'],
    ['a', '\0'],
    ['a', '\x7f'],
    ['a', '中文'],
    ['a', 'x', { domain: 'a;b' }],
    ['a', 'x', { path: '/\r\nx' }],
    ['a', 'x', { path: '/; HttpOnly' }],
    ['a', 'x', { sameSite: 'Lax; x' }],
    ['a', 'x', { maxAge: Number.NaN }],
    ['a', 'x', { expires: new Date(Number.NaN) }],
  ];
  for (const [name, value, options] of refused) {
    assert.throws(() => formatCookie(name, value, options), isCookieError, JSON.stringify([name, value, options]));
  }
});

test('reads back any value beside any other cookie', () => {
  const value = fc.string({ unit: fc.integer({ min: 0x21, max: 0xff }).map((code) => String.fromCharCode(code)) });
  fc.assert(
    fc.property(
      value.filter((text) => !text.includes('\x7f')),
      value,
      (text, noise) => {
        const header = formatCookie('a', text).replace(/; Path=\/$/, '');
        assert.equal(parseCookies(`${header}; b=${noise.replace(/;/g, '')}`).get('a'), text);
      },
    ),
  );
});
