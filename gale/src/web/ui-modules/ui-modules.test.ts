import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { serve, type Served } from '../../../test/support/web/web-server.ts';
import { RequestHandler } from '../handler.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import type { Settings } from '../settings.ts';
import { UIModule, type UIModuleClass } from './ui-module.ts';

async function folderOf(t: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'ui-modules-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

/** Serves `page.html` at `/` with `values`. */
async function servePage(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  settings: Settings = {},
  values: object = {},
): Promise<Served> {
  class Page extends RequestHandler {
    async get(): Promise<void> {
      await this.render('page.html', values);
    }
    async post(): Promise<void> {
      await this.finish(this.renderString('page.html', values));
    }
  }
  return serve(t, [['/', Page]], { templatePath: await folderOf(t, files), ...settings });
}

const pageOf = (body: string): string => `<head></head><body>${body}</body>`;

class Entry extends UIModule {
  #calls = 0;
  render(name: string, { bold = false } = {}): string {
    this.#calls += 1;
    return this.renderString('entry.html', { name, bold, calls: this.#calls });
  }
  override cssFiles(): string[] {
    return ['entry.css', '/shared.css'];
  }
  override embeddedJavascript(): string {
    return 'entry()';
  }
}

class Menu extends UIModule {
  render(): string {
    return `<nav>${this.request.path}</nav>`;
  }
  override cssFiles(): string {
    return '/shared.css';
  }
  override javascriptFiles(): string[] {
    return ['https://cdn.example/menu.js'];
  }
  override embeddedJavascript(): string {
    return 'menu()';
  }
}

const entry = '{% if bold %}<b>{{ name }}</b>{% else %}<p>{{ name }} {{ calls }}{% end %}';

test('a module renders its template, and its resources are inserted once, in the order of first use', async (t) => {
  const page = pageOf(
    "{% module Menu() %}{% for n in names %}{% module Entry(n) %}{% end %}{% module Entry('<', { bold: true }) %}",
  );
  const uiModules = { Entry, Menu };
  const served = await servePage(t, { 'page.html': page, 'entry.html': entry }, { uiModules }, { names: ['a&b', 'c'] });
  const html = await (await served.get('/')).text();
  assert.equal(
    html,
    '<head><link href="/shared.css" rel="stylesheet"><link href="/static/entry.css" rel="stylesheet">\n</head>' +
      '<body><nav>/</nav><p>a&amp;b 1<p>c 2<b>&lt;</b><script src="https://cdn.example/menu.js"></script>\n' +
      '<script>\nmenu()\nentry()\n</script>\n</body>',
  );
  // The next request has modules of its own.
  assert.equal(await (await served.get('/')).text(), html);
});

test('a module knows the user of the page, and an empty resource inserts nothing', async (t) => {
  class Greeting extends UIModule {
    override render(): string {
      return `Hello, ${String(this.currentUser)}!`;
    }
    override embeddedCss(): string {
      return '';
    }
    override htmlHead(): string {
      return '';
    }
  }
  class Page extends RequestHandler<string> {
    override getCurrentUser(): string {
      return 'Ann';
    }
    async get(): Promise<void> {
      await this.render('page.html');
    }
  }
  const templatePath = await folderOf(t, { 'page.html': pageOf('{% module Greeting() %}') });
  const served = await serve(t, [['/', Page]], { templatePath, uiModules: { Greeting } });
  assert.equal(await (await served.get('/')).text(), pageOf('Hello, Ann!'));
});

test('a page that uses no module has no resources, and needs no tags', async (t) => {
  const served = await servePage(
    t,
    { 'page.html': '{% if false %}{% module Entry(1) %}{% end %}plain' },
    { uiModules: { Entry } },
  );
  assert.equal(await (await served.get('/')).text(), 'plain');
});

test('renderString inserts nothing', async (t) => {
  const files = { 'page.html': '{% module Entry("x") %}', 'entry.html': entry };
  const served = await servePage(t, files, { uiModules: { Entry } });
  assert.equal(await (await served.get('/', { method: 'POST' })).text(), '<p>x 1');
});

test('modules in modules come after the module that uses them', async (t) => {
  class Outer extends UIModule {
    render(): string {
      return this.renderString('entry.html');
    }
    override embeddedCss(): string {
      return 'outer{}';
    }
  }
  class Inner extends UIModule {
    render(): string {
      return 'inner';
    }
    override embeddedCss(): string {
      return 'inner{}';
    }
  }
  const files = { 'page.html': pageOf('{% module Outer() %}'), 'entry.html': '{% module Inner() %}' };
  const served = await servePage(t, files, { uiModules: { Inner, Outer } });
  assert.match(await (await served.get('/')).text(), /<style>\nouter\{\}\ninner\{\}\n<\/style>/);
});

test('a module that is not registered is an error with file, line and the registered names', async (t) => {
  const files = { 'page.html': '\n{% module Entri(1) %}' };
  const served = await servePage(t, files, { uiModules: { Entry } });
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(
    /UI module `Entri` is not registered; add it to the setting uiModules\. Registered are Entry, Template, linkify, xsrfFormHtml at page\.html:2/,
  );
  const bare = await servePage(t, { 'page.html': '{% module constructor(1) %}' });
  assert.equal((await bare.get('/')).status, 500);
  await bare.expectLine(
    /UI module `constructor` is not registered.*Registered are Template, linkify, xsrfFormHtml at page\.html:1/,
  );
});

test('a page without </head> or </body> is an error in the log, and the error page has no resources', async (t) => {
  const files = { 'page.html': '<body>{% module Entry(1) %}</body>', 'entry.html': entry };
  const served = await servePage(t, files, { uiModules: { Entry } });
  const response = await served.get('/');
  assert.equal(response.status, 500);
  assert.doesNotMatch(await response.text(), /entry/);
  await served.expectLine(/Page "page\.html" has no <\/head>, before which cssFiles of its UI modules/);
});

test('an error page of the application has only its own modules', async (t) => {
  class Page extends RequestHandler {
    get(): void {
      this.renderString('part.html');
      throw new Error('after the part');
    }
    override writeError(): Promise<void> {
      return this.render('error.html');
    }
  }
  const templatePath = await folderOf(t, {
    'part.html': '{% module Entry(1) %}',
    'entry.html': entry,
    'error.html': pageOf('{% module Menu() %}'),
  });
  const served = await serve(t, [['/', Page]], { templatePath, uiModules: { Entry, Menu } });
  const html = await (await served.get('/')).text();
  assert.match(html, /menu\(\)/);
  assert.doesNotMatch(html, /entry/);
  await served.expectLine(/A handler failed/);
});

test('values of the page replace the modules, and templates without a module do not create them', async (t) => {
  const files = { 'page.html': '{% module Own(2) %}' };
  const served = await servePage(t, files, {}, { modules: { Own: (value: number) => `own ${value}` } });
  assert.equal(await (await served.get('/')).text(), 'own 2');
  class Page extends RequestHandler {
    async get(): Promise<void> {
      await this.render('page.html');
    }
    override onFinish(): void {
      opened.push('openModules' in this);
    }
  }
  const opened: boolean[] = [];
  const templatePath = await folderOf(t, { 'page.html': 'plain' });
  const plain = await serve(t, [['/', Page]], { templatePath, uiModules: { Entry } });
  await (await plain.get('/')).text();
  assert.deepEqual(opened, [false]);
});

test('Template renders with names of its own and inserts what setResources names, once', async (t) => {
  const row =
    "{{ setResources({ embeddedCss: 'li{}', javascriptFiles: ['/row.js'], htmlBody: '<i></i>' }) }}<li>{{ name }}{{ typeof secret }}";
  const page = pageOf(
    "{% set secret = 1 %}{% for name in names %}{% module Template('row.html', { name }) %}{% end %}{% module Template('foot.html') %}",
  );
  const files = {
    'page.html': page,
    'row.html': row,
    'foot.html': "foot{{ setResources({ embeddedCss: 'foot{}', htmlBody: '<u></u>' }) }}",
  };
  const served = await servePage(t, files, {}, { names: ['<a>', 'b'] });
  assert.equal(
    await (await served.get('/')).text(),
    '<head><style>\nli{}\nfoot{}\n</style>\n</head><body><li>&lt;a&gt;undefined<li>bundefinedfoot' +
      '<script src="/row.js"></script>\n<i></i><u></u>\n</body>',
  );
});

test('setResources with other resources for the same template, or with unknown names, is an error', async (t) => {
  for (const [row, message] of [
    [
      "{{ setResources({ embeddedCss: 'li{}' + n }) }}",
      /setResources of template "row\.html" must get the same resources/,
    ],
    ["{{ setResources({ css: 'li{}' }) }}", /Unknown setResources option css; the options are embeddedCss/],
    ['{{ setResources({ embeddedCss: 5 }) }}', /embeddedCss must be a string; got 5/],
  ] as const) {
    const page = "{% for n in [1, 2] %}{% module Template('row.html', { n }) %}{% end %}";
    const served = await servePage(t, { 'page.html': page, 'row.html': row });
    assert.equal((await served.get('/')).status, 500);
    await served.expectLine(message);
  }
});

test('linkify and xsrfFormHtml are modules, and linkify is a function too', async (t) => {
  const page =
    '{% module linkify(text) %}|{% raw linkify(text, { requireProtocol: true }) %}|{% module xsrfFormHtml() %}';
  const served = await servePage(t, { 'page.html': page }, {}, { text: '<www.a.example>' });
  assert.match(
    await (await served.get('/')).text(),
    /^&lt;<a href="http:\/\/www\.a\.example">www\.a\.example<\/a>&gt;\|&lt;www\.a\.example&gt;\|<input type="hidden" name="_xsrf"/,
  );
});

/** A class whose methods return these values. */
function moduleWith(resources: Readonly<Record<string, unknown>>): UIModuleClass {
  class Wrong extends UIModule {
    render(): string {
      return '';
    }
  }
  for (const [name, value] of Object.entries(resources))
    Object.defineProperty(Wrong.prototype, name, { value: () => value });
  return Wrong;
}

test('code that would end its element, and resources of a wrong type, are errors', async (t) => {
  for (const [resources, message] of [
    [
      { embeddedCss: 'a{content:"</STYLE>"}' },
      /embeddedCss of UI module Wrong must not contain <\/STYLE, which browsers read as markup; in a string, write <\\\/style/,
    ],
    [{ embeddedJavascript: 'x = "</script>"' }, /embeddedJavascript of UI module Wrong must not contain <\/script/],
    [{ embeddedJavascript: 'x = "<!--"' }, /must not contain <!--/],
    [{ embeddedCss: 5 }, /embeddedCss of UI module Wrong must be a string or undefined; got 5/],
    [{ cssFiles: [''] }, /cssFiles of UI module Wrong must be a path or an array of paths; got ""/],
    [{ javascriptFiles: Promise.resolve('x') }, /javascriptFiles of UI module Wrong must be a path/],
  ] as const) {
    const served = await servePage(
      t,
      { 'page.html': pageOf('{% module Wrong() %}') },
      { uiModules: { Wrong: moduleWith(resources) } },
    );
    assert.equal((await served.get('/')).status, 500);
    await served.expectLine(message);
  }
});

test('a module that returns a promise or nothing is an error with file and line', async (t) => {
  class Late extends UIModule {
    override render(kind: string): string {
      return (kind === 'promise' ? Promise.resolve('x') : undefined) as never;
    }
  }
  for (const [kind, message] of [
    ['promise', /is a promise; await it in the handler at page\.html:1/],
    ['nothing', /is undefined; print null or .* at page\.html:1/],
  ] as const) {
    const served = await servePage(t, { 'page.html': '{% module Late(kind) %}' }, { uiModules: { Late } }, { kind });
    assert.equal((await served.get('/')).status, 500);
    await served.expectLine(message);
  }
});

test('inline code has the nonce of the policy, if the response has a policy with one', async (t) => {
  const files = { 'page.html': pageOf('{% module Entry(1) %}'), 'entry.html': entry };
  const nonceOf = async (settings: Settings): Promise<readonly (string | undefined)[]> => {
    const served = await servePage(t, files, { uiModules: { Entry }, ...settings });
    const response = await served.get('/');
    const policy = response.headers.get('content-security-policy') ?? '';
    const html = await response.text();
    return [/<script nonce="([^"]+)">/.exec(html)?.[1], /script-src[^;]* 'nonce-([^']+)'/.exec(policy)?.[1]];
  };
  const [inPage, inPolicy] = await nonceOf({ middleware: [securityHeaders()] });
  assert.ok(inPage !== undefined);
  assert.equal(inPage, inPolicy);
  assert.deepEqual(await nonceOf({}), [undefined, undefined]);
  assert.deepEqual(await nonceOf({ middleware: [securityHeaders({ contentSecurityPolicy: false })] }), [
    undefined,
    undefined,
  ]);
  const inline = { 'script-src': ["'unsafe-inline'"], 'style-src': ["'unsafe-inline'"] };
  const [none] = await nonceOf({ middleware: [securityHeaders({ contentSecurityPolicy: inline })] });
  assert.equal(none, undefined);
});

class Linked extends UIModule {
  render(): string {
    return '';
  }
  override cssFiles(): string {
    return '/a.css';
  }
  override javascriptFiles(): string {
    return '/a.js';
  }
}

test('linked files have the nonce if the policy needs it or the page has one, and else the page stays the same', async (t) => {
  const page = '{% if uses %}{{ cspNonce }}{% end %}{% module Linked() %}';
  const noncesOf = async (csp: object, uses = false): Promise<readonly (string | undefined)[]> => {
    const middleware = [securityHeaders({ contentSecurityPolicy: csp as never })];
    const served = await servePage(t, { 'page.html': pageOf(page) }, { uiModules: { Linked }, middleware }, { uses });
    const response = await served.get('/');
    const html = await response.text();
    const policy = response.headers.get('content-security-policy') ?? '';
    const nonces = [/<script src="\/a.js" nonce="([^"]+)">/, /<link href="\/a.css" rel="stylesheet" nonce="([^"]+)">/];
    return [...nonces.map((nonce) => nonce.exec(html)?.[1]), /script-src[^;]* 'nonce-([^']+)'/.exec(policy)?.[1]];
  };
  const none = [undefined, undefined, undefined];
  assert.deepEqual(await noncesOf({}), none);
  assert.deepEqual(await noncesOf({ 'script-src': ['https://cdn.example'] }), none);
  for (const [csp, uses] of [
    [{}, true],
    [{ 'script-src': ["'strict-dynamic'"] }, false],
    [{ 'script-src': false, 'default-src': ["'self'", "'strict-dynamic'"] }, false],
    [{ 'script-src': ["'none'"] }, false],
    [{ 'style-src': [] }, false],
  ] as const) {
    const [script, style, policy] = await noncesOf(csp, uses);
    assert.ok(policy !== undefined, JSON.stringify(csp));
    assert.deepEqual([script, style], [policy, policy], JSON.stringify(csp));
  }
});

test('a handler can write the elements of scripts and styles itself', async (t) => {
  class Page extends RequestHandler {
    async get(): Promise<void> {
      await this.render('page.html', {});
    }
    override renderLinkedJs(urls: readonly string[], nonce: string | undefined): string {
      return urls.map((url) => `<script type="module" src="${url}" nonce="${nonce}"></script>`).join('\n');
    }
    override renderEmbedJs(texts: readonly string[], nonce: string | undefined): string {
      return `<script type="module"${nonce === undefined ? '' : ' nonce'}>${texts.join(';')}</script>`;
    }
    override renderLinkedCss(urls: readonly string[]): string {
      return urls.length === 2 ? '' : super.renderLinkedCss(urls, 'x');
    }
    override renderEmbedCss(texts: readonly string[]): string {
      return `<style media="screen">${texts.join(' ')}</style>`;
    }
  }
  class Styled extends UIModule {
    override render(): string {
      return '';
    }
    override embeddedCss(): string {
      return 'p{}';
    }
  }
  const files = {
    'page.html': pageOf('{% module Menu() %}{% module Entry(1) %}{% module Styled() %}'),
    'entry.html': '',
  };
  const settings = { templatePath: await folderOf(t, files), uiModules: { Menu, Entry, Styled } };
  const served = await serve(t, [['/', Page]], settings);
  assert.equal(
    await (await served.get('/')).text(),
    '<head><style media="screen">p{}</style>\n</head><body><nav>/</nav>' +
      '<script type="module" src="https://cdn.example/menu.js" nonce="undefined"></script>\n' +
      '<script type="module">menu();entry()</script>\n</body>',
  );
});

test('a method that writes no elements is an error that names it', async (t) => {
  class Page extends RequestHandler {
    async get(): Promise<void> {
      await this.render('page.html', {});
    }
    override renderLinkedCss(): string {
      return undefined as never;
    }
  }
  const templatePath = await folderOf(t, { 'page.html': pageOf('{% module Linked() %}') });
  const served = await serve(t, [['/', Page]], { templatePath, uiModules: { Linked } });
  assert.equal((await served.get('/')).status, 500);
  await served.expectLine(/Result of renderLinkedCss of the handler must be a string; got undefined\./);
});

test('a page without a policy has the same ETag for each request', async (t) => {
  const files = { 'page.html': pageOf('{% module Entry(1) %}'), 'entry.html': entry };
  const served = await servePage(t, files, { uiModules: { Entry } });
  const etag = (await served.get('/')).headers.get('etag') ?? '';
  assert.notEqual(etag, '');
  assert.equal((await served.get('/', { headers: { 'if-none-match': etag } })).status, 304);
});

test('a linked file has its version and is linked once', async (t) => {
  class Styled extends UIModule {
    override render(): string {
      return '';
    }
    override cssFiles(): string[] {
      return ['a.css', 'a.css'];
    }
  }
  const staticPath = await folderOf(t, { 'a.css': 'a{}' });
  const served = await servePage(
    t,
    { 'page.html': pageOf('{% module Styled() %}') },
    { uiModules: { Styled }, staticPath },
  );
  const links = [...(await (await served.get('/')).text()).matchAll(/<link href="([^"]+)"/g)].map(
    ([, url]) => url ?? '',
  );
  assert.match(links[0] ?? '', /^\/static\/a\.css\?v=\w+$/);
  assert.equal(links.length, 1);
});

test('the error names a wrong module of the setting', async () => {
  const { Application } = await import('../application.ts');
  for (const [uiModules, message] of [
    [{ Entry: () => '' }, 'uiModules.Entry must be a class that extends UIModule; got a function.'],
    [{ Entry: {} }, /uiModules\.Entry must be a class that extends UIModule/],
    [{ 'a b': Entry }, 'A name in uiModules must be a name as of a variable, such as Entry; got "a b".'],
    [[Entry], /uiModules must be an object/],
  ] as const) {
    assert.throws(() => new Application([], { uiModules: uiModules as never }), { code: 'WEB_SETTING', message });
  }
});
