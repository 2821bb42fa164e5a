import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, posix } from 'node:path';
import { after, before, test } from 'node:test';
import { Application, RequestHandler, type Settings } from 'gale';
import { loadTranslations, type Locale, type Translations } from 'gale/locale';
import { testApp } from 'gale/testing';
import { importsOf, textOf } from '../../../test/support/repository.ts';

let folder = '';
let translations: Translations;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'locale-'));
  await writeFile(
    join(folder, 'zh_CN.csv'),
    'Hello,你好\n"{count} message","{count} 条消息",singular\n"{count} messages","{count} 条消息",plural\n',
  );
  await writeFile(
    join(folder, 'de.po'),
    'msgid "Hello"\nmsgstr "Hallo"\n\nmsgctxt "menu"\nmsgid "Open"\nmsgstr "Öffnen"\n\nmsgid "<b>"\nmsgstr "<i>"\n',
  );
  await writeFile(join(folder, 'ar.po'), 'msgid "Hello"\nmsgstr "مرحبا"\n');
  await writeFile(
    join(folder, 'page.html'),
    '<html {% raw locale.htmlAttributes %}>{{ _("Hello") }} {{ _("{count} message", "{count} messages", 2) }} {{ pgettext("menu", "Open") }} {{ _("<b>") }} {{ locale.formatDate(0, { shorter: true }) }}',
  );
  await writeFile(join(folder, 'own.html'), '{{ _ }} {{ locale }}');
  translations = await loadTranslations(folder);
});
after(() => rm(folder, { recursive: true }));

class Page extends RequestHandler {
  get(): void {
    void this.render('page.html');
  }
}

class Code extends RequestHandler {
  get(): string {
    return this.locale.code;
  }
}

/** Reads its locale from the cookie `language`, asynchronously. */
class Chosen extends Code {
  override async getUserLocale(): Promise<string | undefined> {
    await Promise.resolve();
    return this.getCookie('language');
  }
}

const build = (settings: Settings = {}): Application =>
  new Application(
    [
      ['/', Page],
      ['/code', Code],
      ['/chosen', Chosen],
    ],
    { locale: { translations }, templatePath: folder, ...settings },
  );

const ask = async (
  app: { request(path: string, init?: object): Promise<Response> },
  path: string,
  headers = {},
): Promise<string> => (await app.request(path, { headers })).text();

/** A value that does not compile. */
const wrong = (value: unknown): never => value as never;

test('the browser chooses the locale, and Vary names its field', async (t) => {
  const app = await testApp(build(), { t });
  for (const [header, code] of [
    ['zh-CN,zh;q=0.9,en;q=0.8', 'zh-CN'],
    ['zh', 'zh-CN'],
    ['zh-HK', 'zh-CN'],
    ['de-AT, en;q=0.9', 'de'],
    ['en;q=0.5, de;q=0.4', 'en'],
    ['fr, de;q=0.1', 'de'],
    ['fr', 'en'],
    ['zh;q=0, *', 'en'],
    ['garbage;;;q=', 'en'],
    ['', 'en'],
  ] as const) {
    for (const _ of [1, 2]) assert.equal(await ask(app, '/code', { 'accept-language': header }), code, header);
  }
  const response = await app.request('/code');
  assert.equal(await response.text(), 'en');
  assert.equal(response.headers.get('vary'), 'Accept-Language');
});

test('getUserLocale has precedence, may be async, and the response depends on the browser no longer', async (t) => {
  const app = await testApp(build(), { t });
  const response = await app.request('/chosen', { headers: { cookie: 'language=ar', 'accept-language': 'de' } });
  assert.equal(await response.text(), 'ar');
  assert.equal(response.headers.get('vary'), null);
  assert.equal(await ask(app, '/chosen', { 'accept-language': 'de' }), 'de');
  assert.equal(await ask(app, '/chosen', { cookie: 'language=zh_TW', 'accept-language': 'de' }), 'zh-CN');
});

test('a handler that has sent its head knows the language of the reader', async (t) => {
  class Late extends RequestHandler {
    async get(): Promise<void> {
      this.write('a ');
      await this.flush();
      this.write(this.locale.code);
    }
  }
  const app = await testApp(new Application([['/', Late]], { locale: { translations } }), { t });
  assert.equal(await ask(app, '/', { 'accept-language': 'de' }), 'a de');
});

test('a locale that does not exist falls back to the browser and is reported once', async (t) => {
  const app = await testApp(build(), { t });
  const line = app.expectLog('Unknown locale');
  for (let count = 0; count < 3; count++) {
    assert.equal(await ask(app, '/chosen', { cookie: 'language=tlh', 'accept-language': 'de' }), 'de');
  }
  await line;
  const lines = app.log.filter(({ message }) => message === 'Unknown locale');
  assert.equal(lines.length, 1);
  assert.equal(lines[0]?.fields['reason'], 'There is no locale for "tlh"; there are ar, de, en, zh-CN.');
});

test('reports are bounded, although visitors choose the codes', async () => {
  const reports: object[] = [];
  const log = { debug() {}, info() {}, warn: (fields: object) => void reports.push(fields), error() {} };
  const locales = translations.localesFor({}, { log: () => log, now: () => 0 });
  for (let index = 0; index < 1_000; index++) locales.forUser(`x${index}${'y'.repeat(10_000)}`);
  assert.equal(reports.length, 100);
  assert.ok(JSON.stringify(reports).length < 30_000);
});

test('a wrong result of getUserLocale is an error, a locale is used as it is', async (t) => {
  class Wrong extends Code {
    override getUserLocale(): string {
      return 5 as never;
    }
  }
  class Whole extends Code {
    override getUserLocale(): Locale | undefined {
      return this.application.locales?.get('ar');
    }
  }
  const routes = new Application(
    [
      ['/wrong', Wrong],
      ['/whole', Whole],
    ],
    { locale: { translations } },
  );
  const app = await testApp(routes, { t });
  assert.equal(await ask(app, '/whole'), 'ar');
  const line = app.expectLog('A handler failed');
  assert.equal((await app.request('/wrong')).status, 500);
  await line;
});

test('templates have the names locale, _ and pgettext', async (t) => {
  const app = await testApp(build(), { t, time: 1_000 });
  assert.equal(
    await ask(app, '/', { 'accept-language': 'de' }),
    '<html lang="de" dir="ltr">Hallo 2 messages Öffnen &lt;i&gt; vor 1 Sekunde',
  );
  assert.equal(
    await ask(app, '/', { 'accept-language': 'zh' }),
    '<html lang="zh-CN" dir="ltr">你好 2 条消息 Open &lt;b&gt; 1秒钟前',
  );
  assert.equal(
    await ask(app, '/', { 'accept-language': 'ar' }),
    '<html lang="ar" dir="rtl">مرحبا 2 messages Open &lt;b&gt; قبل ثانية واحدة',
  );
});

test('without the setting, the names are free, and locale of a handler is an error that names it', async (t) => {
  class Own extends RequestHandler {
    get(): void {
      void this.render('own.html');
    }
  }
  const routes = new Application(
    [
      ['/', Own],
      ['/code', Chosen],
    ],
    { templatePath: folder, locals: { _: 'underscore', locale: 'here' } },
  );
  const app = await testApp(routes, { t });
  assert.equal(await ask(app, '/'), 'underscore here');
  const line = app.expectLog('A handler failed');
  assert.equal((await app.request('/code')).status, 500);
  assert.match(String((await line).fields['err']), /locale of a handler needs the setting locale\./);
});

test('an error page of a handler is in the language of the reader', async (t) => {
  class Missing extends RequestHandler {
    get(): void {
      void this.locale;
      throw new Error('broken');
    }
    override writeError(status: number): void {
      this.write(`${this.locale.translate('Hello')} ${status}`);
    }
  }
  const app = await testApp(new Application([['/', Missing]], { locale: { translations } }), { t });
  const line = app.expectLog('A handler failed');
  const response = await app.request('/', { headers: { 'accept-language': 'de' } });
  assert.equal(await response.text(), 'Hallo 500');
  assert.equal(response.headers.get('vary'), 'Accept-Language');
  await line;
});

test('app.locales has the locales for texts outside of a request', () => {
  const { locales } = build({ locale: { translations, fallback: 'de', timeZone: 'Europe/Berlin' } });
  assert.deepEqual(locales?.codes, ['ar', 'de', 'zh-CN']);
  assert.equal(locales?.get('zh_CN').translate('Hello'), '你好');
  assert.equal(locales?.get('fr', undefined, 'ar').code, 'ar');
  assert.equal(locales?.get('fr').code, 'de');
  assert.equal(locales?.get('zh-CN').translate('Not translated'), 'Not translated');
  assert.equal(locales?.fallback.timeZone, 'Europe/Berlin');
  assert.equal(new Application([]).locales, undefined);
});

test('wrong settings are refused when the application is created', () => {
  for (const [locale, code, message] of [
    ['de', 'WEB_SETTING', 'locale must be an object; got "de".'],
    [{}, 'WEB_SETTING', 'locale.translations must be what loadTranslations of gale/locale returned; got undefined.'],
    [{ translations: {} }, 'WEB_SETTING', /^locale\.translations must be what loadTranslations/],
    [{ translations, fallback: 'english language' }, 'OPTION_VALUE', /^locale\.fallback must be the tag of a language/],
    [{ translations, timeZone: 'Berlin' }, 'OPTION_VALUE', /^locale\.timeZone must be a time zone/],
    [{ translations, time_zone: 'UTC' }, 'OPTION_UNKNOWN', /^Unknown locale option time_zone, use timeZone/],
  ] as const) {
    assert.throws(() => new Application([], { locale: wrong(locale) }), { code, message });
  }
});

test('gale does not load gettext-parser, nor the code of this folder', async () => {
  const seen = new Set<string>();
  const visit = async (path: string): Promise<void> => {
    if (seen.has(path)) return;
    seen.add(path);
    // Types are not loaded.
    const text = (await textOf(path)).replaceAll(/^(?:import|export) type\b[^;]*;$/gm, '');
    for (const specifier of importsOf(text)) {
      assert.notEqual(specifier, 'gettext-parser', path);
      if (specifier.startsWith('.')) await visit(posix.join(posix.dirname(path), specifier));
    }
  };
  await visit('gale/src/index.ts');
  const loaded = [...seen].filter((path) => path.includes('/locale/'));
  assert.deepEqual(loaded, ['gale/src/web/locale/handler-locale.ts']);
});
