import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GaleError } from '../errors.ts';
import { runInWorker } from '../../test/support/run-in-worker.ts';
import { createPathPattern } from './path-pattern.ts';

const isRouteError = (error: unknown): boolean => error instanceof GaleError && error.code === 'WEB_ROUTE';

function groupsOf(pattern: string | RegExp, path: string): unknown {
  const match = createPathPattern(pattern).expression.exec(path);
  return match === null ? null : [...match].slice(1);
}

test('a path without parameters matches exactly', () => {
  const about = createPathPattern('/about.html');
  assert.equal(about.exact, '/about.html');
  assert.deepEqual(groupsOf('/about.html', '/about.html'), []);
  assert.equal(groupsOf('/about.html', '/aboutXhtml'), null);
  assert.equal(groupsOf('/about.html', '/about.html/'), null);
  assert.equal(createPathPattern('/关于').exact, '/%E5%85%B3%E4%BA%8E');
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
  assert.deepEqual(groupsOf('/a:/*', '/a:/*'), []);
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
    ],
    path,
  );
  assert.deepEqual(groups, [undefined, undefined, ['x', path.slice(3)]]);
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
  ];
  for (const [pattern, values] of refused) {
    assert.throws(() => createPathPattern(pattern).toPath(values as string[]), isRouteError, String(pattern));
  }
});

test('refuses an invalid pattern', () => {
  for (const pattern of ['about', '', '^/index$', '/:a/:a', '/:a:b', '/:a*b', '/*a/x/*b', /(a)(?<b>c)/]) {
    assert.throws(() => createPathPattern(pattern), isRouteError, String(pattern));
  }
});
