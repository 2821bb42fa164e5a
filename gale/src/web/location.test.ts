import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { GaleError } from '../errors.ts';
import { toLocation, withQuery } from './location.ts';
import { safeNext } from './safe-next.ts';

const isHeaderError = (error: unknown): boolean => error instanceof GaleError && error.code === 'WEB_HEADER';
const pages = ['http://site.example/a/b?c', 'https://site.example:8443/'];

test('encodes a target without changing where it leads', () => {
  const cases: [string, string][] = [
    ['/path with 中?q=%20é#ü', '/path%20with%20%E4%B8%AD?q=%20%C3%A9#%C3%BC'],
    ['http://ok\\@evil/', 'http://ok/@evil/'],
    ['\\\\ok\\a', '//ok/a'],
    ["/a?b=\\&c={d|e}^[f]`'#\\{}|^#", "/a?b=\\&c={d|e}^[f]`'#\\{}|^#"],
    ['/a|b[c]{d}^`e', '/a|b[c]{d}^`e'],
    ['/"<a>"?"<b>"#"<c>"', '/%22%3Ca%3E%22?%22%3Cb%3E%22#%22%3Cc%3E%22'],
    ['/%0d%0aSet-Cookie:a=b', '/%0d%0aSet-Cookie:a=b'],
    [' \t/a \t', '/a'],
    ['\u00a0/a', '%C2%A0/a'],
    ['//cdn.example/x', '//cdn.example/x'],
    ['https://bücher.example:8080/ü', 'https://xn--bcher-kva.example:8080/%C3%BC'],
    ['//例え.jp', '//xn--r8jz45g.jp'],
    ['http://é:ü@bücher.example', 'http://%C3%A9:%C3%BC@xn--bcher-kva.example'],
    ['http:é', 'http:%C3%A9'],
    ['http://[::1]:8/p;a,b', 'http://[::1]:8/p;a,b'],
    ['mailto:ann@site.example?subject=Hi Ann', 'mailto:ann@site.example?subject=Hi%20Ann'],
    ['app:a b\\"ü"', 'app:a b\\"%C3%BC"'],
    ['a0b9+.-:c\\d "', 'a0b9+.-:c\\d "'],
    ['?page=2', '?page=2'],
    ['#top', '#top'],
    ['/\ud800', '/%EF%BF%BD'],
  ];
  for (const [target, location] of cases) {
    assert.equal(toLocation(target), location);
    for (const page of pages) assert.equal(new URL(location, page).href, new URL(target, page).href, target);
  }
});

test('accepts a URL object, and names a value of another type', () => {
  assert.equal(toLocation(new URL('https://bücher.example/ü')), 'https://xn--bcher-kva.example/%C3%BC');
  for (const target of [undefined, null, 7, { href: '/' }]) {
    assert.throws(() => toLocation(target as unknown as string), isHeaderError);
    assert.throws(() => toLocation(target as unknown as string), /must be a string or a URL; got/);
  }
});

test('refuses a target that is empty, has control characters or cannot be followed', () => {
  const refused = ['', ' ', '/\r\nSet-Cookie: a=b', '/\t/evil.example', '\n/a', '/a\n', '/\0', '/\x7f', '/\x85'];
  const broken = ['http://', 'http://a b/', 'http://a:99999/', 'http://[::1', '//', 'http://a%2Fb/', 'http://a／b'];
  for (const target of [...refused, ...broken]) {
    assert.throws(() => toLocation(target), isHeaderError, JSON.stringify(target));
  }
});

const signs = Array.from('/\\.:@?#% \t\n\u00a0\ud800[]|^{}`"\'<>&=+;*$\x7f\x85\0');
const words = [
  '//',
  '..',
  '%2f',
  '%5C',
  '%0d%0a',
  'http:',
  'HTTPS://',
  'mailto:',
  'app://',
  'file:',
  'x',
  'evil.example',
];
const piece = fc.constantFrom(...signs, ...words, 'bücher', '1http://', '_x:', '中', '。', '／', '１', '😀');
const anyTarget = fc.oneof(
  fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary' }),
  fc.webUrl({ withQueryParameters: true, withFragments: true }),
);

test('refuses schemes to which browsers do not redirect', () => {
  for (const target of [
    'javascript:alert(1)',
    ' JavaScript:alert(1)',
    'data:text/html,x',
    'blob:http://a/b',
    'about:blank',
  ]) {
    assert.throws(() => toLocation(target), { code: 'WEB_HEADER', message: /scheme whose redirects browsers refuse/ });
  }
  for (const target of ['myapp://login', 'mailto:ada@example.com', '/javascript:x', 'javascript']) toLocation(target);
});

test('text before a colon that is no scheme is part of a path', () => {
  for (const target of ['1https://é', '80://ＡＢ', '_https://;\u00ad', '80ws://.+ ／', '1file://a b\u00ad']) {
    for (const page of pages) {
      assert.equal(new URL(toLocation(target), page).href, new URL(target, page).href, `${target} on ${page}`);
    }
  }
});

test('a random target leads to the same place, or is refused', () => {
  let followed = 0;
  fc.assert(
    fc.property(anyTarget, fc.constantFrom(...pages), (target, page) => {
      let location: string;
      try {
        location = toLocation(target);
      } catch (error) {
        assert.ok(isHeaderError(error), String(error));
        return;
      }
      assert.match(location, /^[ -~]+$/);
      if (!URL.canParse(target, page)) return assert.ok(!URL.canParse(location, page));
      assert.equal(new URL(location, page).href, new URL(target, page).href);
      followed++;
    }),
    { numRuns: 5_000 },
  );
  assert.ok(followed > 1_000, `only ${followed} targets were followed`);
});

test('a redirect to any next stays on this site', () => {
  fc.assert(
    fc.property(anyTarget, (next) => {
      const url = new URL(toLocation(safeNext(next)), pages[1]);
      assert.equal(url.origin, 'https://site.example:8443');
    }),
    { numRuns: 2_000 },
  );
});

test('adds a query before the fragment', () => {
  assert.equal(withQuery('/a', ''), '/a');
  assert.equal(withQuery('/a', 'b=c'), '/a?b=c');
  assert.equal(withQuery('/a?x=y#z?', 'b=c'), '/a?x=y&b=c#z?');
  assert.equal(withQuery('/a?#z', 'b=c'), '/a?b=c#z');
  assert.equal(withQuery('/a#z?', 'b=c'), '/a?b=c#z?');
});
