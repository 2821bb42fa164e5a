import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jsonEncode, squeeze, urlEscape, urlUnescape, xhtmlEscape, xhtmlUnescape } from './escape.ts';

test('escapes HTML once for each call', () => {
  assert.equal(xhtmlEscape('plain 中文'), 'plain 中文');
  assert.equal(
    xhtmlEscape('<a href="x">Tom & \'Ann\'</a>'),
    '&lt;a href=&quot;x&quot;&gt;Tom &amp; &#x27;Ann&#x27;&lt;/a&gt;',
  );
  assert.equal(xhtmlEscape('&amp;'), '&amp;amp;');
  assert.equal(xhtmlEscape(''), '');
});

test('decodes character references and keeps other text', () => {
  assert.equal(xhtmlUnescape('&lt;&amp;&quot;&#x27;&#32;&#x20;&#X20;|'), '<&"\'   |');
  assert.equal(xhtmlUnescape('&#xyz; &foo; &#0; &#xD800; &#9999999; &'), '&#xyz; &foo; &#0; &#xD800; &#9999999; &');
  for (const text of ['<>&"\'', '&lt;', '中文😀']) assert.equal(xhtmlUnescape(xhtmlEscape(text)), text);
});

test('escapes a part of a URL for a query or a path', () => {
  assert.equal(urlEscape('+ #%'), '%2B+%23%25');
  assert.equal(urlEscape('+ #%', false), '%2B%20%23%25');
  assert.equal(urlEscape('a/b'), 'a%2Fb');
  assert.equal(urlEscape('a/b', false), 'a/b');
  assert.equal(urlEscape("('!*')"), '%28%27%21%2A%27%29');
  for (const text of ['a b/c+d', '中文', '%41']) assert.equal(urlUnescape(urlEscape(text)), text);
  assert.equal(urlUnescape('a+b', false), 'a+b');
});

test('escapes JSON for a script', () => {
  const value = { text: '</script><!--\u2028\u2029', list: [1, null] };
  assert.doesNotMatch(jsonEncode(value), /[<\u2028\u2029]/);
  assert.deepEqual(JSON.parse(jsonEncode(value)), value);
  for (const lost of [undefined, () => 1, Symbol('x'), new Map(), [new Set([1])], { a: 1n }]) {
    assert.throws(() => jsonEncode(lost), { code: 'JSON_VALUE' });
  }
});

test('squeezes runs of spaces', () => {
  assert.equal(squeeze(' a \t\r\n b\0 '), 'a b');
});
