import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeLines, isSource, testsNear } from './place.ts';

test('source files are those of gale/src and chat, without tests', () => {
  const files = [
    'gale/src/web/handler.ts',
    'chat/browser/view/composer.tsx',
    'gale/src/web/handler.test.ts',
    'docs/a.ts',
  ];
  assert.deepEqual(files.filter(isSource), files.slice(0, 2));
});

test('code is neither a comment nor an import nor a type', () => {
  const text = `/** A
 * comment. */
import { a } from './a.ts';

interface B {
  readonly b: number;
}
type C = 'c';

export function d(): void {
  // Why.
  a();
}`;
  assert.deepEqual(codeLines(text), [9, 11, 12]);
});

test('the nearest tests come first, and other modules have none', () => {
  const tests = [
    'chat/app.test.ts',
    'gale/test/layers.test.ts',
    'gale/src/web/handler.test.ts',
    'gale/src/web/static/file.test.ts',
    'gale/src/web/router.test.ts',
    'gale/src/http/body.test.ts',
  ];
  assert.deepEqual(testsNear('gale/src/web/router.ts', tests), [
    'gale/src/web/router.test.ts',
    'gale/src/web/handler.test.ts',
    'gale/src/web/static/file.test.ts',
    'gale/test/layers.test.ts',
  ]);
});
