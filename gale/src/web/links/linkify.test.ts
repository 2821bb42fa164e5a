import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { xhtmlUnescape } from '../escape.ts';
import { linkify, type LinkifyOptions } from './linkify.ts';

for (const [text, options, html] of [
  ['hello http://world.com/!', {}, 'hello <a href="http://world.com/">http://world.com/</a>!'],
  ['see www.a.example now', {}, 'see <a href="http://www.a.example">www.a.example</a> now'],
  ['see www.a.example now', { requireProtocol: true }, 'see www.a.example now'],
  ['(https://a.example/b_(c))', {}, '(<a href="https://a.example/b_(c)">https://a.example/b_(c)</a>)'],
  [
    '<b> & "c" https://a.example/?b&d',
    {},
    '&lt;b&gt; &amp; &quot;c&quot; <a href="https://a.example/?b&amp;d">https://a.example/?b&amp;d</a>',
  ],
  ['javascript:alert(1) data:x', {}, 'javascript:alert(1) data:x'],
  ['mailto:a@b.example', {}, 'mailto:a@b.example'],
  ['mailto:a@b.example', { permittedProtocols: ['mailto'] }, '<a href="mailto:a@b.example">mailto:a@b.example</a>'],
  [
    'http://a.example HTTPS://b.example',
    { permittedProtocols: ['https'] },
    'http://a.example <a href="HTTPS://b.example">HTTPS://b.example</a>',
  ],
  [
    'https://a.example',
    { attributes: { rel: 'nofollow', title: '"&' } },
    '<a href="https://a.example" rel="nofollow" title="&quot;&amp;">https://a.example</a>',
  ],
  [
    'https://a.example www.b.example',
    { attributes: (href) => (href.startsWith('https:') ? {} : { class: 'external' }) },
    '<a href="https://a.example">https://a.example</a> <a href="http://www.b.example" class="external">www.b.example</a>',
  ],
  [
    'http://www.a.example/a/very/long/path/that/goes/on?x=1&y=2',
    { shorten: true },
    '<a href="http://www.a.example/a/very/long/path/that/goes/on?x=1&amp;y=2" title="http://www.a.example/a/very/long/path/that/goes/on?x=1&amp;y=2">http://www.a.example/a…</a>',
  ],
  ['https://a.example/short', { shorten: true }, '<a href="https://a.example/short">https://a.example/short</a>'],
  [
    'https://good.example.with.a.very.long.name.evil.example/0123456789',
    { shorten: true },
    '<a href="https://good.example.with.a.very.long.name.evil.example/0123456789" title="https://good.example.with.a.very.long.name.evil.example/0123456789">https://good.example.with.a.very.long.name.evil.example/01234567…</a>',
  ],
] as const satisfies readonly (readonly [string, LinkifyOptions, string])[]) {
  test(`linkify of ${JSON.stringify(text)} with ${JSON.stringify(options)}`, () =>
    assert.equal(linkify(text, options), html));
}

test('the text of the result is the text that was given, and only links are elements', () => {
  const bits = fc.constantFrom(
    'https://',
    'www.',
    'a.example',
    '<script>',
    '"',
    "'",
    '&amp;',
    '>',
    '/b',
    ' ',
    '😀',
    '好',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(bits, fc.string())), (pieces) => {
      const text = pieces.join('');
      const html = linkify(text);
      const rest = html.replace(/<a href="[^"<>]*">|<\/a>/g, '');
      assert.doesNotMatch(rest, /[<>"']/);
      // Unescapes only what was escaped once.
      assert.equal(xhtmlUnescape(rest), text);
    }),
  );
});

test('refuses wrong options before it returns a part', () => {
  const wrong: readonly [object, RegExp][] = [
    [{ extraParams: 'rel=x' }, /Unknown linkify option extraParams; the options are shorten, attributes/],
    [{ shorten: 1 }, /shorten must be true or false; got 1/],
    [{ permittedProtocols: ['javascript'] }, /permittedProtocols must be an array of http, https, mailto; got /],
    [{ permittedProtocols: 'http' }, /permittedProtocols must be an array/],
    [{ attributes: 'rel="x"' }, /attributes must be an object such as/],
    [
      { attributes: { href: 'x' } },
      /A name in attributes must be the name of an attribute other than href; got "href"/,
    ],
    [{ attributes: { 'a b': 'x' } }, /A name in attributes/],
    [{ attributes: { rel: 5 } }, /attributes\.rel must be a string; got 5/],
  ];
  for (const [options, message] of wrong) assert.throws(() => linkify('text', options), { message });
  assert.throws(() => linkify(5 as never), { message: 'text must be a string; got 5.' });
});
