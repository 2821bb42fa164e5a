import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { Worker } from 'node:worker_threads';
import * as fc from 'fast-check';
import { splitLinks } from './links.ts';
import type { TextPart } from './links.ts';

const links = (text: string): (string | undefined)[] =>
  splitLinks(text)
    .filter(({ href }) => href !== undefined)
    .map(({ href }) => href);

for (const [text, ...found] of [
  ['see https://example.com/a?b=c#d now', 'https://example.com/a?b=c#d'],
  ['HTTP://EXAMPLE.com', 'HTTP://EXAMPLE.com'],
  ['see https://example.com.', 'https://example.com'],
  ['really https://example.com/?!', 'https://example.com/'],
  ['(see https://example.com/a)', 'https://example.com/a'],
  ['https://en.wikipedia.org/wiki/Gale_(wind)', 'https://en.wikipedia.org/wiki/Gale_(wind)'],
  ['(https://en.wikipedia.org/wiki/Gale_(wind))', 'https://en.wikipedia.org/wiki/Gale_(wind)'],
  ['"https://example.com/a"', 'https://example.com/a'],
  ['<https://example.com/a>', 'https://example.com/a'],
  ['看https://example.com/a，然后', 'https://example.com/a'],
  ['https://example.com/a。下一句', 'https://example.com/a'],
  ['（https://example.com/a）', 'https://example.com/a'],
  ['「https://example.com/a」', 'https://example.com/a'],
  ['https://example.com/a你好', 'https://example.com/a'],
  ['https://example.com/a：说明', 'https://example.com/a'],
  ['https://example.com/a“引号”', 'https://example.com/a'],
  ['https://example.com/%E4%BD%A0', 'https://example.com/%E4%BD%A0'],
  ['http://localhost:8888/x and http://[::1]:80/', 'http://localhost:8888/x', 'http://[::1]:80/'],
  ['mailto:ada@example.com, please', 'mailto:ada@example.com'],
  ['one\nhttps://a.example\nhttps://b.example', 'https://a.example', 'https://b.example'],

  // The whole address, as a browser shows it.
  ['https://a.example/?left={%22a%22:1}', 'https://a.example/?left={%22a%22:1}'],
  ['https://a.example/css?family=Open+Sans|Roboto, then', 'https://a.example/css?family=Open+Sans|Roboto'],
  ['https://a.example/p#a|b^c', 'https://a.example/p#a|b^c'],
  ['https://a.example/users/{id}/x^2', 'https://a.example/users/{id}/x^2'],
  ["https://a.example/?q=it's+me", "https://a.example/?q=it's+me"],
  ["https://a.example/People('ada')", "https://a.example/People('ada')"],
  ['https://a.example:/x https://a.example:80', 'https://a.example:/x', 'https://a.example:80'],
  ['https://zh.wikipedia.org/wiki/你好?q=值#节', 'https://zh.wikipedia.org/wiki/你好?q=值#节'],
  ['https://ja.wikipedia.org/wiki/パーティー', 'https://ja.wikipedia.org/wiki/パーティー'],
  ['https://ja.wikipedia.org/wiki/ダ・ヴィンチ', 'https://ja.wikipedia.org/wiki/ダ・ヴィンチ'],
  ['https://ja.wikipedia.org/wiki/カ\u3099ス', 'https://ja.wikipedia.org/wiki/カ\u3099ス'],
  ['https://ko.wikipedia.org/wiki/대한민국', 'https://ko.wikipedia.org/wiki/대한민국'],
  ['https://th.wikipedia.org/wiki/กรุงเทพฯ', 'https://th.wikipedia.org/wiki/กรุงเทพฯ'],
  ['https://fr.wikipedia.org/wiki/L’Équipe', 'https://fr.wikipedia.org/wiki/L’Équipe'],
  ['https://ar.wikipedia.org/wiki/باريس،_تكساس', 'https://ar.wikipedia.org/wiki/باريس،_تكساس'],
  ['https://fa.wikipedia.org/wiki/می\u200cخواهم', 'https://fa.wikipedia.org/wiki/می\u200cخواهم'],
  ['https://a.example/Michelson–Morley_experiment', 'https://a.example/Michelson–Morley_experiment'],
  ['https://a.example/👩‍💻/🇯🇵/❤️/x', 'https://a.example/👩‍💻/🇯🇵/❤️/x'],
  ['mailto:ada@a.example?subject={x}|y.', 'mailto:ada@a.example?subject={x}|y'],
  ['HTTPS://A.EXAMPLE/Ab', 'HTTPS://A.EXAMPLE/Ab'],

  // Hosts in any script.
  ['https://www.例え.jp/', 'https://www.例え.jp/'],
  ['https://例え.テスト/パス', 'https://例え.テスト/パス'],
  ['看https://中文.中国，', 'https://中文.中国'],
  ['https://münchen.example/ß', 'https://münchen.example/ß'],
  ['https://правда.рф', 'https://правда.рф'],
  ['https://مثال.example', 'https://مثال.example'],
  ['https://भारत.भारत/', 'https://भारत.भारत/'],
  ['https://한국.kr에서', 'https://한국.kr'],
  ['https://l·l.example', 'https://l·l.example'],
  ['https://i❤️.example', 'https://i❤️.example'],
  ['https://xn--r8jz45g.jp', 'https://xn--r8jz45g.jp'],
  ['mailto:ada@www.例え.jp', 'mailto:ada@www.例え.jp'],

  // A sentence without a space after the address.
  ['打开https://example.com看看', 'https://example.com'],
  ['打开https://example.com看看.', 'https://example.com'],
  ['https://example.com:8080看看 http://127.0.0.1看看', 'https://example.com:8080', 'http://127.0.0.1'],
  ['https://example.com/a,然后', 'https://example.com/a'],
  ['https://example.com/a(说明)', 'https://example.com/a'],
  ['https://a.example/Gale_(风)的', 'https://a.example/Gale_(风)'],
  ['https://example.com/a에서 https://example.com/a😀', 'https://example.com/a', 'https://example.com/a'],
  ["https://example.com's page", 'https://example.com'],
  ['https://a.example,https://b.example', 'https://a.example', 'https://b.example'],
  [
    'https://a.example/b,https://c.example/d;https://e.example',
    'https://a.example/b',
    'https://c.example/d',
    'https://e.example',
  ],
  ['https://a.example/b→https://c.example/d', 'https://a.example/b', 'https://c.example/d'],
  ['https://a.example→https://b.example⇒c', 'https://a.example', 'https://b.example'],
  ['https://web.example/2026/https://a.example/b', 'https://web.example/2026/https://a.example/b'],
  ['https://a.example/?to=https://b.example/', 'https://a.example/?to=https://b.example/'],
  ['["https://a.example/b","https://c.example"]', 'https://a.example/b', 'https://c.example'],
  ["['https://a.example/?b','https://c.example']", 'https://a.example/?b', 'https://c.example'],

  // Punctuation of any script at the end.
  ['«https://example.com/a», ‹https://example.com/b›.', 'https://example.com/a', 'https://example.com/b'],
  ['„https://example.com/a“ “https://example.com/b”', 'https://example.com/a', 'https://example.com/b'],
  ['‘https://example.com/a’ ⟨https://example.com/b⟩', 'https://example.com/a', 'https://example.com/b'],
  ['https://example.com/a؟ https://example.com/b،', 'https://example.com/a', 'https://example.com/b'],
  ['https://example.com/a。 https://example.com/b）', 'https://example.com/a', 'https://example.com/b'],
  ['https://example.com/a！？ https://example.com/b…', 'https://example.com/a', 'https://example.com/b'],
  ['https://example.com/a। https://example.com/b۔', 'https://example.com/a', 'https://example.com/b'],
  ['https://example.com/a։ https://example.com/b።', 'https://example.com/a', 'https://example.com/b'],
  ['https://example.com。 https://example.com/?', 'https://example.com', 'https://example.com/'],
  ['https://a.example/«b» [https://a.example/c[1]]', 'https://a.example/«b»', 'https://a.example/c[1]'],
  ['{https://a.example/{b}}', 'https://a.example/{b}'],

  // Marks of emphasis, code and links of Markdown.
  ['_https://a.b_ *https://a.b*', 'https://a.b', 'https://a.b'],
  ['**https://a.b/c** ~~https://a.b/d~~ __https://a.b__', 'https://a.b/c', 'https://a.b/d', 'https://a.b'],
  ['**_https://a.b/c._** _https://a.b/d__', 'https://a.b/c', 'https://a.b/d_'],
  [
    'https://a.b/x_ https://a.b/?v=a_, (https://a.b/x*) *https://a.b/x~',
    'https://a.b/x_',
    'https://a.b/?v=a_',
    'https://a.b/x*',
    'https://a.b/x~',
  ],
  [
    'https://google.com\u2024evil.com/ https://google.com\uFF0Fevil https://google.com\uFF0Eevil.com https://google.com:443\uFF0Fevil',
  ],
  ['https://a.example\uFF0Fhttps://b.example', 'https://a.example', 'https://b.example'],
  [
    'https://google.com。evil.com https://google.com｡evil.com/ https://google.com:443。evil https://google.com＠evil.com',
  ],
  [
    'https://google.com。рф https://google.com看看。evil.com https://google.com\u200e。evil.com mailto:a@google.com。evil.com',
  ],
  ['https://a.example。https://b.example｡', 'https://a.example', 'https://b.example'],
  ['https://example.com。下一句 https://example.com。Gale是', 'https://example.com', 'https://example.com'],
  ['`https://a.b/c?d=1` [text](https://a.b/c)', 'https://a.b/c?d=1', 'https://a.b/c'],
  ['| https://a.b | https://a.b/c|', 'https://a.b', 'https://a.b/c'],

  // Direction marks around an address.
  [
    '\u2066https://example.com\u2069 \u200fhttps://example.com/a\u200f.',
    'https://example.com',
    'https://example.com/a',
  ],
] as const) {
  test(`${JSON.stringify(text)} contains ${found.join(' and ')}`, () => assert.deepEqual(links(text), found));
}

for (const text of [
  'javascript:alert(1)',
  'JavaScript://https:%0aalert(1)',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x file:///etc/passwd ftp://example.com',
  'https://',
  'https://。',
  'https://user:secret@example.com/',
  'https://bank.example@evil.example/',
  'mailto:',
  'mailto:nobody',
  'xhttps://example.com',

  // The host is not what it seems to be, or is none.
  'https://@evil.example/',
  'https://:secret@evil.example/',
  'https://bank.example:80@evil.example',
  'https://bank.example\\@evil.example',
  'https://bank.example,x@evil.example/',
  'https://bank.example%2f@evil.example',
  'https://b%61nk.example',
  'http://2130706433/ http://0x7f.1/ http://127.1',
  'https://ex℡.com https://exⓐmple.com https://ｅｘ.com',
  'https://exa\u00admple.com https://exa\u200bmple.com https://exa\u200emple.com https://exa\ufeffmple.com',
  'https://a.example/b\u202ec',
  'https://bank–of.example https://b→c.example https://b€c.example',
  'https://\u0430pple.com',
  'https://a..b https://.a https://-',
  'https://אaב.example',
  'https://a.example:99999/ http://localhost:PORT/ https://a.example:80x',
  "https://it's.example https://a|b.example https://a^b",
  'https://[::1 https://[1:2]/ https://1.2.3.4.5',
  `https://${'a'.repeat(64)}.example https://${'a.'.repeat(127)}example`,
  '以https://开头的地址',
  'mailto:a@b@c',
  'example.com www.example.com',
]) {
  test(`${JSON.stringify(text)} contains no link`, () => assert.deepEqual(links(text), []));
}

for (const [text, ...found] of [
  ['see www.example.com.', 'http://www.example.com'],
  ['(WWW.example.com/a?b=c#d)', 'http://WWW.example.com/a?b=c#d'],
  ['看www.example.com看看', 'http://www.example.com'],
  [
    'www.a.example,www.b.example https://c.example',
    'http://www.a.example',
    'http://www.b.example',
    'https://c.example',
  ],
  ['*www.a.example:8080/b*', 'http://www.a.example:8080/b'],
  ['https://www.a.example/www.b.example', 'https://www.a.example/www.b.example'],
  ['www.例え.jp', 'http://www.例え.jp'],
] as const) {
  test(`${JSON.stringify(text)} contains ${found.join(' and ')} with www`, () => {
    const parts = splitLinks(text, { www: true });
    assert.equal(parts.map((part) => part.text).join(''), text);
    const hrefs = parts.flatMap(({ href }) => href ?? []);
    assert.deepEqual(hrefs, found);
  });
}

test('www inside of a word, an address or a path is no link, and neither is a host that hides where it leads', () => {
  for (const text of [
    'awww.example.com a@www.example.com a.www.example.com /www.example.com éwww.example.com x=www.example.com',
    'www. www.. www.- wwww.example.com www,example.com',
    'www.good.example@evil.example www.good.example\\@evil.example www.good.example:x',
    'www.exa\u00admple.com www.ex℡.com www.good.example／evil www.good.example。evil.com',
    'http\u017f://example.com \u0077\u0077\u017f.example.com',
  ]) {
    assert.deepEqual(splitLinks(text, { www: true }), [{ text }]);
  }
});

test('no character that a browser reads as a dot makes a host that is only the beginning of the real one', () => {
  const dots: string[] = [];
  for (let code = 0x80; code <= 0x10ffff; code++) {
    const dot = String.fromCodePoint(code);
    const text = `https://google.com${dot}evil.com`;
    if (!URL.canParse(text) || !new URL(text).hostname.startsWith('google.com.')) continue;
    dots.push(dot);
    for (const address of [text, `${text}/a`, `${text}:80`, `看${text}`, `https://google.com:80${dot}evil`]) {
      assert.deepEqual(links(address), [], `U+${code.toString(16)}`);
    }
  }
  assert.ok(dots.includes('。') && dots.includes('．') && dots.includes('｡'), `${dots}`);
});

test('an address contains every character that a browser leaves as it is', () => {
  for (let code = 0x21; code < 0x7f; code++) {
    const character = String.fromCharCode(code);
    for (const before of ['https://a.example/b', 'https://a.example/b?c', 'https://a.example/b#c']) {
      const address = `${before}${character}d`;
      // A browser adds nothing to an address whose characters it does not encode.
      if (new URL(address).href === address) assert.deepEqual(links(address), [address]);
    }
  }
});

test('joined parts equal any text, and every link has one of the three schemes', () => {
  const bits = fc.constantFrom(
    'https://',
    'mailto:',
    'a.example',
    '/',
    '(',
    ')',
    '。',
    ' ',
    '.',
    '@',
    'javascript:',
    '你',
    'example',
    ':80',
    '例え.jp',
    '?q=',
    '{"',
    "'",
    '»',
    '\u200e',
    '\\',
    '%40',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(bits, fc.string())), (pieces) => {
      const text = pieces.join('');
      const parts = splitLinks(text);
      assert.equal(parts.map((part) => part.text).join(''), text);
      for (const { text: shown, href } of parts) {
        if (href === undefined) continue;
        assert.equal(href, shown);
        assert.match(href, /^(https?:\/\/|mailto:)/i);
        const { username, password, host } = new URL(href.replace(/^mailto:[^@]*@/i, 'https://'));
        assert.deepEqual([username, password], ['', '']);
        assert.notEqual(host, '');
      }
    }),
  );
});

/** Splits in a worker thread. Slow code there does not block the test, which so runs into its timeout. */
async function splitInWorker(t: TestContext, text: string): Promise<TextPart[]> {
  const program = `
    const { parentPort, workerData: { module, text } } = require('node:worker_threads');
    const www = text.includes('www');
    import(module).then(({ splitLinks }) => parentPort.postMessage(splitLinks(text, { www })));
  `;
  const workerData = { module: import.meta.resolve('./links.ts'), text };
  const worker = new Worker(program, { eval: true, workerData });
  t.after(() => worker.terminate());
  const [parts] = (await once(worker, 'message')) as [TextPart[]];
  return parts;
}

test('splits a long text of brackets, colons, schemes or host names in linear time', async (t) => {
  // Quadratic code takes 10^12 steps, so the test would run into its timeout.
  const size = 1_000_000;
  const closing = ')'.repeat(size);
  assert.deepEqual(await splitInWorker(t, `https://example.com/${closing}`), [
    { text: 'https://example.com/', href: 'https://example.com/' },
    { text: closing },
  ]);
  const nested = `https://example.com/${'('.repeat(size)}${closing}`;
  assert.deepEqual(await splitInWorker(t, nested), [{ text: nested, href: nested }]);
  const schemes = 'https://'.repeat(size);
  assert.deepEqual(await splitInWorker(t, schemes), [{ text: schemes, href: schemes }]);
  const noLinks = [
    `mailto:${':'.repeat(size)}`,
    'https:// '.repeat(size),
    `https://${'好'.repeat(size)}.example/`,
    `https://${'a.'.repeat(size)}好`,
    `https://a${','.repeat(size)}@b`,
    `https://a.example/b${'\u200e'.repeat(size)}c`,
    `mailto:${'a'.repeat(size)}@b`,
    'www.'.repeat(size),
    `www.${'a.'.repeat(size)}好`,
  ];
  for (const text of noLinks) assert.deepEqual(await splitInWorker(t, text), [{ text }]);
});
