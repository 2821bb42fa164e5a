import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { GaleError } from '../errors.ts';
import { runInWorker } from '../../test/support/run-in-worker.ts';
import { createPathPattern } from './path-pattern.ts';
import { escapePath } from './path-syntax.ts';
import { decodePercent, normalPath } from './percent-encoding.ts';

const isRouteError = (error: unknown): boolean => error instanceof GaleError && error.code === 'WEB_ROUTE';

function groupsOf(pattern: string | RegExp, path: string): unknown {
  const match = createPathPattern(pattern).expression.exec(normalPath(path));
  return match === null ? null : [...match].slice(1);
}

test('a path without parameters matches exactly', () => {
  const about = createPathPattern('/about.html');
  assert.equal(about.exact, '/about.html');
  assert.deepEqual(groupsOf('/about.html', '/about.html'), []);
  assert.equal(groupsOf('/about.html', '/aboutXhtml'), null);
  assert.equal(groupsOf('/about.html', '/about.html/'), null);
  assert.equal(createPathPattern('/关于').exact, '/%E5%85%B3%E4%BA%8E');
  assert.equal(createPathPattern('/caf%c3%a9 "%7eada"').exact, '/caf%C3%A9%20%22~ada%22');
});

test('a parameter matches one segment, a rest all segments', () => {
  assert.deepEqual(groupsOf('/story/:id', '/story/7'), ['7']);
  assert.deepEqual(groupsOf('/story/:id', '/story/a%2Fb'), ['a%2Fb']);
  assert.equal(groupsOf('/story/:id', '/story/'), null);
  assert.equal(groupsOf('/story/:id', '/story/7/8'), null);
  assert.deepEqual(groupsOf('/:year-:month/:page.html', '/2026-11/a.b.html'), ['2026', '11', 'a.b']);
  assert.deepEqual(groupsOf('/:file.x/:next', '/a.b.x/c'), ['a.b', 'c']);
  assert.deepEqual(groupsOf('/files/*rest', '/files/a/b/'), ['a/b/']);
  assert.deepEqual(groupsOf('/files/*rest', '/files/'), ['']);
  assert.deepEqual(createPathPattern('/:year-:month').names, ['year', 'month']);
});

/** Number of parameters that can end at more than one place, because `[^/]+` also matches the text after them. */
function countAmbiguous(pattern: string): number {
  return createPathPattern(pattern).expression.source.split('[^/]+').length - 1;
}

test('only the last parameter of a segment can end at more than one place', () => {
  assert.deepEqual(groupsOf('/:a-:b-:c.html', '/1-2-3-4.html'), ['1', '2', '3-4']);
  assert.equal(countAmbiguous('/:a'), 1);
  assert.equal(countAmbiguous('/:a-:b.html'), 1);
  assert.equal(countAmbiguous('/:a-:b-:c-:d-:e-:f.html'), 1);
  assert.equal(countAmbiguous('/:a-:b/:c.:d/*rest'), 2);
});

test('a sign is text after a backslash, raw or encoded as clients send it', () => {
  assert.equal(createPathPattern('/a\\:b/\\*/\\(c\\)/d$e\\$').exact, '/a:b/*/(c)/d$e$');
  assert.equal(createPathPattern('/what\\?/\\#/100\\%/\\\\').exact, '/what%3F/%23/100%25/%5C');
  assert.deepEqual(createPathPattern('/v1/:id\\:run').names, ['id']);
  assert.deepEqual(groupsOf('/v1/:id\\:run', '/v1/7:run'), ['7']);
  for (const path of ['/a|b[c]^', '/a%7Cb%5bc%5D%5e']) assert.deepEqual(groupsOf('/a\\|b\\[c\\]\\^', path), []);
  assert.deepEqual(groupsOf('/:a\\|:b', '/x|y'), ['x', 'y']);
  assert.deepEqual(groupsOf('/:a\\|:b', '/%7E%7cy'), ['~', 'y']);
  assert.equal(createPathPattern('/:a\\|b').toPath(['x']), '/x%7Cb');
  const signs = '/' + String.fromCharCode(...Array.from({ length: 94 }, (_, index) => index + 33)) + '/';
  assert.deepEqual(createPathPattern(escapePath(signs)).names, []);
  assert.deepEqual(groupsOf(escapePath(signs), encodeURI(signs).replace('#', '%23').replace('?', '%3F')), []);
});

test('parameters end at the text after them, also if it is percent-encoded', () => {
  assert.deepEqual(groupsOf('/:a中:b', '/%C3%A9%E4%B8%ADx'), ['%C3%A9', 'x']);
  assert.deepEqual(groupsOf('/:a中:b', '/%E4%BA%88%E4%B8%ADx'), ['%E4%BA%88', 'x']);
  assert.deepEqual(groupsOf('/:a :b', '/a%2520%20b%20c'), ['a%2520', 'b%20c']);
});

test('matches equivalent paths, and never an encoded slash as a slash', () => {
  assert.deepEqual(groupsOf('/café/:id', '/caf%c3%a9/%61%2fb'), ['a%2Fb']);
  assert.deepEqual(groupsOf('/~ada', '/%7Eada'), []);
  assert.deepEqual(groupsOf('/page', '/pag%65'), []);
  assert.deepEqual(groupsOf(/\/caf%C3%A9\/(.*)/, '/%63af%c3%a9/%7e%2f'), ['~%2F']);
  assert.equal(groupsOf('/a/b', '/a%2Fb'), null);
  assert.equal(groupsOf('/a/b', '/a%252Fb'), null);
  assert.equal(groupsOf('/a@b', '/a%40b'), null);
});

test('matches a long path in linear time', async (t) => {
  // A quadratic expression takes 10^12 steps, so the test would run into its timeout.
  const path = `/${'x-'.repeat(1_000_000)}`;
  const groups = await runInWorker(
    t,
    import.meta.resolve('./path-pattern.ts'),
    ({ createPathPattern }: typeof import('./path-pattern.ts'), long: string) => [
      createPathPattern('/:a-:b.html').expression.exec(long)?.slice(1),
      createPathPattern('/:a-:b-:c-:d-:e-:f.html').expression.exec(`${long}/`)?.slice(1),
      createPathPattern('/:a-:b.html').expression.exec(`${long}.html`)?.slice(1),
      createPathPattern('/:a中:b中:c中:d.html')
        .expression.exec(`/${'x%E4%B8%AD'.repeat(100_000)}/`)
        ?.slice(1),
    ],
    path,
  );
  assert.deepEqual(groups, [undefined, undefined, ['x', path.slice(3)], undefined]);
});

test('a regular expression matches the whole path, with or without anchors', () => {
  assert.deepEqual(groupsOf(/^\/index\/(\d+)$/, '/index/66'), ['66']);
  assert.deepEqual(groupsOf(/\/index\/(\d+)/, '/index/66'), ['66']);
  assert.equal(groupsOf(/\/index\/(\d+)/, '/index/66/'), null);
  assert.equal(groupsOf(/\/a|\/b/, '/axyz'), null);
  assert.equal(groupsOf(/^\/a$/m, '/a\n/b'), null);
  assert.equal(groupsOf(/\/a/, '/a\n'), null);
  assert.deepEqual(groupsOf(/\/optional_path\/(.+)?/g, '/optional_path/'), [undefined]);
  assert.deepEqual(createPathPattern(/\/(?<year>\d+)\/(?<month>\d+)/).names, ['year', 'month']);
});

test('builds a path from arguments', () => {
  assert.equal(createPathPattern('/about').toPath([]), '/about');
  assert.equal(createPathPattern('/story/:id').toPath([7]), '/story/7');
  assert.equal(createPathPattern('/:year/:month').toPath([{ month: 1, year: 2026 }]), '/2026/1');
  assert.equal(createPathPattern('/a/:b').toPath(['x/y 中?']), '/a/x%2Fy%20%E4%B8%AD%3F');
  assert.equal(createPathPattern('/a/*b').toPath(['x/y']), '/a/x/y');
  assert.equal(createPathPattern('/a/*b').toPath(['']), '/a/');
  assert.equal(createPathPattern(/^\/index\/$/).toPath([]), '/index/');
  assert.equal(createPathPattern(/^\/index\/(\d+)$/).toPath([666]), '/index/666');
  assert.equal(createPathPattern(/\/x\.html\/(\w+)-([^)/]+)/).toPath(['a', 'b']), '/x.html/a-b');
  assert.equal(createPathPattern(/\/(?<year>\d+)/).toPath([{ year: 2026 }]), '/2026');
  assert.equal(createPathPattern(/\/(.*?)\/(.*)/).toPath(['a/b', 'c']), '/a%2Fb/c');
  assert.equal(createPathPattern('/*path').toPath(['/evil.example']), '/%2Fevil.example');
  assert.equal(createPathPattern(/\/(.*)/).toPath(['/evil.example']), '/%2Fevil.example');
  assert.equal(createPathPattern('/:name').toPath(['\\evil.example']), '/%5Cevil.example');
});

const character = fc.oneof(
  fc.constantFrom(...'aZ09-._~/%:@!$&\'()*+,;=?#[]|^{}<>"\\` \r\n\0é中😀'),
  fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
);
const text = fc
  .array(character, { minLength: 1, maxLength: 8 })
  .map((characters) => characters.join('').toWellFormed());

/** Another spelling of a path that is equivalent by RFC 3986 §6.2.2, chosen by `choices`. */
function respell(path: string, choices: readonly number[]): string {
  let at = 0;
  return path.replace(/%..|[\w.~-]/g, (part) => {
    const choice = choices[at++ % choices.length] ?? 0;
    const octet = part.startsWith('%') ? part : `%${part.charCodeAt(0).toString(16)}`;
    if (choice === 0) return part;
    return choice === 1 ? octet.toLowerCase() : octet.toUpperCase();
  });
}

test('a built path and its equivalent spellings match, with the same arguments', () => {
  const patterns = ['/:a', '/x/:a/*b', '/café/:a-~é-:b', '/*b', '/:a\\:b', /\/r\/([^/]+)\/(.*)/, /\/(?<a>.+)\.html/];
  const choices = fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 20 });
  let built = 0;
  fc.assert(
    fc.property(fc.constantFrom(...patterns), text, text, choices, (source, first, second, spelling) => {
      const pattern = createPathPattern(source);
      const values = [first, second].slice(0, pattern.slots.length);
      let path: string;
      try {
        path = pattern.toPath(values);
      } catch (error) {
        // A parameter that ends at `-` cannot have it, and a path cannot have dot segments.
        const isSplit = source === '/café/:a-~é-:b' && first.includes('-');
        const isDots = values.some((value) => /^\.{1,2}$/.test(value));
        assert.ok(isRouteError(error) && (isSplit || isDots), String(error));
        return;
      }
      built++;
      const other = respell(path, spelling);
      assert.equal(new URL(path, 'http://site.example').host, 'site.example');
      const groups = pattern.expression.exec(normalPath(other));
      assert.deepEqual(groups?.slice(1).map(decodePercent), values, other);
    }),
    { numRuns: 5_000 },
  );
  assert.ok(built > 3_000, `only ${built} paths were built`);
});

test('any text is a path pattern after escaping, and matches itself', () => {
  fc.assert(
    fc.property(text, (given) => {
      const source = `/${given.replace(/\p{Cc}/gu, '')}`;
      const pattern = createPathPattern(escapePath(source));
      assert.deepEqual(pattern.names, []);
      const path = encodeURI(source).replaceAll('#', '%23').replaceAll('?', '%3F');
      assert.ok(pattern.expression.test(normalPath(path)), path);
    }),
    { numRuns: 2_000 },
  );
});

test('refuses to build a path that would not match', () => {
  const refused: [string | RegExp, unknown[]][] = [
    ['/about', [1]],
    ['/story/:id', []],
    ['/story/:id', [1, 2]],
    ['/story/:id', [{ name: 1 }]],
    ['/story/:id', ['']],
    ['/story/:id', [undefined]],
    [/\/index\/(\d+)/, ['x']],
    [/\/index\/(\d+)/, []],
    [/\/a\/(b(c))/, ['bc', 'c']],
    [/\/a\/\d/, []],
    [/\/a(b)?/, ['b']],
    [/\/a|\/b/, []],
    [/\/a[bc]/, []],
    [/\/(a)\1/, ['a']],
  ];
  for (const [pattern, values] of refused) {
    assert.throws(() => createPathPattern(pattern).toPath(values as string[]), isRouteError, String(pattern));
  }
});

test('an argument with dots is one segment for a browser', () => {
  const built: [string, string, string][] = [
    ['/files/*path', '../secret', '/files/..%2Fsecret'],
    ['/files/*path', 'a/../b', '/files/a%2F..%2Fb'],
    ['/user/:name', '...', '/user/...'],
    ['/user/:name', '%2E%2E', '/user/%252E%252E'],
    ['/user/:name', '.ada', '/user/.ada'],
  ];
  for (const [source, argument, path] of built) {
    assert.equal(createPathPattern(source).toPath([argument]), path);
    assert.equal(new URL(path, 'http://site.example').pathname, path);
  }
});

test('refuses to build a path that leads elsewhere or has other arguments', () => {
  const refused: [string | RegExp, (string | number)[]][] = [
    ['//x/:a', ['b']],
    [/\/?(.*)/, ['x']],
    [/(.*)/, ['x']],
    ['/:year-:month', ['20-26', '11']],
    ['/:a', [Number.NaN]],
    ['/:a', [Infinity]],
    // Browsers remove dot segments: /user/../edit would be /edit.
    ['/user/:name/edit', ['..']],
    ['/user/:name', ['.']],
    ['/.:a', ['.']],
    ['/files/*path', ['..']],
    [/\/user\/([^/]+)/, ['..']],
  ];
  for (const [pattern, values] of refused) {
    assert.throws(() => createPathPattern(pattern).toPath(values), isRouteError, String(pattern));
  }
});

test('the error of an invalid pattern names it and says how to write it', () => {
  const refused: [string | RegExp, RegExp][] = [
    ['about', /"about" must begin with \//],
    ['', /""/],
    ['^/index$', /regular expression without quotes/],
    ['GET /index', /write "\/index", and define a verb/],
    ['https://site.example/', /addHandlers/],
    ['*', /"\/\*rest"/],
    ['/(\\d+)', /"\/\(\\\\d\+\)".*group in quotes/],
    ['/([0-9]+)', /group in quotes.*\\\(/],
    ['/\\d+', /such as \\d is written without quotes/],
    ['/x\\', /backslash/],
    ['/:id?', /optional parameter; add a second route/],
    ['/*', /as in \*rest/],
    ['/files/*', /as in \*rest/],
    ['/.*', /as in \*rest/],
    ['/:id*', /not have \* after a parameter/],
    ['/:id+', /not have \+ after a parameter/],
    ['/:id+/x', /not have \+ after a parameter/],
    ['/a:', /as in :id/],
    ['/12:30', /as in :id; write "\\\\:" for the sign/],
    ['/:größe{2}', /\\\{/],
    ['/:名', /as in :id/],
    ['/{id}', /form :id/],
    ['/<int:id>', /form :id/],
    ['/[id]', /form :id/],
    ['/a|b', /regular expression in quotes/],
    ['/index$', /not end with \$/],
    ['/a?b=c', /getQueryArgument/],
    ['/a#b', /fragment/],
    ['/100%', /two hex digits after each %; write %25/],
    ['/%zz', /two hex digits/],
    ['/a\n', /control characters/],
    ['/\ud800', /surrogates/],
    ['/:a/:a', /different name/],
    ['/:a:b', /text between parameters/],
    ['/:a*b', /text between parameters/],
    ['/*a/x/*b', /at most one \*/],
    [/(a)(?<b>c)/, /begin with|all be named/],
    [/\/(a)(?<b>c)/, /all be named/],
    [/index\/(\d+)/, /must begin with/],
    [/0/, /must begin with/],
    [/^9x/, /must begin with/],
    [/^index/, /must begin with/],
    [/\/café/, /"é".*write %C3%A9/],
    [/\/caf\u00e9/, /"\\\\u00e9".*write %C3%A9/],
    [/\/caf\xe9/, /write %C3%A9/],
    [/\/\u{1f600}/u, /write %F0%9F%98%80/],
    [/\/([à-ü]+)/, /write %C3%A0|write/],
    [/\/caf%c3%a9/, /%c3.*write %C3/],
    [/\/%7Eada/, /%7E.*write ~/],
    [/\/%7Eada/i, /write ~/],
    [/\/100%/, /two hex digits after each %; write %25/],
    [/\/100%\/x/, /two hex digits/],
    [/\/a\?b=(\d+)/, /getQueryArgument/],
    [/\/a#b/, /fragment/],
    [/\/a b/, /write %20/],
    [/\/a\tb/, /write %09/],
    [/\/a\0b/, /write %00/],
    [/\/a\rb/, /write %0D/],
    [/\/[\u4e00-\u9fff]+/, /must not have \[.*\], which matches no character of a path/],
    [/\/[\xe9]/, /matches no character/],
    [/\/\p{Script=Han}+/u, /must not have \\p\{Script=Han\}, which matches no/],
    [/\/[ ]/, /matches no character/],
    [/\/([?])/, /matches no character/],
    [/\/[\t]x/, /matches no character/],
    [/\/a\s+b/, /must not have \\s, which/],
    [/\/%(?:7E)/, /write ~/],
    [/\/%(7e)/i, /write ~/],
    [/$/, /must begin with/],
    [/^/, /must begin with/],
    [/^$/, /must begin with/],
    [new RegExp(''), /must begin with/],
    [/(?:x)/, /must begin with/],
    [/^((?<a>x)\/y)$/, /must begin with/],
  ];
  for (const [pattern, message] of refused) {
    assert.throws(
      () => createPathPattern(pattern),
      (error) => isRouteError(error) && message.test(String(error)),
      String(pattern),
    );
  }
});

test('accepts regular expressions whose signs only look wrong', () => {
  const accepted = [
    /\/caf%C3%A9/,
    /\/caf%c3%a9/i,
    /\/%[0-9A-F]{2}/,
    /\/%(?:2F|3A)/,
    /\/%0[0-9A-F]/,
    /\/%9./,
    /\/%\d\d/,
    /\/%../,
    /\/(?<größe>\d+)/,
    /\/(?:a|b)?/,
    /\/a{2}\.b/,
    /\/[^?#%]+/,
    /\/(?!x)\w+(?<=y)/,
    /\/\p{L}+/u,
    /.*/,
    /(?:\/a|\/b)/,
    /a?\/b/,
    /(?:x)?\/y/,
    /(x|\/y)/,
    /\/(?!\s)x/,
    /\/[\s\S]*/,
    /\/a\s*/,
    /\/(?:\s)?a/,
    /\/[a-z?]/,
    /\/%(?:2F)/,
    /\/[^\u4e00-\u9fff]+/,
  ];
  for (const pattern of accepted) assert.doesNotThrow(() => createPathPattern(pattern), String(pattern));
});

test('an argument that no path can have is an error that shows it', () => {
  const { toPath } = createPathPattern('/p/:id');
  for (const [value, shown] of [
    ['\ud800', '"\\ud800"'],
    [null, 'null'],
    [Number.NaN, 'NaN'],
    [undefined, 'undefined'],
    [Symbol('a'), 'Symbol(a)'],
  ] as [unknown, string][]) {
    for (const values of [[value], [{ id: value }]]) {
      assert.throws(
        () => toPath(values as never),
        (error: Error & { code?: string }) => {
          assert.equal(error.code, 'WEB_ROUTE');
          assert.ok(error.message.startsWith('arguments of /p/:id must be id; got '), error.message);
          assert.ok(error.message.includes(shown), error.message);
          return true;
        },
      );
    }
  }
  assert.throws(() => createPathPattern('/p/:__proto__'), {
    code: 'WEB_ROUTE',
    message: /must have another name than __proto__/,
  });
});
