import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Template } from './template.ts';
import { defaultWhitespace, WhitespaceFilter } from './whitespace.ts';

test('single joins a run of blanks to one blank and a run with a line break to one line break', () => {
  const filter = new WhitespaceFilter();
  assert.equal(filter.filter(' a \t b \n \n  c\r\n\td ', 'single'), ' a b\nc\nd ');
});

test('oneline joins every run to one blank and all keeps them', () => {
  const filter = new WhitespaceFilter();
  assert.equal(filter.filter('a \n\n  b\tc', 'oneline'), 'a b c');
  assert.equal(filter.filter('a \n\n  b\tc', 'all'), 'a \n\n  b\tc');
});

test('a piece that holds preformatted text is kept, and so is all up to where that text ends', () => {
  const filter = new WhitespaceFilter();
  assert.equal(filter.filter('  <pre>\n\n  a', 'single'), '  <pre>\n\n  a');
  assert.equal(filter.filter('\n\n  b\n', 'single'), '\n\n  b\n');
  assert.equal(filter.filter('</pre>  c', 'single'), '</pre>  c');
  assert.equal(filter.filter('  d', 'single'), ' d');
  assert.equal(filter.filter('<TEXTAREA name="x">  e</TEXTAREA>', 'oneline'), '<TEXTAREA name="x">  e</TEXTAREA>');
  assert.equal(filter.filter('<prefix>  f', 'single'), '<prefix> f');
});

test('files of HTML and JavaScript have mode single and all others keep their blanks', () => {
  assert.deepEqual(['a.html', 'a.js', 'a.txt', 'html'].map(defaultWhitespace), ['single', 'single', 'all', 'all']);
});

test('the directive holds from where it stands and the option for files that name no mode', () => {
  const source = 'a  b{% whitespace oneline %}\n\nc{% whitespace all %}  d';
  assert.equal(new Template(source, { whitespace: 'single' }).generate(), 'a b c  d');
  assert.equal(new Template(source).generate(), 'a  b c  d');
});

test('an unknown mode is refused with its line, as an option at construction', () => {
  assert.throws(() => new Template('\n{% whitespace tidy %}'), {
    code: 'TEMPLATE_SYNTAX',
    message: 'Whitespace mode `tidy` is none of all, single, oneline at <string>:2',
  });
  assert.throws(() => new Template('', { whitespace: 'tidy' as 'all' }), {
    code: 'OPTION_VALUE',
    message: /"all" or "single" or "oneline"; got "tidy"/,
  });
});
