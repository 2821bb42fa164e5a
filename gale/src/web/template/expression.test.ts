import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  parseAssignment,
  parseCatchPattern,
  parseExpression,
  parseLoopHead,
  parseModuleCall,
  writeScript,
} from './expression.ts';

const place = { file: 't.html', line: 3 };

test('an expression keeps its source, and its names their positions in it', () => {
  const script = parseExpression('(a) + f({ b })  // c', place);
  assert.equal(script.source, '(a) + f({ b })');
  assert.equal(
    writeScript(script, ({ name }) => (name === 'f' ? undefined : `<${name}>`)),
    '(<a>) + f({ b: <b> })',
  );
});

test('refuses a source that closes the expression', () => {
  for (const source of ['a) + (b', 'a); (b', 'a; b', 'a }', '', '//', 'if (a) b', 'a) } catch (e) { (b', 'let a']) {
    assert.throws(() => parseExpression(source, place), { code: 'TEMPLATE_EXPRESSION' }, source);
  }
});

test('the line of an error is relative to the tag', () => {
  assert.throws(() => parseExpression('[\na,\nb c]', place), {
    message: 'Unexpected token in `[\na,\nb c]` at t.html:5',
    place: { file: 't.html', line: 5, via: [] },
  });
});

test('an error in a Python expression has advice', () => {
  assert.throws(() => parseExpression('a and not b', place), { message: /&& \|\| ! for and, or, not/ });
  assert.throws(() => parseExpression('a if b else c', place), { message: /a \? b : c/ });
  assert.throws(() => parseLoopHead('k, v in d', place), { message: /written \[a, b\]/ });
  assert.throws(() => parseAssignment('x.y = 1', place), {
    message: /^A variable must be a name or a pattern of names; got MemberExpression in `x\.y = 1`/,
  });
});

test('for accepts in, of, patterns and a declaration keyword', () => {
  for (const operand of ['x in xs', 'x of xs', 'const x of xs', 'let x in xs']) {
    const { pattern, iterable } = parseLoopHead(operand, place);
    assert.deepEqual([pattern.source, pattern.binds, iterable.source], ['x', ['x'], 'xs']);
  }
  const { pattern, iterable } = parseLoopHead('[a, { b: c = d }] of xs.map(x => x in y)', place);
  assert.deepEqual([pattern.binds, iterable.source], [['a', 'c'], 'xs.map(x => x in y)']);
  assert.equal(parseLoopHead('in_ in xs', place).pattern.source, 'in_');
});

test('for refuses an operand that is not a loop over one expression', () => {
  const refused = [
    'x',
    'x in',
    'in xs',
    'x in a, b',
    'i = 0; i < 3; i++',
    'x of xs) {} for (let y of ys',
    'x of xs); f(',
    'x of xs) for (let y of ys',
    'x.y of xs',
    'x of xs) y = 1 //',
  ];
  for (const operand of refused)
    assert.throws(() => parseLoopHead(operand, place), { code: 'TEMPLATE_EXPRESSION' }, operand);
});

test('set accepts a name or a pattern and one value', () => {
  assert.deepEqual(parseAssignment('{ a, b: [c] } = d', place).pattern.binds, ['a', 'c']);
  const sum = parseAssignment('a += b', place);
  assert.deepEqual([sum.operator, sum.pattern.source, sum.value.source], ['+=', 'a', 'b']);
  for (const source of ['a', 'a = b = c', 'a == b', 'f() = 1', 'a = 1; b = 2', 'undefined = 1', '[a.b] = c']) {
    assert.throws(() => parseAssignment(source, place), { code: 'TEMPLATE_EXPRESSION' }, source);
  }
});

test('catch accepts one variable', () => {
  assert.deepEqual(parseCatchPattern('{ message }', place).binds, ['message']);
  for (const source of ['ValueError as e', 'a, b', 'e) {} try {} catch (f']) {
    assert.throws(() => parseCatchPattern(source, place), { code: 'TEMPLATE_EXPRESSION' }, source);
  }
});

test('module accepts the call of a name', () => {
  const script = parseModuleCall('Entry(post, { a })', place);
  assert.deepEqual(
    [script.source, script.names.map(({ name }) => name)],
    ['modules.Entry(post, { a })', ['modules', 'post', 'a']],
  );
  for (const source of ['Entry', '(a)(b)', '"a".b()', 'Entry(), 1']) {
    assert.throws(() => parseModuleCall(source, place), { code: 'TEMPLATE_EXPRESSION' }, source);
  }
});
