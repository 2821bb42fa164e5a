import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { DictLoader, Loader } from './loader.ts';

const folder = mkdtempSync(join(tmpdir(), 'gale-templates-'));
const root = join(folder, 'root');
after(() => rmSync(folder, { recursive: true }));
mkdirSync(join(root, 'part'), { recursive: true });
writeFileSync(join(folder, 'secret.html'), 'secret');
writeFileSync(join(root, 'index.html'), '{% extends "part/base.html" %}{% block body %}你好, {{ name }}{% end %}');
writeFileSync(join(root, 'part/base.html'), '<{% block body %}{% end %}{% include "foot.html" %}>');
writeFileSync(join(root, 'part/foot.html'), '\n  foot');
symlinkSync(join(folder, 'secret.html'), join(root, 'link.html'));
symlinkSync(join(root, 'part/foot.html'), join(root, 'inside.html'));
symlinkSync(folder, join(root, 'up'));

test('loads a template and the templates that it extends and includes', () => {
  assert.equal(new Loader(root).load('index.html').generate({ name: 'Ann' }), '<你好, Ann\nfoot>');
  assert.equal(new Loader(root).load('part/../part/./foot.html').name, 'part/foot.html');
});

test('refuses names outside of the root', () => {
  const loader = new Loader(root);
  const names = [
    '../secret.html',
    'part/../../secret.html',
    '/etc/passwd',
    join(folder, 'secret.html'),
    'link.html',
    'up/secret.html',
    '..',
  ];
  for (const name of [...names, '..\\secret.html', 'C:/secret.html', 'part\0/foot.html']) {
    assert.throws(
      () => loader.load(name),
      { code: 'TEMPLATE_NOT_FOUND', message: /is outside of the loader's root$/ },
      name,
    );
  }
  for (const name of names) {
    const dict = new DictLoader({ 'a/b.html': `\n{% include "${name}" %}`, '../secret.html': 'secret' });
    assert.throws(() => dict.load('a/b.html'), { code: 'TEMPLATE_NOT_FOUND', message: /at a\/b\.html:2$/ }, name);
  }
});

test('follows a link inside the root', () => {
  assert.equal(new Loader(root).load('inside.html').generate(), '\nfoot');
});

test('the error of a missing template has its name, and the file and line that name it', () => {
  const loader = new Loader(root);
  for (const name of ['none.html', 'part', '', 'index.html/x']) {
    assert.throws(() => loader.load(name), { code: 'TEMPLATE_NOT_FOUND', message: /^There is no template/ }, name);
  }
  const dict = new DictLoader({ 'a.html': '\n{% include "none.html" %}' });
  assert.throws(() => dict.load('a.html'), { message: 'There is no template `none.html` at a.html:2' });
  assert.throws(() => new Loader(join(folder, 'nowhere')).load('a.html'), { code: 'TEMPLATE_NOT_FOUND' });
});

test('compiles a template once, until reset', () => {
  const path = join(root, 'changing.html');
  writeFileSync(path, 'one');
  const loader = new Loader(root);
  const first = loader.load('changing.html');
  writeFileSync(path, 'two');
  assert.equal(loader.load('part/../changing.html'), first);
  loader.reset();
  assert.equal(loader.load('changing.html').generate(), 'two');
  assert.equal(first.generate(), 'one');
});

test('without the cache every load reads every file again', () => {
  writeFileSync(join(root, 'outer.html'), '{% include "inner.html" %}');
  writeFileSync(join(root, 'inner.html'), 'one');
  const loader = new Loader(root, { cache: false });
  assert.equal(loader.load('outer.html').generate(), 'one');
  writeFileSync(join(root, 'inner.html'), 'two');
  assert.equal(loader.load('outer.html').generate(), 'two');
});

test('options of the loader apply to its templates', () => {
  const texts = { 'a.html': ' \n {{ x }}{{ site }}' };
  const loader = new DictLoader(texts, { autoescape: false, namespace: { site: '&' }, whitespace: 'oneline' });
  assert.equal(loader.load('a.html').generate({ x: '<' }), ' <&');
  const marked = new DictLoader(texts, { autoescape: (text) => `[${text}]`, namespace: { site: '&' } });
  assert.equal(marked.load('a.html').generate({ x: '<' }), '\n[<][&]');
});

test('supports names and texts in any script', () => {
  const loader = new DictLoader({
    '目录/页面.html': '你好，{{ 名字 }}！{% include "尾.html" %}',
    '目录/尾.html': '再见 😀',
  });
  assert.equal(loader.load('目录/页面.html').generate({ 名字: '<王>' }), '你好，&lt;王&gt;！再见 😀');
});

test('an error in an included file has the place in that file', () => {
  const loader = new DictLoader({ a: '{% include b %}', b: '\n\n{{ 1 + }}' });
  assert.throws(() => loader.load('a'), { code: 'TEMPLATE_EXPRESSION', message: /at b:3$/ });
});
