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
  const refused: [source: string, message: string][] = [
    ['a = 1', 'An expression must not assign; use {% set name = value %}'],
    ['a.b = 1', 'An expression must not assign; use {% set name = value %}'],
    ['a++', 'An expression must not assign; use {% set name = value %}'],
    ['delete a.b', 'An expression must not change a value; got delete'],
    ['import("fs")', 'A template must not import; pass the value to it'],
    ['import.meta', 'A template must not import; pass the value to it'],
    ['this.a', 'A template must not use this; pass the value to it'],
    ['function () {}', 'A function must be one expression, x => …; got function'],
    ['() => { return 1 }', 'A function must be one expression, x => …; got a block'],
    ['async () => 1', 'A function must not be async; await in the handler and pass the value'],
    ['class {}', 'An expression must not contain ClassExpression'],
    ['({ get a() { return 1 } })', 'A function must be one expression, x => …; got function'],
    ['x => x = 1', 'An expression must not assign; use {% set name = value %}'],
    ['eval("1")', 'A name must not be arguments or eval; got eval'],
    ['arguments', 'A name must not be arguments or eval; got arguments'],
    ['$$o', 'A name must not start with $$, which is reserved; got $$o'],
    ['($$x) => 1', 'A name must not start with $$, which is reserved; got $$x'],
    ['(undefined) => 1', 'A variable name must not be undefined, NaN or Infinity; got undefined'],
  ];
  for (const [source, message] of refused) {
    assert.throws(
      () => findFreeNames(parse(`(${source})`)),
      (error) => {
        assert.ok(error instanceof NotAllowed, source);
        assert.equal(error.message, message);
        return true;
      },
    );
  }
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
