import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Template } from './template.ts';
import { defaultWhitespace, WhitespaceFilter } from './whitespace.ts';

test('single collapses a run of spaces to one space and a run with a line break to one line break', () => {
  const filter = new WhitespaceFilter();
  assert.equal(filter.filter(' a \t b \n \n  c\r\n\td ', 'single'), ' a b\nc\nd ');
});

test('oneline collapses every run to one space and all keeps them', () => {
  const filter = new WhitespaceFilter();
  assert.equal(filter.filter('a \n\n  b\tc', 'oneline'), 'a b c');
  assert.equal(filter.filter('a \n\n  b\tc', 'all'), 'a \n\n  b\tc');
});

test('keeps a text with preformatted content, up to the end of that content', () => {
  const filter = new WhitespaceFilter();
  assert.equal(filter.filter('  <pre>\n\n  a', 'single'), '  <pre>\n\n  a');
  assert.equal(filter.filter('\n\n  b\n', 'single'), '\n\n  b\n');
  assert.equal(filter.filter('</pre>  c', 'single'), '</pre>  c');
  assert.equal(filter.filter('  d', 'single'), ' d');
  assert.equal(filter.filter('<TEXTAREA name="x">  e</TEXTAREA>', 'oneline'), '<TEXTAREA name="x">  e</TEXTAREA>');
  assert.equal(filter.filter('<prefix>  f', 'single'), '<prefix> f');
  assert.equal(filter.filter('<textarea> a <textarea> <pre> </pre>', 'single'), '<textarea> a <textarea> <pre> </pre>');
  assert.equal(filter.filter('  g', 'single'), '  g', 'the name of an element inside another does not end that one');
  assert.equal(filter.filter('</textarea>', 'single'), '</textarea>');
  assert.equal(filter.filter('  h', 'single'), ' h');
});

test('the default is single for HTML and JavaScript files and all for others', () => {
  assert.deepEqual(['a.html', 'a.js', 'a.txt', 'html'].map(defaultWhitespace), ['single', 'single', 'all', 'all']);
});

test('the directive applies from its position on, and the option to files without a directive', () => {
  const source = 'a  b{% whitespace oneline %}\n\nc{% whitespace all %}  d';
  assert.equal(new Template(source, { whitespace: 'single' }).generate(), 'a b c  d');
  assert.equal(new Template(source).generate(), 'a  b c  d');
});

test('refuses an unknown mode, in a directive with its line', () => {
  assert.throws(() => new Template('\n{% whitespace tidy %}'), {
    code: 'TEMPLATE_SYNTAX',
    message: 'Whitespace mode must be "all" or "single" or "oneline"; got "tidy" at <string>:2',
  });
  assert.throws(() => new Template('', { whitespace: 'tidy' as 'all' }), {
    code: 'OPTION_VALUE',
    message: /"all" or "single" or "oneline"; got "tidy"/,
  });
});
