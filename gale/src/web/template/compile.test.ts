import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DictLoader } from './loader.ts';
import { Template } from './template.ts';

const print = (source: string, namespace: object = {}): string =>
  new Template(source, { name: 't' }).generate(namespace);

/** The message of the error that rendering throws. */
const failure = (source: string, namespace: object = {}): string => {
  try {
    return `no error: ${print(source, namespace)}`;
  } catch (error) {
    return (error as Error).message;
  }
};

test('accepts any expression of JavaScript', () => {
  const user = { name: 'Ann', tags: ['a', 'b'], greet: (word: string) => `${word}, Ann` };
  assert.equal(print('{{ 3 * 2 }} {{ user.name }} {{ user["name"] }} {{ user.tags[1] }}', { user }), '6 Ann Ann b');
  assert.equal(
    print('{{ user.greet("Hi") }} {{ user.age ?? "?" }} {{ user.pet?.name ?? "-" }}', { user }),
    'Hi, Ann ? -',
  );
  assert.equal(
    print('{{ user.tags.map((tag, i) => `${i}${tag}`).join() }} {{ [1, ...user.tags].length }}', { user }),
    '0a,1b 3',
  );
  assert.equal(
    print('{{ {name}.name }} {{ true && { name }.name }} {{ (1, 2) }} {{ /^a/.test(name) }}', { name: 'x' }),
    'x x 2 false',
  );
});

test('if uses the first branch whose test is true, and evaluates no later test', () => {
  const source = '{% if a %}A{% elif b %}B{% else %}C{% end %}';
  assert.equal(print(source, { a: 1 }), 'A');
  assert.equal(print(source, { a: 0, b: 1 }), 'B');
  assert.equal(print(source, { a: '', b: null }), 'C');
  assert.equal(print('{% if 条件 %}是{% else %}否{% end %}', { 条件: true }), '是');
});

test('for iterates any iterable', () => {
  const source = '{% for x in xs %}{{ x }},{% end %}';
  assert.equal(print(source, { xs: [1, 2] }), '1,2,');
  assert.equal(print(source, { xs: new Set(['a']) }), 'a,');
  assert.equal(print(source, { xs: 'é😀' }), 'é,😀,');
  assert.equal(print(source, { xs: new Map([['k', 'v']]).keys() }), 'k,');
  assert.equal(
    print('{% for [k, { v = d }] of Object.entries(xs) %}{{ k }}={{ v }} {% end %}', {
      xs: { a: { v: 1 }, b: {} },
      d: 9,
    }),
    'a=1 b=9 ',
  );
});

test('a loop has its own variable, even with the name of its list', () => {
  assert.equal(print('{% for x in x %}{{ x }}{% end %}{{ x }}', { x: [1, 2] }), '121,2');
  assert.equal(print('{% set x = 0 %}{% for x in [1] %}{% set x = 5 %}{{ x }}{% end %}{{ x }}'), '50');
  assert.match(failure('{% for y in [1] %}{% end %}{{ y }}'), /^`y` was not passed/);
});

test('break leaves a loop, continue continues it, and else runs without a break', () => {
  const source =
    '{% for x in xs %}{% if x === 1 %}{% continue %}{% elif x === 3 %}{% break %}{% end %}{{ x }}{% else %}.{% end %}';
  assert.equal(print(source, { xs: [0, 1, 2, 3, 4] }), '02');
  assert.equal(print(source, { xs: [0, 1, 2] }), '02.');
  assert.equal(print(source, { xs: [] }), '.');
  const nested = '{% for x in [1, 2] %}{% for y in [] %}{% else %}{% break %}{% end %}{{ x }}{% else %}no{% end %}';
  assert.equal(print(nested), '');
});

test('while runs as long as its test is true', () => {
  assert.equal(print('{% set n = 3 %}{% while n > 0 %}{{ n }}{% set n -= 1 %}{% else %}!{% end %}'), '321!');
});

test('set applies to the whole template after it is evaluated', () => {
  assert.equal(print('{% if true %}{% set x = 1 %}{% end %}{{ x }}'), '1');
  assert.equal(print('{% for y in [1, 2] %}{% set last = y %}{% end %}{{ last }}'), '2');
  assert.equal(print('{% set { a, b: [c = 3] } = o %}{{ a }}{{ c }}', { o: { a: 1, b: [] } }), '13');
  assert.equal(print('{% set title = title + "!" %}{% set n += 1 %}{{ title }}{{ n }}', { title: 'a', n: 1 }), 'a!2');
  assert.match(failure('{% if false %}{% set x = 1 %}{% end %}{{ x }}'), /^`x` was not passed/);
});

test('a second rendering starts with new variables, and the namespace is unchanged', () => {
  const template = new Template('{% set n += 1 %}{{ n }}');
  const namespace = Object.freeze({ n: 1 });
  assert.equal(template.generate(namespace) + template.generate(namespace), '22');
});

/** Throws. */
const fails = (): never => {
  throw new Error('bad');
};

test('try keeps the output before the error, then runs catch, and always finally', () => {
  const source = '{% try %}a{{ f() }}b{% catch error %}({{ error.message }}){% else %}else{% finally %}!{% end %}';
  assert.equal(print(source, { f: fails }), 'a(bad)!');
  assert.equal(print(source, { f: () => 1 }), 'a1belse!');
  assert.equal(print('{% try %}{{ a }}b{{ a }}{{ a.x.y }}{% catch %}c{% end %}', { a: 1 }), '1b1c');
  assert.equal(print('{% try %}{{ missing }}{% except %}none{% end %}'), 'none');
  assert.equal(print('{% try %}{% apply f %}x{% end %}{% except %}y{% end %}z', { f: fails }), 'yz');
  assert.match(failure('{% try %}{{ missing }}{% finally %}x{% end %}'), /^`missing` was not passed/);
  assert.match(
    failure('{% try %}{% catch e %}c{% else %}{{ f() }}{% finally %}x{% end %}', { f: fails }),
    /^bad at t:1$/,
  );
});

test('apply passes the text to a function and writes its result unescaped', () => {
  assert.equal(
    print('{% apply upper %}a{{ "<" }}{% end %}', { upper: (text: string) => `<${text.toUpperCase()}>` }),
    '<A&LT;>',
  );
  assert.equal(
    print('{% apply s => s + s %}{% for x in [1, 2] %}{% apply s => `(${s})` %}{{ x }}{% end %}{% end %}{% end %}'),
    '(1)(2)(1)(2)',
  );
  assert.equal(print('{% apply f %}x{% end %}', { f: () => Buffer.from('é') }), 'é');
});

test('module calls a function of modules and writes its result unescaped', () => {
  const modules = { Entry: (text: string, { bold }: { bold: boolean }) => (bold ? `<b>${text}</b>` : text) };
  assert.equal(print('{% module Entry(text, { bold: true }) %}', { modules, text: 'x' }), '<b>x</b>');
  assert.equal(failure('{% module Entry() %}'), '`modules` was not passed to the template at t:1');
  assert.equal(failure('{% module Other() %}', { modules }), 'modules.Other is not a function at t:1');
});

test('raw and autoescape control escaping', () => {
  assert.equal(print('{{ x }}{% raw x %}', { x: `<>&"'` }), `&lt;&gt;&amp;&quot;&#x27;<>&"'`);
  assert.equal(print('{% autoescape None %}{{ x }}', { x: '<' }), '<');
  assert.equal(print('{{ x }}{% autoescape mark %}', { x: ['<', 1], mark: (text: string) => `[${text}]` }), '[<,1]');
  assert.equal(print('{% autoescape escape %}{{ x }}', { x: '<' }), '&lt;');
});

test('a missing name is an error when it is evaluated, not before', () => {
  assert.equal(failure('a\n\n{{ msg }}'), '`msg` was not passed to the template at t:3');
  assert.equal(print('{% if false %}{{ msg }}{% end %}{{ true || msg }}{{ [].map(x => msg).length }}'), 'true0');
  assert.equal(failure('{{ false || msg }}'), '`msg` was not passed to the template at t:1');
  assert.equal(failure('{{ [1].map(x => msg) }}'), '`msg` was not passed to the template at t:1');
  assert.equal(failure('{% for x in msg %}{% end %}'), '`msg` was not passed to the template at t:1');
  assert.equal(print('{{ msg }}', { msg: '' }), '');
});

test('typeof accepts a missing name', () => {
  assert.equal(print('{% if typeof msg !== "undefined" %}{{ msg }}{% else %}none{% end %}'), 'none');
  assert.equal(print('{{ typeof msg }}{{ typeof msg }}{{ msg }}', { msg: 'x' }), 'stringstringx');
});

test('properties of every object and of the process are no names', () => {
  for (const name of [
    'constructor',
    'toString',
    '__proto__',
    'process',
    'globalThis',
    'Function',
    'require',
    'global',
    '$',
  ]) {
    assert.equal(failure(`{{ ${name} }}`), `\`${name}\` was not passed to the template at t:1`);
  }
  assert.equal(print('{{ toString }}', { toString: 'mine' }), 'mine');
});

test('names can be inherited, and a getter is read at most once', () => {
  let reads = 0;
  const base = {
    get user() {
      reads += 1;
      return 'Ann';
    },
  };
  const namespace = Object.assign(Object.create(base) as object, { page: 1 });
  assert.equal(print('{% if page > 1 %}{{ user }}{% end %}', namespace), '');
  assert.equal(reads, 0);
  assert.equal(print('{{ user }}{{ user }}{% for x in [1, 2] %}{{ user }}{% end %}', namespace), 'AnnAnnAnnAnn');
  assert.equal(reads, 1);
});

test('a passed name takes precedence over one of the loader, and that over a standard one', () => {
  const loader = new DictLoader(
    { a: '{{ Date }} {{ Math.max(1, 2) }} {{ site }}' },
    { namespace: { Date: 'shared', site: 'shared' } },
  );
  assert.equal(loader.load('a').generate({ site: 'own' }), 'shared 2 own');
});

test('an error in an expression has its line and its cause', () => {
  const cause = new RangeError('too far');
  const fails = (): never => {
    throw cause;
  };
  assert.throws(() => print('a\n{% if f() %}{% end %}', { f: fails }), {
    name: 'TemplateError',
    code: 'TEMPLATE_RUNTIME',
    message: 'too far at t:2',
    cause,
    place: { file: 't', line: 2, via: [] },
  });
  assert.equal(
    failure('{{ user.name.first }}', { user: {} }),
    "Cannot read properties of undefined (reading 'first') at t:1",
  );
  assert.equal(failure('{{ f() }}', { f: 1 }), 'f is not a function at t:1');
  assert.equal(failure('{{ true && 名() }}', { 名: 1 }), '名 is not a function at t:1');
});

test('the line is correct after any branch', () => {
  assert.match(failure('{% for x in xs %}\n{{ x.y.z }}\n{% end %}', { xs: [{ y: { z: 1 } }, {}] }), /at t:2$/);
  assert.match(failure('{% for [x] in xs %}\n{{ x }}\n{% end %}', { xs: [[1], 2] }), /at t:1$/);
  assert.match(failure('{% for [x] in xs %}\n{% continue %}\n{% end %}', { xs: [[1], 2] }), /at t:1$/);
  assert.match(
    failure('{% set n = 0 %}\n{% while f(n) %}\n{% set n += 1 %}\n{% end %}', {
      f: (n: number) => n === 0 || BigInt(n + 0.5),
    }),
    /at t:2$/,
  );
  assert.match(failure('{% if a %}\n{{ a }}{% end %}{% if\na.b.c %}{% end %}', { a: 1 }), /at t:2$/);
  assert.match(failure('{% try %}\n\n{{ x.y.z }}{% catch %}{% end %}{{ x.y.z }}', { x: {} }), /at t:3$/);
  assert.match(failure('{% apply f %}\n{% if true %}\n{% end %}{% end %}', { f: 1 }), /at t:1$/);
});

test('an error names the chain of includes and replaced blocks', () => {
  const texts = {
    a: '{% include b %}',
    b: '\n{% include c %}',
    c: '{{ 1 / x.y.z }}',
    base: '\n{% block body %}{% end %}',
    page: '{% extends base %}\n\n{% block body %}{{ x.y.z }}{% end %}',
  };
  const loader = new DictLoader(texts);
  assert.throws(() => loader.load('a').generate({ x: {} }), { message: /at c:1 \(via b:2, a:1\)$/ });
  assert.throws(() => loader.load('page').generate({ x: {} }), { message: /at page:3 \(via base:2\)$/ });
});

test('a template rendered inside another adds its place', () => {
  const inner = new Template('\n{{ missing }}', { name: 'inner' });
  assert.equal(
    failure('\n\n{{ show() }}', { show: () => inner.generate() }),
    '`missing` was not passed to the template at inner:2 (via t:3)',
  );
});
