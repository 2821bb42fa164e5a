import assert from 'node:assert/strict';
import { test } from 'node:test';
import { array, assert as forAll, constantFrom, property, string } from 'fast-check';
import { DictLoader } from './loader.ts';
import { Template } from './template.ts';
import { TemplateError } from './template-error.ts';

test('text without an opener is unchanged', () => {
  const texts = string({ unit: 'binary' }).filter((text) => !text.includes('{') && !text.startsWith('\uFEFF'));
  forAll(property(texts, (text) => assert.equal(new Template(text).generate(), text)));
});

test('any value is safe in HTML text and attributes, and reads back unchanged', () => {
  const template = new Template('<p title="{{ x }}">{{ x }}</p>');
  const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#x27': "'" };
  const rule = property(string({ unit: 'binary' }), (x) => {
    const [, title = '', text = ''] = /^<p title="([^]*)">([^]*)<\/p>$/.exec(template.generate({ x })) ?? [];
    assert.equal(title, text);
    assert.doesNotMatch(text, /[<>"']|&(?!(?:amp|lt|gt|quot|#x27);)/);
    assert.equal(
      text.replace(/&([\w#]+);/g, (_all, name: string) => entities[name] ?? '?'),
      x,
    );
  });
  forAll(rule);
});

test('a string literal renders as itself', () => {
  const rule = property(string({ unit: 'binary' }), (text) => {
    assert.equal(new Template(`{% raw ${JSON.stringify(text)} %}`).generate(), text);
  });
  forAll(rule);
});

/** One value, escaped and raw. */
const printBoth = (x: unknown): string => new Template('{{ x }}|{% raw x %}').generate({ x });

test('converts values by String, null to nothing and bytes as UTF-8', () => {
  assert.equal(printBoth(12.5), '12.5|12.5');
  assert.equal(printBoth(0), '0|0');
  assert.equal(printBoth(true), 'true|true');
  assert.equal(printBoth(10n), '10|10');
  assert.equal(printBoth(null), '|');
  assert.equal(printBoth(['<', [1, 2]]), '&lt;,1,2|<,1,2');
  assert.equal(printBoth([null, undefined, [Buffer.from('é'), 2n]]), ',,é,2|,,é,2');
  assert.equal(printBoth(new Date(NaN)), 'Invalid Date|Invalid Date');
  assert.equal(printBoth(new URLSearchParams('a=1')), 'a=1|a=1');
  assert.equal(printBoth({ [Symbol.toPrimitive]: () => '<' }), '&lt;|<');
  assert.equal(printBoth(new Uint16Array([0x6948, 0x2121])), 'Hi!!|Hi!!');
  assert.equal(printBoth(new DataView(Buffer.from('xéx').buffer.slice(0, 0))), '|');
  assert.equal(printBoth(Uint8Array.of(0xc3, 0xa9).buffer), 'é|é');
  assert.equal(printBoth({ toString: () => '<b>' }), '&lt;b&gt;|<b>');
  assert.equal(printBoth(new TextEncoder().encode('é<')), 'é&lt;|é<');
});

/** The message of the error for a value. */
const failureOf = (x: unknown): string => {
  try {
    return new Template('\n{{ a.x }}', { name: 't' }).generate({ a: { x } });
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'TEMPLATE_VALUE');
    return (error as Error).message;
  }
};

test('undefined, a function and a promise are errors with their place', () => {
  assert.equal(failureOf(undefined), '`a.x` is undefined; print null or `value ?? ""` for nothing at t:2');
  assert.equal(
    failureOf(() => 1),
    '`a.x` is a function; call it at t:2',
  );
  assert.equal(failureOf(Promise.resolve()), '`a.x` is a promise; await it in the handler at t:2');
});

test('an object without its own toString is an error, also in a list and raw', () => {
  class Cup {
    readonly size = 1;
  }
  const failures: [value: unknown, message: RegExp][] = [
    [
      { a: 1 },
      /^`a.x` is an object without its own toString; print one of its properties, or jsonEncode\(…\) in a script at t:2$/,
    ],
    [{ __proto__: null, a: 1 }, /^`a.x` is an object without its own toString/],
    [new Cup(), /^`a.x` is an object without its own toString/],
    [[1, { a: 1 }], /^`\(a.x\)\[1\]` is an object without/],
    [new Map([[1, 2]]), /^`a.x` is an object of type Map without its own toString; loop over it with {% for %}/],
    [new Set(), /type Set without/],
    [[1].values(), /type Array Iterator without its own toString; loop/],
    [new Response('x'), /type Response without its own toString; print/],
    [Symbol('x'), /^`a.x` is a symbol; print its description at t:2$/],
  ];
  for (const [value, message] of failures) {
    assert.match(failureOf(value), message);
    const raw = new Template('{% raw x %}', { autoescape: false });
    assert.throws(() => raw.generate({ x: value }), { code: 'TEMPLATE_VALUE' });
  }
});

test('a value that is not iterable is an error', () => {
  const loop = new Template('{% for x in user %}{% end %}', { name: 't' });
  assert.throws(() => loop.generate({ user: {} }), {
    code: 'TEMPLATE_VALUE',
    message: /^`user` is object.*Object\.entries at t:1$/,
  });
  assert.throws(() => loop.generate({ user: null }), {
    message: '`user` is null, which {% for %} cannot loop over at t:1',
  });
  assert.throws(() => loop.generate({ user: 3 }), { message: /^`user` is number/ });
});

/** A list, escaped and raw. */
const printWith = (autoescape: boolean | ((text: string) => string)): string =>
  new Template('{{ x }}{% raw x %}', { autoescape }).generate({ x: ['<'] });

test('the option autoescape is true, false or a function', () => {
  assert.equal(printWith(true), '&lt;<');
  assert.equal(printWith(false), '<<');
  assert.equal(
    printWith((text) => `[${text}]`),
    '[<]<',
  );
});

test('a wrong option is refused by name', () => {
  assert.throws(() => new Template('', { autoescape: 'yes' as never }), {
    code: 'OPTION_VALUE',
    message: /autoescape must be true, false or a function; got "yes"/,
  });
  assert.throws(() => new Template('', { namespace: 1 as never }), {
    code: 'OPTION_VALUE',
    message: /namespace must be an object; got 1/,
  });
});

test('a template without a loader cannot extend or include', () => {
  assert.throws(() => new Template('\n{% include "a" %}'), {
    message: '`a` cannot be found: this template has no loader at <string>:2',
  });
  assert.throws(() => new Template('{% extends "a" %}'), { code: 'TEMPLATE_SYNTAX' });
});

test('joined chunks equal the output, none is empty and none is delayed to the end', () => {
  const template = new Template('{% for row in rows %}{{ row }} {% end %}end', { whitespace: 'all' });
  const rows = Array.from({ length: 20_000 }, (_, index) => index);
  const chunks = [...template.generateChunks({ rows })];
  assert.equal(chunks.join(''), template.generate({ rows }));
  assert.ok(chunks.length > 4);
  assert.ok(chunks.every((chunk) => chunk.length > 0 && chunk.length < 20_000));
  assert.deepEqual([...new Template('').generateChunks()], []);
});

test('renders chunks on demand', () => {
  let made = 0;
  function* rows(): Generator<string> {
    for (;;) {
      made += 1;
      yield 'x'.repeat(1000);
    }
  }
  const chunks = new Template('{% for row in rows() %}{{ row }}{% end %}').generateChunks({ rows });
  assert.equal(made, 0);
  assert.ok((chunks.next().value as string).length >= 16_000);
  assert.ok(made < 20);
  chunks.return?.();
});

test('the iterator throws an error after the chunks before it, with its place', () => {
  const template = new Template('{% for x in [1] %}{{ "a".repeat(20000) }}{% end %}\n{{ missing }}', { name: 't' });
  const chunks = template.generateChunks();
  assert.equal((chunks.next().value as string).length, 20_000);
  assert.throws(() => chunks.next(), { message: '`missing` was not passed to the template at t:2' });
});

test('any combination of marks and words is a template or an error with its place', () => {
  const marks = [
    '{{',
    '}}',
    '{%',
    '%}',
    '{#',
    '#}',
    '!',
    '{',
    '}',
    ' ',
    '\n',
    '"',
    "'",
    '`',
    '/',
    '\\',
    ';',
    ')',
    '(',
    ',',
    '//',
    '/*',
  ];
  const words = [
    'a',
    'xs',
    'let',
    'async',
    'of',
    'in',
    '=',
    '=>',
    '[a, b]',
    '{ a }',
    '1',
    '?.',
    '&&',
    'typeof',
    'base',
    '$$o',
  ];
  const tags =
    'if elif else for while set try catch finally block extends include apply module raw autoescape break end';
  const whole = tags
    .split(' ')
    .flatMap((tag) => [`{% ${tag} %}`, `{% ${tag} a %}`, `{% ${tag} a = xs %}`, `{% ${tag} a of xs %}`]);
  const pieces = array(
    constantFrom(...marks, ...words, ...whole, '{{ a }}', '{% end %}', '{% end %}', '{% include base %}'),
    {
      maxLength: 16,
    },
  );
  const rule = property(pieces, (parts) => {
    const page = parts.join('').replaceAll('{% while', '{% if');
    const loader = new DictLoader({ page, base: '{% block a %}{% end %}', a: '{{ a }}', xs: '{% extends base %}' });
    try {
      const template = loader.load('page');
      assert.equal(
        [...template.generateChunks({ a: 1, xs: [1, 2] })].join(''),
        template.generate({ a: 1, xs: [1, 2] }),
      );
    } catch (error) {
      assert.ok(error instanceof TemplateError && error.place !== undefined, String(error));
    }
  });
  forAll(rule, { numRuns: 2000 });
});
