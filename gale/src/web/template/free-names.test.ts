import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseExpressionAt } from 'acorn';
import { findBoundNames, findFreeNames, NotAllowed } from './free-names.ts';

const parse = (source: string): ReturnType<typeof parseExpressionAt> =>
  parseExpressionAt(source, 0, { ecmaVersion: 'latest', sourceType: 'module' });

/** The free names of an expression, with `?` after a conditional one. */
const free = (source: string): string =>
  findFreeNames(parse(source))
    .map(({ name, conditional }) => (conditional ? `${name}?` : name))
    .join(' ');

test('finds names everywhere in an expression, but not keys and members', () => {
  assert.equal(free('a + b.c[d].e(f, ...g)'), 'a b d f g');
  assert.equal(free('[a, , b]'), 'a b');
  assert.equal(free('({ a: b, [c]: d, e, ...f })'), 'b c d e f');
  assert.equal(free('`${a} ${b}` + tag`${c}`'), 'a b tag c');
  assert.equal(free('new A(b), !c, -d, void e'), 'A b c d e');
  assert.equal(free('名字 + undefined + NaN + Infinity + null'), '名字');
});

test('distinguishes conditional names from those that are always evaluated', () => {
  assert.equal(free('(a && b) || c'), 'a b? c?');
  assert.equal(free('a ?? b'), 'a b?');
  assert.equal(free('a ? b : c'), 'a b? c?');
  assert.equal(free('a?.b[c](d)'), 'a c? d?');
  assert.equal(free('(a?.b)[c]'), 'a c');
});

test('parameters of a function are not free, defaults and patterns included', () => {
  assert.equal(free('xs.map(x => x + y)'), 'xs y?');
  assert.equal(free('(({ a, b: [c = d] }, ...rest) => a + c + rest + b)'), 'd? b?');
  assert.equal(free('x => y => x + y + z'), 'z?');
  assert.equal(free('[x => x, x]'), 'x');
});

test('typeof of a name is a probe', () => {
  assert.deepEqual(
    findFreeNames(parse('typeof a + typeof b.c')).map(({ name, probe }) => [name, probe]),
    [
      ['a', true],
      ['b', false],
    ],
  );
});

test('marks a shorthand property, which is a key too', () => {
  const names = findFreeNames(parse('({ a, b: c })'));
  assert.deepEqual(
    names.map(({ name, shorthand }) => [name, shorthand]),
    [
      ['a', true],
      ['c', false],
    ],
  );
});

test('refuses statements and expressions that change a value', () => {
  const refused = [
    'a = 1',
    'a.b = 1',
    'a++',
    'delete a.b',
    'import("fs")',
    'import.meta',
    'this.a',
    'function () {}',
    '() => { return 1 }',
    'async () => 1',
    'class {}',
    '({ get a() { return 1 } })',
    'x => x = 1',
    'eval("1")',
    'arguments',
    '$$o',
    '($$x) => 1',
    '(undefined) => 1',
  ];
  for (const source of refused) assert.throws(() => findFreeNames(parse(`(${source})`)), NotAllowed, source);
});

test('returns the bound names of a pattern and the names of its defaults', () => {
  const arrow = parse('({ a, b: [c = d], [e]: f = a, ...g }) => 1');
  assert.ok(arrow.type === 'ArrowFunctionExpression' && arrow.params[0] !== undefined);
  const { binds, names } = findBoundNames(arrow.params[0]);
  assert.deepEqual(binds, ['a', 'c', 'f', 'g']);
  assert.deepEqual(
    names.map(({ name }) => name),
    ['d', 'e'],
  );
});
