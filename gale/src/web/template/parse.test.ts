import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, property } from 'fast-check';
import { findTemplateErrors, parseTemplate } from './parse.ts';

/** The message of the error, without the file. */
const errorOf = (source: string): string => {
  try {
    parseTemplate(source, 't.html');
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'TEMPLATE_SYNTAX');
    return (error as Error).message.replace(' at t.html:', ' @');
  }
  return 'no error';
};

test('parses a template into a tree with the line of each directive', () => {
  const { body } = parseTemplate('a\n{% if b %}c{% elif d %}{% else %}e{% end %}{% set f = 1 %}', 't.txt');
  assert.deepEqual(
    body.map(({ kind }) => kind),
    ['text', 'if', 'set'],
  );
  const branch = body[1];
  assert.ok(branch?.kind === 'if');
  assert.deepEqual(
    branch.branches.map(({ test, line }) => [test.source, line]),
    [
      ['b', 2],
      ['d', 2],
    ],
  );
  assert.deepEqual(branch.orElse, [{ kind: 'text', text: 'e' }]);
});

test('names of templates can have quotes', () => {
  for (const name of ['a/b.html', '"a/b.html"', "'a/b.html'"]) {
    assert.deepEqual(parseTemplate(`\n{% extends ${name} %}`, 't.html').parent, { name: 'a/b.html', line: 2 });
  }
});

test('autoescape applies to the file, the last one takes precedence, and None disables it', () => {
  assert.equal(parseTemplate('a', 't.html').autoescape, undefined);
  assert.equal(parseTemplate('{% autoescape f %}{% autoescape None %}', 't.html').autoescape, false);
  const { autoescape } = parseTemplate('{% autoescape None %}{% autoescape f %}', 't.html');
  assert.equal(autoescape === false || autoescape?.source, 'f');
});

test('ignores text after `end` inside its tag', () => {
  assert.equal(parseTemplate('{% if a %}{% end if a, not b %}{% comment x %}', 't.html').body.length, 1);
});

test('refuses a directive that is not closed or closed twice', () => {
  assert.equal(errorOf('\n{% if a %}\n'), '{% if %} has no {% end %} @2');
  assert.equal(errorOf('{% block a %}{% for x in y %}{% end %}'), '{% block %} has no {% end %} @1');
  assert.equal(errorOf('a{% end %}'), 'Extra {% end %}: nothing is open here @1');
});

test('refuses a dividing tag outside of its directive', () => {
  assert.equal(errorOf('{% else %}'), '{% else %} outside of if, for, while, try @1');
  assert.equal(errorOf('{% for x in y %}{% elif z %}{% end %}'), '{% elif %} belongs to if; it cannot divide for @1');
  assert.equal(
    errorOf('{% block a %}{% else %}{% end %}'),
    '{% else %} belongs to if, for, while, try; it cannot divide block @1',
  );
  assert.equal(errorOf('{% if a %}{% else %}{% else %}{% end %}'), '{% else %} after {% else %} @1');
  assert.equal(errorOf('{% if a %}{% else if b %}{% end %}'), '{% else %} takes no argument; write elif @1');
});

test('try needs catch, else and finally in this order', () => {
  assert.equal(errorOf('{% try %}{% end %}'), '{% try %} needs {% catch %} or {% finally %} @1');
  assert.match(errorOf('{% try %}{% finally %}{% catch %}{% end %}'), /^\{% catch %\} is too late/);
  assert.match(errorOf('{% try %}{% catch %}{% except %}{% end %}'), /^\{% except %\} is too late/);
  assert.match(errorOf('{% try %}{% else %}{% end %}'), /^\{% else %\} of try needs a catch/);
});

test('refuses a tag without its argument', () => {
  for (const word of [
    'if',
    'for',
    'while',
    'set',
    'block',
    'apply',
    'include',
    'extends',
    'raw',
    'module',
    'autoescape',
  ]) {
    assert.equal(errorOf(`{% ${word} %}`), `{% ${word} %} needs an argument @1`);
  }
  assert.equal(errorOf('{% include "" %}'), '{% include %} needs the name of a template @1');
});

test('break and continue must be inside a loop of their file and not inside apply', () => {
  assert.equal(errorOf('{% break %}'), '{% break %} outside of for and while @1');
  assert.equal(errorOf('{% if a %}{% continue %}{% end %}'), '{% continue %} outside of for and while @1');
  assert.equal(
    errorOf('{% for x in y %}{% apply f %}{% break %}{% end %}{% end %}'),
    '{% break %} outside of for and while @1',
  );
  assert.equal(errorOf('{% for x in y %}{% else %}{% break %}{% end %}'), '{% break %} outside of for and while @1');
  assert.equal(errorOf('{% while a %}{% if b %}{% break %}{% end %}{% end %}'), 'no error');
});

test('extends must occur once and outside of all directives', () => {
  assert.equal(errorOf('{% if a %}{% extends b %}{% end %}'), '{% extends %} inside if @1');
  assert.equal(errorOf('{% extends a %}\n{% extends b %}'), 'A template extends one template @2');
});

test('the error names an unknown tag, with advice for tags of other languages', () => {
  assert.equal(errorOf('{% macro a %}'), 'Unknown tag {% macro %} @1');
  assert.equal(errorOf('{% endif %}'), 'Unknown tag {% endif %}: write end @1');
  assert.equal(
    errorOf('{% import os %}'),
    'Unknown tag {% import %}: templates import nothing; pass what they need @1',
  );
});

test('finds all errors of a template, each once', () => {
  const source = [
    '{{ a + }}',
    '{% if %}{{ fine }}{% endif %}',
    '{% for x on xs %}{{ b c }}{% else nothing %}{% end %}',
    '{% break %}{% frob %}{% raw %}{% include %}{% set 1 %}{% whitespace odd %}',
    '{% try %}{% catch 1 %}{% end %}{% try %}{% end %}{% block %}{% extends "a.html" %}{% end %}',
    '{% else %}{% end %}',
    '{% if a %}{% catch %}{% end %}',
    '{% if a %}{% else %}{% else %}{% end %}',
    '{% while a %}{% module 5 %}',
    '{{ open',
  ].join('\n');
  const found = findTemplateErrors(source, 't.html');
  assert.deepEqual(
    found.map(({ place, reason }) => `${place?.line} ${reason.replace(/ in `[^]*$/, '')}`),
    [
      '1 Unexpected token',
      '2 {% if %} needs an argument',
      '2 Unknown tag {% endif %}: write end',
      '3 Unexpected token',
      '3 Unexpected token',
      '3 {% else %} takes no argument; write elif',
      '4 {% break %} outside of for and while',
      '4 Unknown tag {% frob %}',
      '4 {% raw %} needs an argument',
      '4 {% include %} needs an argument',
      '4 set needs {% set name = value %}',
      '4 Whitespace mode must be "all" or "single" or "oneline"; got "odd"',
      '5 Unexpected token',
      '5 {% try %} needs {% catch %} or {% finally %}',
      '5 {% block %} needs an argument',
      '5 {% extends %} inside block',
      '6 {% else %} outside of if, for, while, try',
      '6 Extra {% end %}: nothing is open here',
      '7 {% catch %} belongs to try; it cannot divide if',
      '8 {% else %} after {% else %}',
      '9 module needs a call: {% module Name(…) %}',
      '10 Missing end expression }}',
    ],
  );
  assert.deepEqual(findTemplateErrors('{% if a %}{{ b }}{% end %}', 't.html'), []);
  const open = findTemplateErrors('{% if a %}\n{% for b in c %}', 't.html');
  assert.deepEqual(
    open.map(({ message }) => message),
    ['{% if %} has no {% end %} at t.html:1', '{% for %} has no {% end %} at t.html:2'],
  );
});

test('the first error of a template is one of all', () => {
  const part = constantFrom(
    '{{ a }}',
    '{{ a + }}',
    '{% if a %}',
    '{% else %}',
    '{% elif a %}',
    '{% end %}',
    '{% for x in y %}',
    '{% try %}',
    '{% catch e %}',
    '{% finally %}',
    '{% break %}',
    '{% endif %}',
    '{% block b %}',
    '{% raw %}',
    '{{',
    'text',
    '\n',
  );
  forAll(
    property(array(part, { maxLength: 12 }), (parts) => {
      const source = parts.join('');
      const messages = findTemplateErrors(source, 't.html').map(({ message }) => message);
      try {
        parseTemplate(source, 't.html');
        assert.deepEqual(messages, []);
      } catch (error) {
        assert.ok(
          messages.includes((error as Error).message),
          `${source}: ${String(error)} is not in ${messages.join(', ')}`,
        );
      }
    }),
    { numRuns: 1_000 },
  );
});
