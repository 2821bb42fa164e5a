import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { runInWorker } from '../../../test/support/run-in-worker.ts';
import { GaleError } from '../../errors.ts';
import { formatCookie, parseCookies, type CookieOptions } from './cookies.ts';

const parsed = (header: string): Record<string, string> => Object.fromEntries(parseCookies(header));

test('reads a Cookie header as browsers write it', () => {
  assert.deepEqual(parsed('a=1; b=2;c=3'), { a: '1', b: '2', c: '3' });
  assert.deepEqual(parsed('foo=a=b'), { foo: 'a=b' });
  assert.deepEqual(parsed('foo="bar"'), { foo: 'bar' });
  assert.deepEqual(parsed('foo="a;b"'), { foo: '"a' });
  assert.deepEqual(parsed('foo=a\\073b'), { foo: 'a\\073b' });
  assert.deepEqual(parsed('foo="a\\073b"'), { foo: 'a;b' });
  assert.deepEqual(parsed('foo="\\377\\400\\42"'), { foo: 'ÿ40042' });
  assert.deepEqual(parsed('expires=x; path=y'), { expires: 'x', path: 'y' });
});

test('of two cookies with one name the first wins: it has the longer path', () => {
  assert.deepEqual(parsed('a=b; h=i; a=c'), { a: 'b', h: 'i' });
  assert.deepEqual(parsed('a=; a=c'), { a: '' });
  assert.deepEqual(parsed('A=1; a=2; A=3'), { A: '1', a: '2' });
  assert.equal(parseCookies('__proto__=x; __proto__=y').get('__proto__'), 'x');
});

/** The bytes of a header as the server reads them, one character for each. */
const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

test('strips spaces and tabs around a value and no other character', () => {
  assert.deepEqual(parsed(' a\t=\t1 ;b = 2\t'), { a: '1', b: '2' });
  // The UTF-8 bytes of à are C3 A0, and A0 is white space to String.trim.
  assert.deepEqual(parsed(bytesOf('a=voilà; b=à; c=àà ;d=\u00a0x\u00a0')), {
    a: 'voilà',
    b: 'à',
    c: 'àà',
    d: '\u00a0x\u00a0',
  });
  for (const blank of ['\u00a0', '\u0085', '\u000b', '\u000c']) {
    assert.equal(parseCookies(`a=${blank}1${blank}`).get('a'), `${blank}1${blank}`);
    // A name with another blank is another name: otherwise a page could set a cookie that is read as __Host-a.
    assert.deepEqual(parsed(`${blank}__Host-a=1;__Host-a${blank}=2`), {
      [`${blank}__Host-a`]: '1',
      [`__Host-a${blank}`]: '2',
    });
  }
});

test('decodes a value whose bytes are UTF-8, and keeps other bytes', () => {
  assert.deepEqual(parsed(bytesOf('a=中文; b=é; c="é\\"😀"')), { a: '中文', b: 'é', c: 'é"😀' });
  assert.equal(parseCookies('a=\xe9').get('a'), '\xe9');
  assert.equal(parseCookies('a=\xc3').get('a'), '\xc3');
  // Overlong, a surrogate, and one value of two is not UTF-8.
  assert.equal(parseCookies('a=\xc0\xaf').get('a'), '\xc0\xaf');
  assert.equal(parseCookies('a=\xed\xa0\x80').get('a'), '\xed\xa0\x80');
  assert.deepEqual(parsed(`a=\xff; b=${bytesOf('ü')}`), { a: '\xff', b: 'ü' });
  // An escaped byte is a character, as `setCookie` writes it.
  assert.equal(parseCookies('a="\\303\\251"').get('a'), '\u00c3\u00a9');
  assert.equal(parseCookies(bytesOf('a=\u{feff}x')).get('a'), '\u{feff}x');
});

test('reads every name that browsers send', () => {
  assert.deepEqual(parsed('foo[bar]=1; a:b=2; /=3; "q"=4; a b=5; {x}@y=6; a,b=7'), {
    'foo[bar]': '1',
    'a:b': '2',
    '/': '3',
    '"q"': '4',
    'a b': '5',
    '{x}@y': '6',
    'a,b': '7',
  });
  assert.deepEqual(parsed(bytesOf('ключ=1; clé=à')), { ключ: '1', clé: 'à' });
  assert.deepEqual(parsed('a[0]=first; a[0]=second; \xe9=3'), { 'a[0]': 'first', '\xe9': '3' });
});

test('ignores malformed cookies and keeps the others', () => {
  assert.deepEqual(parsed('abc=def; unnamed; x=en'), { abc: 'def', x: 'en' });
  assert.deepEqual(parsed(' ; = ; =b; \t=c; ok=1'), { ok: '1' });
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
  for (const value of ['', 'a=b', '"', '\\', 'a;b', 'a,b', 'é', '\xc3\xa9', '\xff"\\;', '{"a":1}', '2|1:0|x=|']) {
    const header = formatCookie('a', value).replace('; Path=/', '');
    assert.match(header, /^[!-~]*$/);
    assert.equal(parseCookies(header).get('a'), value);
  }
});

const isCookieError = (error: unknown): boolean => error instanceof GaleError && error.code === 'WEB_COOKIE';

const refuse = (name: string, value: string, options: CookieOptions, reason: RegExp): void => {
  assert.throws(
    () => formatCookie(name, value, options),
    (error) => isCookieError(error) && reason.test(String(error)),
    JSON.stringify([name, options]),
  );
};

test('refuses a name with a prefix unless browsers would accept the cookie', () => {
  for (const name of ['__Host-a', '__host-a', '__HOST-', '__Secure-a', '__secure-a']) {
    refuse(name, 'x', {}, /without Secure; set secure: true/);
    refuse(name, 'x', { secure: false, domain: 'a.example', path: '/b' }, /without Secure/);
    assert.match(formatCookie(name, 'x', { secure: true, path: '/' }), /; Path=\/; Secure$/);
  }
  for (const name of ['__Host-a', '__hOST-a']) {
    refuse(
      name,
      'x',
      { secure: true, domain: 'a.example' },
      /a domain or a path other than \/; got domain "a\.example"/,
    );
    refuse(name, 'x', { secure: true, path: '/b' }, /got path "\/b"/);
    refuse(name, 'x', { secure: true, path: '' }, /got path ""/);
  }
  formatCookie('__Secure-a', 'x', { secure: true, domain: 'a.example', path: '/b' });
  for (const name of ['_Host-a', '__Hosts-a', '__Hosta', 'x__Host-a', '__Secure_a']) formatCookie(name, 'x');
});

test('refuses SameSite=None without Secure, and a SameSite that does not exist', () => {
  refuse('a', 'x', { sameSite: 'None' }, /SameSite=None without Secure/);
  refuse('a', 'x', { sameSite: 'none' as 'None' }, /SameSite=None without Secure/);
  refuse('a', 'x', { sameSite: 'Never' as 'None', secure: true }, /must be Strict, Lax or None; got "Never"/);
  assert.match(formatCookie('a', 'x', { sameSite: 'None', secure: true }), /; SameSite=None; Secure$/);
});

test('refuses an expiry outside of the years that browsers read', () => {
  refuse('a', 'x', { expires: 1_764_142_273_000 }, /seconds \(not milliseconds\).*; got 1764142273000/);
  refuse('a', 'x', { expires: Number.NaN }, /got NaN/);
  refuse('a', 'x', { expires: Infinity }, /got Infinity/);
  refuse('a', 'x', { expires: new Date(Date.UTC(10_000, 0, 1)) }, /got year 10000/);
  refuse('a', 'x', { expires: new Date(Date.UTC(1600, 11, 31)) }, /got year 1600/);
  refuse('a', 'x', { expires: new Date(Number.NaN) }, /got an invalid date/);
  refuse('a', 'x', { expires: '2030-01-01' as unknown as Date }, /got "2030-01-01"/);
  refuse('a', 'x', { expires: '1764142273' as unknown as number }, /seconds .*; got "1764142273"/);
  refuse('a', 'x', { expiresDays: '30' as unknown as number }, /expiresDays .*; got "30"/);
  refuse('a', 'x', { expiresDays: Infinity }, /expiresDays .*; got Infinity/);
  refuse('a', 'x', { maxAge: '60' as unknown as number }, /maxAge must be an integer; got "60"/);
  refuse('a', 'x', { maxAge: 1.5 }, /maxAge must be an integer; got 1.5/);
  refuse('a', 'x', { expiresDays: Number.NaN }, /expiresDays .*; got NaN/);
  refuse('a', 'x', { expiresDays: 3_000_000 }, /expiresDays .*; got 3000000/);
  assert.match(formatCookie('a', 'x', { expires: 1_764_142_273 }), /; Expires=Wed, 26 Nov 2025 07:31:13 GMT;/);
  assert.match(formatCookie('a', 'x', { expires: new Date('9999-12-31T23:59:59Z') }), /; Expires=Fri, 31 Dec 9999 /);
  assert.match(formatCookie('a', 'x', { expires: new Date('1601-01-01') }), /; Expires=Mon, 01 Jan 1601 /);
});

test('refuses what browsers drop or ignore because of its size or form', () => {
  formatCookie('name', 'x'.repeat(4092));
  refuse('name', 'x'.repeat(4093), {}, /at most 4096 bytes; got 4097/);
  // Quoted and escaped it has four bytes for each character.
  refuse('name', 'é'.repeat(1100), {}, /got 4406/);
  formatCookie('a', 'x', { path: `/${'x'.repeat(1023)}` });
  refuse('a', 'x', { path: `/${'x'.repeat(1024)}` }, /path must be at most 1024 bytes; got 1025/);
  refuse('a', 'x', { domain: 'x'.repeat(1025) }, /domain must be at most 1024 bytes/);
  for (const domain of ['a.example:80', 'https://a.example', 'a..example', '.', '*.example', 'a/b']) {
    refuse(
      'a',
      'x',
      { domain },
      /domain must be a host name in ASCII; such as example\.com, without scheme and port; got "/,
    );
  }
  for (const domain of ['a', '.a.example', 'a.example.', 'x--y_z.example', '192.0.2.1', '[2001:db8::1]']) {
    assert.equal(formatCookie('a', 'x', { domain }), `a=x; Domain=${domain}; Path=/`);
  }
  refuse('a', 'x', { domain: '' }, /domain must not be empty; leave it out/);
  refuse('a', 'x', { path: 'sub' }, /path must begin with a slash.*; got "sub"/);
  assert.equal(formatCookie('a', 'x', { path: '' }), 'a=x; Path=');
});

test('accepts lifetimes over 400 days, which browsers shorten', () => {
  assert.equal(formatCookie('a', 'x', { maxAge: 86_400 * 4000 }), 'a=x; Max-Age=345600000; Path=/');
  assert.equal(formatCookie('a', 'x', { maxAge: -1 }), 'a=x; Max-Age=-1; Path=/');
});

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
    ['a', 'x', { domain: 'a.example\n' }],
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

test('says how to write a domain and a path that are not ASCII', () => {
  refuse('a', 'x', { domain: 'bücher.example' }, /write xn--bcher-kva\.example; got "bücher\.example"/);
  refuse('a', 'x', { path: '/ü' }, /path must be ASCII .*; write \/%C3%BC; got "\/ü"/);
  refuse('a', 'x', { path: '/a b;c/%41' }, /write \/a%20b%3Bc\/%41; got/);
  refuse('a', 'x', { path: '/\ud800' }, /write \/%EF%BF%BD; got/);
  refuse('a', 'x', { domain: 'ü ü' }, /such as example\.com/);
});

test('a partitioned cookie needs Secure', () => {
  assert.equal(
    formatCookie('__Host-a', 'x', { partitioned: true, secure: true, sameSite: 'None', httpOnly: true, maxAge: 5 }),
    '__Host-a=x; HttpOnly; Max-Age=5; Partitioned; Path=/; SameSite=None; Secure',
  );
  assert.equal(formatCookie('a', 'x', { partitioned: false }), 'a=x; Path=/');
  refuse('a', 'x', { partitioned: true }, /Partitioned without Secure; set secure: true/);
});

test('a name from Tornado is an error with the name of this option', () => {
  for (const [wrong, right] of [
    ['max_age', 'maxAge'],
    ['expires_days', 'expiresDays'],
    ['samesite', 'sameSite'],
    ['httponly', 'httpOnly'],
    ['Max-Age', 'maxAge'],
  ] as const) {
    assert.throws(() => formatCookie('a', 'x', { [wrong]: 30 }), {
      code: 'OPTION_UNKNOWN',
      message: new RegExp(`^Unknown cookie option ${wrong}, use ${right}; the options are domain, `),
    });
  }
  assert.throws(() => formatCookie('a', 'x', { maxAgeDays: 30 } as object), {
    message: /^Unknown cookie option maxAgeDays; the options are .*expiresDays, maxAge\.$/,
  });
});

test('an expiry or a lifetime that is null is an error', () => {
  for (const option of ['expires', 'expiresDays', 'maxAge'] as const) {
    refuse('a', 'x', { [option]: null }, new RegExp(`${option} must .*; got null`));
  }
});

test('refuses a value that is no string, and an attribute that is none', () => {
  for (const value of [undefined, null, 5, {}, Promise.resolve('x'), ['x']]) {
    assert.throws(() => formatCookie('a', value as string), {
      code: 'WEB_COOKIE',
      message: /^Cookie "a" cannot be set: value must be a string; got /,
    });
  }
  assert.throws(() => formatCookie('a', 'x', { httponly: true } as object), {
    code: 'OPTION_UNKNOWN',
    message: /^Unknown cookie option httponly, use httpOnly; the options are domain, path, .*httpOnly/,
  });
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
