/** Runs the program `gale`, and the examples of docs/guide/command-line.md. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { createLogger } from '../src/run/log.ts';
import type { Form } from '../src/web/forms/form.ts';
import { loadTranslations } from '../src/web/locale/load-translations.ts';
import { root, textOf } from './support/repository.ts';
import { formRequest } from './support/web/form-request.ts';

const program = join(root, 'gale/src/command/gale.ts');
const document = 'docs/guide/command-line.md';
const page = await textOf(document);

interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the program in a folder, without input. */
async function gale(cwd: string, ...words: readonly string[]): Promise<Ran> {
  const child = spawn(process.execPath, ['--conditions=gale-source', program, ...words], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}

/** A project in which `gale` is installed. It is not inside of a node_modules, where Node.js strips no types. */
async function folderWith(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'command-'));
  t.after(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }');
  await mkdir(join(folder, 'node_modules'));
  await symlink(join(root, 'gale'), join(folder, 'node_modules/gale'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

/** The code block of the page with this information. */
function block(info: string): string {
  const text = page.split(`\`\`\`${info}\n`)[1]?.split('```')[0];
  assert.ok(text !== undefined, info);
  return text;
}

test('secret prints one line of 256 random bits, each time another one', async () => {
  const [first, second] = await Promise.all([gale(root, 'secret'), gale(root, 'secret')]);
  assert.match(first.out, /^[\w-]{43}\n$/);
  assert.equal(Buffer.from(first.out, 'base64url').length, 32);
  assert.deepEqual([first.code, first.err], [0, '']);
  assert.notEqual(first.out, second.out);
});

test('--version and --help', async () => {
  const { version } = JSON.parse(await textOf('gale/package.json')) as { version: string };
  assert.deepEqual(await gale(root, '--version'), { code: 0, out: `${version}\n`, err: '' });
  const help = await gale(root, '--help');
  assert.equal(help.code, 0);
  for (const command of ['routes FILE', 'templates check DIR', 'messages DIR… --out=FILE.po', 'secret', '--version']) {
    assert.ok(help.out.includes(`  ${command} `), command);
  }
  for (const command of ['routes', 'templates', 'messages', 'secret']) {
    const { code, out } = await gale(root, command, '--help');
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^npx gale ${command}.*\n\n[^]*--help +Print this and stop\\.\n$`));
  }
});

test('a wrong command line is code 2, with what is right', async (t) => {
  const folder = await folderWith(t, { 'a.html': '' });
  for (const [words, message] of [
    [[], /^A command is missing\.\n\nnpx gale COMMAND\n/],
    [['route'], /^There is no command "route"\.\n\nnpx gale COMMAND\n/],
    [['toString'], /^There is no command "toString"/],
    [['routes'], /^routes takes one file: npx gale routes FILE\n$/],
    [['routes', 'a', 'b'], /^routes takes one file/],
    [['routes', '--port=1'], /^Unknown option --port; the options are/],
    [['templates', '.'], /^templates takes check and one folder/],
    [['templates', 'check', 'a.html'], /^a\.html is a file; give its folder/],
    [['messages', '.'], /^messages takes folders and a file: npx gale messages DIR --out=FILE\.po\n$/],
    [['messages', '.', '--out=a.txt'], /^messages takes folders and a file/],
    [['messages', '.', '--out'], /^--out needs a value/],
    [
      ['messages', '.', '--out=de.po', '--functions=a b'],
      /^--functions must be names with commas between them; got "a b"\.\n$/,
    ],
    [['secret', 'x'], /^secret takes no argument/],
  ] as const) {
    const { code, out, err } = await gale(folder, ...words);
    assert.match(err, message, words.join(' '));
    assert.deepEqual([code, out], [2, ''], words.join(' '));
  }
});

test('routes prints the routes as the guide shows them', async (t) => {
  const folder = await folderWith(t, { 'app.ts': block('ts') });
  assert.deepEqual(await gale(folder, 'routes', 'app.ts'), { code: 0, out: block('text routes'), err: '' });
});

test('routes shows hosts, regular expressions, names, static files and mounted applications', async (t) => {
  const folder = await folderWith(t, {
    'app.js': `
      import { Application, RequestHandler } from 'gale';
      class Page extends RequestHandler { get() {} }
      class Socket extends RequestHandler { prepare() {} }
      const api = new Application([['/stories', Page, { name: 'stories' }]]);
      const app = new Application([[/\\/old\\/(\\d+)/, Page], ['/all', Socket], ['/api', api]], { staticPath: '.' });
      app.addHandlers('admin.example', [['/', Page, { name: 'admin' }]]);
      export default app;
      setInterval(() => {}, 1000);
    `,
  });
  const { code, out, err } = await gale(folder, 'routes', './app.js');
  assert.deepEqual([code, err], [0, '']);
  const rows = out.split('\n').map((line) => line.split(/ {2,}/));
  assert.deepEqual(rows[0], ['METHODS', 'PATH', 'NAME', 'HANDLER', 'HOST']);
  assert.deepEqual(rows[1], ['GET, HEAD', '/', 'admin', 'Page', 'admin.example']);
  const lines = out.split('\n').map((line) => line.replaceAll(/ +/g, ' '));
  for (const line of [
    'GET, HEAD /\\/old\\/(\\d+)/ Page',
    'GET, HEAD /api/stories stories Page',
    'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS /all Socket',
  ]) {
    assert.ok(lines.includes(line), `${line} is not in\n${out}`);
  }
  assert.ok(
    lines.some((line) => line.includes('/static/')),
    out,
  );
});

test('routes says why a file has no routes', async (t) => {
  const folder = await folderWith(t, {
    'none.ts': 'export const server = 1; export const a = 2;',
    'empty.ts': '',
    'broken.ts': "throw new Error('no database');",
    'syntax.ts': 'export const app = ;',
    'stuck.ts': 'await new Promise((resolve) => setTimeout(resolve, 100_000));',
    'never.ts': 'await new Promise(() => {});',
  });
  const cases = [
    [
      'none.ts',
      /^none\.ts must export an application as default or as app; it exports a, server\. Write export const app/,
    ],
    ['empty.ts', /it exports nothing\./],
    ['missing.ts', /^There is no file missing\.ts \(/],
    ['broken.ts', /^broken\.ts cannot be imported: Error: no database\n\s+at .*broken\.ts/],
    ['syntax.ts', /^syntax\.ts cannot be imported: /],
    ['stuck.ts', /^stuck\.ts did not finish loading within 10 s\. Listen only if import\.meta\.main is true/],
    ['never.ts', /^never\.ts did not finish loading within 10 s/],
  ] as const;
  await Promise.all(
    cases.map(async ([file, message]) => {
      const { code, out, err } = await gale(folder, 'routes', file);
      assert.match(err, message, file);
      assert.deepEqual([code, out], [1, ''], file);
    }),
  );
});

test('templates check prints all errors with file and line, as the guide shows them', async (t) => {
  const folder = await folderWith(t, {
    'templates/page.html': block('html templates/page.html'),
    'templates/list.html': block('html templates/list.html'),
  });
  const checked = await gale(folder, 'templates', 'check', 'templates');
  assert.deepEqual(checked, { code: 1, out: block('text templates'), err: '2 templates, 3 errors\n' });
});

test('templates check accepts right templates, and reports circles and an error of a base once', async (t) => {
  const folder = await folderWith(t, {
    'right/base.html': '{% block body %}{% end %}',
    'right/deep/page.html': '{% extends "../base.html" %}{% block body %}{{ a }}{% include "/part.txt" %}{% end %}',
    'right/part.txt': '{{ b }}',
    'right/.hidden.html': '{% end %}',
    'right/node_modules/x.html': '{% end %}',
    'right/image.png': '{% end %}',
    'wrong/a.html': '{% include "b.html" %}',
    'wrong/b.html': '{% include "a.html" %}',
    'wrong/base.html': 'line\n{% end %}',
    'wrong/one.html': '{% extends "base.html" %}',
    'wrong/two.html': '{% extends "base.html" %}',
  });
  assert.deepEqual(await gale(folder, 'templates', 'check', 'right'), {
    code: 0,
    out: '',
    err: '3 templates, 0 errors\n',
  });
  const { code, out } = await gale(folder, 'templates', 'check', 'wrong/');
  assert.equal(code, 1);
  assert.equal(out.match(/Extra \{% end %\}/g)?.length, 1, out);
  assert.match(out, /^wrong\/base\.html:2: Extra \{% end %\}: nothing is open here$/m);
  assert.match(out, /^wrong\/[ab]\.html:1: .*/m);
  const missing = await gale(folder, 'templates', 'check', 'nowhere');
  assert.equal(missing.code, 1);
  assert.match(missing.err, /^nowhere cannot be read: /);
});

test('templates check reports a file that is not UTF-8 with its line, beside all other errors', async (t) => {
  const folder = await folderWith(t, { 'a/open.html': '{{ a', 'a/loads.html': '{% include "latin1.html" %}' });
  await writeFile(join(folder, 'a/latin1.html'), Buffer.from('{{ a }}\n<p>caf\u00e9', 'latin1'));
  const { code, out, err } = await gale(folder, 'templates', 'check', 'a');
  assert.match(out, /^a\/latin1\.html:2: The line is not UTF-8\n/);
  assert.match(out, /^a\/open\.html:1: Missing end expression \}\}$/m);
  assert.equal(code, 1);
  assert.match(err, /^3 templates, 2 errors\n$/);
  const { err: stopped } = await gale(folder, 'messages', 'a', '--out=de.po');
  assert.equal(stopped, 'a/latin1.html:2: The line is not UTF-8.\n');
});

test('messages writes the file of the guide, and an application reads it', async (t) => {
  const folder = await folderWith(t, { 'pages/inbox.html': block('html pages/inbox.html') });
  const ran = await gale(folder, 'messages', 'pages', '--out=locale/de.po');
  assert.deepEqual(ran, { code: 0, out: '', err: 'locale/de.po: 2 texts, 2 new, 2 without translation, 0 obsolete\n' });
  assert.equal(await readFile(join(folder, 'locale/de.po'), 'utf8'), block('po locale/de.po'));
  assert.deepEqual(await readdir(join(folder, 'locale')), ['de.po']);
});

test('messages keeps translations, and says what it cannot see', async (t) => {
  const folder = await folderWith(t, {
    'src/app.ts': "const title = this.locale.translate('Title');\n_(name);\n",
    'src/form.ts': "const N_ = (text: string) => text;\ntextField({ label: N_('Name') });\n",
    'src/page.html': "{{ _('Hello') }}",
    'zh_CN.po': 'msgid "Hello"\nmsgstr "你好"\n\nmsgid "Unused"\nmsgstr "没用"\n',
  });
  await symlink('..', join(folder, 'src/circle'));
  const { code, err } = await gale(folder, 'messages', 'src', '--out=zh_CN.po', '--functions=N_');
  assert.equal(
    err,
    'src/app.ts:2: the text is not a literal, so it is not extracted\nzh_CN.po: 3 texts, 2 new, 2 without translation, 1 obsolete\n',
  );
  assert.equal(code, 0);
  const text = await readFile(join(folder, 'zh_CN.po'), 'utf8');
  assert.match(text, /"Language: zh_CN\\n"/);
  assert.match(text, /#: src\/page\.html:1\nmsgid "Hello"\nmsgstr "你好"\n/);
  assert.match(text, /#: src\/form\.ts:2\nmsgid "Name"\n/);
  assert.match(text, /#~ msgid "Unused"\n#~ msgstr "没用"\n/);
});

test('messages finds the labels, hints and messages of a form, and the form shows their translations', async (t) => {
  const texts = [
    'Name',
    'Everybody sees it.',
    'Please choose a name.',
    'Ann is taken.',
    'Create account',
    'Try later.',
  ];
  const folder = await folderWith(t, {
    'src/register.ts': `import { Form, textField } from 'gale/forms';
const N_ = (text: string): string => text;
class Register extends Form.of(
  {
    name: textField({
      label: N_('Name'),
      hint: N_('Everybody sees it.'),
      messages: { required: N_('Please choose a name.') },
      check: (name) => (name === 'Ann' ? N_('Ann is taken.') : undefined),
    }),
  },
  { submit: N_('Create account') },
) {}
export const open = (handler: never) => new Register(handler).addError(N_('Try later.'));
`,
  });
  const ran = await gale(folder, 'messages', 'src', '--out=locale/zh_CN.po', '--functions=N_');
  assert.equal(ran.err, 'locale/zh_CN.po: 6 texts, 6 new, 6 without translation, 0 obsolete\n');
  const file = join(folder, 'locale/zh_CN.po');
  const untranslated = await readFile(file, 'utf8');
  await writeFile(file, untranslated.replaceAll(/^msgid "(.+)"\nmsgstr ""$/gm, 'msgid "$1"\nmsgstr "译：$1"'));
  const { open } = (await import(pathToFileURL(join(folder, 'src/register.ts')).href)) as {
    open(request: object): Form;
  };
  const translations = await loadTranslations(join(folder, 'locale'));
  const locales = translations.localesFor({}, { log: () => createLogger(), now: () => 0 });
  const shown = async (name: string): Promise<string> => {
    const form = open({ ...formRequest({ name }), application: { locales }, locale: locales.get('zh-CN') });
    await form.validate();
    return form.html();
  };
  const html = (await shown('')) + (await shown('Ann'));
  for (const text of texts) assert.ok(html.includes(`译：${text}`), text);
});

test('messages writes nothing after an error', async (t) => {
  const broken = 'msgid "Hello\n';
  const folder = await folderWith(t, {
    'bad/page.html': "{{ _('Hello') }}\n{{ _( }}",
    'good/page.html': "{{ _('Hello') }}",
    'de.po': broken,
  });
  const template = await gale(folder, 'messages', 'bad', '--out=new.po');
  assert.match(template.err, /^bad\/page\.html:2: Unexpected token/);
  const file = await gale(folder, 'messages', 'good', '--out=de.po');
  assert.equal(file.err, 'de.po:1: the text has no closing quote.\n');
  assert.deepEqual([template.code, file.code], [1, 1]);
  assert.equal(await readFile(join(folder, 'de.po'), 'utf8'), broken);
  assert.deepEqual((await readdir(folder)).toSorted(), ['bad', 'de.po', 'good', 'node_modules', 'package.json']);
});

test('a reader that closes the pipe early is no error', async () => {
  const child = spawn('sh', ['-c', `"$0" --conditions=gale-source "$1" --help | true`, process.execPath, program], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  await once(child, 'close');
  assert.equal(err, '');
});
