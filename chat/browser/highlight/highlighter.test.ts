import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { languages } from 'sugar-high/lang';
import { highlight, type CodeToken } from './highlighter.ts';

const textOf = (tokens: readonly CodeToken[]): string => tokens.map(({ text }) => text).join('');
const kindOf = (tokens: readonly CodeToken[] | undefined, text: string): string | undefined =>
  tokens?.find((token) => token.text === text)?.kind;

test('finds keywords, strings and comments of a language by any of its names', () => {
  for (const name of ['ts', 'TypeScript', 'tsx']) {
    assert.equal(kindOf(highlight('const a: string = "b"; // c', name), 'const'), 'keyword');
  }
  assert.equal(kindOf(highlight('# why\nprint(1)', 'py'), '# why'), 'comment');
});

test('code of an unknown language has no tokens', () => {
  for (const name of ['', 'nonsense', '__proto__', 'constructor']) assert.equal(highlight('a', name), undefined);
});

test('code with a very long line has no tokens', () => {
  assert.equal(highlight('-'.repeat(1001), 'css'), undefined);
  assert.ok(highlight('-'.repeat(1000), 'css'));
});

test('the tokens of any code are the code', () => {
  const pieces = fc.constantFrom(
    ...'"\'`<>/*#{}$(\\\n\t =:;-',
    '//',
    '/*',
    '<a ',
    '${',
    '"""',
    '```',
    'if',
    'a1',
    '好',
    '😀',
    '\r\n',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), fc.constantFrom(...languages), (parts, { id }) => {
      const code = parts.join('');
      const tokens = highlight(code, id);
      if (tokens) assert.equal(textOf(tokens), code);
    }),
    { numRuns: 2000 },
  );
});

test('the longest code is highlighted in a bounded time', () => {
  for (const { id } of languages) {
    for (const unit of ['--', '<a ', '{', '"', '/*', '${', "'''", '<!--']) {
      const line = unit.repeat(900 / unit.length);
      const start = performance.now();
      highlight(`${line}\n`.repeat(11), id);
      assert.ok(performance.now() - start < 2000, `${id} ${unit} took ${performance.now() - start} ms`);
    }
  }
});
