import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { collectResources, insertResources, type PageResources } from './page-resources.ts';
import type { PageModule } from './page-module.ts';
import { plainElements } from './resource-elements.ts';

const none: PageResources = {
  javascriptFiles: new Set(),
  embeddedJavascript: new Set(),
  cssFiles: new Set(),
  embeddedCss: new Set(),
  htmlHead: new Set(),
  htmlBody: new Set(),
};
const insert = (page: string, resources: Partial<PageResources>, nonce?: string): string =>
  insertResources(
    page,
    { ...none, ...resources },
    { template: 'page.html', elements: plainElements, nonce: () => nonce },
  );

test('inserts at the places of Tornado and in its order', () => {
  const resources = {
    javascriptFiles: new Set(['/menu.js', '/shared.js']),
    embeddedJavascript: new Set(['menu()', 'entry()']),
    cssFiles: new Set(['/menu.css', '/entry.css?a&b']),
    embeddedCss: new Set(['nav{}', 'p{}']),
    htmlHead: new Set(['<meta name=menu>', '<meta name=entry>']),
    htmlBody: new Set(['<div id=menu></div>', '<div id=entry></div>']),
  };
  // What Tornado 6.5 sends, without `type`, `/` at the end of an element, and CDATA.
  assert.equal(
    insert('<html><head><title>x</title></head><body><nav>1</nav></body></html>', resources),
    `<html><head><title>x</title><link href="/menu.css" rel="stylesheet"><link href="/entry.css?a&amp;b" rel="stylesheet">
<style>
nav{}
p{}
</style>
<meta name=menu><meta name=entry>
</head><body><nav>1</nav><script src="/menu.js"></script><script src="/shared.js"></script>
<script>
menu()
entry()
</script>
<div id=menu></div><div id=entry></div>
</body></html>`,
  );
});

test('scripts are before the last </body>, htmlBody before the first one, the rest before the first </head>', () => {
  const page = '</head><a></BODY ></head><b></body\n>';
  const resources = { javascriptFiles: new Set(['/a.js']), htmlBody: new Set(['<i>']), htmlHead: new Set(['<meta>']) };
  assert.equal(
    insert(page, resources),
    '<meta>\n</head><a><i>\n</BODY ></head><b><script src="/a.js"></script>\n</body\n>',
  );
});

test('a tag in an inserted resource is not a place for another one', () => {
  const resources = { embeddedJavascript: new Set(['"</body></head>"']), htmlBody: new Set(['<b></body>']) };
  assert.equal(
    insert('<head></head><body></body>', { ...resources, htmlHead: new Set(['<!-- </head></body> -->']) }),
    '<head><!-- </head></body> -->\n</head><body><script>\n"</body></head>"\n</script>\n<b></body>\n</body>',
  );
});

test('a missing tag is an error that names the page, the tag and the resources', () => {
  assert.throws(() => insert('<body></body>', { cssFiles: new Set(['/a.css']), htmlHead: new Set(['<meta>']) }), {
    code: 'WEB_UI_MODULE',
    message:
      'Page "page.html" has no </head>, before which cssFiles, htmlHead of its UI modules are inserted. Add the tag, or use renderString for a part of a page.',
  });
  for (const name of ['javascriptFiles', 'embeddedJavascript', 'htmlBody']) {
    assert.throws(() => insert('<head></head><bodyx></bodyx>', { [name]: new Set(['/a']) }), {
      code: 'WEB_UI_MODULE',
      message: new RegExp(`has no </body>, before which ${name} of`),
    });
  }
  assert.equal(insert('no tags', {}), 'no tags');
});

test('linked and inline scripts and styles have the nonce; without them no nonce is made', () => {
  const page = '<head></head><body></body>';
  const all = {
    embeddedJavascript: new Set(['a']),
    embeddedCss: new Set(['b']),
    javascriptFiles: new Set(['/a.js', '/b.js']),
    cssFiles: new Set(['/a.css']),
  };
  const nonce = 'nonce="n&quot;"';
  assert.equal(
    insert(page, all, 'n"'),
    `<head><link href="/a.css" rel="stylesheet" ${nonce}>\n<style ${nonce}>\nb\n</style>\n</head>` +
      `<body><script src="/a.js" ${nonce}></script><script src="/b.js" ${nonce}></script>\n<script ${nonce}>\na\n</script>\n</body>`,
  );
  const asked: boolean[] = [];
  const options = { template: 'x', elements: plainElements, nonce: (hasInline: boolean) => void asked.push(hasInline) };
  insertResources(page, { ...none, htmlBody: new Set(['<p>']), htmlHead: new Set(['<meta>']) }, options);
  assert.deepEqual(asked, []);
  insertResources(page, { ...none, javascriptFiles: new Set(['/a.js']) }, options);
  insertResources(page, { ...none, cssFiles: new Set(['/a.css']), embeddedCss: new Set(['a']) }, options);
  assert.deepEqual(asked, [false, true]);
});

test('any page keeps all of its text, and each resource is at its place once', () => {
  const piece = fc.constantFrom(
    '</head>',
    '</body>',
    '</HEAD\n>',
    '</Body >',
    '<p>',
    'é',
    'İ',
    '</bod',
    '</ body>',
    '\u2028',
  );
  const present = fc.record({ js: fc.boolean(), css: fc.boolean(), head: fc.boolean(), body: fc.boolean() });
  fc.assert(
    fc.property(fc.array(piece), present, (pieces, { js, css, head, body }) => {
      const page = pieces.join('');
      const resources = {
        javascriptFiles: new Set(js ? ['/[js]'] : []),
        cssFiles: new Set(css ? ['/[css]'] : []),
        htmlHead: new Set(head ? ['[head]'] : []),
        htmlBody: new Set(body ? ['[body]'] : []),
      };
      const heads = [...page.matchAll(/<\/head\s*>/gi)].map(({ index }) => index);
      const bodies = [...page.matchAll(/<\/body\s*>/gi)].map(({ index }) => index);
      if (((css || head) && heads.length === 0) || ((js || body) && bodies.length === 0)) {
        assert.throws(() => insert(page, resources), { code: 'WEB_UI_MODULE' });
        return;
      }
      const scripts = js ? '<script src="/[js]"></script>\n' : '';
      const inHead = `${css ? '<link href="/[css]" rel="stylesheet">\n' : ''}${head ? '[head]\n' : ''}`;
      const inBody = body ? '[body]\n' : '';
      const html = insert(page, resources);
      assert.equal(html.length, page.length + scripts.length + inHead.length + inBody.length);
      assert.equal(
        [scripts, inHead, inBody].reduce((rest, part) => rest.replace(part, ''), html),
        page,
      );
      // The text before each resource is the text before its tag, without what is inserted there.
      const before = (part: string): string => {
        const text = html.slice(0, html.indexOf(part));
        return [scripts, inHead, inBody].reduce((rest, other) => rest.replace(other, ''), text);
      };
      if (scripts !== '') assert.equal(before(scripts), page.slice(0, bodies.at(-1)));
      if (inHead !== '') assert.equal(before(inHead), page.slice(0, heads[0]));
      if (inBody !== '') assert.equal(before(inBody), page.slice(0, bodies[0]));
    }),
  );
});

test('finds the place in a long page of beginnings of tags in linear time', () => {
  const page = `${'</body '.repeat(200_000)}</body${' '.repeat(1_000_000)}</body>`;
  const html = insert(page, { htmlBody: new Set(['x']) });
  assert.equal(html, page.replace(/<\/body>$/, 'x\n</body>'));
});

const nothing = (): undefined => undefined;

test('a file with the scheme of a URL in any case is no static file', () => {
  const files = ['a.css', '/b.css', 'https://cdn.example/c.css', 'HTTPS://cdn.example/d.css', 'https.css'];
  const module: PageModule = {
    render: () => '',
    cssFiles: () => files,
    javascriptFiles: nothing,
    embeddedCss: nothing,
    embeddedJavascript: nothing,
    htmlHead: nothing,
    htmlBody: nothing,
  };
  const { cssFiles } = collectResources(new Map([['Entry', module]]), (path) => `/static/${path}`);
  assert.deepEqual([...cssFiles], ['/static/a.css', ...files.slice(1, 4), '/static/https.css']);
});
