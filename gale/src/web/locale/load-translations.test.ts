import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { mo, po } from 'gettext-parser';
import { loadTranslations, type LoadTranslationsOptions } from './load-translations.ts';
import type { Locale } from './locale.ts';
import type { Translations } from './translations.ts';

const german = 'msgid "Hello"\nmsgstr "Hallo"\n';

async function folderWith(t: TestContext, files: Readonly<Record<string, string | Buffer>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'locale-'));
  t.after(() => rm(folder, { recursive: true }));
  for (const [name, contents] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), contents);
  }
  return folder;
}

function localeOf(translations: Translations, code: string): Locale {
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  return translations.localesFor({}, { log: () => log, now: () => 0 }).get(code);
}

/** A value that does not compile. */
const wrong = (value: unknown): never => value as never;

test('reads CSV, .po, .mo and folders of gettext, and ignores other files', async (t) => {
  const folder = await folderWith(t, {
    'zh_CN.csv': 'Hello,你好\n',
    'de.po': german,
    'fr.mo': mo.compile(po.parse(german.replace('Hallo', 'Bonjour'))),
    'pt_BR/LC_MESSAGES/messages.po': german.replace('Hallo', 'Olá'),
    'it/LC_MESSAGES/messages.mo': mo.compile(po.parse(german.replace('Hallo', 'Ciao'))),
    'it/LC_MESSAGES/other.po': 'not read',
    'README.md': 'texts',
    'messages.pot': 'a template',
    'docs/guide.md': 'other',
  });
  for (const root of [folder, pathToFileURL(`${folder}/`)]) {
    const translations = await loadTranslations(root);
    assert.deepEqual(translations.codes, ['de', 'fr', 'it', 'pt-BR', 'zh-CN']);
    assert.deepEqual(
      translations.codes.map((code) => localeOf(translations, code).translate('Hello')),
      ['Hallo', 'Bonjour', 'Ciao', 'Olá', '你好'],
    );
    assert.equal(translations.sizeOf('de'), 1);
    assert.equal(translations.sizeOf('nl'), 0);
  }
});

test('a text that a language does not have is in the language of the fallback', async (t) => {
  const folder = await folderWith(t, { 'zh_CN.csv': 'Hello,你好\n', 'de.csv': 'Hello,Hallo\nBye,Tschüs\n' });
  const translations = await loadTranslations(folder);
  const log = { debug() {}, info() {}, warn() {}, error() {} };
  const locale = translations.localesFor({ fallback: 'de' }, { log: () => log, now: () => 0 }).get('zh-CN');
  assert.deepEqual(
    ['Hello', 'Bye', 'Other'].map((text) => locale.translate(text)),
    ['你好', 'Tschüs', 'Other'],
  );
});

test('reads the .po and not the .mo beside it, and the domain of the option', async (t) => {
  const stale = mo.compile(po.parse(german.replace('Hallo', 'Alt')));
  const folder = await folderWith(t, {
    'de.po': german,
    'de.mo': stale,
    'fr/LC_MESSAGES/shop.mo': stale,
    'fr/LC_MESSAGES/shop.po': german.replace('Hallo', 'Bonjour'),
  });
  const translations = await loadTranslations(folder, { domain: 'shop' });
  assert.equal(localeOf(translations, 'de').translate('Hello'), 'Hallo');
  assert.equal(localeOf(translations, 'fr').translate('Hello'), 'Bonjour');
});

test('a CSV file has the encoding of its byte order mark, else of the option', async (t) => {
  const utf16 = Buffer.from('\uFEFFHello,Привет\n', 'utf16le');
  const folder = await folderWith(t, {
    'ru.csv': utf16,
    'uk.csv': Buffer.from(utf16).swap16(),
    'bg.csv': '\uFEFFHello,Здравей\n',
    'zh.csv': Buffer.from([...Buffer.from('Hello,'), 0xc4, 0xe3, 0xba, 0xc3]),
  });
  const translations = await loadTranslations(folder, { encoding: 'gbk' });
  assert.deepEqual(
    ['ru', 'uk', 'bg', 'zh'].map((code) => localeOf(translations, code).translate('Hello')),
    ['Привет', 'Привет', 'Здравей', '你好'],
  );
});

test('an error names the file, the line and the reason', async (t) => {
  const cases: readonly (readonly [Readonly<Record<string, string | Buffer>>, string, LoadTranslationsOptions?])[] = [
    [{ 'de.po': `${german}\nmsgid "x"\n` }, '/de.po:4: the entry has no msgstr.'],
    [{ 'de.csv': 'a,b\nc' }, '/de.csv:2: the text "c" has no translation; a row is text,translation.'],
    [{ 'de.csv': Buffer.from([0x61, 0x2c, 0x62, 0x0a, 0xff]) }, '/de.csv:2: the text is not utf-8.'],
    [{ 'de.csv': 'a,b' }, '/de.csv: the encoding "klingon" is unknown; use utf-8.', { encoding: 'klingon' }],
    [{ 'de.mo': 'MO' }, '/de.mo: a .mo file has at least 20 bytes; got 2.'],
    [{ 'german.csv': '' }, '/german.csv: the name "german_1" is not the code of a locale, such as zh_CN.'],
    [{ 'de.po': german, 'de.csv': 'a,b' }, '/de.po: the locale de has another file, FOLDER/de.csv; a locale has one.'],
    [
      { 'zh_CN.csv': 'a,b', 'zh-cn.csv': 'a,b' },
      '/zh_CN.csv: the locale zh-CN has another file, FOLDER/zh-cn.csv; a locale has one.',
    ],
    [{ 'README.md': '' }, ': it has no translations: no zh_CN.csv, .po or .mo, and no zh_CN/LC_MESSAGES/messages.po.'],
    [{ 'de.po': german, 'fr.po': german }, ': it has 2 files of translations; maxFiles is 1.', { maxFiles: 1 }],
    [{ 'de.po': german }, `/de.po: the file has ${german.length} bytes; maxFileBytes is 20.`, { maxFileBytes: 20 }],
    [
      { 'de.csv': 'a,b', 'fr.csv': 'a,b\nc,d' },
      '/fr.csv:2: the files have more than maxEntries (2) texts.',
      { maxEntries: 2 },
    ],
  ];
  for (const [files, message, options] of cases) {
    const renamed = Object.fromEntries(
      Object.entries(files).map(([name, text]) => [name.replace('german.', 'german_1.'), text]),
    );
    const folder = await folderWith(t, renamed);
    const expected = `${folder}${message.replace('german.csv', 'german_1.csv').replace('FOLDER', folder)}`;
    await assert.rejects(loadTranslations(folder, options), { code: 'LOCALE_FILE', message: expected });
  }
  await assert.rejects(loadTranslations('/does/not/exist'), {
    code: 'LOCALE_FILE',
    message: /^\/does\/not\/exist: the folder cannot be read/,
  });
});

test('a pipe is refused before it is opened', { skip: process.platform === 'win32' }, async (t) => {
  const folder = await folderWith(t, {});
  execFileSync('mkfifo', [join(folder, 'de.po')]);
  await assert.rejects(loadTranslations(folder), { message: `${folder}/de.po: it is not a file.` });
});

test('refuses wrong options', async () => {
  for (const [folder, options, message] of [
    ['', {}, 'folder must be the path of a folder, or its file: URL; got "".'],
    [new URL('https://example.com/'), {}, /^folder must be the path of a folder/],
    ['x', { domain: '../x' }, /^domain must be the name of a file without its extension/],
    ['x', { domain: '..' }, /^domain must be/],
    ['x', { encoding: '' }, /^encoding must be a string that is not empty/],
    ['x', { maxFiles: 0 }, 'maxFiles must be an integer from 1 to 10000; got 0.'],
    ['x', wrong({ max_files: 1 }), /^Unknown loadTranslations option max_files, use maxFiles; /],
  ] as const) {
    await assert.rejects(loadTranslations(folder, options), { message });
  }
});
