import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assert as forAll, property, string } from 'fast-check';
import type { Token } from './tokens.ts';
import { tokenize } from './tokens.ts';

const tokens = (source: string): Token[] => [...tokenize(source, 't.html')];
const text = (source: string): string =>
  tokens(source)
    .map((token) => (token.kind === 'text' ? token.text : `<${token.kind}>`))
    .join('');

/** The message of the error. */
const errorOf = (source: string): string => {
  try {
    tokens(source);
  } catch (error) {
    return (error as Error).message;
  }
  return 'no error';
};

test('returns text, outputs and tags in order, each with its first line', () => {
  assert.deepEqual(tokens('a\n{{ b }}\n{% if  c \n%}{%\nend if%}'), [
    { kind: 'text', text: 'a\n' },
    { kind: 'output', source: 'b', line: 2 },
    { kind: 'text', text: '\n' },
    { kind: 'tag', word: 'if', operand: 'c', line: 3 },
    { kind: 'tag', word: 'end', operand: 'if', line: 5 },
  ]);
});

test('text without an opener is one unchanged token', () => {
  const rule = property(
    string({ unit: 'binary' }).filter((value) => !/^\uFEFF|^$|\{[{%#]/.test(value)),
    (value) => {
      assert.deepEqual(tokens(value), [{ kind: 'text', text: value }]);
    },
  );
  forAll(rule);
});

test('omits a comment and counts its lines', () => {
  assert.deepEqual(tokens('a{# {{ \n\n %} #}b{{ c }}'), [
    { kind: 'text', text: 'ab' },
    { kind: 'output', source: 'c', line: 3 },
  ]);
});

test('an exclamation mark after an opener makes it text', () => {
  assert.equal(text('{{!jquery expr}} {%!if%} {#!x#}'), '{{jquery expr}} {%if%} {#x#}');
});

test('of three or more braces the innermost pair opens and the first pair closes', () => {
  assert.equal(text('{{{ a }}}'), '{<output>}');
  assert.equal(text('{{{{ a }}}}'), '{{<output>}}');
  assert.equal(text('{ { } } }} %} {'), '{ { } } }} %} {');
});

test('a closer inside a string, an object, a template or a pattern does not end an expression', () => {
  const sources = ['"}}"', "'}}'", 'f({ a: { b: 1 }})', '`${ {a: 1}.a }}}`', '/}}/.test(x)', '/* }} */ x'];
  for (const source of sources) {
    assert.deepEqual(tokens(`{{ ${source} }}.`), [
      { kind: 'output', source, line: 1 },
      { kind: 'text', text: '.' },
    ]);
  }
  assert.deepEqual(tokens('{% if x === "%}" %}{{ {a: 1}}}'), [
    { kind: 'tag', word: 'if', operand: 'x === "%}"', line: 1 },
    { kind: 'output', source: '{a: 1}', line: 1 },
  ]);
});

test('an unclosed quote ends with its tag, in words and in expressions', () => {
  assert.equal(text("{% comment it's %}a{{ user's }}b{{ c }}"), '<tag>a<output>b<output>');
});

test('an opener without a closer is an error with its line', () => {
  assert.equal(errorOf('\n\n{{'), 'Missing end expression }} at t.html:3');
  assert.equal(errorOf('{{ a }'), 'Missing end expression }} at t.html:1');
  assert.equal(errorOf('\n{%'), 'Missing end tag %} at t.html:2');
  assert.equal(errorOf('{# {{ }}'), 'Missing end comment #} at t.html:1');
  assert.equal(errorOf('{{ }}'), 'Empty expression ({{ }}) at t.html:1');
  assert.equal(errorOf('\n{%%}'), 'Empty tag ({% %}) at t.html:2');
});

test('every truncated template gives tokens or an error with its place', () => {
  const source = 'a{{ "}}" + `${1}` }}{% for x in [{}] %}\n{# c #}{{!{% raw /"/.source %}{% end %}';
  for (let length = 0; length <= source.length; length += 1) {
    try {
      tokens(source.slice(0, length));
    } catch (error) {
      assert.match((error as Error).message, /^Missing end \w+ .. at t\.html:[12]$/);
    }
  }
});

test('a byte order mark is not part of the text', () => {
  assert.deepEqual(tokens('\uFEFFa'), [{ kind: 'text', text: 'a' }]);
});
